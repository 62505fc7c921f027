/** The lineage that a trace header carries. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { invocationsBefore, withInvocation } from './lineage.ts'

const ROOT = 'Root=1-65a00000-000000000000000000000000;Parent=0000000000000000;Sampled=0'
const arn = (name: string) => `arn:aws:lambda:us-east-1:111122223333:function:${name}`

test('a chain counts how often each function was invoked', () => {
  const once = withInvocation(ROOT, arn('a'))
  expect(once).toMatch(/^Root=.*;Sampled=0;Lineage=1:[0-9a-f]{8}:0$/)
  expect(invocationsBefore(ROOT, arn('a'))).toBe(0)
  expect(invocationsBefore(once, arn('a'))).toBe(1)
  const twice = withInvocation(withInvocation(once, arn('b')), arn('a'))
  expect(invocationsBefore(twice, arn('a'))).toBe(2)
  expect(invocationsBefore(twice, arn('b'))).toBe(1)
  expect(invocationsBefore(twice, arn('c'))).toBe(0)
})

test('what is no lineage counts nothing', () => {
  for (const text of ['x', '1:zz:1', 'a:b:c', '|||', '1:aaaaaaaa:99999999999']) {
    expect(invocationsBefore(`${ROOT};Lineage=${text}`, arn('a'))).toBe(0)
  }
})

test('the count of a function is the number of its invocations, whatever is between them', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', 'b', 'c', 'd')), (chain) => {
      const header = chain.reduce((traceId, name) => withInvocation(traceId, arn(name)), ROOT)
      for (const name of ['a', 'b', 'c', 'd']) {
        expect(invocationsBefore(header, arn(name))).toBe(chain.filter((other) => other === name).length)
      }
    }),
  )
})
