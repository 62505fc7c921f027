/** What each of Lambda's limits would make of a load that nothing refuses: how much of it is needed, and when it would first refuse, were it alone. */
import {
  REQUESTS_PER_SECOND_PER_ENVIRONMENT,
  SCALING_INTERVAL_MS,
  type AdmissionLimit,
} from '../../../core/lambda-admission.ts'
import type { FirstMet, FunctionPeaks, SimulatedFunction } from './simulation.ts'

export interface LimitWatch {
  arrived(fn: number, count: number, isSynchronous: boolean, nowMs: number): void
  /** `shared`: they use what functions without a reservation share. `starts`: how many needed an environment. */
  admitted(
    fn: number,
    order: { readonly count: number; readonly shared: boolean; readonly starts: number },
    nowMs: number,
  ): void
  left(fn: number, count: number, shared: boolean): void
  firstMet(): readonly FirstMet[]
  peaks(): readonly FunctionPeaks[]
  sharedPeaks(): ReadonlyMap<string, number>
}

interface Watched {
  running: number
  runningPeak: number
  readonly requests: Bucket
  readonly starts: Bucket
  /** Synchronous requests of the second that is being counted. */
  second: number
  inSecond: number
  inSecondPeak: number
}

/** Filled by what comes, emptied at a steady rate: it is full where the limit's own bucket of tokens is empty. */
interface Bucket {
  level: number
  peak: number
  atMs: number
  readonly perMs: number
}

export function createLimitWatch(functions: readonly SimulatedFunction[]): LimitWatch {
  const met = new Map<string, FirstMet>()
  const pools = new Map<string, { now: number; peak: number }>()
  const bucket = (perMs: number): Bucket => ({ level: 0, peak: 0, atMs: 0, perMs })
  const watched = functions.map((fn): Watched => ({
    running: 0,
    runningPeak: 0,
    requests: bucket(requestsPerSecondOf(fn) / 1000),
    starts: bucket(fn.environmentsPerInterval / SCALING_INTERVAL_MS),
    second: 0,
    inSecond: 0,
    inSecondPeak: 0,
  }))

  function meet(fn: number, limit: AdmissionLimit, atMs: number): void {
    const key = `${fn}/${limit}`
    if (!met.has(key)) met.set(key, { fn, limit, atMs })
  }

  return {
    arrived(fn, count, isSynchronous, nowMs) {
      const [one, of] = [watched[fn], functions[fn]]
      if (!one || !of || !isSynchronous) return
      const second = Math.floor(nowMs / 1000)
      if (second !== one.second) one.inSecond = 0
      one.second = second
      one.inSecond += count
      one.inSecondPeak = Math.max(one.inSecondPeak, one.inSecond)
      if (pour(one.requests, count, nowMs) > requestsPerSecondOf(of)) meet(fn, 'rate', nowMs)
    },
    admitted(fn, { count, shared, starts }, nowMs) {
      const [one, of] = [watched[fn], functions[fn]]
      if (!one || !of) return
      one.running += count
      one.runningPeak = Math.max(one.runningPeak, one.running)
      if (of.reserved !== undefined && one.running > of.reserved) meet(fn, 'reserved', nowMs)
      if (starts > 0 && pour(one.starts, starts, nowMs) > of.environmentsPerInterval) meet(fn, 'scaling', nowMs)
      if (!shared) return
      const pool = pools.get(of.scope) ?? { now: 0, peak: 0 }
      pool.now += count
      pool.peak = Math.max(pool.peak, pool.now)
      pools.set(of.scope, pool)
      if (pool.now > of.unreserved) meet(fn, 'account', nowMs)
    },
    left(fn, count, shared) {
      const [one, of] = [watched[fn], functions[fn]]
      if (!one || !of) return
      one.running -= count
      const pool = shared ? pools.get(of.scope) : undefined
      if (pool) pool.now -= count
    },
    firstMet: () => [...met.values()],
    peaks: () =>
      watched.map(({ runningPeak, inSecondPeak, starts }) => ({
        running: runningPeak,
        requestsPerSecond: inSecondPeak,
        startsAtOnce: Math.ceil(starts.peak - 1e-6),
      })),
    sharedPeaks: () => new Map([...pools].map(([scope, { peak }]) => [scope, peak])),
  }
}

function requestsPerSecondOf({ reserved, accountLimit }: SimulatedFunction): number {
  return REQUESTS_PER_SECOND_PER_ENVIRONMENT * (reserved ?? accountLimit)
}

/** Answers the level, rid of what rounding adds. */
function pour(bucket: Bucket, count: number, nowMs: number): number {
  bucket.level = Math.max(0, bucket.level - (nowMs - bucket.atMs) * bucket.perMs) + count
  bucket.atMs = nowMs
  bucket.peak = Math.max(bucket.peak, bucket.level)
  return bucket.level - 1e-9
}
