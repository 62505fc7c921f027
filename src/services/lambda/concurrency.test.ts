/** Whatever comes and goes: a reservation is never exceeded, nor is the account's limit, and everything that leaves makes room again. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { createConcurrency, type Admission } from './concurrency.ts'

const ACCOUNT_MAX = 10
const UNRESERVED_MIN = 3

function admission(functionName: string, reserved: number | undefined, reservedInAll: number): Admission {
  return { scope: 'a/us-east-1', functionName, reserved, unreservedMax: () => ACCOUNT_MAX - reservedInAll }
}

test('no sequence of arrivals and departures exceeds a limit', () => {
  const step = fc.record({ fn: fc.constantFrom('reserved', 'stopped', 'free', 'other'), leaves: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const concurrency = createConcurrency(UNRESERVED_MIN)
      const limits: Readonly<Record<string, number | undefined>> = { reserved: 4, stopped: 0 }
      const inside: Record<string, number> = { reserved: 0, stopped: 0, free: 0, other: 0 }
      for (const { fn, leaves } of steps) {
        const invocation = admission(fn, limits[fn], 4)
        const count = inside[fn] ?? 0
        if (leaves) {
          if (count === 0) continue
          concurrency.leave(invocation)
          inside[fn] = count - 1
          continue
        }
        const unreserved = (inside['free'] ?? 0) + (inside['other'] ?? 0)
        const reserved = limits[fn]
        const isFull = reserved === undefined ? unreserved >= ACCOUNT_MAX - 4 : count >= reserved
        const reason = concurrency.enter(invocation)
        expect(reason !== undefined).toBe(isFull)
        if (reason === undefined) inside[fn] = count + 1
      }
    }),
  )
})

test('a throttled invocation is told which limit it met', () => {
  const concurrency = createConcurrency(0)
  expect(concurrency.enter(admission('stopped', 0, 0))).toBe('ReservedFunctionConcurrentInvocationLimitExceeded')
  expect(concurrency.enter(admission('free', undefined, ACCOUNT_MAX))).toBe('ConcurrentInvocationLimitExceeded')
})

test('Regions and accounts do not share a limit', () => {
  const concurrency = createConcurrency(0)
  const one: Admission = { ...admission('f', undefined, ACCOUNT_MAX - 1) }
  expect(concurrency.enter(one)).toBeUndefined()
  expect(concurrency.enter(one)).toBe('ConcurrentInvocationLimitExceeded')
  expect(concurrency.enter({ ...one, scope: 'b/us-east-1' })).toBeUndefined()
})
