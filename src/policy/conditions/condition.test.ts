/** Each operator family, its set prefixes and IfExists, as the AWS pages tabulate them. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ContextValue } from '../model.ts'
import { compileCondition, isConditionOperator } from './condition.ts'

function holds(
  operator: string,
  values: string | string[],
  actual?: ContextValue,
  more: Record<string, ContextValue> = {},
): boolean {
  const clause = { operator, key: 'Test:Key', values: typeof values === 'string' ? [values] : values }
  const condition = compileCondition(clause, true)
  if (condition === undefined) throw new Error(`${operator} is not known`)
  const context = new Map(Object.entries(more))
  if (actual !== undefined) context.set('test:key', actual)
  return condition.holds(context)
}

test('string operators compare whole text, with wildcards only in Like', () => {
  expect(holds('StringEquals', ['a', 'b'], 'b')).toBe(true)
  expect(holds('StringEquals', 'a*', 'ab')).toBe(false)
  expect(holds('StringLike', 'a*', 'ab')).toBe(true)
  expect(holds('StringLike', 'a?', 'a')).toBe(false)
  expect(holds('StringEquals', 'A', 'a')).toBe(false)
  expect(holds('StringEqualsIgnoreCase', 'A', 'a')).toBe(true)
  expect(holds('StringNotEqualsIgnoreCase', 'A', 'a')).toBe(false)
})

test('negated operators hold when no value matches', () => {
  expect(holds('StringNotEquals', ['a', 'b'], 'c')).toBe(true)
  expect(holds('StringNotEquals', ['a', 'b'], 'b')).toBe(false)
  expect(holds('StringNotLike', ['a*', 'b*'], 'bc')).toBe(false)
})

test('an absent key fails, holds for negated operators, and holds with IfExists', () => {
  expect(holds('StringEquals', 'a')).toBe(false)
  expect(holds('StringNotEquals', 'a')).toBe(true)
  expect(holds('StringEqualsIfExists', 'a')).toBe(true)
  expect(holds('StringNotEqualsIfExists', 'a')).toBe(true)
  expect(holds('StringEqualsIfExists', 'a', 'b')).toBe(false)
  expect(holds('NotIpAddress', '10.0.0.0/8')).toBe(true)
  expect(holds('ArnNotLike', 'arn:aws:s3:::b')).toBe(true)
  expect(holds('NumericLessThan', '1')).toBe(false)
  expect(holds('Bool', 'false')).toBe(false)
})

test('many plain values are looked up as they would be compared', () => {
  const values = Array.from({ length: 20 }, (_, index) => `v${index}`)
  expect(holds('StringEquals', values, 'v19')).toBe(true)
  expect(holds('StringEquals', values, 'v20')).toBe(false)
})

test('variables stand in values of string, ARN and Bool operators', () => {
  const more = { 'aws:username': 'Anna', 'aws:principalaccount': '111122223333', flag: 'true' }
  expect(holds('StringEquals', '${aws:username}', 'Anna', more)).toBe(true)
  expect(holds('StringEqualsIgnoreCase', '${aws:username}', 'aNNA', more)).toBe(true)
  expect(holds('StringLike', '${aws:username}/*', 'Anna/x', more)).toBe(true)
  expect(
    holds('ArnLike', 'arn:aws:iam::${aws:PrincipalAccount}:role/*', 'arn:aws:iam::111122223333:role/r', more),
  ).toBe(true)
  expect(holds('Bool', '${flag}', 'true', more)).toBe(true)
  expect(holds('StringEquals', '${aws:missing}', 'x', more)).toBe(false)
  expect(holds('StringNotEquals', '${aws:missing}', 'x', more)).toBe(true)
})

test('numeric operators compare integers and decimals, and nothing else', () => {
  expect(holds('NumericEquals', '10', '10.0')).toBe(true)
  expect(holds('NumericNotEquals', '10', '11')).toBe(true)
  expect(holds('NumericLessThan', '10', '9.5')).toBe(true)
  expect(holds('NumericLessThanEquals', '10', '10')).toBe(true)
  expect(holds('NumericGreaterThan', '-1', '0')).toBe(true)
  expect(holds('NumericGreaterThanEquals', '3', '2')).toBe(false)
  expect(holds('NumericEquals', '10', 'ten')).toBe(false)
  expect(holds('NumericEquals', '0x10', '16')).toBe(false)
  expect(holds('NumericEquals', '', '0')).toBe(false)
})

test('date operators take ISO 8601 and epoch seconds', () => {
  expect(holds('DateGreaterThan', '2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z')).toBe(true)
  expect(holds('DateLessThan', '2026-01-01', '2025-12-31T23:59:59.999Z')).toBe(true)
  expect(holds('DateEquals', '2026-01-01T02:00:00+02:00', '1767225600')).toBe(true)
  expect(holds('DateNotEquals', '1767225600', '2026-01-01T00:00:00Z')).toBe(false)
  expect(holds('DateLessThanEquals', '2026-01', '2026-01-01T00:00:00Z')).toBe(true)
  expect(holds('DateGreaterThanEquals', '2026-01-01T00:00Z', '2026-01-01T00:00:00Z')).toBe(true)
  expect(holds('DateGreaterThan', 'yesterday', '2026-01-01T00:00:00Z')).toBe(false)
})

test('Bool compares true and false in any case', () => {
  expect(holds('Bool', 'true', 'true')).toBe(true)
  expect(holds('Bool', 'False', 'false')).toBe(true)
  expect(holds('Bool', 'true', 'false')).toBe(false)
  expect(holds('Bool', 'yes', 'yes')).toBe(false)
})

test('BinaryEquals compares the bytes behind base64', () => {
  expect(holds('BinaryEquals', 'QmluYXJ5VmFsdWVJbkJhc2U2NA==', 'QmluYXJ5VmFsdWVJbkJhc2U2NA==')).toBe(true)
  expect(holds('BinaryEquals', 'YQ==', 'YQ')).toBe(true)
  expect(holds('BinaryEquals', 'YQ==', 'Yg==')).toBe(false)
  expect(holds('BinaryEquals', 'not base64!', 'not base64!')).toBe(false)
})

test('IP operators take addresses and ranges of both families', () => {
  expect(holds('IpAddress', '203.0.113.0/24', '203.0.113.7')).toBe(true)
  expect(holds('IpAddress', '203.0.113.0/24', '203.0.114.7')).toBe(false)
  expect(holds('IpAddress', '203.0.113.7', '203.0.113.7')).toBe(true)
  expect(holds('IpAddress', '203.0.113.9/25', '203.0.113.1')).toBe(true)
  expect(holds('IpAddress', '0.0.0.0/0', '198.51.100.1')).toBe(true)
  expect(holds('IpAddress', '2001:DB8:1234:5678::/64', '2001:db8:1234:5678:1::1')).toBe(true)
  expect(holds('IpAddress', '2001:db8::/33', '2001:db8:8000::1')).toBe(false)
  expect(holds('IpAddress', '::/0', '203.0.113.7')).toBe(false)
  expect(holds('IpAddress', '::ffff:203.0.113.7', '::ffff:cb00:7107')).toBe(true)
  expect(holds('NotIpAddress', ['10.0.0.0/8', '203.0.113.0/24'], '203.0.113.7')).toBe(false)
  expect(holds('IpAddress', '203.0.113.*', '203.0.113.7')).toBe(false)
  expect(holds('IpAddress', '1::2::3', '1::2')).toBe(false)
})

test('ArnEquals behaves as ArnLike', () => {
  for (const operator of ['ArnEquals', 'ArnLike']) {
    expect(holds(operator, 'arn:aws:iam::*:role/*', 'arn:aws:iam::111122223333:role/team/r')).toBe(true)
    expect(holds(operator, 'arn:aws:iam::*:user/*', 'arn:aws:iam::111122223333:role/r')).toBe(false)
  }
  expect(holds('ArnNotEquals', 'arn:aws:iam::*:role/*', 'arn:aws:iam::111122223333:role/r')).toBe(false)
})

test('Null asks whether a key has a value', () => {
  expect(holds('Null', 'true')).toBe(true)
  expect(holds('Null', 'false')).toBe(false)
  expect(holds('Null', 'true', 'x')).toBe(false)
  expect(holds('Null', 'false', 'x')).toBe(true)
  expect(holds('Null', 'true', [])).toBe(true)
  expect(holds('Null', 'false', '')).toBe(false)
  expect(holds('Null', ['true', 'false'])).toBe(true)
})

test('ForAllValues wants every value of the request to match, and holds when there is none', () => {
  expect(holds('ForAllValues:StringEquals', ['a', 'b'], ['a', 'b'])).toBe(true)
  expect(holds('ForAllValues:StringEquals', ['a', 'b'], ['a', 'c'])).toBe(false)
  expect(holds('ForAllValues:StringEquals', 'a')).toBe(true)
  expect(holds('ForAllValues:StringEquals', 'a', [])).toBe(true)
  expect(holds('ForAllValues:StringEquals', 'a', '')).toBe(true)
  expect(holds('ForAllValues:StringNotEquals', ['a', 'b'], ['c', 'd'])).toBe(true)
  expect(holds('ForAllValues:StringNotEquals', ['a', 'b'], ['c', 'b'])).toBe(false)
})

test('ForAnyValue wants one value of the request to match, and fails when there is none', () => {
  expect(holds('ForAnyValue:StringEquals', ['a', 'b'], ['c', 'b'])).toBe(true)
  expect(holds('ForAnyValue:StringEquals', ['a', 'b'], ['c'])).toBe(false)
  expect(holds('ForAnyValue:StringEquals', 'a')).toBe(false)
  expect(holds('ForAnyValue:StringEquals', 'a', [])).toBe(false)
  expect(holds('ForAnyValue:StringEqualsIfExists', 'a')).toBe(true)
  expect(holds('ForAnyValue:StringNotEquals', 'a')).toBe(false)
  expect(holds('ForAnyValue:StringNotEquals', 'a', ['a', 'b'])).toBe(true)
  expect(holds('ForAnyValue:StringNotEquals', 'a', ['a'])).toBe(false)
  expect(holds('ForAnyValue:StringLike', 'o-a/r-b/*', ['o-a/r-b/ou-c/'])).toBe(true)
})

test('several values without a set prefix count as matching when one does', () => {
  expect(holds('StringEquals', 'a', ['a', 'b'])).toBe(true)
  expect(holds('StringNotEquals', 'a', ['a', 'b'])).toBe(false)
})

test('operators have exact names, and Null no IfExists', () => {
  for (const name of ['StringEqual', 'stringEquals', 'NullIfExists', 'ForSomeValues:StringEquals', '', 'toString']) {
    expect(isConditionOperator(name), name).toBe(false)
  }
  expect(isConditionOperator('ForAnyValue:ArnLikeIfExists')).toBe(true)
})

test('a negated operator is the opposite of its positive one wherever the key is present', () => {
  const pairs = [
    ['StringEquals', 'StringNotEquals'],
    ['StringLike', 'StringNotLike'],
    ['StringEqualsIgnoreCase', 'StringNotEqualsIgnoreCase'],
    ['NumericEquals', 'NumericNotEquals'],
    ['DateEquals', 'DateNotEquals'],
    ['IpAddress', 'NotIpAddress'],
    ['ArnLike', 'ArnNotLike'],
  ] as const
  const value = fc.constantFrom(
    'a',
    'A',
    'b*',
    '1',
    '1.0',
    '2',
    '2026-01-01',
    '10.0.0.1',
    '10.0.0.0/8',
    'arn:aws:s3:::b',
    '',
  )
  fc.assert(
    fc.property(
      fc.constantFrom(...pairs),
      fc.array(value, { minLength: 1, maxLength: 3 }),
      value,
      (pair, values, actual) => {
        expect(holds(pair[1], values, actual)).toBe(!holds(pair[0], values, actual))
      },
    ),
  )
})
