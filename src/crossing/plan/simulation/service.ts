/** Lambda as the simulation has it: lets invocations in by the emulator's rules, keeps them for as long as they take, and events until they are served. */
import {
  createAdmission,
  type Admitted,
  type Arrival,
  type Refusal,
  type Ticket,
} from '../../../core/lambda-admission.ts'
import { seededRandom } from '../../load/seeded-random.ts'
import { coarsened, shareOut } from './durations.ts'
import { createEventQueue, type EventQueue } from './event-queue.ts'
import { createLimitWatch } from './limit-watch.ts'
import type { Entry, Schedule } from './schedule.ts'
import type { FirstMet, SimulatedFunction, Simulation, SimulationOrder, Source } from './simulation.ts'
import { createTally } from './tally.ts'

export interface Service {
  arrive(source: number, count: number, nowMs: number): void
  leave(entry: Extract<Entry, { kind: 'leave' }>, nowMs: number): void
  read(entry: Extract<Entry, { kind: 'read' }>, nowMs: number): void
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
  /** Of asynchronous events, by version. */
  readonly queues: Map<string, Queue>
  readonly total: { invocations: number; coldStarts: number; busyMs: number; provisionedBusyMs: number }
}

interface Queue {
  readonly events: EventQueue
  /** When it is read next, unless something happens before. */
  nextMs: number
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
    return {
      of,
      running: 0,
      queues: new Map(),
      total: { invocations: 0, coldStarts: 0, busyMs: 0, provisionedBusyMs: 0 },
    }
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

  /** Answers who was refused. Of events one is, and the others are not tried any more. */
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
      cell.throttled[refused.limit] += source.isSynchronous ? refused.count : 1
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
      if (ticket.runsIn === 'provisioned') total.provisionedBusyMs += ms * part
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

  function queueOf(index: number): Queue {
    const { source, fn } = partOf(index)
    let queue = fn.queues.get(source.version)
    if (!queue) {
      const cellAt = (nowMs: number) => tally.at(source.fn, nowMs)
      const events = createEventQueue({
        ageMs: source.eventAgeMs,
        admit: (from, count, nowMs) => count - (admit(from, count, nowMs)?.count ?? 0),
        tried({ acceptedMs }, nowMs) {
          const cell = cellAt(nowMs)
          cell.ageMaxMs = Math.max(cell.ageMaxMs, nowMs - acceptedMs)
        },
        givenUp: ({ count }, nowMs) => (cellAt(nowMs).expired += count),
      })
      queue = { events, nextMs: Number.POSITIVE_INFINITY }
      fn.queues.set(source.version, queue)
    }
    return queue
  }

  function readQueue(index: number, nowMs: number): void {
    const { source, fn } = partOf(index)
    const queue = queueOf(index)
    const nextMs = queue.events.read(nowMs)
    if (nextMs !== queue.nextMs && nextMs < Number.POSITIVE_INFINITY) {
      schedule.at(nextMs).push({ kind: 'read', source: index })
    }
    queue.nextMs = nextMs
    const cell = tally.at(source.fn, nowMs)
    const queued = [...fn.queues.values()].reduce((sum, { events }) => sum + events.count, 0)
    cell.queuedMax = Math.max(cell.queuedMax, queued)
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
      queueOf(index).events.add({ source: index, count, acceptedMs: nowMs })
      readQueue(index, nowMs)
    },

    leave({ source: index, ticket, count }, nowMs) {
      const { source, fn } = partOf(index)
      admission.leave(ticket, nowMs, count)
      watch.left(source.fn, count, isShared(fn, ticket))
      const cell = tally.at(source.fn, nowMs)
      fn.running -= count
      cell.running = fn.running
      if (source.isSynchronous) return answered(count, nowMs)
      queueOf(index).events.left(count)
      readQueue(index, nowMs)
    },

    read({ source: index }, nowMs) {
      // Something happened before.
      if (queueOf(index).nextMs !== nowMs) return
      queueOf(index).nextMs = Number.POSITIVE_INFINITY
      readQueue(index, nowMs)
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
