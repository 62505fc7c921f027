/** Resource patterns and ARN conditions, which treat the segments of an ARN differently. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileArnCondition, compileResourcePattern } from './arn-pattern.ts'

const nothing = new Map<string, string>()
const FUNCTION = 'arn:aws:lambda:us-east-1:111122223333:function:orders:prod'

function resource(pattern: string, arn: string): boolean {
  return compileResourcePattern(pattern, true).matches(arn, nothing)
}

function condition(pattern: string, arn: string): boolean {
  return compileArnCondition(pattern, true)(arn, nothing)
}

test('the last segment of a resource is matched across colons and slashes', () => {
  expect(resource('arn:aws:lambda:us-east-1:111122223333:function:*', FUNCTION)).toBe(true)
  expect(resource('arn:aws:lambda:us-east-1:111122223333:function:or*od', FUNCTION)).toBe(true)
  expect(resource('arn:aws:s3:::bucket/*/c', 'arn:aws:s3:::bucket/a/b/c')).toBe(true)
})

test('a star that ends its segment may run past the colon, one in the middle may not', () => {
  expect(resource('arn:aws:lambda:*:function:orders:prod', FUNCTION)).toBe(true)
  expect(resource('arn:aws:lambda:us-*:orders:prod', FUNCTION)).toBe(true)
  expect(resource('arn:aws:lambda:us-*3:function:orders:prod', FUNCTION)).toBe(false)
  expect(resource('arn:aws:lambda:us-*-1:111122223333:function:orders*', FUNCTION)).toBe(true)
})

test('a question mark before the fifth colon is no colon', () => {
  expect(resource('arn:aws:lambda:us-east-?:111122223333:function:orders:prod', FUNCTION)).toBe(true)
  expect(resource('arn:aws:lambda?us-east-1:111122223333:function:orders:prod', FUNCTION)).toBe(false)
  expect(resource('arn:aws:lambda:us-east-1:111122223333:function:orders?prod', FUNCTION)).toBe(true)
})

test('an incomplete ARN is completed with stars', () => {
  expect(resource('arn:aws:lambda', FUNCTION)).toBe(true)
  expect(resource('arn:aws:lambda:us-east-1', FUNCTION)).toBe(true)
  expect(resource('arn:aws:lambda:eu-west-1', FUNCTION)).toBe(false)
  expect(resource('arn:aws:sqs', FUNCTION)).toBe(false)
})

test('resources are case-sensitive and * alone is everything', () => {
  expect(resource('arn:aws:lambda:us-east-1:111122223333:function:ORDERS:prod', FUNCTION)).toBe(false)
  expect(resource('*', '*')).toBe(true)
  expect(resource(FUNCTION, '*')).toBe(false)
})

test('a variable before the fifth colon is not replaced, and the pattern says so', () => {
  const pattern = compileResourcePattern('arn:aws:lambda:us-east-1:${aws:PrincipalAccount}:function:*', true)
  const context = new Map([['aws:principalaccount', '111122223333']])
  expect(pattern.matches(FUNCTION, context)).toBe(false)
  expect(pattern.note).toContain('before the fifth colon')
})

test('a pattern that is the ARN itself matches it and no other', () => {
  const segment = fc.string({ unit: fc.constantFrom('a', 'b', '-'), maxLength: 4 })
  const arn = fc.array(segment, { minLength: 5, maxLength: 7 }).map((segments) => ['arn', ...segments].join(':'))
  fc.assert(
    fc.property(arn, arn, (pattern, other) => {
      expect(resource(pattern, pattern)).toBe(true)
      expect(condition(pattern, pattern)).toBe(true)
      expect(resource(pattern, other)).toBe(pattern === other)
      expect(condition(pattern, other)).toBe(pattern === other)
    }),
  )
})

test('an ARN condition compares each of the six components by itself', () => {
  expect(condition('arn:aws:lambda:*:*:function:orders:*', FUNCTION)).toBe(true)
  expect(condition('arn:aws:lambda:*:function:orders:prod', FUNCTION)).toBe(false)
  expect(condition('arn:aws:lambda:*:*:*', FUNCTION)).toBe(true)
  expect(condition('arn:aws:*:us-east-1:111122223333:function:orders:????', FUNCTION)).toBe(true)
})

test('an ARN condition on text that is no ARN holds for the pattern * only', () => {
  expect(condition('*', 'anything')).toBe(true)
  expect(condition('arn:aws:lambda:*:*:*', 'arn:aws:lambda')).toBe(false)
  expect(condition('arn:aws:lambda*', FUNCTION)).toBe(false)
})
