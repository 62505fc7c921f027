/**
 * What the machine of an Isthmus makes of a load: its execution environments are taken in turn, and who finds none for a while is refused. AWS
 * has no such limit, so that a plan may hold and a load test here still meet it. Pure.
 */
import { CAPACITY_WAIT_MS_MAX } from '../../../core/host-capacity.ts'
import { arrivals } from '../../load/arrivals.ts'
import { isOpen } from '../../load/profile.ts'
import { seededRandom } from '../../load/seeded-random.ts'
import type { HostVerdict } from '../plan-data.ts'
import type { Simulated } from '../plan-order.ts'
import { createAgenda } from '../simulation/agenda.ts'
import { createDealer } from '../simulation/dealing.ts'

/** Later ones say nothing new of when it begins. */
const ARRIVALS_MAX = 200_000

/** Undefined: it suffices, nobody knows how much it takes, or users wait for their answers, so that the load goes at its pace. */
export function hostVerdict({ order, limited }: Simulated): HostVerdict | undefined {
  const { profile, spacing, seed, functions, crossings } = order
  const environmentsMax = functions[0]?.facts.hostEnvironments
  const needed = limited.peaks.reduce((sum, { running }) => sum + running, 0)
  if (environmentsMax === undefined || needed <= environmentsMax || !isOpen(profile)) return undefined
  const deal = createDealer(crossings.map(({ weight }) => weight))
  /** When environments that were started become idle: one entry for each. */
  const ends = createAgenda<true>()
  let [started, idle, arrived, refused] = [0, 0, 0, 0]
  let firstMs: number | undefined
  const run = (fn: number, fromMs: number, isCold: boolean) => {
    const { duration, init } = functions[fn] ?? {}
    const ms = (duration?.durations.meanMs ?? 0) + (isCold ? (init?.durations.meanMs ?? 0) : 0)
    ends.at(fromMs + ms).push(true)
  }
  for (const atMs of arrivals(profile, spacing, seededRandom(seed))) {
    if (++arrived > ARRIVALS_MAX) break
    const fn = crossings[deal(1).findIndex((share) => share > 0)]?.fn ?? 0
    while (ends.nextMs <= atMs) idle += ends.take().length
    if (idle > 0) {
      idle--
      run(fn, atMs, false)
    } else if (started < environmentsMax) {
      started++
      run(fn, atMs, true)
    } else if (ends.nextMs > atMs + CAPACITY_WAIT_MS_MAX) {
      refused++
      firstMs ??= atMs
    } else {
      const nextMs = ends.nextMs
      const [, ...others] = ends.take()
      if (others.length > 0) ends.at(nextMs).push(...others)
      run(fn, nextMs, false)
    }
  }
  return {
    environmentsMax,
    needed,
    cause: 'ServiceException',
    refused,
    ...(firstMs !== undefined && { firstSecond: Math.floor((firstMs - profile.warmUpMs) / 1000) }),
  }
}
