/** Arrivals against the integral of the rate they come from. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { arrivals, pickByWeight } from './arrivals.ts'
import { durationOf, invocationsOf, levelAt, type LoadProfile, peakOf, wholeProfile } from './profile.ts'
import { seededRandom } from './seeded-random.ts'

const rate = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 300 }))
const stage = fc.record({ durationMs: fc.integer({ min: 0, max: 5000 }), target: rate })
const profile = fc.record({
  executor: fc.constant('ramping-arrival-rate' as const),
  start: rate,
  stages: fc.array(stage, { maxLength: 5 }),
  warmUpMs: fc.constantFrom(0, 700),
})

const never = (): number => {
  throw new Error('asked for randomness')
}

function constant(perSecond: number, durationMs: number): LoadProfile {
  const stages = [{ durationMs, target: perSecond }]
  return { executor: 'constant-arrival-rate', start: perSecond, stages, warmUpMs: 0 }
}

/** The rate's integral from the beginning to `atMs`, by trapezoids between the stages' ends. */
function offered(whole: Pick<LoadProfile, 'start' | 'stages'>, atMs: number): number {
  let [level, beginMs, sum] = [whole.start, 0, 0]
  for (const { durationMs, target } of whole.stages) {
    const untilMs = Math.min(atMs, beginMs + durationMs)
    if (untilMs > beginMs) {
      const end = level + ((target - level) * (untilMs - beginMs)) / durationMs
      sum += (((level + end) / 2) * (untilMs - beginMs)) / 1000
    }
    level = target
    beginMs += durationMs
  }
  return sum
}

describe('even arrivals', () => {
  it('come at every whole value of the integral, in order, within the profile', () => {
    fc.assert(
      fc.property(profile, (given) => {
        const whole = wholeProfile(given)
        const times = [...arrivals(given, 'even', never)]
        expect(times).toEqual(times.toSorted((a, b) => a - b))
        expect(times.at(-1) ?? 0).toBeLessThanOrEqual(durationOf(whole))
        expect(times.filter((time, index) => Math.abs(offered(whole, time) - index) > 0.001)).toEqual([])
        expect(Math.abs(times.length - invocationsOf(given))).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('of a constant rate are equally far apart', () => {
    expect([...arrivals(constant(4, 1000), 'even', never)]).toEqual([0, 250, 500, 750])
  })

  it('follow a jump at once', () => {
    const spike: LoadProfile = {
      executor: 'ramping-arrival-rate',
      start: 1,
      stages: [
        { durationMs: 1000, target: 1 },
        { durationMs: 0, target: 5 },
        { durationMs: 1000, target: 5 },
      ],
      warmUpMs: 0,
    }
    expect([...arrivals(spike, 'even', never)]).toEqual([0, 1000, 1200, 1400, 1600, 1800])
  })
})

describe('Poisson arrivals', () => {
  it('are the same for the same seed, and others for another', () => {
    const times = (seed: number) => [...arrivals(constant(50, 2000), 'poisson', seededRandom(seed))]
    expect(times(7)).toEqual(times(7))
    expect(times(7)).not.toEqual(times(8))
  })

  it('are as many as the rate says, with the variance of a Poisson process', () => {
    const counts = Array.from(
      { length: 400 },
      (_, seed) => [...arrivals(constant(100, 1000), 'poisson', seededRandom(seed * 7919 + 1))].length,
    )
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length
    const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / counts.length
    // Six standard errors of the mean, and of the variance.
    expect(Math.abs(mean - 100)).toBeLessThan(3)
    expect(Math.abs(variance - 100)).toBeLessThan(43)
  })
})

describe('a profile', () => {
  it('has its level on the line between the stages', () => {
    const ramp: LoadProfile = {
      executor: 'ramping-vus',
      start: 0,
      stages: [
        { durationMs: 10_000, target: 100 },
        { durationMs: 0, target: 10 },
        { durationMs: 10_000, target: 10 },
      ],
      warmUpMs: 0,
    }
    expect([0, 5000, 9999, 10_000, 15_000, 99_000].map((at) => Math.round(levelAt(ramp, at)))).toEqual([
      0, 50, 100, 10, 10, 10,
    ])
  })

  it('warms up at its starting level, or at a tenth of its peak', () => {
    fc.assert(
      fc.property(profile, (given) => {
        const level = levelAt(wholeProfile({ ...given, warmUpMs: 500 }), 100)
        expect(level).toBeCloseTo(given.start > 0 ? given.start : peakOf(given) / 10, 6)
      }),
    )
  })
})

it('crossings have their share by weight in every stretch of arrivals', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
      fc.nat({ max: 100_000 }),
      (weights, from) => {
        const counts = weights.map(() => 0)
        const length = 300
        for (let index = from; index < from + length; index++) {
          const picked = pickByWeight(index, weights)
          counts[picked] = (counts[picked] ?? 0) + 1
        }
        const total = weights.reduce((sum, weight) => sum + weight, 0)
        for (const [position, weight] of weights.entries()) {
          expect(Math.abs((counts[position] ?? 0) - (length * weight) / total)).toBeLessThanOrEqual(8)
        }
      },
    ),
  )
})
