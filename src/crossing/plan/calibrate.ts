/** How long functions take, as a load test measured it. Pure. */
import { Histogram } from '../load/histogram.ts'
import { isMeasured, type RunData } from '../load/run-data.ts'
import { measuredDurations, type Durations } from './simulation/durations.ts'

export interface Measured {
  readonly duration?: Durations
  /** Of cold starts; absent when there were none. */
  readonly init?: Durations
  /** The duration is what the client saw, since no log was read. */
  readonly isOfClient: boolean
  readonly coldStarts: number
}

/** By the callee's ARN without its qualifier; of all crossings that have it. */
export function measuredByCallee(run: RunData): ReadonlyMap<string, Measured> {
  const callees = new Map<string, number[]>()
  for (const [index, { to }] of run.crossings.entries()) {
    const arn = to.split(':').slice(0, 7).join(':')
    callees.set(arn, [...(callees.get(arn) ?? []), index])
  }
  return new Map([...callees].map(([arn, indices]) => [arn, measuredOf(run, indices)]))
}

function measuredOf(run: RunData, indices: readonly number[]): Measured {
  const logs = run.logs.filter(({ crossing }) => indices.includes(crossing))
  const duration = Histogram.of(...logs.map((log) => log.duration))
  const init = Histogram.of(...logs.map((log) => log.init))
  const seen = run.seconds.filter((second) => isMeasured(second) && indices.includes(second.crossing))
  const latency = Histogram.of(...seen.map((second) => second.latency))
  const isOfClient = duration.count === 0
  const taken = isOfClient ? latency : duration
  return {
    ...(taken.count > 0 && { duration: measuredDurations(taken.toData()) }),
    ...(init.count > 0 && { init: measuredDurations(init.toData()) }),
    isOfClient,
    coldStarts: logs.reduce((sum, { coldStarts }) => sum + coldStarts, 0),
  }
}

/** What an answer takes beyond the function, at the median; undefined where nobody measured it. */
export function answerMsOf(run: RunData): number | undefined {
  const service = Histogram.of(run.service)
  const duration = Histogram.of(...run.logs.map((log) => log.duration))
  if (service.count === 0 || duration.count === 0) return undefined
  return Math.max(0, service.percentile(0.5) - duration.percentile(0.5))
}
