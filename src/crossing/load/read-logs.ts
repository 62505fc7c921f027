/**
 * What the callee's log tells of this run's requests: which were cold starts, how long they ran, and when asynchronous ones were done. Across
 * accounts there is no other way: Lambda refuses `LogType=Tail` there, and the 202 of an event says nothing of what becomes of it.
 */
import {
  FilterLogEventsCommand,
  ResourceNotFoundException,
  type CloudWatchLogsClient,
} from '@aws-sdk/client-cloudwatch-logs'

import type { Cause } from './cause.ts'
import { failureOf, type EventFailure } from './event-failures.ts'
import type { GivenUpEvents } from './given-up-events.ts'
import { Histogram } from './histogram.ts'
import { createOwnErrors } from './own-errors.ts'
import { type JournalRow, requestKey } from './journal.ts'
import { OUTCOME_PATTERN, parseReportLine, REPORT_PATTERN, type Report, type ReportLine } from './report-line.ts'
import type { LogFigures } from './run-data.ts'

export interface LogReading {
  readonly logs: CloudWatchLogsClient
  readonly logGroup: string
  readonly crossing: number
  /** Request key → request, of this crossing. */
  readonly journal: ReadonlyMap<number, JournalRow>
  readonly startedAtEpochMs: number
  readonly isAsync: boolean
  /** Of asynchronous events, and what it is called when one was given up. Absent: nobody here may know. */
  readonly givenUp?: { readonly events: GivenUpEvents; readonly cause: Cause }
  /** How long to wait for lines that are not there yet. */
  readonly patienceMs: number
  readonly pollMs: number
}

/** A page has up to 10,000 events. */
const PAGES_MAX = 1000
/** A group is searched in stretches of time: the whole of a long run at once is slow to search. */
const STRETCHES = 50
const STRETCH_MS_MIN = 1_000
/** Of what is read anew with every look: lines arrive out of order. */
const OVERLAP_MS = 3_000
const READ_MS_MAX = 120_000
const SETTLING_POLLS = 2

export interface LogResult {
  readonly figures: LogFigures
  /** Of asynchronous events. */
  readonly failures: readonly EventFailure[]
  /** Reports of events that had one already. */
  readonly laterAttempts: number
}

/** Throws what the SDK throws when the log cannot be read. */
export async function readLogs(reading: LogReading): Promise<LogResult> {
  const tally = createTally(reading)
  const beganMs = Date.now()
  const stretchMs = Math.max(STRETCH_MS_MIN, (beganMs - reading.startedAtEpochMs) / STRETCHES)
  let pages = 0
  let isSettled = !reading.isAsync
  for (let fromMs = reading.startedAtEpochMs - OVERLAP_MS; !tally.isComplete() || !isSettled;) {
    if (tally.isComplete()) {
      // What a handler said of its error may come after the report.
      isSettled = true
      await pause(reading.pollMs * SETTLING_POLLS)
    }
    const nowMs = Date.now()
    const untilMs = Math.min(fromMs + stretchMs + OVERLAP_MS, nowMs)
    pages += await readStretch(reading, { fromMs, untilMs }, tally).catch((error: unknown) => {
      // A function of which every event is given up never ran, and has no log.
      if (reading.givenUp && error instanceof ResourceNotFoundException) return 0
      throw error
    })
    if (pages >= PAGES_MAX || nowMs > beganMs + READ_MS_MAX) break
    fromMs = untilMs - OVERLAP_MS
    if (untilMs < nowMs) continue
    if (reading.givenUp) tally.gaveUp(await reading.givenUp.events.count(() => tally.failed()))
    if (nowMs >= beganMs + reading.patienceMs) break
    await pause(reading.pollMs)
  }
  return tally.result()
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}

/** Answers how many pages it had. */
async function readStretch(
  { logs, logGroup, isAsync }: LogReading,
  { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number },
  tally: Tally,
): Promise<number> {
  let nextToken: string | undefined
  let pages = 0
  do {
    const page = await logs.send(
      new FilterLogEventsCommand({
        logGroupName: logGroup,
        startTime: Math.max(0, Math.floor(fromMs)),
        endTime: Math.ceil(untilMs),
        filterPattern: isAsync ? OUTCOME_PATTERN : REPORT_PATTERN,
        nextToken,
      }),
    )
    pages++
    for (const { message = '', timestamp = 0, logStreamName = '' } of page.events ?? []) {
      const line = parseReportLine(message)
      if (line) tally.add(line, timestamp, logStreamName)
    }
    nextToken = page.nextToken
  } while (nextToken !== undefined && pages < PAGES_MAX)
  return pages
}

/** Asked once, when everything is read. */
interface Tally {
  add(line: ReportLine, timestampMs: number, stream: string): void
  /** So many events were given up, in all. */
  gaveUp(count: number): void
  /** Events of which an attempt failed, as far as is known yet. */
  failed(): number
  /** Every request has its line, or was given up. */
  isComplete(): boolean
  result(): LogResult
}

function createTally({ crossing, journal, startedAtEpochMs, isAsync, givenUp }: LogReading): Tally {
  /** Request key → when its latest report was written. */
  const found = new Map<number, number>()
  const [cold, warm, init, duration, billed, endToEnd] = Array.from({ length: 6 }, () => new Histogram()) as [
    Histogram,
    Histogram,
    Histogram,
    Histogram,
    Histogram,
    Histogram,
  ]
  const coldBySecond = new Map<number, number>()
  /** Streams whose init ran out of time and whose next report is awaited. */
  const initTimedOut = new Set<string>()
  const spans: Span[] = []
  const ownErrors = createOwnErrors()
  /** First attempts at asynchronous events: whether they failed is known when everything is read. */
  const attempts: Attempt[] = []
  let initTimeouts = 0
  let gaveUp = 0
  let laterAttempts = 0

  function failureIn({ line, timestampMs, stream }: Attempt): ReturnType<typeof failureOf> {
    const error = ownErrors.of(line, timestampMs, stream)
    return failureOf({ ...line, ...(error && { error }) })
  }

  /** Lambda gives up the oldest first. */
  function givenUpFailures(): readonly EventFailure[] {
    if (!givenUp) return []
    const waiting = [...journal].flatMap(([key, row]) => (found.has(key) ? [] : [row]))
    const oldest = waiting.toSorted((a, b) => a.intendedEpochMs - b.intendedEpochMs).slice(0, gaveUp)
    return oldest.map(({ second, intendedEpochMs }) => ({
      cause: givenUp.cause,
      message: GIVEN_UP,
      crossing,
      second,
      requestId: '',
      atEpochMs: intendedEpochMs,
    }))
  }

  return {
    add(line, timestampMs, stream) {
      if (line.kind === 'init-report') {
        if (line.status === 'timeout') initTimedOut.add(stream)
        return
      }
      if (line.kind === 'own-error') {
        return ownErrors.add(line, timestampMs, stream)
      }
      const key = requestKey(line.requestId)
      const row = journal.get(key)
      if (!row) return
      const reportedMs = found.get(key)
      found.set(key, Math.max(reportedMs ?? 0, timestampMs))
      if (reportedMs !== undefined) {
        // Lines are read more than once.
        if (timestampMs > reportedMs) laterAttempts++
        return
      }
      duration.record(line.durationMs)
      const { second } = row
      spans.push({ fromMs: timestampMs - line.durationMs - (line.initMs ?? 0), untilMs: timestampMs })
      billed.record(line.billedMs)
      if (initTimedOut.delete(stream) && line.status === 'timeout') initTimeouts++
      if (line.initMs !== undefined) {
        init.record(line.initMs)
        coldBySecond.set(second, (coldBySecond.get(second) ?? 0) + 1)
      }
      if (isAsync) attempts.push({ line, second, timestampMs, stream, intendedMs: row.intendedEpochMs })
      else if (row.succeeded) (line.initMs === undefined ? warm : cold).record(row.latencyMs)
    },
    gaveUp: (count) => {
      gaveUp = Math.min(count, journal.size - found.size)
    },
    failed: () => attempts.filter((attempt) => failureIn(attempt) !== undefined).length,
    isComplete: () => found.size + gaveUp >= journal.size,
    result() {
      const failures = [...givenUpFailures()]
      for (const attempt of attempts) {
        const { line, second, timestampMs, intendedMs } = attempt
        const failure = failureIn(attempt)
        if (failure) failures.push({ ...failure, crossing, second, requestId: line.requestId, atEpochMs: intendedMs })
        else endToEnd.record(timestampMs - intendedMs)
      }
      return { figures: figures(), failures, laterAttempts }
    },
  }

  function figures(): LogFigures {
    return {
      crossing,
      reports: found.size,
      requests: journal.size,
      coldStarts: init.count,
      cold: cold.toData(),
      warm: warm.toData(),
      init: init.toData(),
      duration: duration.toData(),
      billed: billed.toData(),
      ...(isAsync && { endToEnd: endToEnd.toData() }),
      ...(givenUp && { givenUp: gaveUp }),
      coldBySecond: [...coldBySecond].sort(([a], [b]) => a - b),
      runningBySecond: mostAtOnce(spans, startedAtEpochMs),
      initTimeouts,
    }
  }
}

const GIVEN_UP = 'Lambda gave the event up before it ran: AsyncEventsDropped'

interface Attempt {
  readonly line: Report
  readonly second: number
  readonly timestampMs: number
  readonly stream: string
  readonly intendedMs: number
}

export interface Span {
  readonly fromMs: number
  readonly untilMs: number
}

/** Second → the most spans that overlap at any moment of it. Ones that only touch do not overlap. */
export function mostAtOnce(spans: readonly Span[], originMs: number): readonly (readonly [number, number])[] {
  /** Moment → by how many more run after it. */
  const changes = new Map<number, number>()
  for (const { fromMs, untilMs } of spans) {
    changes.set(fromMs - originMs, (changes.get(fromMs - originMs) ?? 0) + 1)
    changes.set(untilMs - originMs, (changes.get(untilMs - originMs) ?? 0) - 1)
  }
  const steps = [...changes].sort(([one], [other]) => one - other)
  const most = new Map<number, number>()
  let running = 0
  let second = Math.floor((steps[0]?.[0] ?? 0) / 1000)
  for (const [atMs, by] of steps) {
    // What runs on into a second runs there too, unless it ends as that begins.
    for (const last = Math.floor(atMs / 1000); second < last;) {
      second++
      if (second * 1000 < atMs) most.set(second, running)
    }
    running += by
    most.set(second, Math.max(running, most.get(second) ?? 0))
  }
  return [...most]
}
