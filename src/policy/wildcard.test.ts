/** Every matcher against the obvious recursive one, over an alphabet so small that patterns and texts meet. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  ANY_ONE,
  ANY_RUN,
  createMatcher,
  ONE_WITHIN_SEGMENT,
  RUN_WITHIN_SEGMENT,
  wildcardTokens,
  type Token,
} from './wildcard.ts'

function matchesObviously(tokens: readonly Token[], text: string): boolean {
  const [token, ...rest] = tokens
  if (token === undefined) return text === ''
  if (typeof token === 'string') return text.startsWith(token) && matchesObviously(rest, text.slice(token.length))
  const takesNext = text !== '' && (token === ANY_RUN || token === ANY_ONE || !text.startsWith(':'))
  const isRun = token === ANY_RUN || token === RUN_WITHIN_SEGMENT
  if (isRun && matchesObviously(rest, text)) return true
  return takesNext && matchesObviously(isRun ? tokens : rest, text.slice(1))
}

const text = fc.string({ unit: fc.constantFrom('a', 'b', ':'), maxLength: 9 })
const plain = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'b', ':'), maxLength: 2 }),
  fc.constantFrom<Token>(ANY_RUN, ANY_ONE),
)
const restricted = fc.oneof(plain, fc.constantFrom<Token>(RUN_WITHIN_SEGMENT, ONE_WITHIN_SEGMENT))

test('a pattern of runs and single characters matches as the obvious matcher does', () => {
  fc.assert(
    fc.property(fc.array(plain, { maxLength: 6 }), text, (tokens, value) => {
      expect(createMatcher(tokens)(value)).toBe(matchesObviously(tokens, value))
    }),
    { numRuns: 3000 },
  )
})

test('a pattern whose wildcards stay within a segment matches as the obvious matcher does', () => {
  fc.assert(
    fc.property(fc.array(restricted, { maxLength: 6 }), text, (tokens, value) => {
      expect(createMatcher(tokens)(value)).toBe(matchesObviously(tokens, value))
    }),
    { numRuns: 3000 },
  )
})

test('a pattern written with * and ? splits into its literals and wildcards', () => {
  expect(wildcardTokens('a*b?')).toEqual(['a', ANY_RUN, 'b', ANY_ONE])
  expect(wildcardTokens('')).toEqual([])
})

test('a pattern of many stars takes no longer for text that almost matches', () => {
  const almost = 'a'.repeat(2000)
  const started = process.cpuUsage()
  expect(createMatcher(wildcardTokens('*a'.repeat(30) + '*b'))(almost)).toBe(false)
  expect(createMatcher(wildcardTokens('*a'.repeat(30) + '?*b'))(almost)).toBe(false)
  expect(process.cpuUsage(started).user / 1000).toBeLessThan(2500)
})
