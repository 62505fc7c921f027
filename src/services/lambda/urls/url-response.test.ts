/** Whatever a function answers, what goes out is a response that can be sent. */
import { validateHeaderName, validateHeaderValue } from 'node:http'

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { bufferedResponse, splitPrelude } from './url-response.ts'

const answer = fc.oneof(
  fc.jsonValue(),
  fc.record(
    {
      statusCode: fc.oneof(fc.integer({ min: -1, max: 700 }), fc.string(), fc.integer({ min: 200, max: 599 })),
      headers: fc.dictionary(fc.string(), fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer(), fc.jsonValue())),
      cookies: fc.oneof(fc.array(fc.string({ unit: 'grapheme' })), fc.jsonValue()),
      body: fc.oneof(fc.string(), fc.base64String(), fc.jsonValue()),
      isBase64Encoded: fc.boolean(),
    },
    { requiredKeys: ['statusCode'] },
  ),
)

describe('an answer', () => {
  test('becomes a response that can be sent, or 502', () => {
    fc.assert(
      fc.property(answer, (value) => {
        const { status, headers, body } = bufferedResponse(Buffer.from(JSON.stringify(value)))
        expect(status).toBeGreaterThanOrEqual(200)
        expect(status).toBeLessThan(600)
        for (const [name, values] of Object.entries(headers)) {
          validateHeaderName(name)
          for (const text of [values].flat()) validateHeaderValue(name, text)
        }
        expect(typeof body === 'string' || Buffer.isBuffer(body)).toBe(true)
        if (status === 204 || status === 304) expect(body).toBe('')
      }),
    )
  })

  test('that came in pieces is split where its head ends, wherever the pieces do', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.uint8Array(), (prelude, rest) => {
        const head = Buffer.from(JSON.stringify(prelude))
        const bytes = Buffer.concat([head, Buffer.alloc(8), rest])
        expect(splitPrelude(bytes)).toEqual({ prelude: JSON.parse(head.toString()), rest: Buffer.from(rest) })
        expect(splitPrelude(bytes.subarray(0, head.length + 7))).toBeUndefined()
      }),
    )
  })
})
