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
}

/** An invocation that was let in, until it leaves. */
export interface Ticket {
  readonly scope: string
  readonly functionKey: string
  readonly versionKey: string
  readonly runsIn: 'provisioned' | 'reserved' | 'unreserved'
}

export type Verdict =
  | { readonly ticket: Ticket }
  | {
      readonly reason: ThrottleReason
      /** Absent where only time that nobody knows helps. */ readonly retryAfterSeconds?: number
    }

export interface Admission {
  arrive(arrival: Arrival, nowMs: number): Verdict
  /** Makes room again. Every ticket leaves once. */
  leave(ticket: Ticket, nowMs: number): void
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
        starts: { tokens: ENVIRONMENTS_PER_INTERVAL, atMs: nowMs },
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

  return {
    arrive(arrival, nowMs) {
      const { scope, reserved, isSynchronous } = arrival
      const functionKey = `${scope}/${arrival.functionName}`
      const versionKey = `${functionKey}/${arrival.version}`
      const load = loadOf(functionKey, nowMs)
      if (load.inFlight === 0 && nowMs - load.lastLeftMs > ENVIRONMENT_IDLE_MS) load.environments = 0
      if (reserved !== undefined && load.inFlight >= reserved) {
        return { reason: 'ReservedFunctionConcurrentInvocationLimitExceeded' }
      }
      const isProvisioned = (provisioned.get(versionKey) ?? 0) < arrival.provisioned
      const runsIn = isProvisioned ? 'provisioned' : reserved === undefined ? 'unreserved' : 'reserved'
      const pool = pools.get(scope) ?? 0
      if (runsIn === 'unreserved' && pool >= arrival.unreserved.floor && pool >= arrival.unreserved.count()) {
        return { reason: 'ConcurrentInvocationLimitExceeded' }
      }
      const perSecond = REQUESTS_PER_SECOND_PER_ENVIRONMENT * (reserved ?? arrival.accountLimit)
      if (isSynchronous && !hasToken(load.requests, { capacity: perSecond, perMs: perSecond / 1000 }, nowMs)) {
        const reason =
          reserved === undefined ? 'FunctionInvocationRateLimitExceeded' : 'ReservedFunctionInvocationRateLimitExceeded'
        return { reason, retryAfterSeconds: 1 }
      }
      const needsStart = !isProvisioned && load.onDemand >= load.environments
      if (needsStart && !hasToken(load.starts, SCALING, nowMs)) {
        // FIDELITY: which reason AWS gives a function that grows too fast is not documented.
        return { reason: 'ConcurrentInvocationLimitExceeded', retryAfterSeconds: 1 }
      }
      if (isSynchronous) load.requests.tokens--
      if (needsStart) {
        load.starts.tokens--
        load.environments++
      }
      load.inFlight++
      if (isProvisioned) provisioned.set(versionKey, (provisioned.get(versionKey) ?? 0) + 1)
      else load.onDemand++
      if (runsIn === 'unreserved') pools.set(scope, pool + 1)
      return { ticket: { scope, functionKey, versionKey, runsIn } }
    },

    leave({ scope, functionKey, versionKey, runsIn }, nowMs) {
      const load = loadOf(functionKey, nowMs)
      load.inFlight--
      load.lastLeftMs = nowMs
      if (runsIn === 'provisioned') decrement(provisioned, versionKey)
      else load.onDemand--
      if (runsIn === 'unreserved') decrement(pools, scope)
    },
  }
}

const SCALING = { capacity: ENVIRONMENTS_PER_INTERVAL, perMs: ENVIRONMENTS_PER_INTERVAL / SCALING_INTERVAL_MS }

function hasToken(bucket: Bucket, { capacity, perMs }: { capacity: number; perMs: number }, nowMs: number): boolean {
  bucket.tokens = Math.min(capacity, bucket.tokens + Math.max(0, nowMs - bucket.atMs) * perMs)
  bucket.atMs = nowMs
  return bucket.tokens >= 1
}

function decrement(counts: Map<string, number>, key: string): void {
  const count = (counts.get(key) ?? 0) - 1
  if (count > 0) counts.set(key, count)
  else counts.delete(key)
}
