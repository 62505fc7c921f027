/**
 * What load is offered, and when: a level (invocations a second, or virtual users) that is a line of straight pieces over time. The names are
 * k6's. Pure, so that a plan can be made of the same profile that a test runs. https://grafana.com/docs/k6/latest/using-k6/scenarios/executors/
 */
export const EXECUTORS = ['constant-arrival-rate', 'ramping-arrival-rate', 'constant-vus', 'ramping-vus'] as const
export type Executor = (typeof EXECUTORS)[number]

/** The level goes in a straight line from where the stage before left it to `target`; a stage without duration is a jump. */
export interface Stage {
  readonly durationMs: number
  readonly target: number
}

export interface LoadProfile {
  readonly executor: Executor
  /** The level at the beginning. A constant executor has one stage with the same target. */
  readonly start: number
  readonly stages: readonly Stage[]
  /** Comes before the stages and counts for nothing. */
  readonly warmUpMs: number
}

/** A warm-up before a profile that begins with nothing offers a tenth of its peak. */
const WARM_UP_PART_OF_PEAK = 0.1

export function isOpen({ executor }: Pick<LoadProfile, 'executor'>): boolean {
  return executor === 'constant-arrival-rate' || executor === 'ramping-arrival-rate'
}

/** With the warm-up as its first stage: what is really run. */
export function wholeProfile({ start, stages, warmUpMs }: LoadProfile): Pick<LoadProfile, 'start' | 'stages'> {
  if (warmUpMs === 0) return { start, stages }
  const level = start > 0 ? start : peakOf({ start, stages }) * WARM_UP_PART_OF_PEAK
  return {
    start: level,
    stages: [{ durationMs: warmUpMs, target: level }, { durationMs: 0, target: start }, ...stages],
  }
}

export function durationOf({ stages }: Pick<LoadProfile, 'stages'>): number {
  return stages.reduce((sum, { durationMs }) => sum + durationMs, 0)
}

export function peakOf({ start, stages }: Pick<LoadProfile, 'start' | 'stages'>): number {
  return Math.max(start, ...stages.map(({ target }) => target))
}

/** At a jump, the level after it. */
export function levelAt({ start, stages }: Pick<LoadProfile, 'start' | 'stages'>, atMs: number): number {
  let level = start
  let beginMs = 0
  for (const { durationMs, target } of stages) {
    if (atMs < beginMs + durationMs) return level + ((target - level) * (atMs - beginMs)) / durationMs
    level = target
    beginMs += durationMs
  }
  return level
}

/** How many invocations an open profile makes, its warm-up included. */
export function invocationsOf(profile: LoadProfile): number {
  const { start, stages } = wholeProfile(profile)
  let level = start
  let total = 0
  for (const { durationMs, target } of stages) {
    total += (((level + target) / 2) * durationMs) / 1000
    level = target
  }
  return Math.ceil(total)
}
