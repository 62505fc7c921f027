/** Ids carry their account, as those of AWS do. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { randomIds } from '../../core/ids.ts'
import { accessKeyId, accountOfId, uniqueId } from './unique-id.ts'

const accounts = fc.integer({ min: 0, max: 999_999_999_999 }).map((number) => String(number).padStart(12, '0'))

test('the account of any id can be read back from it', () => {
  fc.assert(
    fc.property(accounts, (account) => {
      expect(accountOfId(accessKeyId(randomIds, 'AKIA', account))).toBe(account)
      expect(accountOfId(uniqueId(randomIds, 'AROA', account))).toBe(account)
    }),
  )
})

test('ids have the lengths and alphabet of AWS', () => {
  expect(accessKeyId(randomIds, 'ASIA', '111122223333')).toMatch(/^ASIA[A-Z2-7]{16}$/)
  expect(uniqueId(randomIds, 'AIDA', '111122223333')).toMatch(/^AIDA[A-Z2-7]{17}$/)
})

test('a key id published by AWS in its documentation carries no account, one of the newer form does', () => {
  expect(accountOfId('AKIAIOSFODNN7EXAMPLE')).toBeUndefined()
  // https://medium.com/@TalBeerySec/a-short-note-on-aws-key-id-f88cc4317489
  expect(accountOfId('ASIAQNZGKIQY56JQ7WML')).toBe('029608264753')
})

test('text that is no id carries no account', () => {
  fc.assert(fc.property(fc.string({ maxLength: 11 }), (text) => accountOfId(text) === undefined))
})
