/** Addresses and blocks against the definition in bits. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  cidrContains,
  cidrSize,
  doOverlap,
  formatCidr,
  formatIpv4,
  isBlockWithin,
  isWithin,
  parseCidr,
  parseIpv4,
  type Cidr,
} from './cidr.ts'

const address = fc.nat({ max: 0xffffffff })
const block = fc.tuple(address, fc.integer({ min: 0, max: 32 }))

function read(text: string): Cidr {
  const cidr = parseCidr(text)
  if (cidr === undefined) throw new TypeError(`\`${text}\` is no block`)
  return cidr
}

function bits(value: number): string {
  return value.toString(2).padStart(32, '0')
}

test('an address survives being written and read', () => {
  fc.assert(
    fc.property(address, (value) => {
      expect(parseIpv4(formatIpv4(value))).toBe(value)
    }),
  )
})

test('a block contains the addresses that share its leading bits, and no other', () => {
  fc.assert(
    fc.property(block, address, ([base, length], value) => {
      const cidr = read(`${formatIpv4(base)}/${length}`)
      expect(isWithin(value, cidr)).toBe(bits(value).slice(0, length) === bits(base).slice(0, length))
      expect(isWithin(base, cidr)).toBe(true)
      expect(cidrSize(cidr)).toBe(2 ** (32 - length))
      expect(read(formatCidr(cidr))).toEqual(cidr)
    }),
  )
})

test('two blocks overlap exactly when one is within the other', () => {
  fc.assert(
    fc.property(block, block, ([a, m], [b, n]) => {
      const [one, other] = [read(`${formatIpv4(a)}/${m}`), read(`${formatIpv4(b)}/${n}`)]
      expect(doOverlap(one, other)).toBe(isBlockWithin(one, other) || isBlockWithin(other, one))
    }),
  )
})

test.each([
  '',
  '1.2.3',
  '1.2.3.4.5',
  '256.0.0.1',
  '01.2.3.4',
  ' 1.2.3.4',
  '1.2.3.4/33',
  '1.2.3.4/',
  '1.2.3.4/8/8',
  '::1',
  'a.b.c.d',
])('refuses `%s`', (text) => {
  expect(parseCidr(text)).toBeUndefined()
  expect(cidrContains(text, '1.2.3.4')).toBe(false)
})

test('a bare address is a block of one', () => {
  expect(cidrContains('10.0.0.1', '10.0.0.1')).toBe(true)
  expect(cidrContains('10.0.0.1', '10.0.0.2')).toBe(false)
})
