/** IPv4 addresses and blocks, as numbers of 32 bits. https://www.rfc-editor.org/rfc/rfc4632#section-3.1 */

export interface Cidr {
  /** The block's lowest address. */
  readonly first: number
  /** 0 to 32. */
  readonly prefixLength: number
}

const OCTET = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
const ADDRESS = new RegExp(`^${OCTET}\\.${OCTET}\\.${OCTET}\\.${OCTET}$`)

/** Undefined for anything but four decimal octets without leading zeros. */
export function parseIpv4(text: string): number | undefined {
  const match = ADDRESS.exec(text)
  if (!match) return undefined
  const [, a, b, c, d] = match
  return Number(a) * 2 ** 24 + Number(b) * 2 ** 16 + Number(c) * 2 ** 8 + Number(d)
}

export function formatIpv4(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.')
}

/** Undefined for what is no block. Bits of the host are cleared, as AWS does: `10.0.0.7/24` is `10.0.0.0/24`. */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/')
  if (slash < 0) return undefined
  const length = text.slice(slash + 1)
  const address = parseIpv4(text.slice(0, slash))
  if (address === undefined || !/^([12]?\d|3[0-2])$/.test(length)) return undefined
  const prefixLength = Number(length)
  const size = 2 ** (32 - prefixLength)
  return { first: Math.floor(address / size) * size, prefixLength }
}

export function formatCidr({ first, prefixLength }: Cidr): string {
  return `${formatIpv4(first)}/${prefixLength}`
}

/** How many addresses the block has. */
export function sizeOfCidr({ prefixLength }: Cidr): number {
  return 2 ** (32 - prefixLength)
}

/** The block's highest address. */
export function lastOfCidr(cidr: Cidr): number {
  return cidr.first + sizeOfCidr(cidr) - 1
}

export function cidrHolds(cidr: Cidr, address: number): boolean {
  return address >= cidr.first && address <= lastOfCidr(cidr)
}

/** Whether every address of `inner` is one of `outer`. */
export function cidrContains(outer: Cidr, inner: Cidr): boolean {
  return inner.first >= outer.first && lastOfCidr(inner) <= lastOfCidr(outer)
}

export function cidrsOverlap(a: Cidr, b: Cidr): boolean {
  return a.first <= lastOfCidr(b) && b.first <= lastOfCidr(a)
}

/** The highest block of that prefix length within `outer` that overlaps none of the others; undefined where there is none. */
export function freeCidr(outer: string, taken: readonly string[], prefixLength: number): string | undefined {
  const space = parseCidr(outer)
  if (!space) return undefined
  const others = taken.flatMap((text) => parseCidr(text) ?? [])
  const size = sizeOfCidr({ first: 0, prefixLength })
  for (let first = lastOfCidr(space) + 1 - size; first >= space.first; first -= size) {
    const candidate = { first, prefixLength }
    if (!others.some((other) => cidrsOverlap(other, candidate))) return formatCidr(candidate)
  }
  return undefined
}
