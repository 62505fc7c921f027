/** The system's clock, whose timers can be held: what AWS does a moment later then happens when a test says so, on a busy machine too. */
import { systemClock, type Clock, type Timer } from '../../src/core/clock.ts'

export interface HeldClock extends Clock {
  /** No timer that is set while `action` runs fires before it has ended. */
  whileHeld<T>(action: () => Promise<T>): Promise<T>
}

interface Waiting {
  readonly arm: () => void
}

export function createHeldClock(): HeldClock {
  let held = false
  const waiting = new Set<Waiting>()
  return {
    now: () => systemClock.now(),
    after(delayMs, action) {
      if (!held) return systemClock.after(delayMs, action)
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
      held = true
      try {
        return await action()
      } finally {
        held = false
        for (const { arm } of waiting) arm()
        waiting.clear()
      }
    },
  }
}
