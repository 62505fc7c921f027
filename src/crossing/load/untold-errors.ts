/**
 * Errors of handlers that no log tells of. The runtimes of Node.js and Python log them; where a custom runtime does not, the log has the lines of
 * a success. What AWS does have is the metric Errors, which says how many, and not of which event.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
 */
import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch'

import type { FunctionReference } from '../crossing.ts'
import { functionFailure } from './cause.ts'
import type { EventFailure } from './event-failures.ts'
import { functionMetricSum } from './metric-sum.ts'
import type { LogResult } from './read-logs.ts'
import type { SecondRecord } from './recorder.ts'

/** A function whose asynchronous events were followed in its log. */
export interface FollowedCallee {
  readonly to: FunctionReference
  /** Absent: of a container image, or not read. */
  readonly runtime: string | undefined
  readonly cloudWatch: CloudWatchClient
  /** Of each crossing to it. */
  readonly logs: readonly LogResult[]
  /** CloudWatch counts later than things happen. */
  readonly patienceMs: number
  readonly pollMs: number
}

interface Load {
  readonly seconds: readonly SecondRecord[]
  readonly startedAtEpochMs: number
}

const TELLING_RUNTIMES = /^(nodejs|python)/

/** Those that CloudWatch has counted beyond what the logs tell. What cannot be known is noted. */
export async function untoldFailures(
  callees: readonly FollowedCallee[],
  load: Load,
  note: (text: string) => void,
): Promise<readonly EventFailure[]> {
  const found = await Promise.all(
    callees
      .filter(({ runtime = '' }) => !TELLING_RUNTIMES.test(runtime))
      .map((callee) => untoldOf(callee, load, (text) => note(`${callee.to.arn}: ${text}`))),
  )
  return found.flat()
}

async function untoldOf(
  callee: FollowedCallee,
  load: Load,
  note: (text: string) => void,
): Promise<readonly EventFailure[]> {
  const { runtime = 'of unknown kind', logs } = callee
  const unknown = `its runtime (${runtime}) need not log errors of its handler`
  try {
    const errors = await countErrors(callee, load.startedAtEpochMs)
    if (errors === undefined) {
      note(`${unknown}, and CloudWatch has not counted them yet: events that failed may count as successes`)
      return []
    }
    const told = logs.reduce((sum, { failures, laterAttempts }) => sum + failures.filter(ran).length + laterAttempts, 0)
    if (errors <= told) return []
    note(
      `${unknown}: ${errors - told} failures are known from CloudWatch's metric Errors alone, which counts from the minute of the start, whoever invokes; of which events and when it does not say, so the times to the end of the event are those of failures too`,
    )
    return spreadFailures(errors - told, load.seconds, new Set(logs.map(({ figures }) => figures.crossing)))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    note(
      `${unknown}, and CloudWatch's metric Errors could not be read, so events that failed may count as successes: ${reason}`,
    )
    return []
  }
}

/** What was given up before it ran is no error of the function. */
function ran({ cause }: EventFailure): boolean {
  return cause.kind !== 'event-given-up'
}

/** Undefined: it has not even counted all that the logs tell. */
async function countErrors(callee: FollowedCallee, sinceMs: number): Promise<number | undefined> {
  const ended = callee.logs.reduce((sum, { figures }) => sum + figures.reports, 0)
  const untilMs = Date.now() + callee.patienceMs
  while ((await sumOf('Invocations', callee, sinceMs)) < ended) {
    if (Date.now() >= untilMs) return undefined
    await new Promise((resolve) => {
      setTimeout(resolve, callee.pollMs)
    })
  }
  return sumOf('Errors', callee, sinceMs)
}

function sumOf(MetricName: string, { cloudWatch, to }: FollowedCallee, sinceMs: number): Promise<number> {
  return functionMetricSum(cloudWatch, MetricName, to, sinceMs)
}

/** So many failures, spread evenly over the events of these crossings that count as successes. */
export function spreadFailures(
  count: number,
  seconds: readonly SecondRecord[],
  crossings: ReadonlySet<number>,
): readonly EventFailure[] {
  const own = seconds.filter(({ crossing }) => crossings.has(crossing))
  const total = own.reduce((sum, { succeeded }) => sum + succeeded, 0)
  const share = Math.min(1, count / Math.max(1, total))
  const failures: EventFailure[] = []
  let passed = 0
  for (const { second, crossing, succeeded } of own) {
    passed += succeeded
    while (failures.length < Math.round(passed * share)) {
      failures.push({ cause: functionFailure(undefined), crossing, second, requestId: '', message: '', atEpochMs: 0 })
    }
  }
  return failures
}
