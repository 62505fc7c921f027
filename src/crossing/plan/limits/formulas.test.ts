/** Formulas against values that are known, and against the simulation where both must say the same. */
import * as fc from 'fast-check'
import { expect, it } from 'vitest'

import { Histogram } from '../../load/histogram.ts'
import { PRICES } from '../../load/prices.ts'
import type { LoadProfile } from '../../load/profile.ts'
import { costOf } from '../cost.ts'
import { coarsened, constantly, durationsOf, measuredDurations, shareOut } from '../simulation/durations.ts'
import { flow, most } from './fluid.ts'
import { arrivedBy, backlog, erlangB, firstEmpty, littlesLaw, rampMs } from './formulas.ts'
import { randomCount } from '../simulation/random-count.ts'
import { seededRandom } from '../../load/seeded-random.ts'
import { simulate } from '../simulation/simulate.ts'

const profile = (start: number, ...stages: LoadProfile['stages']): LoadProfile => ({
  executor: 'ramping-arrival-rate',
  start,
  stages,
  warmUpMs: 0,
})

it('are those of the books', () => {
  expect(littlesLaw(200, 120)).toBe(24)
  // From Erlang's tables.
  expect(erlangB(1, 1)).toBeCloseTo(0.5, 10)
  expect(erlangB(10, 5)).toBeCloseTo(0.0184, 4)
  expect(erlangB(100, 84.1)).toBeCloseTo(0.01, 3)
  expect(erlangB(0, 3)).toBe(1)
  expect(rampMs(4000, 1000, 10_000)).toBe(30_000)
  expect(rampMs(900, 1000, 10_000)).toBe(0)
})

it('know when a rate empties its bucket, and how much waits where too few are served', () => {
  const steady = profile(15, { durationMs: 10_000, target: 15 })
  // Ten tokens and ten more a second, against fifteen: five too many a second.
  expect(firstEmpty(arrivedBy(steady), { tokens: 10, perSecond: 10 }, 10_000)).toBeCloseTo(2000, -1)
  expect(firstEmpty(arrivedBy(steady), { tokens: 10, perSecond: 15 }, 10_000)).toBeUndefined()
  const { most: waiting, longestMs } = backlog(arrivedBy(steady), 10, steady)
  expect(waiting).toBeCloseTo(50, 5)
  expect(longestMs).toBeCloseTo(5000, 3)
})

it('let a load flow as the simulation has it, cold starts included', () => {
  const order = fc.record({
    start: fc.integer({ min: 0, max: 3000 }),
    target: fc.integer({ min: 1000, max: 5000 }),
    durationMs: fc.integer({ min: 50, max: 500 }),
    initMs: fc.integer({ min: 0, max: 500 }),
  })
  fc.assert(
    fc.property(order, ({ start, target, durationMs, initMs }) => {
      const load = profile(start, { durationMs: 5000, target }, { durationMs: 2000, target })
      const { running } = flow(arrivedBy(load), { warmMs: durationMs, coldMs: durationMs + initMs, ahead: 0 }, 7000)
      const fn = {
        scope: 'a',
        name: 'f',
        accountLimit: 1,
        unreserved: 1,
        environmentsPerInterval: 1,
        duration: constantly(durationMs),
        init: constantly(initMs),
      }
      const source = { fn: 0, version: '1', provisioned: 0, isSynchronous: true, weight: 1, eventAgeMs: 0 }
      const { peaks } = simulate({
        profile: load,
        spacing: 'even',
        seed: 1,
        functions: [fn],
        sources: [source],
        limits: 'ignored',
        thinkTimeMs: 0,
        answerMs: 0,
      })
      const peak = peaks[0]?.running ?? 0
      // A liquid has no whole environments: where few start, and long inits make them start again and again, it may be 14 of 80 off.
      expect(Math.abs(most(running) - peak)).toBeLessThanOrEqual(Math.max(0.06 * peak + 5, 16))
    }),
    { numRuns: 20 },
  )
})

it('keep the mean of what was measured, however coarse', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 5_000_000 }), { minLength: 1, maxLength: 400 }), (us) => {
      const histogram = new Histogram()
      for (const value of us) histogram.record(value / 1000)
      const durations = measuredDurations(histogram.toData())
      const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
      expect(mean(durations.values) / histogram.meanMs).toBeCloseTo(1, 1.8)
      expect(mean(coarsened(durations, 7).values)).toBeCloseTo(mean(durations.values), 6)
      expect([...durations.values].sort((a, b) => a - b)).toEqual(durations.values)
    }),
  )
})

it('share out everything, and draw what is left', () => {
  let total = 0
  shareOut(durationsOf([1, 2, 3, 4]), 11, seededRandom(1), (_ms, count) => {
    total += count
  })
  expect(total).toBe(11)
})

it.each([0.3, 7, 59, 400])('draw Poisson’s numbers: of mean %d, and as large a variance', (mean) => {
  const random = seededRandom(3)
  const counts = Array.from({ length: 4000 }, () => randomCount(mean, random))
  const average = counts.reduce((sum, count) => sum + count, 0) / counts.length
  const variance = counts.reduce((sum, count) => sum + (count - average) ** 2, 0) / counts.length
  expect(average / mean).toBeCloseTo(1, 0.9)
  expect(variance / mean).toBeCloseTo(1, 0.5)
})

it('cost what AWS’s own example costs: 3 million requests of 120 ms and 1,536 MB on x86', () => {
  const fn = { memoryMb: 1536, architecture: 'x86_64', coldStarts: 0, initMs: 0, provisioned: 0, provisionedBusyMs: 0 }
  const cost = costOf([{ ...fn, invocations: 3_000_000, busyMs: 3_000_000 * 120 }], 1000, PRICES)
  // 540,000 GB-s; AWS's page subtracts the free tier.
  expect(cost.requests).toBeCloseTo(0.6, 6)
  expect(cost.duration).toBeCloseTo(9, 2)
})

it('cost what AWS’s example of provisioned concurrency costs: 1,000 for two hours, 1.2 million invocations of a second and 1,024 MB', () => {
  const [memoryMb, busyMs] = [1024, 1_200_000 * 1000]
  const fn = { memoryMb, coldStarts: 0, initMs: 0, provisioned: 1000, invocations: 1_200_000, busyMs }
  const all = { ...fn, provisionedBusyMs: busyMs }
  const cost = costOf([{ ...all, architecture: 'x86_64' }], 2 * 3_600_000, PRICES)
  expect(cost.provisioned).toBeCloseTo(30, 2)
  expect(cost.requests).toBeCloseTo(0.24, 6)
  expect(cost.duration).toBeCloseTo(11.67, 2)
  // A fifth less, but for the requests.
  const arm = costOf([{ ...all, architecture: 'arm64' }], 2 * 3_600_000, PRICES)
  expect(arm.provisioned).toBeCloseTo(24, 2)
  expect(arm.duration).toBeCloseTo(9.33, 2)
  // What runs beyond what is provisioned costs what it costs without.
  const half = costOf([{ ...fn, provisionedBusyMs: busyMs / 2, architecture: 'x86_64' }], 2 * 3_600_000, PRICES)
  expect(half.duration).toBeCloseTo(11.67 / 2 + 10, 2)
})
