/** How much room session policies and tags take. */
import { expect, test } from 'vitest'

import { packedSize } from './session-policies.ts'

const tags = (count: number, valueLength: number) =>
  Array.from({ length: count }, (_, i) => ({ Key: `T${i + 1}`, Value: 'a'.repeat(valueLength) }))

test('without policies and tags there is no packed size', () => {
  expect(packedSize({})).toBeUndefined()
})

test('tags that do not fit are refused with the percentage that AWS was seen to answer', () => {
  // https://github.com/aws-actions/configure-aws-credentials/issues/1898
  expect(() => packedSize({}, tags(9, 250))).toThrow('Packed size of session tags consumes 498% of allotted space.')
})

test('a policy and tags share the space', () => {
  const Policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
  const alone = packedSize({ Policy }) ?? 0
  const both = packedSize({ Policy }, tags(1, 10)) ?? 0
  expect(alone).toBeGreaterThan(0)
  expect(both).toBeGreaterThan(alone)
  expect(both).toBeLessThan(100)
})
