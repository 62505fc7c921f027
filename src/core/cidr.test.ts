/** Blocks of addresses: what is one, and how two lie to each other. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  cidrContains,
  cidrHolds,
  cidrsOverlap,
  formatCidr,
  formatIpv4,
  freeCidr,
  lastOfCidr,
  parseCidr,
  parseIpv4,
} from './cidr.ts'

const addresses = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const cidrs = fc.tuple(addresses, fc.integer({ min: 0, max: 32 })).map(([address, length]) => {
  const cidr = parseCidr(`${formatIpv4(address)}/${length}`)
  if (!cidr) throw new Error('not a block')
  return cidr
})

describe('an IPv4 address', () => {
  it('is read as it is written', () => {
    fc.assert(fc.property(addresses, (address) => parseIpv4(formatIpv4(address)) === address))
  })

  it.each(['', '10.0.0', '10.0.0.256', '10.0.0.01', '10.0.0.1 ', '::1', '10.0.0.-1', '1e1.0.0.0'])(
    'is not `%s`',
    (text) => {
      expect(parseIpv4(text)).toBeUndefined()
    },
  )
})

describe('the highest free block', () => {
  it('is at the end of an empty one, and before what is taken there', () => {
    expect(freeCidr('10.0.0.0/16', [], 28)).toBe('10.0.255.240/28')
    expect(freeCidr('10.0.0.0/16', ['10.0.255.0/24', '10.0.1.0/24'], 28)).toBe('10.0.254.240/28')
  })

  it('is not there when all is taken, or the block is too small', () => {
    expect(freeCidr('10.0.0.0/24', ['10.0.0.0/25', '10.0.0.128/25'], 28)).toBeUndefined()
    expect(freeCidr('10.0.0.0/30', [], 28)).toBeUndefined()
    expect(freeCidr('no block', [], 28)).toBeUndefined()
  })
})

describe('a block', () => {
  it('is read as it is written', () => {
    fc.assert(
      fc.property(cidrs, (cidr) => {
        expect(parseCidr(formatCidr(cidr))).toEqual(cidr)
      }),
    )
  })

  it('loses the bits of the host', () => {
    expect(parseCidr('10.0.0.7/24')).toEqual({ first: 10 * 2 ** 24, prefixLength: 24 })
  })

  it.each(['10.0.0.0', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/08', '10.0.0/8', '/8'])('is not `%s`', (text) => {
    expect(parseCidr(text)).toBeUndefined()
  })

  it('holds its first and last address and not their neighbours', () => {
    fc.assert(
      fc.property(cidrs, (cidr) => {
        expect(
          [cidr.first - 1, cidr.first, lastOfCidr(cidr), lastOfCidr(cidr) + 1].map((a) => cidrHolds(cidr, a)),
        ).toEqual([false, true, true, false])
      }),
    )
  })

  it('overlaps another exactly when one of the two contains the other', () => {
    fc.assert(fc.property(cidrs, cidrs, (a, b) => cidrsOverlap(a, b) === (cidrContains(a, b) || cidrContains(b, a))))
  })
})
