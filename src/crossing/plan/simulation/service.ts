/** Lambda as the simulation has it: lets invocations in by the emulator's rules, keeps them for as long as they take, and events until they are served. */
import {
  createAdmission,
  type Admitted,
  type Arrival,
  type Refusal,
  type Ticket,
} from '../../../core/lambda-admission.ts'
import { backoffMs } from '../../../core/lambda-async-retries.ts'
import { seededRandom } from '../../load/seeded-random.ts'
import { coarsened, shareOut } from './durations.ts'
import { createLimitWatch } from './limit-watch.ts'
import type { Entry, Schedule, Waiting } from './schedule.ts'
import type { FirstMet, SimulatedFunction, Simulation, SimulationOrder, Source } from './simulation.ts'
import { createTally } from './tally.ts'

export interface Service {
  arrive(source: number, count: number, nowMs: number): void
  leave(entry: Extract<Entry, { kind: 'leave' }>, nowMs: number): void
  retry(entry: Extract<Entry, { kind: 'retry' }>, nowMs: number): void
  figures(): Pick<Simulation, 'seconds' | 'firstMet' | 'peaks' | 'sharedPeaks' | 'totals'>
}

/** Of durations that are shared out slice by slice. */
const COARSE_PARTS = 25
/** More than any limit, and still a number to reckon with. */
const UNLIMITED = 2 ** 50

/** A function while it is simulated. */
interface Running {
  readonly of: SimulatedFunction
  running: number
  queued: number
  readonly total: { invocations: number; coldStarts: number; busyMs: number }
}

interface Part {
  readonly source: Source
  readonly arrival: Arrival
  readonly fn: Running
}

export function createService(
  order: SimulationOrder,
  schedule: Schedule,
  { inSlices, answered }: { readonly inSlices: boolean; readonly answered: (count: number, nowMs: number) => void },
): Service {
  const applies = order.limits === 'apply'
  const random = seededRandom(order.seed + 1)
  const admission = createAdmission()
  const watch = createLimitWatch(order.functions)
  const met = new Map<string, FirstMet>()
  const functions = order.functions.map((fn): Running => {
    const of = inSlices
      ? { ...fn, duration: coarsened(fn.duration, COARSE_PARTS), init: coarsened(fn.init, COARSE_PARTS) }
      : fn
    return { of, running: 0, queued: 0, total: { invocations: 0, coldStarts: 0, busyMs: 0 } }
  })
  const tally = createTally(order.functions.length, order.profile.warmUpMs, (fn) => functions[fn]?.running ?? 0)
  const parts = order.sources.map((source): Part => {
    const fn = functions[source.fn]
    if (!fn) throw new Error(`there is no function ${source.fn}`)
    return { source, fn, arrival: arrivalOf(source, fn.of, applies) }
  })

  function partOf(index: number): Part {
    const part = parts[index]
    if (!part) throw new Error(`there is no source ${index}`)
    return part
  }

  function isShared({ of }: Running, { runsIn }: Ticket): boolean {
    return runsIn !== 'provisioned' && of.reserved === undefined
  }

  /** Answers who was refused. */
  function admit(index: number, count: number, nowMs: number): (Refusal & { readonly count: number }) | undefined {
    const { source, arrival, fn } = partOf(index)
    const { admitted, refused } = admission.arriveMany(arrival, count, nowMs)
    const cell = tally.at(source.fn, nowMs)
    for (const group of admitted) {
      const starts = group.startsEnvironment ? group.count : 0
      watch.admitted(source.fn, { count: group.count, shared: isShared(fn, group.ticket), starts }, nowMs)
      fn.running += group.count
      cell.served += group.count
      cell.coldStarts += starts
      fn.total.invocations += group.count
      fn.total.coldStarts += starts
      run(index, fn, group, nowMs)
    }
    cell.runningMax = Math.max(cell.runningMax, fn.running)
    cell.running = fn.running
    if (refused) {
      cell.throttled[refused.limit] += refused.count
      const key = `${source.fn}/${refused.limit}`
      if (!met.has(key)) met.set(key, { fn: source.fn, limit: refused.limit, atMs: nowMs })
    }
    return refused
  }

  function run(
    index: number,
    { of, total }: Running,
    { ticket, count, startsEnvironment }: Admitted,
    nowMs: number,
  ): void {
    shareOut(of.duration, count, random, (ms, part) => {
      total.busyMs += ms * part
      const leaveAfter = (initMs: number, many: number) => {
        const entries = schedule.at(schedule.later(nowMs, ms + initMs))
        const last = entries.at(-1)
        if (last?.kind === 'leave' && last.source === index && last.ticket.runsIn === ticket.runsIn) last.count += many
        else entries.push({ kind: 'leave', source: index, ticket, count: many })
      }
      if (startsEnvironment) shareOut(of.init, part, random, leaveAfter)
      else leaveAfter(0, part)
    })
  }

  /** Until they are tried again, or too old. */
  function wait(index: number, events: Waiting, nowMs: number): void {
    const { source, fn } = partOf(index)
    if (events.refusals === 1) fn.queued += events.count
    const cell = tally.at(source.fn, nowMs)
    cell.queuedMax = Math.max(cell.queuedMax, fn.queued)
    const dueMs = Math.min(nowMs + backoffMs(events.refusals), events.acceptedMs + source.eventAgeMs)
    schedule.at(dueMs).push({ kind: 'retry', source: index, ...events })
  }

  return {
    arrive(index, count, nowMs) {
      const { source, fn } = partOf(index)
      tally.at(source.fn, nowMs).arrived += count
      watch.arrived(source.fn, count, source.isSynchronous, nowMs)
      if (applies && fn.of.isUnconnected) {
        tally.at(source.fn, nowMs).unconnected += count
        return answered(count, nowMs)
      }
      if (source.isSynchronous) {
        const refused = admit(index, count, nowMs)
        if (refused) answered(refused.count, nowMs)
        return
      }
      answered(count, nowMs)
      // Lambda does not wait for better days where a function may not run at all.
      if (applies && fn.of.reserved === 0) {
        tally.at(source.fn, nowMs).expired += count
        return
      }
      const refused = admit(index, count, nowMs)
      if (refused) wait(index, { count: refused.count, refusals: 1, acceptedMs: nowMs }, nowMs)
    },

    leave({ source: index, ticket, count }, nowMs) {
      const { source, fn } = partOf(index)
      admission.leave(ticket, nowMs, count)
      watch.left(source.fn, count, isShared(fn, ticket))
      const cell = tally.at(source.fn, nowMs)
      fn.running -= count
      cell.running = fn.running
      if (source.isSynchronous) answered(count, nowMs)
    },

    retry({ source: index, count, refusals, acceptedMs }, nowMs) {
      const { source, fn } = partOf(index)
      const cell = tally.at(source.fn, nowMs)
      cell.ageMaxMs = Math.max(cell.ageMaxMs, nowMs - acceptedMs)
      cell.queuedMax = Math.max(cell.queuedMax, fn.queued)
      if (nowMs >= acceptedMs + source.eventAgeMs) {
        cell.expired += count
        fn.queued -= count
        return
      }
      const refused = admit(index, count, nowMs)
      fn.queued -= count - (refused?.count ?? 0)
      if (refused) wait(index, { count: refused.count, refusals: refusals + 1, acceptedMs }, nowMs)
    },

    figures: () => ({
      seconds: tally.seconds(),
      firstMet: (applies ? [...met.values()] : watch.firstMet()).map(({ atMs, ...rest }) => ({
        ...rest,
        atMs: atMs - order.profile.warmUpMs,
      })),
      peaks: watch.peaks(),
      sharedPeaks: watch.sharedPeaks(),
      totals: functions.map(({ total }) => total),
    }),
  }
}

function arrivalOf(source: Source, fn: SimulatedFunction, applies: boolean): Arrival {
  const unreserved = applies ? fn.unreserved : UNLIMITED
  return {
    scope: fn.scope,
    functionName: fn.name,
    version: source.version,
    isSynchronous: source.isSynchronous,
    accountLimit: applies ? fn.accountLimit : UNLIMITED,
    reserved: applies ? fn.reserved : undefined,
    provisioned: source.provisioned,
    unreserved: { floor: unreserved, count: () => unreserved },
    environmentsPerInterval: applies ? fn.environmentsPerInterval : UNLIMITED,
  }
}
