/** The DNS codec: what is asked is read back, and no bytes do harm. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { encodeAnswer, encodeShortAnswer, parseQuery, RESPONSE_CODE, TYPE_A } from './message.ts'

const label = fc.stringMatching(/^[a-z0-9-]{1,20}$/)
const names = fc.array(label, { minLength: 1, maxLength: 6 })
const addresses = fc.array(fc.ipV4(), { maxLength: 40 })

function queryFor(labels: readonly string[], type: number): Buffer {
  const name = labels.flatMap((text) => [Buffer.from([text.length]), Buffer.from(text)])
  const tail = Buffer.from([0, 0, type, 0, 1])
  return Buffer.concat([Buffer.from([0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]), ...name, tail])
}

describe('a DNS message', () => {
  it('is read back as it was asked', () => {
    fc.assert(
      fc.property(names, fc.constantFrom(1, 28, 12), (labels, type) => {
        expect(parseQuery(queryFor(labels, type))).toMatchObject({ id: 0x1234, name: labels.join('.'), type })
      }),
    )
  })

  it('is refused without harm whatever its bytes are', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => void parseQuery(Buffer.from(bytes))))
  })

  it('is refused when it is cut short anywhere', () => {
    const whole = queryFor(['lambda', 'us-east-1', 'amazonaws', 'com'], TYPE_A)
    for (let length = 0; length < whole.length; length++) expect(parseQuery(whole.subarray(0, length))).toBeUndefined()
  })

  it('is refused when it is an answer, or asks something else than about the internet', () => {
    const query = queryFor(['example'], TYPE_A)
    const changed = (at: number, byte: number) => Buffer.from(query.map((old, index) => (index === at ? byte : old)))
    expect(parseQuery(changed(2, 0x80))).toBeUndefined()
    expect(parseQuery(changed(2, 0x28))).toBeUndefined()
    expect(parseQuery(changed(query.length - 1, 3))).toBeUndefined()
  })

  it('answers with every address, and in a datagram with all of them or none', () => {
    fc.assert(
      fc.property(names, addresses, (labels, list) => {
        const query = parseQuery(queryFor(labels, TYPE_A))
        if (query === undefined) throw new Error('unreadable')
        const whole = encodeAnswer(query, RESPONSE_CODE.ok, list)
        expect(whole.readUInt16BE(6)).toBe(list.length)
        expect([...whole.subarray(whole.length - list.length * 16)].join()).toContain(
          list.length === 0 ? '' : (list.at(-1)?.replaceAll('.', ',') ?? ''),
        )
        const short = encodeShortAnswer(query, RESPONSE_CODE.ok, list)
        const isCut = (short.readUInt16BE(2) & 0x0200) !== 0
        expect(isCut).toBe(whole.length > 512)
        expect(short.length).toBeLessThanOrEqual(512)
      }),
    )
  })
})
