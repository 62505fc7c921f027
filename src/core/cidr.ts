/** IPv4 addresses and blocks: `10.0.1.10`, `10.0.0.0/16`. */

/** A block of addresses, both ends inclusive, as unsigned 32-bit numbers. */
export interface Cidr {
  readonly first: number
  readonly last: number
  readonly prefixLength: number
}

const DOTTED = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/
const ADDRESS_BITS = 32

export function isIpv4(text: string): boolean {
  return parseIpv4(text) !== undefined
}

/** The address as an unsigned number; undefined where the text is none. A leading zero is refused: elsewhere it means octal. */
export function parseIpv4(text: string): number | undefined {
  const octets = DOTTED.exec(text)?.slice(1)
  if (
    octets === undefined ||
    octets.some((octet) => Number(octet) > 255 || (octet.length > 1 && octet.startsWith('0')))
  )
    return undefined
  return octets.reduce((address, octet) => address * 256 + Number(octet), 0)
}

export function formatIpv4(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join('.')
}

/** A bare address is a block of one. Bits beyond the prefix are cleared, as EC2 does: `100.68.0.18/18` is `100.68.0.0/18`. */
export function parseCidr(text: string): Cidr | undefined {
  const [address = '', length, ...rest] = text.split('/')
  const number = parseIpv4(address)
  const prefixLength = length === undefined ? ADDRESS_BITS : /^\d{1,2}$/.test(length) ? Number(length) : Infinity
  if (number === undefined || prefixLength > ADDRESS_BITS || rest.length > 0) return undefined
  const size = 2 ** (ADDRESS_BITS - prefixLength)
  const first = number - (number % size)
  return { first, last: first + size - 1, prefixLength }
}

export function formatCidr({ first, prefixLength }: Cidr): string {
  return `${formatIpv4(first)}/${prefixLength}`
}

/** How many addresses the block has. */
export function cidrSize({ first, last }: Cidr): number {
  return last - first + 1
}

export function isWithin(address: number, block: Cidr): boolean {
  return block.first <= address && address <= block.last
}

export function isBlockWithin(inner: Cidr, outer: Cidr): boolean {
  return outer.first <= inner.first && inner.last <= outer.last
}

export function doOverlap(one: Cidr, other: Cidr): boolean {
  return one.first <= other.last && other.first <= one.last
}

/** Whether the block contains the address, both as text; false where either is malformed. */
export function cidrContains(block: string, address: string): boolean {
  const range = parseCidr(block)
  const number = parseIpv4(address)
  return range !== undefined && number !== undefined && isWithin(number, range)
}
