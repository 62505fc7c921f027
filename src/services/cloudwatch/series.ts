/** One metric's values over time: buckets of a minute, and of a second where it was put so finely. */
import type { MetricName } from '../metrics.ts'
import { createBucket, type Bucket } from './bucket.ts'
import { MINUTE_MS } from './limits.ts'

export type Resolution = 'second' | 'minute'

const SECOND_MS = 1000
export const RESOLUTION_MS: Readonly<Record<Resolution, number>> = { second: SECOND_MS, minute: MINUTE_MS }

export class Series {
  readonly metric: MetricName
  readonly #buckets: Readonly<Record<Resolution, Map<number, Bucket>>> = { second: new Map(), minute: new Map() }

  constructor(metric: MetricName) {
    this.metric = metric
  }

  /** `made` is told when there was none of that time. */
  bucketAt(resolution: Resolution, atMs: number, made: (bucket: Bucket) => void): Bucket {
    const buckets = this.#buckets[resolution]
    const startMs = atMs - (atMs % RESOLUTION_MS[resolution])
    const known = buckets.get(startMs)
    if (known) return known
    const bucket = createBucket(startMs)
    buckets.set(startMs, bucket)
    made(bucket)
    return bucket
  }

  /** In no order. */
  buckets(resolution: Resolution): Iterable<Bucket> {
    return this.#buckets[resolution].values()
  }

  /** The start of the last minute that has a value. */
  lastMs(): number {
    let last = Number.NEGATIVE_INFINITY
    for (const startMs of this.#buckets.minute.keys()) if (startMs > last) last = startMs
    return last
  }

  get isEmpty(): boolean {
    return this.#buckets.minute.size === 0 && this.#buckets.second.size === 0
  }

  drop(resolution: Resolution, bucket: Bucket): void {
    bucket.isDropped = true
    this.#buckets[resolution].delete(bucket.startMs)
  }
}
