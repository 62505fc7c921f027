/** What handlers said of their errors in the log, and of which invocation: lines come in any order. Pure. */
import { requestKey } from './journal.ts'
import type { OwnError, Report } from './report-line.ts'

export interface OwnErrors {
  add(error: OwnError, timestampMs: number, stream: string): void
  /** Of the invocation that has this report. */
  of(report: Report, timestampMs: number, stream: string): OwnError | undefined
}

/** Of an invocation's beginning, which is known from its end and its duration. */
const CLOCKS_APART_MS = 2

export function createOwnErrors(): OwnErrors {
  const byRequest = new Map<number, OwnError>()
  /** Python's text does not say of which request: it is the one that its stream had at that moment. */
  const byStream = new Map<string, Map<number, OwnError>>()

  return {
    add(error, timestampMs, stream) {
      if (error.requestId !== undefined) byRequest.set(requestKey(error.requestId), error)
      else byStream.set(stream, (byStream.get(stream) ?? new Map<number, OwnError>()).set(timestampMs, error))
    },
    of({ requestId, durationMs }, timestampMs, stream) {
      const named = byRequest.get(requestKey(requestId))
      if (named) return named
      const beganMs = timestampMs - durationMs - CLOCKS_APART_MS
      for (const [atMs, error] of byStream.get(stream) ?? []) if (atMs >= beganMs && atMs <= timestampMs) return error
      return undefined
    },
  }
}
