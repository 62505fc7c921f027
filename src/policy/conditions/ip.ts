/** IP address operators. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IPAddress */
import { compareParsed, pair, type OperatorFamily } from './operator.ts'

export const ipOperators: OperatorFamily = pair('IpAddress', 'NotIpAddress', compareParsed(parseCidr, contains))

/** An address is the range of itself alone: /32, or /128 for IPv6. */
interface Cidr {
  readonly bits: 32 | 128
  /** The address in groups of 16 bits: two for IPv4, eight for IPv6. */
  readonly groups: readonly number[]
  readonly prefix: number
}

const PREFIX = /^\d{1,3}$/
const OCTET = /^\d{1,3}$/
const HEX_GROUP = /^[0-9a-fA-F]{1,4}$/

/** Undefined for text that is no address and no range. Bits past the prefix are ignored. */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/')
  const address = slash < 0 ? text : text.slice(0, slash)
  const groups = address.includes(':') ? parseIpv6(address) : parseIpv4(address)
  if (groups === undefined) return undefined
  const bits = groups.length === 2 ? 32 : 128
  if (slash < 0) return { bits, groups, prefix: bits }
  const digits = text.slice(slash + 1)
  const prefix = PREFIX.test(digits) ? Number(digits) : Infinity
  return prefix <= bits ? { bits, groups, prefix } : undefined
}

function contains(actual: Cidr, range: Cidr): boolean {
  if (actual.bits !== range.bits || actual.prefix < range.prefix) return false
  let remaining = range.prefix
  for (let i = 0; remaining > 0; i++, remaining -= 16) {
    const mask = remaining >= 16 ? 0xffff : (0xffff << (16 - remaining)) & 0xffff
    if (((actual.groups[i] ?? 0) & mask) !== ((range.groups[i] ?? 0) & mask)) return false
  }
  return true
}

function parseIpv4(text: string): number[] | undefined {
  const octets = text.split('.')
  if (octets.length !== 4 || !octets.every((octet) => OCTET.test(octet) && Number(octet) <= 255)) return undefined
  const [a = 0, b = 0, c = 0, d = 0] = octets.map(Number)
  return [(a << 8) | b, (c << 8) | d]
}

function parseIpv6(text: string): number[] | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head, tail] = halves.map(parseGroups)
  if (head === undefined) return undefined
  if (halves.length === 1) return head.length === 8 ? head : undefined
  if (tail === undefined || head.length + tail.length > 7) return undefined
  return [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => 0), ...tail]
}

/** `2001:db8`, of which the last part may be dotted: `ffff:192.0.2.1`. */
function parseGroups(text: string): number[] | undefined {
  if (text === '') return []
  const groups: number[] = []
  const parts = text.split(':')
  for (const [index, part] of parts.entries()) {
    const dotted = part.includes('.') && index === parts.length - 1 ? parseIpv4(part) : undefined
    if (dotted !== undefined) groups.push(...dotted)
    else if (HEX_GROUP.test(part)) groups.push(Number.parseInt(part, 16))
    else return undefined
  }
  return groups
}
