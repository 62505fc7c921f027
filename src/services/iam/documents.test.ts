/** Size limits and encoding of policy documents. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { checkInlineDocument, checkManagedDocument, encodeDocument, policyLength } from './documents.ts'

const allow = (action: string) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }] })

test('an encoded document has only unreserved characters and decodes to what it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const encoded = encodeDocument(text)
      expect(encoded).toMatch(/^[A-Za-z0-9\-._~%]*$/)
      expect(decodeURIComponent(encoded)).toBe(text)
    }),
  )
})

test('white space does not count towards the length', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(policyLength(` \n${text}\t`)).toBe(policyLength(text))
    }),
  )
})

test('a managed policy of more than 6144 characters is refused', () => {
  const padding = (length: number) => allow(`s3:${'a'.repeat(length)}`)
  const overhead = policyLength(padding(0))
  expect(() => checkManagedDocument(padding(6144 - overhead))).not.toThrow()
  expect(() => checkManagedDocument(padding(6145 - overhead))).toThrow('Cannot exceed quota for PolicySize: 6144')
})

test('the limit of inline policies is that of all of an entity together', () => {
  const half = allow(`s3:${'a'.repeat(1000)}`)
  const user = { kind: 'user', name: 'ada' } as const
  expect(() => checkInlineDocument(half, user, [])).not.toThrow()
  expect(() => checkInlineDocument(half, user, [half])).toThrow(
    'Maximum policy size of 2048 bytes exceeded for user ada',
  )
  expect(() => checkInlineDocument(half, { kind: 'role', name: 'r' }, [half])).not.toThrow()
})
