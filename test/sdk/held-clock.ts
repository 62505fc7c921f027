/** The system's clock, which can be held: what AWS does a moment later then happens when a test says so, on a busy machine too. */
import { systemClock, type Clock, type Timer } from '../../src/core/clock.ts'

export interface HeldClock extends Clock {
  /** While `action` runs no time passes, and no timer that is set meanwhile fires before it has ended. */
  whileHeld<T>(action: () => Promise<T>): Promise<T>
}

interface Waiting {
  readonly arm: () => void
}

export function createHeldClock(): HeldClock {
  /** When it was held; undefined while it is not. */
  let heldMs: number | undefined
  const waiting = new Set<Waiting>()
  return {
    now: () => heldMs ?? systemClock.now(),
    after(delayMs, action) {
      if (heldMs === undefined) return systemClock.after(delayMs, action)
      let timer: Timer | undefined
      const entry = { arm: () => (timer = systemClock.after(delayMs, action)) }
      waiting.add(entry)
      return {
        cancel() {
          waiting.delete(entry)
          timer?.cancel()
        },
      }
    },
    async whileHeld(action) {
      heldMs = systemClock.now()
      try {
        return await action()
      } finally {
        heldMs = undefined
        for (const { arm } of waiting) arm()
        waiting.clear()
      }
    },
  }
}
