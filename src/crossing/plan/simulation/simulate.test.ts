/**
 * The simulator against what it must agree with: the emulator's own code asked event by event, the formulas of queueing theory, itself with
 * the same seed, and itself where arrivals are taken in slices.
 */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { createAdmission, type AdmissionLimit, type Ticket } from '../../../core/lambda-admission.ts'
import { arrivals } from '../../load/arrivals.ts'
import type { LoadProfile, Stage } from '../../load/profile.ts'
import { seededRandom } from '../../load/seeded-random.ts'
import { constantly, durationsOf } from './durations.ts'
import { erlangB } from '../limits/formulas.ts'
import { simulate } from './simulate.ts'
import type { SimulatedFunction, Simulation, SimulationOrder, Source } from './simulation.ts'

const FUNCTION: SimulatedFunction = {
  scope: 'a/us-east-1',
  name: 'f',
  accountLimit: 1000,
  unreserved: 1000,
  environmentsPerInterval: 1000,
  duration: constantly(100),
  init: constantly(0),
}
const SOURCE: Source = {
  fn: 0,
  version: '1',
  provisioned: 0,
  isSynchronous: true,
  weight: 1,
  eventAgeMs: 21_600_000,
}

function ramping(start: number, ...stages: readonly Stage[]): LoadProfile {
  return { executor: 'ramping-arrival-rate', start, stages, warmUpMs: 0 }
}

const constant = (rate: number, durationMs: number) => ramping(rate, { durationMs, target: rate })

function order(profile: LoadProfile, more: Partial<SimulationOrder> = {}): SimulationOrder {
  return {
    profile,
    spacing: 'even',
    seed: 1,
    functions: [FUNCTION],
    sources: [SOURCE],
    limits: 'apply',
    thinkTimeMs: 0,
    answerMs: 0,
    ...more,
  }
}

const LIMITS = ['reserved', 'account', 'rate', 'scaling'] as const

function throttles({ seconds }: Simulation): Record<AdmissionLimit, number> {
  const total = { reserved: 0, account: 0, rate: 0, scaling: 0 }
  for (const { throttled } of seconds) for (const limit of LIMITS) total[limit] += throttled[limit]
  return total
}

const served = ({ totals }: Simulation) => totals.reduce((sum, { invocations }) => sum + invocations, 0)

/** Limits so small that each of them binds now and then. */
const smallFunction = fc.record({
  reserved: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
  unreserved: fc.integer({ min: 1, max: 20 }),
  environmentsPerInterval: fc.integer({ min: 1, max: 15 }),
  accountLimit: fc.integer({ min: 3, max: 20 }),
  durationMs: fc.integer({ min: 3, max: 800 }),
  initMs: fc.integer({ min: 0, max: 500 }),
  provisioned: fc.integer({ min: 0, max: 3 }),
})
type SmallFunction = typeof smallFunction extends fc.Arbitrary<infer Value> ? Value : never

function simulated(small: SmallFunction): SimulatedFunction {
  const { durationMs, initMs, reserved, accountLimit, unreserved, environmentsPerInterval } = small
  return {
    ...FUNCTION,
    accountLimit,
    unreserved,
    environmentsPerInterval,
    ...(reserved !== undefined && { reserved }),
    duration: constantly(durationMs),
    init: constantly(initMs),
  }
}

const profiles = fc
  .array(fc.record({ durationMs: fc.integer({ min: 0, max: 4000 }), target: fc.integer({ min: 0, max: 90 }) }), {
    minLength: 1,
    maxLength: 3,
  })
  .map((stages) => ramping(20, ...stages))

describe('event by event', () => {
  it('is what the emulator’s admission answers to the same arrivals', () => {
    fc.assert(
      fc.property(
        smallFunction,
        profiles,
        fc.constantFrom('even' as const, 'poisson' as const),
        (small, profile, spacing) => {
          const [only] = [simulated(small)]
          const sources = [{ ...SOURCE, provisioned: small.provisioned }]
          const result = simulate(order(profile, { functions: [only], sources, spacing }))
          const admission = createAdmission()
          const inside: { ticket: Ticket; untilMs: number }[] = []
          const expected = { served: 0, cold: 0, throttled: { reserved: 0, account: 0, rate: 0, scaling: 0 } }
          for (const atMs of arrivals(profile, spacing, seededRandom(1))) {
            inside.sort((a, b) => a.untilMs - b.untilMs)
            while (inside[0] && inside[0].untilMs <= atMs) {
              const { ticket, untilMs } = inside.shift() ?? { untilMs: 0 }
              if (ticket) admission.leave(ticket, untilMs)
            }
            const arrival = {
              scope: only.scope,
              functionName: only.name,
              version: '1',
              isSynchronous: true,
              accountLimit: only.accountLimit,
              reserved: only.reserved,
              provisioned: small.provisioned,
              unreserved: { floor: only.unreserved, count: () => only.unreserved },
              environmentsPerInterval: only.environmentsPerInterval,
            }
            const { admitted, refused } = admission.arriveMany(arrival, 1, atMs)
            if (refused) expected.throttled[refused.limit]++
            for (const { ticket, startsEnvironment } of admitted) {
              expected.served++
              if (startsEnvironment) expected.cold++
              inside.push({ ticket, untilMs: atMs + small.durationMs + (startsEnvironment ? small.initMs : 0) })
            }
          }
          const [total] = result.totals
          expect({ served: total?.invocations, cold: total?.coldStarts, throttled: throttles(result) }).toEqual(
            expected,
          )
        },
      ),
      { numRuns: 150 },
    )
  })

  it('meets each limit, were it the only one, when the unlimited simulation says', () => {
    fc.assert(
      fc.property(smallFunction, profiles, fc.constantFrom(...LIMITS), (small, profile, limit) => {
        const whole = simulated({ ...small, provisioned: 0 })
        const demand = simulate(order(profile, { functions: [whole], limits: 'ignored' }))
        const far = 1e9
        const { reserved: _, ...rest } = whole
        const alone: SimulatedFunction =
          limit === 'reserved'
            ? {
                ...rest,
                ...(whole.reserved !== undefined && { reserved: whole.reserved }),
                environmentsPerInterval: far,
              }
            : {
                ...rest,
                accountLimit: limit === 'rate' ? whole.accountLimit : far,
                unreserved: limit === 'account' ? whole.unreserved : far,
                environmentsPerInterval: limit === 'scaling' ? whole.environmentsPerInterval : far,
              }
        // A reservation is a limit of the rate, too, and takes the place of the others.
        fc.pre(limit === 'reserved' ? whole.reserved !== undefined : whole.reserved === undefined)
        const first = (simulation: Simulation) => simulation.firstMet.find((met) => met.limit === limit)?.atMs
        const met = simulate(order(profile, { functions: [alone] }))
        const rateFirst = met.firstMet.find((one) => one.limit === 'rate')?.atMs ?? far
        if (limit === 'reserved' && rateFirst < (first(demand) ?? far)) return
        expect(first(met)).toBe(first(demand))
      }),
      { numRuns: 150 },
    )
  })

  it('loses no asynchronous event', () => {
    fc.assert(
      fc.property(smallFunction, profiles, fc.integer({ min: 1, max: 90 }), (small, profile, ageSeconds) => {
        const sources = [{ ...SOURCE, isSynchronous: false, eventAgeMs: ageSeconds * 1000 }]
        const result = simulate(order(profile, { functions: [simulated(small)], sources }))
        const sum = (of: (second: Simulation['seconds'][number]) => number) =>
          result.seconds.reduce((total, second) => total + of(second), 0)
        expect(sum((one) => one.served) + sum((one) => one.expired)).toBe(sum((one) => one.arrived))
        expect(Math.max(0, ...result.seconds.map(({ ageMaxMs }) => ageMaxMs))).toBeLessThanOrEqual(
          ageSeconds * 1000 + 1e-6,
        )
      }),
      { numRuns: 60 },
    )
  })

  it('works a burst of events off as fast as the reservation allows, and is refused once each and once a second', () => {
    const burst = fc.record({
      count: fc.integer({ min: 2, max: 400 }),
      reserved: fc.integer({ min: 1, max: 12 }),
      durationMs: fc.integer({ min: 20, max: 5000 }),
      initMs: fc.integer({ min: 0, max: 500 }),
      singlyMax: fc.constantFrom(1e9, 0),
    })
    fc.assert(
      fc.property(burst, ({ count, reserved, durationMs, initMs, singlyMax }) => {
        const functions = [{ ...FUNCTION, reserved, duration: constantly(durationMs), init: constantly(initMs) }]
        const sources = [{ ...SOURCE, isSynchronous: false }]
        const result = simulate(order(constant(count, 1000), { functions, sources, singlyMax }))
        expect(served(result)).toBe(count)
        // The last comes within a second; slices round each duration.
        const rounds = Math.ceil(count / reserved)
        expect(result.endMs).toBeLessThanOrEqual(1000 + rounds * (durationMs + 2 * result.sliceMs) + initMs + 1)
        expect(throttles(result).reserved).toBeLessThanOrEqual(count + result.endMs / 1000)
      }),
      { numRuns: 60 },
    )
  })

  it('is the same for the same seed, and another for another', () => {
    const random = (seed: number) =>
      simulate(
        order(constant(300, 4000), { spacing: 'poisson', seed, functions: [{ ...FUNCTION, duration: EXPONENTIAL }] }),
      )
    expect(random(7)).toEqual(random(7))
    expect(random(7).totals).not.toEqual(random(8).totals)
  })
})

/** Of mean 100 ms: the middles of its hundredths, brought to the mean. */
const EXPONENTIAL = (() => {
  const values = Array.from({ length: 100 }, (_, index) => -Math.log(1 - (index + 0.5) / 100))
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return durationsOf(values.map((value) => (value / mean) * 100))
})()

describe('queueing theory', () => {
  it.each([
    ['constant', constantly(100)],
    ['exponential', EXPONENTIAL],
  ])('Erlang’s loss formula: random arrivals at a reservation, durations %s', (_name, duration) => {
    for (const [places, rate] of [
      [10, 80],
      [20, 250],
      [50, 450],
    ] as const) {
      // A reservation's rate is ten times its places a second, and below it here but for the overloaded one.
      const functions = [{ ...FUNCTION, reserved: places, duration }]
      const sources = [{ ...SOURCE, isSynchronous: false, eventAgeMs: 1 }]
      const result = simulate(order(constant(rate, 200_000), { functions, sources, spacing: 'poisson' }))
      const { arrived, firstRefused } = firstTries(result)
      expect(firstRefused / arrived).toBeCloseTo(erlangB(places, rate / 10), 1.5)
    }
  })

  it('M/D/∞: as many are inside as Little’s law says, and the peak is that of a Poisson distribution', () => {
    const rate = 500
    const result = simulate(order(constant(rate, 60_000), { spacing: 'poisson', limits: 'ignored' }))
    const mean = (result.totals[0]?.busyMs ?? 0) / 60_000
    expect(mean).toBeGreaterThan(rate * 0.1 * 0.97)
    expect(mean).toBeLessThan(rate * 0.1 * 1.03)
    const peak = result.peaks[0]?.running ?? 0
    expect(peak).toBeGreaterThan(50 + 2.5 * Math.sqrt(50))
    expect(peak).toBeLessThan(50 + 6.5 * Math.sqrt(50))
  })

  it('a closed load is as fast as its users and their answers let it be', () => {
    const profile: LoadProfile = {
      executor: 'constant-vus',
      start: 20,
      stages: [{ durationMs: 30_000, target: 20 }],
      warmUpMs: 0,
    }
    const result = simulate(order(profile, { thinkTimeMs: 300, answerMs: 0 }))
    expect(result.peaks[0]?.running).toBe(20)
    expect(served(result)).toBeGreaterThan(20 * (30_000 / 400) * 0.98)
    expect(served(result)).toBeLessThan(20 * (30_000 / 400) * 1.02)
  })
})

/** Events that are a millisecond old at most: whoever is refused once is given up. */
function firstTries({ seconds }: Simulation): { readonly arrived: number; readonly firstRefused: number } {
  const sum = (of: (second: Simulation['seconds'][number]) => number) =>
    seconds.reduce((total, one) => total + of(one), 0)
  return { arrived: sum(({ arrived }) => arrived), firstRefused: sum(({ expired }) => expired) }
}

describe('in slices', () => {
  it('differs from event by event by 2 % of what is served, 3 % of the concurrency, and 50 ms', () => {
    const random = fc.record({
      rate: fc.integer({ min: 500, max: 4000 }),
      durationMs: fc.integer({ min: 5, max: 400 }),
      initMs: fc.integer({ min: 0, max: 400 }),
      unreserved: fc.integer({ min: 20, max: 600 }),
      isSynchronous: fc.boolean(),
      limits: fc.constantFrom('apply' as const, 'ignored' as const),
    })
    fc.assert(
      fc.property(random, ({ rate, durationMs, initMs, unreserved, isSynchronous, limits }) => {
        const functions = [{ ...FUNCTION, unreserved, duration: constantly(durationMs), init: constantly(initMs) }]
        const sources = [{ ...SOURCE, isSynchronous }]
        const run = (singlyMax: number) =>
          simulate(order(constant(rate, 4000), { functions, sources, limits, singlyMax }))
        const [single, sliced] = [run(1e9), run(0)]
        expect([single.sliceMs, sliced.sliceMs > 0]).toEqual([0, true])
        // Where all places are taken, each waits for the next arrival when it is free: one of so many, and slices know no such wait.
        const offered = (rate * durationMs) / 1000
        const apart = limits === 'apply' && offered >= unreserved ? Math.max(0.02, 1 / offered) : 0.02
        expect(Math.abs(served(sliced) - served(single))).toBeLessThanOrEqual(apart * served(single) + 5)
        const peaks = [single, sliced].map(({ peaks: [peak] }) => peak?.running ?? 0)
        expect(Math.abs((peaks[0] ?? 0) - (peaks[1] ?? 0))).toBeLessThanOrEqual(0.03 * (peaks[0] ?? 0) + 5)
        for (const { limit, atMs } of single.firstMet) {
          // What is met at the very end of a load may just not be.
          if (atMs > 3900) continue
          const other = sliced.firstMet.find((met) => met.limit === limit)
          expect(Math.abs((other?.atMs ?? Number.NaN) - atMs)).toBeLessThanOrEqual(50)
        }
      }),
      { numRuns: 25 },
    )
  })

  it('takes a million requests a second for a minute', () => {
    const functions = [{ ...FUNCTION, accountLimit: 200_000, unreserved: 150_000, init: constantly(300) }]
    const result = simulate(order(constant(1_000_000, 60_000), { functions, spacing: 'poisson' }))
    const arrived = result.seconds.reduce((sum, one) => sum + one.arrived, 0)
    expect(arrived).toBeGreaterThan(59_900_000)
    expect(served(result) + throttles(result).rate + throttles(result).scaling + throttles(result).account).toBe(
      arrived,
    )
    // A thousand at once, and a thousand in each ten seconds after it.
    expect(result.peaks[0]?.running).toBe(6999)
  })
})
