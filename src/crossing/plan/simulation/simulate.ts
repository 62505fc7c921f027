/**
 * Runs a load profile against Lambda's rules of admission, event by event, without waiting: the rules are the emulator's own. Pure, and the
 * same for the same seed. Where arrivals are too many to be taken singly, those of a slice of time, a fiftieth of the shortest mean duration,
 * come together, and the rules take them together.
 */
import { durationOf, invocationsOf, isOpen, peakOf, wholeProfile } from '../../load/profile.ts'
import { seededRandom } from '../../load/seeded-random.ts'
import { createDealer } from './dealing.ts'
import { inSlices, singly, type Group } from './offered.ts'
import { createSchedule, type Entry } from './schedule.ts'
import { createService } from './service.ts'
import type { Simulation, SimulationOrder } from './simulation.ts'
import { createUsers } from './users.ts'

/** More arrivals come in slices. */
const SINGLY_MAX = 200_000
const SLICES_PER_DURATION = 50
const SLICE_MS = { min: 0.1, max: 10 } as const
/** Of loads that are long for what their functions take: coarser slices rather than minutes of waiting. */
const SLICES_MAX = 5_000_000

export function simulate(order: SimulationOrder): Simulation {
  const { profile, sources, thinkTimeMs, answerMs } = order
  const sliceMs = sliceOf(order)
  const schedule = createSchedule(sliceMs)
  const deal = createDealer(sources.map(({ weight }) => weight))
  const invoke = (count: number, nowMs: number) => {
    for (const [source, share] of deal(count).entries()) if (share > 0) service.arrive(source, share, nowMs)
  }
  const users = createUsers(profile, schedule, { pauseMs: answerMs + thinkTimeMs, invoke })
  const service = createService(order, schedule, { inSlices: sliceMs > 0, answered: users.answered })

  function handle(entry: Entry, nowMs: number): void {
    switch (entry.kind) {
      case 'leave':
        return service.leave(entry, nowMs)
      case 'read':
        return service.read(entry, nowMs)
      case 'users':
        return users.comeBack(entry.count, nowMs)
      case 'look':
        return users.look(nowMs)
    }
  }

  const groups = groupsOf(order, sliceMs)
  let endMs = 0
  for (let next = groups.next(); ;) {
    const arrivalMs = next.done === true ? Number.POSITIVE_INFINITY : next.value.atMs
    const dueMs = schedule.nextMs
    const nowMs = Math.min(arrivalMs, dueMs)
    if (nowMs === Number.POSITIVE_INFINITY) break
    endMs = nowMs
    // Who leaves makes room for who comes at the same moment.
    if (dueMs <= arrivalMs) for (const entry of schedule.take()) handle(entry, nowMs)
    else if (next.done !== true) {
      invoke(next.value.count, nowMs)
      next = groups.next()
    }
  }
  return { ...service.figures(), sliceMs, endMs: endMs - profile.warmUpMs }
}

/** Virtual users come by themselves. */
function groupsOf({ profile, spacing, seed }: SimulationOrder, sliceMs: number): Iterator<Group> {
  const random = seededRandom(seed)
  if (!isOpen(profile)) return [][Symbol.iterator]()
  return sliceMs === 0 ? singly(profile, spacing, random) : inSlices(profile, spacing, { sliceMs, random })
}

/** 0: arrivals come singly. */
function sliceOf({ profile, functions, thinkTimeMs, answerMs, singlyMax = SINGLY_MAX }: SimulationOrder): number {
  const shortest = Math.min(...functions.map(({ duration }) => duration.meanMs))
  const whole = wholeProfile(profile)
  const expected = isOpen(profile)
    ? invocationsOf(profile)
    : (peakOf(whole) * durationOf(whole)) / Math.max(1, shortest + thinkTimeMs + answerMs)
  if (expected <= singlyMax) return 0
  const wanted = Math.min(SLICE_MS.max, Math.max(SLICE_MS.min, shortest / SLICES_PER_DURATION))
  return Math.max(wanted, durationOf(whole) / SLICES_MAX)
}
