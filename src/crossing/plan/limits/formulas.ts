/** What needs no simulation: the formulas of queueing theory, and the flow of a load profile as if it were a liquid. Pure. */
import { durationOf, wholeProfile, type LoadProfile } from '../../load/profile.ts'

/** Little's law: how many are inside where so many come and stay so long. */
export function littlesLaw(perSecond: number, meanMs: number): number {
  return (perSecond * meanMs) / 1000
}

/**
 * Erlang's loss formula: the part of independent arrivals that find every one of so many places taken, whatever the distribution of the time
 * they stay. `offered` is what Little's law gives without a limit.
 */
export function erlangB(places: number, offered: number): number {
  if (offered <= 0) return 0
  let blocked = 1
  for (let place = 1; place <= places; place++) blocked = (offered * blocked) / (place + offered * blocked)
  return blocked
}

/** How many arrivals an open profile has had by a moment of the whole profile. */
export type Arrived = (atMs: number) => number

export function arrivedBy(profile: Pick<LoadProfile, 'start' | 'stages' | 'warmUpMs'>): Arrived {
  const { start, stages } = wholeProfile({ executor: 'ramping-arrival-rate', ...profile })
  return (atMs) => {
    let level = start
    let beginMs = 0
    let total = 0
    for (const { durationMs, target } of stages) {
      if (atMs <= beginMs) break
      const partMs = Math.min(atMs - beginMs, durationMs)
      const end = durationMs === 0 ? target : level + ((target - level) * partMs) / durationMs
      total += (((level + end) / 2) * partMs) / 1000
      level = target
      beginMs += durationMs
    }
    return total
  }
}

/** Where a profile is looked at: often enough for seconds, and no more often than a person waits for. */
const STEPS = { min: 500, max: 20_000, perMs: 1 / 20 } as const

function stepOf(untilMs: number): number {
  return untilMs / Math.min(STEPS.max, Math.max(STEPS.min, Math.ceil(untilMs * STEPS.perMs)))
}

/** When a bucket of so many tokens, refilled at a steady rate, is empty; undefined when it never is. */
export function firstEmpty(
  arrived: Arrived,
  { tokens, perSecond }: { readonly tokens: number; readonly perSecond: number },
  untilMs: number,
): number | undefined {
  const stepMs = stepOf(untilMs)
  let left = tokens
  for (let atMs = 0; atMs < untilMs; atMs += stepMs) {
    const taken = arrived(atMs + stepMs) - arrived(atMs)
    const net = taken - (perSecond * stepMs) / 1000
    // To the moment within the step.
    if (left - net < 0) return atMs + (stepMs * left) / net
    left = Math.min(tokens, left - net)
  }
  return undefined
}

/** How long environments are missing when so many are needed at once. */
export function rampMs(needed: number, environmentsPerInterval: number, intervalMs: number): number {
  return (Math.max(0, needed - environmentsPerInterval) / environmentsPerInterval) * intervalMs
}

/** The most events that wait where so many a second are served at most, and when the last of them is. */
export function backlog(
  arrived: Arrived,
  servedPerSecond: number,
  profile: LoadProfile,
): { readonly most: number; readonly longestMs: number } {
  const untilMs = durationOf(wholeProfile(profile))
  const stepMs = stepOf(untilMs)
  let [waiting, most] = [0, 0]
  for (let atMs = 0; atMs < untilMs; atMs += stepMs) {
    waiting = Math.max(0, waiting + arrived(atMs + stepMs) - arrived(atMs) - (servedPerSecond * stepMs) / 1000)
    most = Math.max(most, waiting)
  }
  return { most, longestMs: servedPerSecond === 0 ? 0 : (most / servedPerSecond) * 1000 }
}
