/** What a run costs on AWS, by hand. */
import { expect, it } from 'vitest'

import type { InvocationType } from '../crossing.ts'
import { estimateRun } from './estimate.ts'
import { PRICES } from './prices.ts'
import type { LoadProfile } from './profile.ts'

const PROFILE: LoadProfile = {
  executor: 'constant-arrival-rate',
  start: 100,
  stages: [{ durationMs: 60_000, target: 100 }],
  warmUpMs: 10_000,
}
const callee = (memoryMb: number, timeoutMs: number, architecture = 'x86_64') => ({
  weight: 1,
  type: 'RequestResponse' as InvocationType,
  callee: { memoryMb, timeoutMs, architecture },
})
const plan = { prices: PRICES, thinkTimeMs: 0 }
const LOGS = (500 / 2 ** 30) * 0.5

it('counts the warm-up, the memory and the log', () => {
  const { invocations, usualCost, mostCost, isGuess } = estimateRun(PROFILE, [callee(1024, 3000)], plan)
  expect({ invocations, isGuess }).toEqual({ invocations: 7000, isGuess: false })
  expect(usualCost).toBeCloseTo(7000 * (0.2e-6 + 0.1 * 0.0000166667 + LOGS), 9)
  expect(mostCost).toBeCloseTo(7000 * (0.2e-6 + 3 * 0.0000166667 + LOGS), 9)
})

it('is at most three attempts at an event', () => {
  const event = { ...callee(1024, 3000), type: 'Event' as const }
  const { usualCost, mostCost } = estimateRun(PROFILE, [event], plan)
  expect(usualCost).toBeCloseTo(7000 * (0.2e-6 + 0.1 * 0.0000166667 + LOGS), 9)
  expect(mostCost).toBeCloseTo(7000 * 3 * (0.2e-6 + 3 * 0.0000166667 + LOGS), 9)
})

it('is less on arm64, and by the weights of several callees', () => {
  const cost = (...callees: ReturnType<typeof callee>[]) => estimateRun(PROFILE, callees, plan).mostCost
  const [x86, arm] = [cost(callee(512, 1000)), cost(callee(512, 1000, 'arm64'))]
  expect(arm).toBeLessThan(x86)
  expect(cost(callee(512, 1000), callee(512, 1000, 'arm64'))).toBeCloseTo((x86 + arm) / 2, 9)
})

it('can only guess what virtual users do', () => {
  const users: LoadProfile = {
    executor: 'constant-vus',
    start: 10,
    stages: [{ durationMs: 10_000, target: 10 }],
    warmUpMs: 0,
  }
  expect(estimateRun(users, [callee(128, 3000)], plan)).toMatchObject({ invocations: 1000, isGuess: true })
})
