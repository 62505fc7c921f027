/** The closed model: each virtual user waits for an answer before its next invocation. What a slow callee is not asked, it cannot be slow at. */
import type { Sending } from './generator.ts'
import { durationOf, levelAt, type LoadProfile, wholeProfile } from './profile.ts'

export interface ClosedLoop {
  readonly profile: LoadProfile
  readonly thinkTimeMs: number
  readonly share: { readonly index: number; readonly of: number }
}

const LOOK_MS = 20

/** Resolves when the profile is over; answers may still be awaited. At least as many must be allowed in flight as there are users. */
export function runVirtualUsers(sending: Sending, { profile, thinkTimeMs, share }: ClosedLoop): Promise<void> {
  const whole = wholeProfile(profile)
  const endMs = durationOf(whole)
  const active = new Set<number>()
  let iterations = 0

  return new Promise((resolve, reject) => {
    let over = false
    const finish = (error?: Error): void => {
      if (over) return
      over = true
      clearInterval(looking)
      if (error === undefined) resolve()
      else reject(error)
    }
    /** Nobody before the beginning. */
    const wanted = (user: number): boolean => {
      const nowMs = sending.now()
      return nowMs >= 0 && user < Math.round(levelAt(whole, nowMs))
    }

    const invoke = (user: number): void => {
      try {
        const nowMs = sending.now()
        if (over || nowMs >= endMs || !wanted(user)) return void active.delete(user)
        const sent = sending.send(iterations++ * share.of + share.index, nowMs, () => {
          if (thinkTimeMs > 0) setTimeout(() => invoke(user), thinkTimeMs)
          else setImmediate(() => invoke(user))
        })
        if (sent !== 'sent') finish()
      } catch (error) {
        finish(error instanceof Error ? error : new Error(String(error)))
      }
    }

    const look = (): void => {
      if (sending.isStopped || sending.now() >= endMs) return finish()
      for (let user = share.index; wanted(user); user += share.of) {
        if (active.has(user)) continue
        active.add(user)
        invoke(user)
      }
    }
    const looking = setInterval(look, LOOK_MS)
    look()
  })
}
