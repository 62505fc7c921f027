/** Asynchronous events that wait for a version of a function, in the order in which they came, read as the emulator reads its own. */
import { createAsyncReader } from '../../../core/lambda-async-reader.ts'

/** That were accepted at one moment and came from one source. */
export interface Waiting {
  readonly source: number
  readonly count: number
  readonly acceptedMs: number
}

export interface EventQueue {
  /** Of all that wait. */
  readonly count: number
  add(events: Waiting): void
  /** So many of its events are over. */
  left(count: number): void
  /** Tries as many as it may, and says when it is to be read again; Infinity when nothing waits. */
  read(nowMs: number): number
}

export interface QueueRules {
  /** Events are given up when they are as old. */
  readonly ageMs: number
  /** Answers how many were let in: `count` of them, or fewer and one more was refused. */
  readonly admit: (source: number, count: number, nowMs: number) => number
  readonly tried: (events: Waiting, nowMs: number) => void
  readonly givenUp: (events: Waiting, nowMs: number) => void
}

export function createEventQueue({ ageMs, admit, tried, givenUp }: QueueRules): EventQueue {
  const reader = createAsyncReader()
  let groups: Waiting[] = []
  /** What is before it is done with. */
  let first = 0
  let count = 0

  function replaceFirst(events: Waiting, by: number): void {
    count -= by
    if (by < events.count) groups[first] = { ...events, count: events.count - by }
    else first++
    // So that what is done with is forgotten now and then.
    if (first > groups.length / 2) {
      groups = groups.slice(first)
      first = 0
    }
  }

  return {
    get count() {
      return count
    },
    add(events) {
      groups.push(events)
      count += events.count
    },
    left: (places) => reader.left(places),
    read(nowMs) {
      for (;;) {
        const events = groups[first]
        if (!events) {
          reader.emptied()
          return Number.POSITIVE_INFINITY
        }
        const isTooOld = nowMs >= events.acceptedMs + ageMs
        const allowed = isTooOld ? events.count : Math.min(events.count, reader.allowance(nowMs))
        if (allowed === 0) return Math.min(reader.nextTryMs, events.acceptedMs + ageMs)
        tried(events, nowMs)
        if (isTooOld) {
          replaceFirst(events, events.count)
          givenUp(events, nowMs)
          continue
        }
        const admitted = admit(events.source, allowed, nowMs)
        if (admitted > 0) {
          reader.admitted(admitted, nowMs)
          replaceFirst(events, admitted)
        }
        if (admitted < allowed) reader.refused(nowMs)
      }
    },
  }
}
