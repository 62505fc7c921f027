/** The intended starts of an open profile's invocations. Pure: every worker computes the same ones and takes its share. */
import { type LoadProfile, wholeProfile } from './profile.ts'

/** `even`: as far apart as the rate says. `poisson`: as callers who know nothing of each other arrive, bursts included. */
export type Spacing = 'even' | 'poisson'

/**
 * Milliseconds from the beginning of the whole profile, in order. The k-th arrival is where the rate's integral reaches k, or the sum of k
 * exponential gaps of mean one; `random` is asked only for the latter.
 */
export function* arrivals(profile: LoadProfile, spacing: Spacing, random: () => number): Generator<number> {
  const nextGap = spacing === 'even' ? () => 1 : () => -Math.log(1 - random())
  const { start, stages } = wholeProfile(profile)
  /** Of the integral: where the next arrival is, and where the stage begins. */
  let wanted = spacing === 'even' ? 0 : nextGap()
  let passed = 0
  let level = start
  let beginMs = 0
  for (const { durationMs, target } of stages) {
    const area = (((level + target) / 2) * durationMs) / 1000
    while (wanted < passed + area) {
      yield beginMs + timeToReach(wanted - passed, { from: level, to: target, durationMs })
      wanted += nextGap()
    }
    passed += area
    level = target
    beginMs += durationMs
  }
}

/** When the area under a line of rates is `area`. In this form the root of the quadratic loses no digits, and a level rate is no special case. */
function timeToReach(
  area: number,
  { from, to, durationMs }: { readonly from: number; readonly to: number; readonly durationMs: number },
): number {
  if (area <= 0) return 0
  const slope = (to - from) / (durationMs / 1000)
  const root = Math.sqrt(Math.max(0, from * from + 2 * area * slope))
  return ((2 * area) / (from + root)) * 1000
}

/** What no other part of the numbers 0, 1, 2 … is spread more evenly by: the golden ratio's fraction. */
const GOLDEN = 0.618_033_988_749_894_9

/** Which of several, by weight, the n-th arrival is for: every stretch of arrivals has them in proportion, and every worker agrees. */
export function pickByWeight(index: number, weights: readonly number[]): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let rest = ((index * GOLDEN) % 1) * total
  for (const [position, weight] of weights.entries()) {
    if (rest < weight) return position
    rest -= weight
  }
  return weights.length - 1
}
