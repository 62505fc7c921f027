/**
 * How fast Lambda reads a queue of asynchronous events whose function is throttled. Pure: time is an argument, so that a simulator can run it,
 * too. "The retry interval increases exponentially from 1 second after the first attempt to a maximum of 5 minutes. If the queue contains many
 * entries, Lambda increases the retry interval and reduces the rate at which it reads events from the queue."
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 *
 * FIDELITY: AWS does not say how it adapts that rate, only that reserved concurrency smooths a burst. Here an event that is throttled stays
 * first in its queue, the others are not tried for nothing, and the intervals are those between tries while nothing of the queue is let in: an
 * event of it that ends makes room for the next. So a queue is worked off as fast as its function's concurrency allows, and a try a second
 * finds out whether there is more.
 */
import { backoffMs } from './lambda-async-retries.ts'

export interface AsyncReader {
  /** How many of the events that wait may be tried now; Infinity while nothing is known to be short. */
  allowance(nowMs: number): number
  admitted(count: number, nowMs: number): void
  /** The one that was refused is still the first. */
  refused(nowMs: number): void
  /** So many that had been admitted are over. */
  left(count: number): void
  /** Nothing waits any more. */
  emptied(): void
  /** When one is tried even if none is over by then; Infinity while reading freely. */
  readonly nextTryMs: number
}

export function createAsyncReader(): AsyncReader {
  /** Places that events of this queue have left and that none of it has taken yet. */
  let places = Number.POSITIVE_INFINITY
  /** In a row. */
  let refusals = 0
  let nextTryMs = Number.POSITIVE_INFINITY

  function readFreely(): void {
    places = Number.POSITIVE_INFINITY
    refusals = 0
    nextTryMs = Number.POSITIVE_INFINITY
  }

  return {
    allowance: (nowMs) => (places > 0 ? places : nowMs >= nextTryMs ? 1 : 0),
    admitted(count, nowMs) {
      // Without a place of its own: there is more room.
      if (places === 0) return readFreely()
      if (places === Number.POSITIVE_INFINITY) return
      places = Math.max(0, places - count)
      refusals = 0
      nextTryMs = Math.min(nextTryMs, nowMs + backoffMs(1))
    },
    refused(nowMs) {
      places = 0
      refusals++
      nextTryMs = nowMs + backoffMs(refusals)
    },
    left(count) {
      places += count
    },
    emptied: readFreely,
    get nextTryMs() {
      return nextTryMs
    },
  }
}
