/** Puts together what a plan is made from: the facts of the callees, and how long they take by whoever knows it best. */
import type { AwsAccess } from '../access.ts'
import type { FunctionReference, InvocationType } from '../crossing.ts'
import { USUAL_MS } from '../load/estimate.ts'
import type { Spacing } from '../load/arrivals.ts'
import type { LoadProfile } from '../load/profile.ts'
import type { RunData } from '../load/run-data.ts'
import { formatDuration } from '../load/duration.ts'
import { answerMsOf, measuredByCallee, type Measured } from './calibrate.ts'
import { constantly, durationsOf } from './simulation/durations.ts'
import type { PlanOrder, PlannedCrossing, PlannedFunction, Timed } from './plan-order.ts'
import type { FunctionFacts } from './facts/facts.ts'
import { readFunctionFacts, readVersion } from './facts/read-facts.ts'

export interface PlanRequest {
  readonly profile: LoadProfile
  readonly spacing: Spacing
  readonly seed: number
  readonly thinkTimeMs: number
  readonly crossings: readonly {
    readonly to: FunctionReference
    readonly type: InvocationType
    readonly weight: number
  }[]
  /** Of every callee; what is given wins over what was measured. */
  readonly durationMs?: number
  readonly initMs?: number
  readonly measured?: RunData
  readonly connectionsPerEnvironment: number
  readonly downstreamMax?: number
  readonly isToBeDeployed: boolean
}

/** What a small function of an interpreted language needs to start. */
const USUAL_INIT_MS = 250
/** To a Region nearby. */
const USUAL_ANSWER_MS = 5

/** Reads only. Throws `UserError`. */
export async function preparePlan(access: AwsAccess, request: PlanRequest): Promise<PlanOrder> {
  const notes: string[] = []
  const callees = new Map(request.crossings.map(({ to }) => [to.unqualifiedArn, to]))
  const measured = request.measured && measuredByCallee(request.measured)
  const functions = await Promise.all(
    [...callees.values()].map(async (to): Promise<PlannedFunction> => {
      const facts = await readFunctionFacts(access, to, (text) => notes.push(text))
      const times = timesOf(to, request, measured?.get(to.unqualifiedArn), (text) => notes.push(text))
      return { facts, ...times, duration: withinTimeout(times.duration, facts, (text) => notes.push(text)) }
    }),
  )
  const qualified = new Map(request.crossings.map(({ to }) => [to.arn, to]))
  const versions = new Map(
    await Promise.all(
      [...qualified].map(
        async ([arn, to]) => [arn, await readVersion(access, to, (text) => notes.push(text))] as const,
      ),
    ),
  )
  const index = new Map([...callees.keys()].map((arn, position) => [arn, position]))
  const { profile, spacing, seed, thinkTimeMs, connectionsPerEnvironment, downstreamMax, isToBeDeployed } = request
  return {
    profile,
    spacing,
    seed,
    thinkTimeMs,
    answerMs: (request.measured && answerMsOf(request.measured)) ?? USUAL_ANSWER_MS,
    functions,
    crossings: request.crossings.map(({ to, type, weight }): PlannedCrossing => ({
      fn: index.get(to.unqualifiedArn) ?? 0,
      version: versions.get(to.arn) ?? { version: '', provisioned: 0 },
      type,
      weight,
    })),
    connectionsPerEnvironment,
    ...(downstreamMax !== undefined && { downstreamMax }),
    isToBeDeployed,
    notes,
  }
}

/** Lambda ends what runs into its timeout. */
function withinTimeout(timed: Timed, { to, timeoutMs }: FunctionFacts, note: (text: string) => void): Timed {
  const { values } = timed.durations
  if (timeoutMs === undefined || (values.at(-1) ?? 0) <= timeoutMs) return timed
  note(
    `${to.unqualifiedArn}: its timeout is ${formatDuration(timeoutMs)}, and it takes up to ${formatDuration(values.at(-1) ?? 0)} (${timed.source}): Lambda ends those invocations, which is what is planned`,
  )
  return { ...timed, durations: durationsOf(values.map((ms) => Math.min(ms, timeoutMs))) }
}

function timesOf(
  to: FunctionReference,
  { durationMs, initMs, measured: run }: PlanRequest,
  measured: Measured | undefined,
  note: (text: string) => void,
): { readonly duration: Timed; readonly init: Timed } {
  const given = (ms: number): Timed => ({ durations: constantly(ms), source: 'given' })
  if (run && !measured) note(`${to.unqualifiedArn}: the load test did not invoke it`)
  if (measured?.isOfClient && measured.duration && durationMs === undefined) {
    note(
      `${to.unqualifiedArn}: the load test read no log, so its duration is what the client saw, the network included`,
    )
  }
  const duration: Timed =
    durationMs !== undefined
      ? given(durationMs)
      : measured?.duration
        ? { durations: measured.duration, source: 'measured' }
        : { durations: constantly(USUAL_MS), source: 'assumed' }
  const init: Timed =
    initMs !== undefined
      ? given(initMs)
      : measured?.init
        ? { durations: measured.init, source: 'measured' }
        : { durations: constantly(USUAL_INIT_MS), source: 'assumed' }
  if (duration.source === 'assumed') {
    note(
      `${to.unqualifiedArn}: nobody said how long it takes: 100 ms are assumed. Measure it with --from-load, or say --invocation-duration`,
    )
  }
  if (init.source === 'assumed') {
    note(`${to.unqualifiedArn}: nobody said how long it takes to start: 250 ms are assumed. Say --init-duration`)
  }
  return { duration, init }
}
