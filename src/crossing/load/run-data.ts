/** A run as plain data: what the report, the summary, a comparison and a plan are made from. Saved with `--save`. */
import { UserError } from '../../core/user-error.ts'
import type { InvocationType } from '../crossing.ts'
import type { Spacing } from './arrivals.ts'
import type { Cause } from './cause.ts'
import type { HistogramData } from './histogram.ts'
import type { LoadProfile } from './profile.ts'
import type { Sample, SecondRecord } from './recorder.ts'

/** Of the form of the data; a reader refuses another. */
export const RUN_VERSION = 1

export interface RunCrossing {
  /** ARN of the caller as it was given, or the name of a profile. */
  readonly from: string
  /** ARN of the callee with its qualifier. */
  readonly to: string
  /** Whose account's concurrency the invocations use. */
  readonly account: string
  readonly type: InvocationType
  readonly weight: number
  /** ARN of the principal that signed. */
  readonly signedBy: string
  /** `executed`: signed by the very principal the crossing names. */
  readonly evidence: 'executed' | 'executed by another principal'
  readonly callee: CalleeFacts
}

/** What the callee's account says; absent members could not be read. */
export interface CalleeFacts {
  readonly concurrencyLimit?: { readonly kind: 'reserved' | 'account'; readonly value: number }
  readonly memoryMb?: number
  readonly timeoutMs?: number
  readonly architecture?: string
  readonly runtime?: string
  readonly logGroup?: string
  readonly vpcId?: string
}

/** From the REPORT lines of one callee's log, of the requests of this run. */
export interface LogFigures {
  readonly crossing: number
  /** REPORT lines found, and how many requests could have one. */
  readonly reports: number
  readonly requests: number
  readonly coldStarts: number
  /** Client-side latency of invocations that were or were not a cold start. */
  readonly cold: HistogramData
  readonly warm: HistogramData
  readonly init: HistogramData
  readonly duration: HistogramData
  readonly billed: HistogramData
  /** From the intended start to the REPORT line: of asynchronous invocations whose first attempt succeeded. */
  readonly endToEnd?: HistogramData
  /** Asynchronous events that Lambda gave up before they ran. Absent: not known. */
  readonly givenUp?: number
  /** Second → cold starts. */
  readonly coldBySecond: readonly (readonly [number, number])[]
  /** Second → the most invocations that ran at once: what counts against the concurrency limit. */
  readonly runningBySecond: readonly (readonly [number, number])[]
  /** Timeouts of which the log says that they came during init. */
  readonly initTimeouts: number
}

export interface RunData {
  readonly version: typeof RUN_VERSION
  readonly startedAt: string
  /** Absent: AWS itself. */
  readonly endpoint?: string
  readonly region: string
  readonly profile: LoadProfile
  readonly spacing: Spacing
  /** Of virtual users. */
  readonly thinkTimeMs?: number
  readonly seed: number
  readonly inFlightMax: number
  readonly timeoutMs: number
  readonly workers: number
  readonly crossings: readonly RunCrossing[]
  /** In order of second and crossing; negative seconds are the warm-up. */
  readonly seconds: readonly SecondRecord[]
  readonly service: HistogramData
  readonly lateness: HistogramData
  readonly samples: readonly Sample[]
  readonly logs: readonly LogFigures[]
  readonly stoppedBy?: 'signal' | 'max-invocations'
  /** What a reader of the figures must know. */
  readonly notes: readonly string[]
}

/** Throws `UserError` when the text is no saved run. */
export function parseRun(text: string, path: string): RunData {
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch (error) {
    throw new UserError(`\`${path}\` is not JSON, expected a run that --save wrote`, { cause: error })
  }
  if (!isRun(data))
    throw new UserError(`\`${path}\` is not a run of version ${RUN_VERSION}, expected one that --save wrote`)
  return data
}

function isRun(data: unknown): data is RunData {
  return typeof data === 'object' && data !== null && 'version' in data && data.version === RUN_VERSION
}

export function isMeasured({ second }: Pick<SecondRecord, 'second'>): boolean {
  return second >= 0
}

/** In words: `Sandbox.Timedout (handler)`. */
export function causeText({ name, detail }: Cause): string {
  return detail === undefined ? name : `${name} (${detail})`
}
