/**
 * From CBOR to plain values: null-prototype objects for maps, `Uint8Array` for bytes, `CborTag` for what is tagged. The SDK's own decoder
 * believes every count it reads, and makes room for it. https://www.rfc-editor.org/rfc/rfc8949
 */

export class CborTag {
  readonly tag: number
  readonly value: unknown

  constructor(tag: number, value: unknown) {
    this.tag = tag
    this.value = value
  }
}

/** What the bytes are not. */
export class CborError extends Error {}

const DEPTH_MAX = 64
const INDEFINITE = 31
const BREAK = 0xff

const MAJOR = { unsigned: 0, negative: 1, bytes: 2, text: 3, list: 4, map: 5, tag: 6, simple: 7 } as const

/** Throws CborError for anything but one whole document. */
export function decodeCbor(bytes: Buffer): unknown {
  const reader = new Reader(bytes)
  const value = reader.item(0)
  if (!reader.isAtEnd) throw new CborError('there is more')
  return value
}

class Reader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  item(depth: number): unknown {
    if (depth > DEPTH_MAX) throw new CborError('it is nested too deeply')
    const first = this.#byte()
    const [major, information] = [first >> 5, first & 31]
    if (major === MAJOR.simple) return this.#simple(information)
    const count = information === INDEFINITE ? undefined : this.#argument(information)
    switch (major) {
      case MAJOR.unsigned:
        return required(count)
      case MAJOR.negative:
        return -1 - required(count)
      case MAJOR.bytes:
        return new Uint8Array(this.#string(MAJOR.bytes, count))
      case MAJOR.text:
        return this.#string(MAJOR.text, count).toString('utf8')
      case MAJOR.list:
        return this.#list(count, depth)
      case MAJOR.map:
        return this.#map(count, depth)
      default:
        return new CborTag(required(count), this.item(depth + 1))
    }
  }

  /** Of indefinite length it comes in pieces of the same kind. */
  #string(major: number, count: number | undefined): Buffer {
    if (count !== undefined) return this.#take(count)
    const pieces: Buffer[] = []
    while (!this.#isBreak()) {
      const first = this.#byte()
      if (first >> 5 !== major || (first & 31) === INDEFINITE) throw new CborError('a piece is of another kind')
      pieces.push(this.#take(this.#argument(first & 31)))
    }
    return Buffer.concat(pieces)
  }

  #list(count: number | undefined, depth: number): unknown[] {
    const list: unknown[] = []
    while (count === undefined ? !this.#isBreak() : list.length < count) list.push(this.item(depth + 1))
    return list
  }

  #map(count: number | undefined, depth: number): Record<string, unknown> {
    const map = Object.create(null) as Record<string, unknown>
    for (let index = 0; count === undefined ? !this.#isBreak() : index < count; index++) {
      const key = this.item(depth + 1)
      if (typeof key !== 'string') throw new CborError('a key is no text')
      map[key] = this.item(depth + 1)
    }
    return map
  }

  #simple(information: number): unknown {
    switch (information) {
      case 20:
        return false
      case 21:
        return true
      case 22:
        return null
      case 23:
        return undefined
      case 25:
        return halfFloat(this.#take(2).readUInt16BE())
      case 26:
        return this.#take(4).readFloatBE()
      case 27:
        return this.#take(8).readDoubleBE()
      default:
        throw new CborError('it has no such value')
    }
  }

  /** Numbers beyond 2^53 lose their last digits. */
  #argument(information: number): number {
    if (information < 24) return information
    switch (information) {
      case 24:
        return this.#byte()
      case 25:
        return this.#take(2).readUInt16BE()
      case 26:
        return this.#take(4).readUInt32BE()
      case 27:
        return Number(this.#take(8).readBigUInt64BE())
      default:
        throw new CborError('it has no such length')
    }
  }

  #isBreak(): boolean {
    if (this.#bytes[this.#at] !== BREAK) return false
    this.#at++
    return true
  }

  #byte(): number {
    return this.#take(1).readUInt8()
  }

  #take(count: number): Buffer {
    const end = this.#at + count
    if (end > this.#bytes.length) throw new CborError('it ends too early')
    const taken = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return taken
  }
}

function required(count: number | undefined): number {
  if (count === undefined) throw new CborError('it has no length')
  return count
}

/** https://www.rfc-editor.org/rfc/rfc8949#appendix-D */
function halfFloat(bits: number): number {
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023]
  const size =
    exponent === 0
      ? fraction * 2 ** -24
      : exponent === 31
        ? fraction === 0
          ? Number.POSITIVE_INFINITY
          : Number.NaN
        : (fraction + 1024) * 2 ** (exponent - 25)
  return bits & 0x8000 ? -size : size
}
