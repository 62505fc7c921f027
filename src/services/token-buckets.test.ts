/** What a bucket lets through: never more than it held and was given since. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { Clock } from '../core/clock.ts'
import { createTokenBuckets } from './token-buckets.ts'

function setUp() {
  let nowMs = 1_700_000_000_000
  const clock: Clock = { now: () => nowMs, after: () => ({ cancel: () => undefined }) }
  const pass = (ms: number) => {
    nowMs += ms
  }
  return { buckets: createTokenBuckets(clock), pass }
}

const RATE = { capacity: 3, refillPerSecond: 2 }

describe('a token bucket', () => {
  it('gives what it holds, and then one token for every half second', () => {
    const { buckets, pass } = setUp()
    const take = () => buckets.take('a', RATE)
    expect([take(), take(), take(), take()]).toEqual([true, true, true, false])
    pass(499)
    expect(take()).toBe(false)
    pass(1)
    expect([take(), take()]).toEqual([true, false])
  })

  it('is another one for another key', () => {
    const { buckets } = setUp()
    for (let i = 0; i < 4; i++) buckets.take('a', RATE)
    expect(buckets.take('b', RATE)).toBe(true)
  })

  it('never holds more than its capacity', () => {
    const { buckets, pass } = setUp()
    buckets.take('a', RATE)
    pass(3_600_000)
    expect([1, 2, 3, 4].map(() => buckets.take('a', RATE))).toEqual([true, true, true, false])
  })

  it('lets at most capacity and refill through, whenever the requests come', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2000 }), { maxLength: 200 }), (pauses) => {
        const { buckets, pass } = setUp()
        let passedMs = 0
        let taken = 0
        for (const pause of pauses) {
          pass(pause)
          passedMs += pause
          if (buckets.take('a', RATE)) taken++
        }
        expect(taken).toBeLessThanOrEqual(RATE.capacity + (passedMs / 1000) * RATE.refillPerSecond + 1e-6)
      }),
    )
  })
})
