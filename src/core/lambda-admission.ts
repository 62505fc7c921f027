/**
 * Which invocations Lambda lets in: concurrency, request rate and scaling rate. Pure: time is an argument, so that a simulator can run it, too.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
 * https://docs.aws.amazon.com/lambda/latest/dg/scaling-behavior.html
 */

/** In the words of TooManyRequestsException. */
export type ThrottleReason =
  | 'ConcurrentInvocationLimitExceeded'
  | 'FunctionInvocationRateLimitExceeded'
  | 'ReservedFunctionConcurrentInvocationLimitExceeded'
  | 'ReservedFunctionInvocationRateLimitExceeded'

export interface Arrival {
  /** The account and Region whose limit it is. */
  readonly scope: string
  readonly functionName: string
  /** What provisioned environments belong to. */
  readonly version: string
  /** Only these have a limit of rate. */
  readonly isSynchronous: boolean
  /** The account's concurrency. */
  readonly accountLimit: number
  /** The function's reservation: it neither uses nor is limited by what the account has left. */
  readonly reserved: number | undefined
  /** Environments of the version that were initialised ahead. */
  readonly provisioned: number
  /** What on-demand invocations of functions without a reservation share: never below `floor`, and exactly `count()`, asked only when it may matter. */
  readonly unreserved: { readonly floor: number; readonly count: () => number }
  /** How many environments a function gets at once, and again in every ten seconds; AWS's when absent. */
  readonly environmentsPerInterval?: number
}

/** An invocation that was let in, until it leaves. */
export interface Ticket {
  readonly scope: string
  readonly functionKey: string
  readonly versionKey: string
  readonly runsIn: 'provisioned' | 'reserved' | 'unreserved'
}

/** `reserved` and `account`: the concurrency of the function's reservation, and of all that have none. */
export type AdmissionLimit = 'reserved' | 'account' | 'rate' | 'scaling'

export interface Refusal {
  readonly reason: ThrottleReason
  /** What was met: two limits have one reason. */
  readonly limit: AdmissionLimit
  /** Absent where only time that nobody knows helps. */
  readonly retryAfterSeconds?: number
}

export type Verdict = { readonly ticket: Ticket } | Refusal

/** Invocations that were let in alike, under one ticket; each of them leaves. */
export interface Admitted {
  readonly ticket: Ticket
  readonly count: number
  /** Each needs an environment that the function did not have yet. */
  readonly startsEnvironment: boolean
}

export interface Admission {
  arrive(arrival: Arrival, nowMs: number): Verdict
  /** As `count` times `arrive` at one moment. Since a refusal changes nothing, whoever comes after it is refused for the same reason. */
  arriveMany(
    arrival: Arrival,
    count: number,
    nowMs: number,
  ): { readonly admitted: readonly Admitted[]; readonly refused?: Refusal & { readonly count: number } }
  /** Makes room again. Every ticket leaves as often as it was let in. */
  leave(ticket: Ticket, nowMs: number, count?: number): void
}

/** One environment serves so many requests in a second and no more. */
export const REQUESTS_PER_SECOND_PER_ENVIRONMENT = 10
/** A function gets so many environments at once, and as many more in every ten seconds. */
export const ENVIRONMENTS_PER_INTERVAL = 1000
export const SCALING_INTERVAL_MS = 10_000
/** FIDELITY: how long AWS keeps an environment that is idle it does not promise. */
const ENVIRONMENT_IDLE_MS = 5 * 60_000
/** Functions beyond it whose last invocation is long ago are forgotten. */
const FUNCTIONS_MAX = 10_000

interface FunctionLoad {
  inFlight: number
  /** Not in provisioned environments. */
  onDemand: number
  /** As many environments as ran at once since the last time all were idle for long. */
  environments: number
  lastLeftMs: number
  readonly requests: Bucket
  readonly starts: Bucket
}

/** Tokens that come back continuously. */
interface Bucket {
  tokens: number
  atMs: number
}

/** Of one arrival: where it is counted. */
interface Place {
  readonly functionKey: string
  readonly versionKey: string
  readonly load: FunctionLoad
}

/** One more is let in, and at this moment so many `alike`. */
interface Room {
  readonly runsIn: Ticket['runsIn']
  readonly startsEnvironment: boolean
  readonly alike: number
}

export function createAdmission(): Admission {
  /** On-demand invocations of functions without a reservation, per account and Region. */
  const pools = new Map<string, number>()
  const functions = new Map<string, FunctionLoad>()
  const provisioned = new Map<string, number>()

  function loadOf(key: string, nowMs: number): FunctionLoad {
    let load = functions.get(key)
    if (!load) {
      if (functions.size >= FUNCTIONS_MAX) forgetIdle(nowMs)
      load = {
        inFlight: 0,
        onDemand: 0,
        environments: 0,
        lastLeftMs: nowMs,
        requests: { tokens: Number.POSITIVE_INFINITY, atMs: nowMs },
        starts: { tokens: Number.POSITIVE_INFINITY, atMs: nowMs },
      }
      functions.set(key, load)
    }
    return load
  }

  function forgetIdle(nowMs: number): void {
    for (const [key, load] of functions) {
      if (load.inFlight === 0 && nowMs - load.lastLeftMs > ENVIRONMENT_IDLE_MS) functions.delete(key)
    }
  }

  function placeOf({ scope, functionName, version }: Arrival, nowMs: number): Place {
    const functionKey = `${scope}/${functionName}`
    const load = loadOf(functionKey, nowMs)
    if (load.inFlight === 0 && nowMs - load.lastLeftMs > ENVIRONMENT_IDLE_MS) load.environments = 0
    return { functionKey, versionKey: `${functionKey}/${version}`, load }
  }

  /** Changes nothing but what time has brought back to the buckets. */
  function judge({ load, versionKey }: Place, arrival: Arrival, nowMs: number): Refusal | Room {
    const { scope, reserved, isSynchronous } = arrival
    if (reserved !== undefined && load.inFlight >= reserved) {
      return { reason: 'ReservedFunctionConcurrentInvocationLimitExceeded', limit: 'reserved' }
    }
    let alike = reserved === undefined ? Number.POSITIVE_INFINITY : reserved - load.inFlight
    const ahead = arrival.provisioned - (provisioned.get(versionKey) ?? 0)
    const isProvisioned = ahead > 0
    if (isProvisioned) alike = Math.min(alike, ahead)
    const runsIn = isProvisioned ? 'provisioned' : reserved === undefined ? 'unreserved' : 'reserved'
    if (runsIn === 'unreserved') {
      const { floor, count } = arrival.unreserved
      const pool = pools.get(scope) ?? 0
      const most = pool < floor ? floor : count()
      if (pool >= most) return { reason: 'ConcurrentInvocationLimitExceeded', limit: 'account' }
      alike = Math.min(alike, most - pool)
    }
    if (isSynchronous) {
      const perSecond = REQUESTS_PER_SECOND_PER_ENVIRONMENT * (reserved ?? arrival.accountLimit)
      if (!hasToken(load.requests, { capacity: perSecond, perMs: perSecond / 1000 }, nowMs)) {
        const reason =
          reserved === undefined ? 'FunctionInvocationRateLimitExceeded' : 'ReservedFunctionInvocationRateLimitExceeded'
        return { reason, limit: 'rate', retryAfterSeconds: 1 }
      }
      alike = Math.min(alike, load.requests.tokens)
    }
    const idle = load.environments - load.onDemand
    const startsEnvironment = !isProvisioned && idle <= 0
    if (startsEnvironment) {
      const { environmentsPerInterval: capacity = ENVIRONMENTS_PER_INTERVAL } = arrival
      if (!hasToken(load.starts, { capacity, perMs: capacity / SCALING_INTERVAL_MS }, nowMs)) {
        // FIDELITY: which reason AWS gives a function that grows too fast is not documented.
        return { reason: 'ConcurrentInvocationLimitExceeded', limit: 'scaling', retryAfterSeconds: 1 }
      }
      alike = Math.min(alike, load.starts.tokens)
    } else if (!isProvisioned) alike = Math.min(alike, idle)
    return { runsIn, startsEnvironment, alike: Math.max(1, Math.floor(alike)) }
  }

  function take(place: Place, { scope, isSynchronous }: Arrival, room: Room, count: number): Ticket {
    const { load, functionKey, versionKey } = place
    const { runsIn, startsEnvironment } = room
    if (isSynchronous) load.requests.tokens -= count
    if (startsEnvironment) {
      load.starts.tokens -= count
      load.environments += count
    }
    load.inFlight += count
    if (runsIn === 'provisioned') provisioned.set(versionKey, (provisioned.get(versionKey) ?? 0) + count)
    else load.onDemand += count
    if (runsIn === 'unreserved') pools.set(scope, (pools.get(scope) ?? 0) + count)
    return { scope, functionKey, versionKey, runsIn }
  }

  return {
    arrive(arrival, nowMs) {
      const place = placeOf(arrival, nowMs)
      const room = judge(place, arrival, nowMs)
      return 'reason' in room ? room : { ticket: take(place, arrival, room, 1) }
    },

    arriveMany(arrival, count, nowMs) {
      const place = placeOf(arrival, nowMs)
      const admitted: Admitted[] = []
      for (let rest = count; rest > 0;) {
        const room = judge(place, arrival, nowMs)
        if ('reason' in room) return { admitted, refused: { ...room, count: rest } }
        const { startsEnvironment } = room
        const taken = Math.min(rest, room.alike)
        admitted.push({ ticket: take(place, arrival, room, taken), count: taken, startsEnvironment })
        rest -= taken
      }
      return { admitted }
    },

    leave({ scope, functionKey, versionKey, runsIn }, nowMs, count = 1) {
      const load = loadOf(functionKey, nowMs)
      load.inFlight -= count
      load.lastLeftMs = nowMs
      if (runsIn === 'provisioned') reduce(provisioned, versionKey, count)
      else load.onDemand -= count
      if (runsIn === 'unreserved') reduce(pools, scope, count)
    },
  }
}

function hasToken(bucket: Bucket, { capacity, perMs }: { capacity: number; perMs: number }, nowMs: number): boolean {
  bucket.tokens = Math.min(capacity, bucket.tokens + Math.max(0, nowMs - bucket.atMs) * perMs)
  bucket.atMs = nowMs
  return bucket.tokens >= 1
}

function reduce(counts: Map<string, number>, key: string, by: number): void {
  const count = (counts.get(key) ?? 0) - by
  if (count > 0) counts.set(key, count)
  else counts.delete(key)
}
