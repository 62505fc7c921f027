/**
 * A load as a liquid: invocations flow in at the profile's rate into environments that are free, else into ones that start first. No event is
 * simulated, and nothing is refused. Pure.
 */
import type { Arrived } from './formulas.ts'

export interface Flow {
  readonly stepMs: number
  /** At the end of each step: how many run at once, and how many environments have been started since the step before. */
  readonly running: readonly number[]
  readonly started: readonly number[]
}

export interface Stay {
  readonly warmMs: number
  /** With the init. */
  readonly coldMs: number
  /** Environments that are there from the beginning. */
  readonly ahead: number
}

const STEPS_PER_STAY = 40
const STEPS_MAX = 200_000

export function flow(arrived: Arrived, { warmMs, coldMs, ahead }: Stay, untilMs: number): Flow {
  const stepMs = Math.max(warmMs / STEPS_PER_STAY, untilMs / STEPS_MAX, 0.05)
  const steps = Math.max(1, Math.ceil(untilMs / stepMs))
  const [warmSteps, coldSteps] = [warmMs, coldMs].map((ms) => Math.max(1, Math.round(ms / stepMs))) as [number, number]
  const leaving = new Float64Array(steps + coldSteps + warmSteps + 1)
  const running: number[] = []
  const started: number[] = []
  let [free, now, before] = [ahead, 0, 0]
  for (let step = 0; step < steps; step++) {
    const gone = leaving[step] ?? 0
    free += gone
    now -= gone
    const total = arrived((step + 1) * stepMs)
    const come = total - before
    before = total
    const warm = Math.min(come, free)
    const cold = come - warm
    free -= warm
    now += come
    leaving[step + warmSteps] = (leaving[step + warmSteps] ?? 0) + warm
    leaving[step + coldSteps] = (leaving[step + coldSteps] ?? 0) + cold
    running.push(now)
    started.push(cold)
  }
  return { stepMs, running, started }
}

/** The first moment at which a series is above the limit; undefined when it never is. */
export function firstStepAbove(series: readonly number[], limit: number, stepMs: number): number | undefined {
  // Sums of many small parts are not exact.
  const step = series.findIndex((value) => value > limit + 1e-6 * Math.max(1, limit))
  return step === -1 ? undefined : step * stepMs
}

/** How full a bucket is after each step, that so much flows into and that empties at a steady rate. */
export function levels(inflow: readonly number[], emptiedPerMs: number, stepMs: number): readonly number[] {
  let level = 0
  return inflow.map((amount) => (level = Math.max(0, level + amount - emptiedPerMs * stepMs)))
}

export function most(series: readonly number[]): number {
  return series.reduce((highest, value) => Math.max(highest, value), 0)
}

/** Flows of one profile, put together; their steps may differ. */
export function together(flows: readonly Flow[]): Pick<Flow, 'stepMs' | 'running'> {
  const stepMs = Math.min(...flows.map((one) => one.stepMs))
  const steps = Math.max(...flows.map((one) => Math.floor((one.running.length * one.stepMs) / stepMs)))
  const running = Array.from({ length: steps }, (_, step) =>
    flows.reduce((sum, one) => sum + (one.running[Math.floor((step * stepMs) / one.stepMs)] ?? 0), 0),
  )
  return { stepMs, running }
}
