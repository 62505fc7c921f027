/**
 * Runs a load profile against Lambda's rules of admission, event by event, without waiting: the rules are the emulator's own. Pure, and the
 * same for the same seed. Where arrivals are too many to be taken singly, those of a slice of time, a fiftieth of the shortest mean duration,
 * come together, and the rules take them together.
 */
import { createAdmission, type Arrival, type Refusal, type Ticket } from '../../core/lambda-admission.ts'
import { backoffMs } from '../../core/lambda-async-retries.ts'
import { pickByWeight } from '../load/arrivals.ts'
import { durationOf, invocationsOf, isOpen, levelAt, peakOf, wholeProfile } from '../load/profile.ts'
import { seededRandom } from '../load/seeded-random.ts'
import { createAgenda } from './agenda.ts'
import { coarsened, shareOut } from './durations.ts'
import { createLimitWatch } from './limit-watch.ts'
import { inSlices, singly, type Group } from './offered.ts'
import type { FirstMet, Simulation, SimulationOrder } from './simulation.ts'
import { createTally } from './tally.ts'

const SINGLY_MAX = 200_000
const SLICES_PER_DURATION = 50
const SLICE_MS = { min: 0.1, max: 10 } as const
/** Of durations that are shared out slice by slice. */
const COARSE_PARTS = 25
/** More than any limit, and still a number to reckon with. */
const UNLIMITED = 2 ** 50
/** How often a load test looks whether more virtual users are wanted. */
const LOOK_MS = 20
/** Groups up to it are dealt to the crossings one by one, as a load test does. */
const DEALT_SINGLY_MAX = 32

type Entry =
  | { readonly kind: 'leave'; readonly source: number; readonly ticket: Ticket; count: number }
  | {
      readonly kind: 'retry'
      readonly source: number
      readonly count: number
      readonly refusals: number
      readonly acceptedMs: number
    }
  | { readonly kind: 'users'; count: number }
  | { readonly kind: 'look' }

export function simulate(order: SimulationOrder): Simulation {
  const { profile, spacing, functions, sources, thinkTimeMs, answerMs } = order
  const applies = order.limits === 'apply'
  const whole = wholeProfile(profile)
  const profileMs = durationOf(whole)
  const random = seededRandom(order.seed)
  const drawn = seededRandom(order.seed + 1)
  const sliceMs = sliceOf(order)
  const slices = <Of extends (typeof functions)[number]>(of: Of) =>
    sliceMs === 0
      ? of
      : { ...of, duration: coarsened(of.duration, COARSE_PARTS), init: coarsened(of.init, COARSE_PARTS) }
  const timed = functions.map(slices)
  const admission = createAdmission()
  const agenda = createAgenda<Entry>()
  const tally = createTally(functions.length, profile.warmUpMs)
  const watch = createLimitWatch(functions)
  const met = new Map<string, FirstMet>()
  const running = functions.map(() => 0)
  const queued = functions.map(() => 0)
  const totals = functions.map(() => ({ invocations: 0, coldStarts: 0, busyMs: 0 }))
  const weights = sources.map(({ weight }) => weight)
  const arrivals = sources.map((source): Arrival => {
    const fn = functions[source.fn]
    const { unreserved = 0, accountLimit = 0, environmentsPerInterval = 0 } = applies ? (fn ?? {}) : UNLIMITED_FUNCTION
    return {
      scope: fn?.scope ?? '',
      functionName: fn?.name ?? '',
      version: source.version,
      isSynchronous: source.isSynchronous,
      accountLimit,
      reserved: applies ? fn?.reserved : undefined,
      provisioned: source.provisioned,
      unreserved: { floor: unreserved, count: () => unreserved },
      environmentsPerInterval,
    }
  })
  let dealt = 0
  let users = 0
  let endMs = 0

  /** On the grid of slices, so that what ends together leaves together; never at once. */
  function later(nowMs: number, ms: number): number {
    return sliceMs === 0 ? nowMs + ms : (Math.round(nowMs / sliceMs) + Math.max(1, Math.round(ms / sliceMs))) * sliceMs
  }

  function arrive(index: number, count: number, nowMs: number): void {
    const source = sources[index]
    if (!source) return
    tally.at(source.fn, nowMs).arrived += count
    watch.arrived(source.fn, count, source.isSynchronous, nowMs)
    // Lambda does not wait for better days where a function may not run at all.
    if (applies && !source.isSynchronous && functions[source.fn]?.reserved === 0) {
      tally.at(source.fn, nowMs).expired += count
      return
    }
    const refused = admit(index, count, nowMs)
    if (!source.isSynchronous) {
      if (refused) wait(index, { count: refused.count, refusals: 1, acceptedMs: nowMs }, nowMs)
      comeBack(count, nowMs)
    } else if (refused) comeBack(refused.count, nowMs)
  }

  function admit(index: number, count: number, nowMs: number): (Refusal & { readonly count: number }) | undefined {
    const [source, arrival] = [sources[index], arrivals[index]]
    const fn = source && timed[source.fn]
    const total = source && totals[source.fn]
    if (!source || !arrival || !fn || !total) return undefined
    const { admitted, refused } = admission.arriveMany(arrival, count, nowMs)
    const cell = tally.at(source.fn, nowMs)
    for (const { ticket, count: many, startsEnvironment } of admitted) {
      const starts = startsEnvironment ? many : 0
      watch.admitted(source.fn, { count: many, shared: isShared(source.fn, ticket), starts }, nowMs)
      running[source.fn] = (running[source.fn] ?? 0) + many
      cell.served += many
      cell.coldStarts += starts
      total.invocations += many
      total.coldStarts += starts
      shareOut(fn.duration, many, drawn, (ms, part) => {
        total.busyMs += ms * part
        const leave = (extraMs: number, of: number) => leaveAt(later(nowMs, ms + extraMs), index, ticket, of)
        if (startsEnvironment) shareOut(fn.init, part, drawn, leave)
        else leave(0, part)
      })
    }
    cell.runningMax = Math.max(cell.runningMax, running[source.fn] ?? 0)
    if (refused) {
      cell.throttled[refused.limit] += refused.count
      const key = `${source.fn}/${refused.limit}`
      if (!met.has(key)) met.set(key, { fn: source.fn, limit: refused.limit, atMs: nowMs })
    }
    return refused
  }

  function leaveAt(atMs: number, source: number, ticket: Ticket, count: number): void {
    const entries = agenda.at(atMs)
    const last = entries.at(-1)
    if (last?.kind === 'leave' && last.source === source && last.ticket.runsIn === ticket.runsIn) last.count += count
    else entries.push({ kind: 'leave', source, ticket, count })
  }

  /** Until it is tried again, or too old. */
  function wait(
    index: number,
    event: { readonly count: number; readonly refusals: number; readonly acceptedMs: number },
    nowMs: number,
  ): void {
    const source = sources[index]
    if (!source) return
    if (event.refusals === 1) queued[source.fn] = (queued[source.fn] ?? 0) + event.count
    const cell = tally.at(source.fn, nowMs)
    cell.queuedMax = Math.max(cell.queuedMax, queued[source.fn] ?? 0)
    const dueMs = Math.min(nowMs + backoffMs(event.refusals), event.acceptedMs + source.eventAgeMs)
    agenda.at(dueMs).push({ kind: 'retry', source: index, ...event })
  }

  function retry(
    { source: index, count, refusals, acceptedMs }: Extract<Entry, { kind: 'retry' }>,
    nowMs: number,
  ): void {
    const source = sources[index]
    if (!source) return
    const cell = tally.at(source.fn, nowMs)
    cell.ageMaxMs = Math.max(cell.ageMaxMs, nowMs - acceptedMs)
    cell.queuedMax = Math.max(cell.queuedMax, queued[source.fn] ?? 0)
    if (nowMs >= acceptedMs + source.eventAgeMs) {
      cell.expired += count
      queued[source.fn] = (queued[source.fn] ?? 0) - count
      return
    }
    const refused = admit(index, count, nowMs)
    queued[source.fn] = (queued[source.fn] ?? 0) - (count - (refused?.count ?? 0))
    if (refused) wait(index, { count: refused.count, refusals: refusals + 1, acceptedMs }, nowMs)
  }

  /** Virtual users that have their answer. */
  function comeBack(count: number, nowMs: number): void {
    if (isOpen(profile)) return
    const entries = agenda.at(later(nowMs, answerMs + thinkTimeMs))
    const last = entries.at(-1)
    if (last?.kind === 'users') last.count += count
    else entries.push({ kind: 'users', count })
  }

  /** As many as the profile wants go on; the others leave. */
  function invokeAsUsers(count: number, nowMs: number): void {
    const wanted = nowMs < profileMs ? Math.round(levelAt(whole, nowMs)) : 0
    const leaving = Math.min(count, Math.max(0, users - wanted))
    users -= leaving
    deal(count - leaving, nowMs)
  }

  function look(nowMs: number): void {
    const more = Math.round(levelAt(whole, nowMs)) - users
    if (more > 0) {
      users += more
      deal(more, nowMs)
    }
    if (nowMs + LOOK_MS < profileMs) agenda.at(nowMs + LOOK_MS).push({ kind: 'look' })
  }

  function deal(count: number, nowMs: number): void {
    if (sources.length === 1) {
      if (count > 0) arrive(0, count, nowMs)
      return
    }
    const shares = weights.map(() => 0)
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    let rest = count
    if (count > DEALT_SINGLY_MAX) {
      for (const [index, weight] of weights.entries()) {
        const share = Math.floor((count * weight) / total)
        shares[index] = share
        rest -= share
      }
    }
    for (; rest > 0; rest--) {
      const index = pickByWeight(dealt++, weights)
      shares[index] = (shares[index] ?? 0) + 1
    }
    for (const [index, share] of shares.entries()) if (share > 0) arrive(index, share, nowMs)
  }

  function handle(entry: Entry, nowMs: number): void {
    switch (entry.kind) {
      case 'leave': {
        const { source: index, ticket, count } = entry
        const source = sources[index]
        if (!source) return
        admission.leave(ticket, nowMs, count)
        watch.left(source.fn, count, isShared(source.fn, ticket))
        running[source.fn] = (running[source.fn] ?? 0) - count
        if (source.isSynchronous) comeBack(count, nowMs)
        return
      }
      case 'retry':
        return retry(entry, nowMs)
      case 'users':
        return invokeAsUsers(entry.count, nowMs)
      case 'look':
        return look(nowMs)
    }
  }

  function isShared(fn: number, { runsIn }: Ticket): boolean {
    return runsIn !== 'provisioned' && functions[fn]?.reserved === undefined
  }

  const groups: Iterator<Group> = !isOpen(profile)
    ? [][Symbol.iterator]()
    : sliceMs === 0
      ? singly(profile, spacing, random)
      : inSlices(profile, spacing, { sliceMs, random })
  if (!isOpen(profile)) agenda.at(0).push({ kind: 'look' })
  for (let next = groups.next(); ;) {
    const arrivalMs = next.done === true ? Number.POSITIVE_INFINITY : next.value.atMs
    const dueMs = agenda.nextMs
    const nowMs = Math.min(arrivalMs, dueMs)
    if (nowMs === Number.POSITIVE_INFINITY) break
    endMs = nowMs
    if (dueMs <= arrivalMs) for (const entry of agenda.take()) handle(entry, nowMs)
    else if (next.done !== true) {
      deal(next.value.count, nowMs)
      next = groups.next()
    }
  }
  const sinceWarmUp = ({ atMs, ...rest }: FirstMet): FirstMet => ({ ...rest, atMs: atMs - profile.warmUpMs })
  return {
    seconds: tally.seconds(),
    firstMet: (applies ? [...met.values()] : watch.firstMet()).map(sinceWarmUp),
    peaks: watch.peaks(),
    sharedPeaks: watch.sharedPeaks(),
    totals,
    sliceMs,
    endMs: endMs - profile.warmUpMs,
  }
}

const UNLIMITED_FUNCTION = { unreserved: UNLIMITED, accountLimit: UNLIMITED, environmentsPerInterval: UNLIMITED }

/** 0: arrivals come singly. */
function sliceOf({ profile, functions, thinkTimeMs, answerMs, singlyMax = SINGLY_MAX }: SimulationOrder): number {
  const shortest = Math.min(...functions.map(({ duration }) => duration.meanMs))
  const whole = wholeProfile(profile)
  const expected = isOpen(profile)
    ? invocationsOf(profile)
    : (peakOf(whole) * durationOf(whole)) / Math.max(1, shortest + thinkTimeMs + answerMs)
  if (expected <= singlyMax) return 0
  return Math.min(SLICE_MS.max, Math.max(SLICE_MS.min, shortest / SLICES_PER_DURATION))
}
