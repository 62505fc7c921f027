/** Which addresses count as the real internet. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { blockContains } from './blocks.ts'
import { isOutside, RESERVED_BLOCKS } from './outside.ts'

describe('the outside', () => {
  it('is never this machine, its network or a reserved block', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(isOutside(address)).toBe(!RESERVED_BLOCKS.some((block) => blockContains(block, address)))
      }),
    )
    for (const address of ['127.0.0.1', '127.255.255.255', '0.0.0.0', '10.1.2.3', '172.31.0.1', '192.168.1.1'])
      expect(isOutside(address)).toBe(false)
    for (const address of [
      '169.254.169.254',
      '100.64.0.1',
      '224.0.0.1',
      '255.255.255.255',
      '198.18.0.1',
      '203.0.113.10',
    ])
      expect(isOutside(address)).toBe(false)
  })

  it('is everybody else', () => {
    for (const address of ['1.1.1.1', '8.8.8.8', '172.15.0.1', '172.32.0.1', '193.0.0.1', '223.255.255.255'])
      expect(isOutside(address)).toBe(true)
  })

  it('is nothing that is no IPv4 address', () => {
    for (const text of ['', 'localhost', '::1', '::ffff:127.0.0.1', '0177.0.0.1', '1.1.1', '1.1.1.1/8']) {
      expect(isOutside(text)).toBe(false)
    }
  })
})
