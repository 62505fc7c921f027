/**
 * Lines that wait to be written, as bytes: thousands of texts of a kilobyte, put together of pieces and kept for a moment, cost the garbage
 * collector more than all the rest of recording.
 */

const BYTES_MIN = 64 * 1024
const BYTES_KEPT_MAX = 4 * 1_048_576
/** UTF-8 has no more for one of a text's units. */
const BYTES_PER_UNIT_MAX = 3
const NEW_LINE = 0x0a

export class LineBuffer {
  #buffer = Buffer.allocUnsafe(BYTES_MIN)
  #length = 0

  get length(): number {
    return this.#length
  }

  add(pieces: readonly string[]): void {
    let units = 1
    for (const piece of pieces) units += piece.length
    const wanted = this.#length + units * BYTES_PER_UNIT_MAX
    if (wanted > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(wanted, 2 * this.#buffer.length))
      this.#buffer.copy(larger, 0, 0, this.#length)
      this.#buffer = larger
    }
    for (const piece of pieces) this.#length += this.#buffer.write(piece, this.#length)
    this.#buffer[this.#length++] = NEW_LINE
  }

  /** Valid until the next line is added. */
  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length)
  }

  /** Keeps the room it has, unless that was for a rush. */
  clear(): void {
    if (this.#buffer.length > BYTES_KEPT_MAX) this.#buffer = Buffer.allocUnsafe(BYTES_MIN)
    this.#length = 0
  }
}
