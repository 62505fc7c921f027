/** Filter policies against attributes and bodies, as AWS was recorded to judge them, and what it refuses. */
import { expect, test } from 'vitest'

import { checkFilterPolicy, passesFilter } from './filter-policy.ts'
import type { FilterScope, Notification, NotificationAttribute } from './records.ts'

function notification(attributes: Notification['attributes'], body = ''): Notification {
  return { messageId: 'm', topicArn: 't', messages: { default: body }, attributes, publishedAtMs: 0 }
}

const text = (Value: string): NotificationAttribute => ({ Type: 'String', Value })
const number = (Value: string): NotificationAttribute => ({ Type: 'Number', Value })
const list = (...values: unknown[]): NotificationAttribute => ({ Type: 'String.Array', Value: JSON.stringify(values) })

const byAttributes = (policy: object, attributes: Notification['attributes']) =>
  passesFilter(JSON.stringify(policy), 'MessageAttributes', notification(attributes), '')
const byBody = (policy: object, body: unknown) =>
  passesFilter(JSON.stringify(policy), 'MessageBody', notification({}), JSON.stringify(body))

test.each<[policy: object, passing: Notification['attributes'], failing: Notification['attributes']]>([
  [{ a: [{ numeric: ['>', 0, '<=', 100] }] }, { a: number('99') }, { a: number('111') }],
  [{ a: [{ numeric: ['=', 99] }] }, { a: number('99.0') }, { a: text('99') }],
  [{ a: [{ exists: true }] }, { a: number('99') }, { b: number('1') }],
  [{ a: [{ exists: false }] }, { b: number('99') }, { a: number('99') }],
  [{ a: [null, { 'anything-but': 'whatever' }] }, { a: text('other') }, {}],
  [{ a: ['value1'] }, { a: list('value1', 'value2') }, { a: list('value2') }],
  [{ a: [{ 'anything-but': ['rugby', 'tennis'] }] }, { a: list('rugby', 'baseball') }, { a: list('rugby') }],
  [{ a: [{ prefix: 'bas' }] }, { a: text('baseball') }, { a: text('rugby') }],
  [{ a: [{ 'equals-ignore-case': 'tennis' }] }, { a: text('TENNIS') }, { a: text('golf') }],
  [{ a: [{ cidr: '10.0.0.0/24' }] }, { a: text('10.0.0.255') }, { a: text('10.1.1.0') }],
  [{ a: ['x'], b: ['y'] }, { a: text('x'), b: text('y') }, { a: text('x') }],
  [{ $or: [{ a: ['x'] }, { b: ['y'] }] }, { b: text('y') }, { b: text('x') }],
  // Binary attributes are not there.
  [{ a: [{ exists: false }] }, { a: { Type: 'Binary', Value: 'AQ==' } }, { a: text('x') }],
])('%j by attributes', (policy, passing, failing) => {
  expect(byAttributes(policy, passing)).toBe(true)
  expect(byAttributes(policy, failing)).toBe(false)
})

const RECORDS = { Records: { s3: { object: { key: [{ prefix: 'auto-' }] } }, eventName: [{ prefix: 'Created:' }] } }
const record = (eventName: string, key: string) => ({ eventName, s3: { object: [[{ key, size: 17 }]] } })

test.each<[policy: object, passing: unknown, failing: unknown]>([
  [{ object: { key: [{ prefix: 'auto-' }] } }, { object: { key: 'auto-test' } }, { object: { key: 'test-auto' } }],
  [{ headers: { to: ['q1'] } }, { headers: { to: ['q1', 'q2'] } }, { headers: { to: ['q3'] } }],
  [RECORDS, { Records: [record('Created:Put', 'auto-1')] }, { Records: [record('Removed:X', 'auto-1')] }],
  [
    RECORDS,
    { Records: [record('Removed:X', 'home'), record('Created:Put', 'auto-1')] },
    { Records: [record('Removed:X', 'auto-1'), record('Created:Put', 'home')] },
  ],
  [
    { $or: [{ metric: ['CPU'] }, { space: ['EC2'] }], detail: { scope: ['S'], $or: [{ a: [1] }, { b: [2] }] } },
    { space: 'EC2', detail: { scope: 'S', b: 2 } },
    { space: 'EC2', detail: { scope: 'S' } },
  ],
  [{ a: ['x'] }, { a: 'x' }, 'x'],
])('%j by the body', (policy, passing, failing) => {
  expect(byBody(policy, passing)).toBe(true)
  expect(byBody(policy, failing)).toBe(false)
})

test('a dot in a name is a step of a path, in the policy and in the body', () => {
  const policy = { 'object.nested.test': ['value'] }
  for (const body of [
    { object: { nested: { test: 'value' } } },
    { 'object.nested.test': 'value' },
    { 'object.nested': { test: 'value' } },
    { object: { 'nested.test': 'value', other: 1 } },
  ]) {
    expect(byBody(policy, body)).toBe(true)
  }
  expect(byBody(policy, { object: { nested: { test: 'other' } } })).toBe(false)
})

test('a body that is no JSON object passes no filter', () => {
  expect(passesFilter('{"a": [{"exists": false}]}', 'MessageBody', notification({}), 'text')).toBe(false)
})

const many = (count: number) => Array.from({ length: count }, (_, index) => `v${index}`)
const keys = (count: number) => Object.fromEntries(many(count).map((name) => [name, ['x']]))

test.each<[scope: FilterScope, policy: unknown, reason: string]>([
  ['MessageAttributes', '{', 'FilterPolicy: failed to parse JSON.'],
  ['MessageAttributes', ['a'], 'FilterPolicy: Filter is not an object'],
  ['MessageAttributes', { key: 'value' }, 'FilterPolicy: "key" must be an object or an array'],
  ['MessageAttributes', { key: { suffix: 'value' } }, 'FilterPolicy: "suffix" must be an object or an array'],
  ['MessageAttributes', { key: [['value']] }, 'FilterPolicy: Match value must be String, number, true, false, or null'],
  ['MessageAttributes', { key: [{ wrong: true }] }, 'FilterPolicy: Unrecognized match type wrong'],
  [
    'MessageAttributes',
    { key: [{ prefix: 'a', suffix: 'b' }] },
    'FilterPolicy: Only one key allowed in match expression',
  ],
  [
    'MessageAttributes',
    { key: [{ exists: 'no' }] },
    'FilterPolicy: exists match pattern must be either true or false.',
  ],
  [
    'MessageAttributes',
    { object: { key: [{ prefix: 'auto-' }] } },
    'Filter policy scope MessageAttributes does not support nested filter policy',
  ],
  ['MessageAttributes', keys(6), 'FilterPolicy: Filter policy can not have more than 5 keys'],
  ['MessageAttributes', { a: many(151) }, 'FilterPolicy: Filter policy is too complex'],
  ['MessageAttributes', { a: many(50), b: many(4) }, 'FilterPolicy: Filter policy is too complex'],
  [
    'MessageBody',
    { a: { b: { c: many(4) } }, d: { e: many(3) }, f: many(3) },
    'FilterPolicy: Filter policy is too complex',
  ],
])('of %s, %j is refused', (scope, policy, reason) => {
  const check = () =>
    checkFilterPolicy(typeof policy === 'string' ? policy : JSON.stringify(policy), scope, (why) => new Error(why))
  expect(check).toThrow(new Error(reason))
})

test('what is as large as it may be is accepted', () => {
  const fail = (reason: string) => new Error(reason)
  for (const policy of [{}, keys(5), { a: many(150) }, { a: many(50), b: many(3) }]) {
    checkFilterPolicy(JSON.stringify(policy), 'MessageAttributes', fail)
  }
  checkFilterPolicy(JSON.stringify({ a: { b: { c: many(4) } }, d: { e: many(3) } }), 'MessageBody', fail)
})
