/** A clock that can be put forward, so that what happens after an hour can be seen at once. It goes on as fast as the clock beneath it. */
import { DELAY_MS_MAX, type Clock, type Timer } from './clock.ts'

export interface AdjustableClock extends Clock {
  /** By how much it is ahead of the clock beneath it, in milliseconds. */
  offsetMs(): number
  /** Timers that are due by then fire, in the order of their times. */
  setOffset(offsetMs: number): void
}

interface Waiting {
  readonly dueMs: number
  readonly action: () => void
  timer: Timer
}

export function createAdjustableClock(beneath: Clock): AdjustableClock {
  let offsetMs = 0
  const waiting = new Set<Waiting>()
  const now = () => beneath.now() + offsetMs

  function fire(entry: Waiting): void {
    if (waiting.delete(entry)) entry.action()
  }

  function arm(entry: Waiting): Timer {
    const delayMs = entry.dueMs - now()
    // One that is longer than the platform's longest is waited for in pieces.
    if (delayMs > DELAY_MS_MAX) return beneath.after(DELAY_MS_MAX, () => (entry.timer = arm(entry)))
    return beneath.after(delayMs, () => fire(entry))
  }

  return {
    now,
    after(delayMs, action) {
      const entry: Waiting = { dueMs: now() + delayMs, action, timer: NEVER }
      entry.timer = arm(entry)
      waiting.add(entry)
      return {
        cancel() {
          waiting.delete(entry)
          entry.timer.cancel()
        },
      }
    },
    offsetMs: () => offsetMs,
    setOffset(ms) {
      offsetMs = ms
      const due: Waiting[] = []
      for (const entry of waiting) {
        entry.timer.cancel()
        if (entry.dueMs <= now()) due.push(entry)
        else entry.timer = arm(entry)
      }
      for (const entry of due.sort((a, b) => a.dueMs - b.dueMs)) fire(entry)
    },
  }
}

const NEVER: Timer = { cancel: () => {} }
