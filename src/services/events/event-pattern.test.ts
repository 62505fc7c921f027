/** Event patterns against events, each comparison both ways, and what AWS refuses. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { parseEventPattern } from './event-pattern.ts'
import type { Json } from './pattern-matchers.ts'

const matches = (pattern: object, event: Json) => parseEventPattern(JSON.stringify(pattern)).matches(event)
const detail = (value: Json) => ({ detail: { x: value } })
const on = (...matchers: unknown[]) => ({ detail: { x: matchers } })

test.each<[string, unknown[], Json[], Json[]]>([
  ['exact', ['a', 1, true, null], ['a', 1, true, null, ['b', 'a']], ['b', 2, false, '1', 'true', [], {}]],
  ['prefix', [{ prefix: 'ab' }], ['ab', 'abc'], ['a', 'ABC', 1, null]],
  ['prefix without case', [{ prefix: { 'equals-ignore-case': 'ab' } }], ['ABc'], ['ba']],
  ['suffix', [{ suffix: '.png' }], ['a.png'], ['a.PNG', 'png']],
  ['suffix without case', [{ suffix: { 'equals-ignore-case': '.png' } }], ['a.PNG'], ['a.gif']],
  ['equals-ignore-case', [{ 'equals-ignore-case': 'aB' }], ['ab', 'AB'], ['abc', 1]],
  ['wildcard', [{ wildcard: 'a*c*' }], ['ac', 'abcd', 'acc'], ['ab', 'bac', 1]],
  ['wildcard in the middle', [{ wildcard: 'ab*ba' }], ['abba', 'ab-ba'], ['aba']],
  ['escaped wildcard', [{ wildcard: 'a\\*\\\\' }], ['a*\\'], ['ab\\']],
  ['anything-but', [{ 'anything-but': 'a' }], ['b', 1, null, ['a', 'b']], ['a', [], ['a']]],
  ['anything-but a list', [{ 'anything-but': [1, 2] }], [3, '1'], [1, 2]],
  ['anything-but a prefix', [{ 'anything-but': { prefix: ['a', 'b'] } }], ['c', 1, null], ['ax', 'bx']],
  ['anything-but a suffix', [{ 'anything-but': { suffix: 'a' } }], ['ab'], ['ba']],
  ['anything-but without case', [{ 'anything-but': { 'equals-ignore-case': ['a'] } }], ['b'], ['A']],
  ['anything-but a wildcard', [{ 'anything-but': { wildcard: '*/lib/*' } }], ['a/b'], ['a/lib/b']],
  ['a number', [{ numeric: ['=', 3.0] }], [3], [3.1, '3']],
  ['a range', [{ numeric: ['>', 0, '<=', 5] }], [0.1, 5], [0, 5.1]],
  ['a limit', [{ numeric: ['>=', 5] }], [5, 6], [4]],
  ['cidr', [{ cidr: '10.0.0.0/24' }], ['10.0.0.255'], ['10.0.1.0', 'x', 10]],
  ['cidr of version 6', [{ cidr: '2001:db8::/32' }], ['2001:db8::1'], ['2001:db9::1', '10.0.0.1']],
  ['existence', [{ exists: true }], ['a', null, false], [{ y: 1 }, []]],
  ['absence', [{ exists: false }], [{ y: 1 }, []], ['a', null]],
])('%s', (_name, matchers, yes, no) => {
  for (const value of yes) expect([value, matches(on(...matchers), detail(value))]).toEqual([value, true])
  for (const value of no) expect([value, matches(on(...matchers), detail(value))]).toEqual([value, false])
})

test('a path that ends early counts as absence', () => {
  expect(matches({ detail: { a: { b: [{ exists: false }] } } }, { detail: {} })).toBe(true)
  expect(matches({ detail: { a: { b: [{ exists: true }] } } }, { detail: { a: 1 } })).toBe(false)
})

test('all fields have to match, and of a list of objects one as a whole', () => {
  const pattern = { source: ['s'], detail: { items: { id: [1], colour: ['red'] } } }
  const event = (items: Json) => ({ source: 's', detail: { items } })
  expect(
    matches(
      pattern,
      event([
        { id: 2, colour: 'blue' },
        { id: 1, colour: 'red' },
      ]),
    ),
  ).toBe(true)
  expect(
    matches(
      pattern,
      event([
        { id: 1, colour: 'blue' },
        { id: 2, colour: 'red' },
      ]),
    ),
  ).toBe(false)
  expect(matches(pattern, { detail: event([]).detail })).toBe(false)
})

test('$or is one of its objects, beside the other fields', () => {
  const pattern = { source: ['s'], $or: [{ detail: { a: [1] } }, { detail: { b: [{ exists: true }] } }] }
  expect(matches(pattern, { source: 's', detail: { a: 1 } })).toBe(true)
  expect(matches(pattern, { source: 's', detail: { b: 0 } })).toBe(true)
  expect(matches(pattern, { source: 's', detail: { a: 2 } })).toBe(false)
  expect(matches(pattern, { source: 't', detail: { a: 1 } })).toBe(false)
})

test.each([
  ['{"a": 1}', '"a" must be an object or an array'],
  ['{"a": []}', 'Empty arrays are not allowed'],
  ['["a"]', 'Filter is not an object'],
  ['{a', 'Invalid JSON'],
  ['{"a": [{"NUMERIC": ["=", 5]}]}', 'Unrecognized match type NUMERIC'],
  ['{"a": [{"numeric": [">", 0, ">", 0]}]}', 'Bad numeric range operator: >'],
  ['{"a": [{"numeric": [">", 0, "<"]}]}', 'Value of < must be numeric'],
  ['{"a": [{"numeric": []}]}', 'Invalid member in numeric match: ]'],
  ['{"a": [{"numeric": [1, "<="]}]}', 'Invalid member in numeric match: 1'],
  ['{"a": [{"numeric": ["<", 100, ">", 10]}]}', 'Too many elements in numeric expression'],
  ['{"a": [{"numeric": [">", 20, 30]}]}', 'Bad value in numeric range: 30'],
  ['{"a": [{"numeric": [">", 20, "<", 30, "<", 50]}]}', 'Too many terms in numeric range expression'],
  ['{"a": [{"numeric": [">", 3, "<", 1]}]}', 'Bottom must be less than top'],
  ['{"a": [{"prefix": 1}]}', 'prefix match pattern must be a string'],
  ['{"a": [{"suffix": ["x"]}]}', 'suffix match pattern must be a string'],
  ['{"a": [{"equals-ignore-case": ["x"]}]}', 'equals-ignore-case match pattern must be a string'],
  ['{"a": [{"wildcard": 1}]}', 'wildcard match pattern must be a string'],
  ['{"a": [{"wildcard": "a**"}]}', 'Consecutive wildcard characters at pos 1'],
  ['{"a": [{"cidr": "10.0.0.0"}]}', "Malformed CIDR, one '/' required"],
  ['{"a": [{"anything-but": {"prefix": 1}}]}', 'prefix/suffix match pattern must be a string'],
  [
    '{"a": [{"anything-but": {"equals-ignore-case": [1]}}]}',
    'Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.',
  ],
  [
    '{"a": [{"anything-but": {"prefix": {"equals-ignore-case": "x"}}}]}',
    'Value of anything-but must be an array or single string/number value.',
  ],
])('%s is refused', (text, reason) => {
  expect(() => parseEventPattern(text)).toThrow(`Event pattern is not valid. Reason: ${reason}`)
})

const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null))

test('an event matches the pattern that lists its own values, and no anything-but of them', () => {
  fc.assert(
    fc.property(leaf, (value) => {
      expect(matches(on(value), detail(value))).toBe(true)
      if (typeof value === 'string' || typeof value === 'number') {
        expect(matches(on({ 'anything-but': value }), detail(value))).toBe(false)
      }
    }),
  )
})

test('a wildcard finds what was put in its place', () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[a-c]{0,3}$/), { minLength: 2, maxLength: 4 }),
      fc.string(),
      (parts, filling) => {
        const pattern = parts
          .filter((part, index) => part !== '' || index === 0 || index === parts.length - 1)
          .join('*')
        if (pattern.includes('**')) return
        expect(matches(on({ wildcard: pattern }), detail(pattern.replaceAll('*', () => filling)))).toBe(true)
      },
    ),
  )
})
