/** Virtual users: each waits for its answer before it invokes again, as a load test's do. */
import { durationOf, isOpen, levelAt, wholeProfile, type LoadProfile } from '../../load/profile.ts'
import type { Schedule } from './schedule.ts'

export interface Users {
  /** So many have their answer. */
  readonly answered: (count: number, nowMs: number) => void
  /** So many are through with thinking: as many as the profile wants go on, the others leave. */
  comeBack(count: number, nowMs: number): void
  /** Looks whether more are wanted. */
  look(nowMs: number): void
}

/** How often a load test looks whether more are wanted. */
const LOOK_MS = 20

export function createUsers(
  profile: LoadProfile,
  schedule: Schedule,
  { pauseMs, invoke }: { readonly pauseMs: number; readonly invoke: (count: number, nowMs: number) => void },
): Users {
  const whole = wholeProfile(profile)
  const profileMs = durationOf(whole)
  let users = 0
  if (!isOpen(profile)) schedule.at(0).push({ kind: 'look' })
  return {
    answered(count, nowMs) {
      if (isOpen(profile)) return
      const entries = schedule.at(schedule.later(nowMs, pauseMs))
      const last = entries.at(-1)
      if (last?.kind === 'users') last.count += count
      else entries.push({ kind: 'users', count })
    },
    comeBack(count, nowMs) {
      const wanted = nowMs < profileMs ? Math.round(levelAt(whole, nowMs)) : 0
      const leaving = Math.min(count, Math.max(0, users - wanted))
      users -= leaving
      if (count > leaving) invoke(count - leaving, nowMs)
    },
    look(nowMs) {
      const more = Math.round(levelAt(whole, nowMs)) - users
      if (more > 0) {
        users += more
        invoke(more, nowMs)
      }
      if (nowMs + LOOK_MS < profileMs) schedule.at(nowMs + LOOK_MS).push({ kind: 'look' })
    },
  }
}
