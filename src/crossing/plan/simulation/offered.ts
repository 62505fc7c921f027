/** The arrivals of an open profile in groups: each by itself at its very moment, or, where they are too many, those of a slice of time together. */
import { arrivals, type Spacing } from '../../load/arrivals.ts'
import { wholeProfile, type LoadProfile } from '../../load/profile.ts'
import { randomCount } from './random-count.ts'

export interface Group {
  readonly atMs: number
  readonly count: number
}

/** The very arrivals that a load test of the same seed sends. */
export function* singly(profile: LoadProfile, spacing: Spacing, random: () => number): Generator<Group> {
  for (const atMs of arrivals(profile, spacing, random)) yield { atMs, count: 1 }
}

/** Those of each slice at its beginning. */
export function* inSlices(
  profile: LoadProfile,
  spacing: Spacing,
  { sliceMs, random }: { readonly sliceMs: number; readonly random: () => number },
): Generator<Group> {
  const { start, stages } = wholeProfile(profile)
  /** The sum of all rates until here, and how many came of it. */
  let expected = 0
  let sent = 0
  let slice = 0
  let level = start
  let beginMs = 0
  for (const { durationMs, target } of stages) {
    const endMs = beginMs + durationMs
    const levelIn = (atMs: number) => level + ((target - level) * (atMs - beginMs)) / durationMs
    for (let fromMs = beginMs; fromMs < endMs;) {
      // A slice may begin in the stage before and end in the one after.
      const toMs = Math.min(endMs, (slice + 1) * sliceMs)
      const area = (((levelIn(fromMs) + levelIn(toMs)) / 2) * (toMs - fromMs)) / 1000
      expected += area
      const count = spacing === 'even' ? Math.ceil(expected - EVEN_SLACK) - sent : randomCount(area, random)
      sent += count
      if (count > 0) yield { atMs: slice * sliceMs, count }
      if (toMs >= (slice + 1) * sliceMs) slice++
      fromMs = toMs
    }
    level = target
    beginMs = endMs
  }
}

/** The first arrival is at the very beginning, so there are as many as begun units; sums of many slices are not exact. */
const EVEN_SLACK = 1e-6
