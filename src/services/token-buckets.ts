/** Token buckets: how often a caller may ask, by the clock. Any service's request rates can use them. https://en.wikipedia.org/wiki/Token_bucket */
import type { Clock } from '../core/clock.ts'

export interface Rate {
  /** How many tokens the bucket holds. */
  readonly capacity: number
  readonly refillPerSecond: number
}

export interface TokenBuckets {
  /** Takes one token; false when there is none. A bucket not seen before is full. */
  take(key: string, rate: Rate): boolean
}

interface Bucket {
  tokens: number
  atMs: number
}

/** Beyond it, buckets that would be full by now are forgotten: they are what a new one is. */
const BUCKETS_MAX = 10_000

/** Buckets last as long as the process, as a rate says nothing about yesterday. */
export function createTokenBuckets(clock: Clock): TokenBuckets {
  const buckets = new Map<string, Bucket>()

  function forgetFull(rate: Rate, nowMs: number): void {
    for (const [key, bucket] of buckets) if (filled(bucket, rate, nowMs) >= rate.capacity) buckets.delete(key)
    if (buckets.size >= BUCKETS_MAX) buckets.clear()
  }

  return {
    take(key, rate) {
      const nowMs = clock.now()
      const bucket = buckets.get(key)
      const tokens = bucket ? filled(bucket, rate, nowMs) : rate.capacity
      const taken = tokens >= 1
      const left = taken ? tokens - 1 : tokens
      if (bucket) {
        bucket.tokens = left
        bucket.atMs = nowMs
      } else {
        if (buckets.size >= BUCKETS_MAX) forgetFull(rate, nowMs)
        buckets.set(key, { tokens: left, atMs: nowMs })
      }
      return taken
    },
  }
}

/** A clock that was set back gives nothing. */
function filled({ tokens, atMs }: Bucket, { capacity, refillPerSecond }: Rate, nowMs: number): number {
  return Math.min(capacity, tokens + (Math.max(0, nowMs - atMs) / 1000) * refillPerSecond)
}
