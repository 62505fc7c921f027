/** Asynchronous events that were accepted and then failed, by the callee's log: they did not succeed, whatever the 202 said. Pure. */
import { functionFailure } from './cause.ts'
import { causeKey, type Sample, type SecondRecord } from './recorder.ts'

/** The first attempt at an event failed. Lambda makes up to two more, a minute and three minutes later. */
export interface EventFailure extends Sample {
  /** In which the event was to start, from the end of the warm-up. */
  readonly second: number
}

/** More of a cause and crossing say nothing new. */
const SAMPLES_PER_CAUSE = 3

/** The records with these events among what failed. Their latencies stay: those of the acceptance. */
export function withEventFailures(
  records: readonly SecondRecord[],
  failures: readonly EventFailure[],
): readonly SecondRecord[] {
  const byCell = new Map<string, EventFailure[]>()
  for (const failure of failures) {
    const key = cellKey(failure)
    const cell = byCell.get(key)
    if (cell) cell.push(failure)
    else byCell.set(key, [failure])
  }
  return records.map((record) => {
    const failed = byCell.get(cellKey(record))
    if (!failed) return record
    const causes = new Map(record.causes.map((counted) => [causeKey(counted.cause), counted]))
    for (const { cause } of failed) {
      const key = causeKey(cause)
      causes.set(key, { cause, count: (causes.get(key)?.count ?? 0) + 1 })
    }
    return { ...record, succeeded: record.succeeded - failed.length, causes: [...causes.values()] }
  })
}

export function samplesOf(failures: readonly EventFailure[]): readonly Sample[] {
  const counts = new Map<string, number>()
  return failures.flatMap(({ second: _second, ...sample }) => {
    const key = `${sample.crossing}\n${causeKey(sample.cause)}`
    const count = (counts.get(key) ?? 0) + 1
    counts.set(key, count)
    return count > SAMPLES_PER_CAUSE ? [] : [sample]
  })
}

/** What the log told of an attempt, as the cause of a failed invocation. */
export interface AttemptOutcome {
  readonly status?: 'timeout' | 'error'
  /** Of the environment. */
  readonly errorType?: string
  /** The handler's own. */
  readonly error?: { readonly errorType: string; readonly errorMessage: string }
}

/** As a synchronous invocation's answer would have been named; undefined: the event succeeded. */
export function failureOf({ status, errorType, error }: AttemptOutcome): Pick<Sample, 'cause' | 'message'> | undefined {
  if (status === undefined && !error) return undefined
  const body =
    status === 'timeout'
      ? { errorType: 'Sandbox.Timedout', errorMessage: '' }
      : (error ?? { errorType: errorType ?? '', errorMessage: '' })
  return { cause: functionFailure(body), message: body.errorMessage }
}

function cellKey({ second, crossing }: { readonly second: number; readonly crossing: number }): string {
  return `${second}/${crossing}`
}
