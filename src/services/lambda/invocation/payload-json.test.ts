/** The walk that describes a problem and `JSON.parse` agree on what JSON is; the messages are those recorded from Lambda and Jackson's. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { jsonProblem } from './payload-json.ts'

const SOURCE = '[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled);'
const VALUES = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
const problem = (text: string) => jsonProblem(Buffer.from(text, 'latin1'))

test('JSON has no problem', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(jsonProblem(Buffer.from(text))).toBeUndefined()
    }),
  )
  expect(problem(' "a" ')).toBeUndefined()
})

test('any bytes that are not JSON are described, with their line and column', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const found = jsonProblem(Buffer.from(bytes))
      if (found !== undefined) expect(found).toMatch(/\n at \[Source: REDACTED .*; line: \d+, column: \d+\]$/s)
    }),
    { numRuns: 2000 },
  )
})

test('text near JSON is described without a contradiction', () => {
  const near = fc
    .tuple(
      fc.json(),
      fc.nat(),
      fc.constantFrom('', '{', '}', '[', ']', ',', ':', '"', '\\', 'a', '0', '-', '.', 'e', '\n', '\u0001'),
    )
    .map(([text, at, insert]) => {
      const position = at % (text.length + 1)
      return text.slice(0, position) + insert + text.slice(position + 1)
    })
  fc.assert(
    fc.property(near, (text) => {
      jsonProblem(Buffer.from(text))
    }),
    { numRuns: 5000 },
  )
})

test('a byte that starts no value is blamed as recorded', () => {
  expect(problem('\x99\xeb,j\x07\xa1zYh')).toBe(
    `Unexpected character ((CTRL-CHAR, code 153)): expected a valid value ${VALUES}\n at ${SOURCE} line: 1, column: 1]`,
  )
})

test('a broken UTF-8 sequence is blamed as recorded', () => {
  expect(problem('n\x87r\x9e\xe9\xb5\xd7I\xee\x9bmt')).toBe(
    `Invalid UTF-8 start byte 0x87\n at ${SOURCE} line: 1, column: 3]`,
  )
})

test('common mistakes are described in the words of Jackson', () => {
  const first = (text: string) => problem(text)?.split('\n at ')[0]
  expect(first('hello')).toBe(`Unrecognized token 'hello': was expecting ${VALUES}`)
  expect(first('nul')).toBe(`Unrecognized token 'nul': was expecting ${VALUES}`)
  expect(first("{'a': 1}")).toBe("Unexpected character (''' (code 39)): was expecting double-quote to start field name")
  expect(first('{"a" 1}')).toBe(
    "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value",
  )
  expect(first('{"a":1 "b":2}')).toBe(
    "Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries",
  )
  expect(first('{"a":1')).toBe(
    `Unexpected end-of-input: expected close marker for Object (start marker at ${SOURCE} line: 1, column: 1])`,
  )
  expect(first('{"a":')).toBe('Unexpected end-of-input within/between Object entries')
  expect(first('"a')).toBe('Unexpected end-of-input in VALUE_STRING')
  expect(first('[1}')).toBe(
    `Unexpected close marker '}': expected ']' (for Array starting at ${SOURCE} line: 1, column: 1])`,
  )
  for (const text of ['[1,]', '[1,}', '{"a":}', '[,1]'])
    expect(first(text)).toMatch(/^Unexpected character \(.*\): expected a value$/)
  expect(first('{"a":]')).toBe(`Unexpected character (']' (code 93)): expected a valid value ${VALUES}`)
  expect(first('{"a":1,}')).toBe(
    "Unexpected character ('}' (code 125)): was expecting double-quote to start field name",
  )
  for (const token of ['NaN', 'Infinity', '-Infinity']) {
    expect(problem(`{"a": ${token}}`)).toBe(
      `Non-standard token '${token}': enable \`JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS\` to allow\n at ${SOURCE} line: 1, column: ${7 + token.length}]`,
    )
  }
  expect(first('Nan')).toBe(`Unrecognized token 'Nan': was expecting ${VALUES}`)
  expect(first('01')).toBe('Invalid numeric value: Leading zeroes not allowed')
})

test('lines are counted', () => {
  expect(problem('{\n  "a": x }')).toMatch(/line: 2, column: 10\]$/)
})
