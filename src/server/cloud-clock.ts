/**
 * The cloud's own time: the machine's, put forward as far as anybody asked through `POST /_isthmus/clock`. How far is part of the state, so
 * that a restart does not bring back the past.
 */
import { createAdjustableClock } from '../core/adjustable-clock.ts'
import { AwsError } from '../core/aws-error.ts'
import { isoTime, type Clock } from '../core/clock.ts'
import { GLOBAL, type State } from '../state/state.ts'

export interface CloudClock extends Clock {
  /** By how much the cloud is ahead of the machine. */
  aheadMs(): number
  /** Puts the time forward; timers that are due fire. Resolves once the new time is durable. Throws `AwsError` for what is no duration. */
  advance(ms: unknown): Promise<void>
  /** Takes the time from the state, which has been replaced. */
  reload(): void
  describe(): { readonly now: string; readonly nowMs: number; readonly aheadMs: number }
}

/** Far enough for any retention; further, dates leave the range AWS's formats have. */
const AHEAD_MS_MAX = 10 * 365 * 86_400_000
const KEY = 'aheadMs'

export function createCloudClock(machine: Clock, state: State): CloudClock {
  const clock = createAdjustableClock(machine)
  const shelf = state.collection<number>('cloud.clock').in(GLOBAL)
  const reload = () => clock.setOffset(shelf.get(KEY) ?? 0)
  reload()
  return {
    now: () => clock.now(),
    after: (delayMs, action) => clock.after(delayMs, action),
    aheadMs: () => clock.offsetMs(),
    async advance(ms) {
      if (typeof ms !== 'number' || !Number.isInteger(ms) || ms < 0) {
        throw invalid('The body names no whole number of milliseconds, expected {"advanceMs": 60000}')
      }
      const aheadMs = clock.offsetMs() + ms
      if (aheadMs > AHEAD_MS_MAX) throw invalid(`The clock can be put forward by ${AHEAD_MS_MAX} ms and no further`)
      shelf.put(KEY, aheadMs)
      await state.commit()
      clock.setOffset(aheadMs)
    },
    reload,
    describe() {
      const nowMs = clock.now()
      return { now: isoTime(nowMs), nowMs, aheadMs: clock.offsetMs() }
    },
  }
}

function invalid(message: string): AwsError {
  return new AwsError('ValidationError', message, { status: 400 })
}
