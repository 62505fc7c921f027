/** Time as a dependency, so that a test can drive it. */

export interface Timer {
  cancel(): void
}

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Runs `action` once after `delayMs`; the timer never keeps the process alive by itself. */
  after(delayMs: number, action: () => void): Timer
}

/** The longest delay a platform timer takes; longer ones would fire at once. */
export const DELAY_MS_MAX = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, action) {
    const handle = setTimeout(action, Math.min(delayMs, DELAY_MS_MAX))
    handle.unref()
    return { cancel: () => clearTimeout(handle) }
  },
}

/** `2026-01-12T15:37:12.000Z` */
export function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString()
}
