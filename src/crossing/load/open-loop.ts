/** The open model: invocations start when the profile says, however long the ones before take. */
import { arrivals, type Spacing } from './arrivals.ts'
import type { Sending } from './generator.ts'
import type { LoadProfile } from './profile.ts'
import { seededRandom } from './seeded-random.ts'

export interface OpenLoop {
  readonly profile: LoadProfile
  readonly spacing: Spacing
  readonly seed: number
  readonly share: { readonly index: number; readonly of: number }
}

/**
 * A timer is good to a millisecond. Where arrivals are far apart the rest of that is spent looking at the clock, at the price of so much CPU
 * time an arrival; where they are close together it would cost the machine a core, and a burst within a millisecond does no harm.
 */
const TIMER_MS = 1
const GAP_WORTH_LOOKING_MS = 4
/** How long a loop that was told to stop may sleep on. */
const STOP_LOOK_MS = 250

/** Resolves when the last one has been sent. */
export function runArrivals(sending: Sending, { profile, spacing, seed, share }: OpenLoop): Promise<void> {
  const times = arrivals(profile, spacing, seededRandom(seed))
  let sequence = -1
  let nextMs = 0
  let gapMs = 0

  /** False: there are no more. */
  const advance = (): boolean => {
    for (;;) {
      const { value, done } = times.next()
      if (done === true) return false
      sequence++
      if (sequence % share.of !== share.index) continue
      gapMs = value - nextMs
      nextMs = value
      return true
    }
  }

  return new Promise((resolve, reject) => {
    const wake = (): void => {
      try {
        while (nextMs <= sending.now()) {
          if (sending.send(sequence, nextMs) === 'over' || !advance()) return resolve()
        }
        if (sending.isStopped) return resolve()
        wait()
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)))
      }
    }
    const wait = (): void => {
      const restMs = nextMs - sending.now()
      if (restMs >= 2 * TIMER_MS) setTimeout(wake, Math.min(Math.floor(restMs) - TIMER_MS, STOP_LOOK_MS))
      else if (gapMs >= GAP_WORTH_LOOKING_MS || restMs <= 0) setImmediate(wake)
      else setTimeout(wake, TIMER_MS)
    }
    if (advance()) wait()
    else resolve()
  })
}
