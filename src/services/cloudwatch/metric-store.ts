/** All metrics, in memory and bounded: a value comes with every invocation, so it never goes through the state. */
import type { Clock } from '../../core/clock.ts'
import { scopeOf, type Scope } from '../../state/state.ts'
import type { Dimension, Metric, MetricName, MetricSink } from '../metrics.ts'
import { absorb, addSet, addValue, type Bucket, type StatisticSet } from './bucket.ts'
import { CELLS_MAX, MINUTE_MS, MINUTES_KEPT_MS, SECONDS_KEPT_MS } from './limits.ts'
import type { Saved } from './metric-files.ts'
import { Series, type Resolution } from './series.ts'

/** A bucket and where it is. */
export interface Held {
  readonly scope: Scope
  readonly series: Series
  readonly resolution: Resolution
  readonly bucket: Bucket
}

const KEPT_MS: Readonly<Record<Resolution, number>> = { second: SECONDS_KEPT_MS, minute: MINUTES_KEPT_MS }
/** The list of what was made is rid of what is gone whenever so much of it is. */
const FORGOTTEN_MAX = 10_000

export interface MetricStoreOptions {
  readonly cellsMax?: number
  /** Told of every bucket that gets values, before it does; of one that gets them on every invocation, once. */
  readonly onChange?: (held: Held) => void
  /** The time to restore what was written down. */
  readonly beforeReading?: () => void
}

export class MetricStore implements MetricSink {
  readonly #clock: Clock
  readonly #cellsMax: number
  readonly #onChange: (held: Held) => void
  readonly #beforeReading: () => void
  readonly #scopes = new Map<Scope, Map<string, Series>>()
  /** In the order in which they were made, from `#oldest` on. */
  #made: Held[] = []
  #oldest = 0
  /** Buckets, and different values in them. */
  #cells = 0

  constructor(clock: Clock, options: MetricStoreOptions = {}) {
    this.#clock = clock
    this.#cellsMax = options.cellsMax ?? CELLS_MAX
    this.#onChange = options.onChange ?? (() => {})
    this.#beforeReading = options.beforeReading ?? (() => {})
  }

  metric({ account, region }: { readonly account: string; readonly region: string }, name: MetricName): Metric {
    const scope = scopeOf(account, region)
    let bucket: Bucket | undefined
    return {
      add: (value, atMs) => {
        if (!bucket || bucket.isDropped || atMs < bucket.startMs || atMs >= bucket.startMs + MINUTE_MS)
          bucket = this.#bucketAt(scope, name, 'minute', atMs)
        this.#cells += addValue(bucket, value, 1)
      },
    }
  }

  put(scope: Scope, name: MetricName, values: Iterable<readonly [value: number, times: number]>, at: PutAt): void {
    for (const bucket of this.#bucketsAt(scope, name, at))
      for (const [value, times] of values) this.#cells += addValue(bucket, value, times)
  }

  putSet(scope: Scope, name: MetricName, set: StatisticSet, at: PutAt): void {
    for (const bucket of this.#bucketsAt(scope, name, at)) this.#cells += addSet(bucket, set)
  }

  /** Adds what was written down of a bucket in another process. */
  restore({ scope, metric, resolution, bucket: saved }: Saved): void {
    if (saved.startMs < this.#clock.now() - KEPT_MS[resolution]) return
    this.#cells += absorb(this.#held(scope, metric, resolution, saved.startMs).bucket, saved)
    this.#dropOld()
  }

  /** Those of exactly these dimensions; of every unit where none is given. */
  find(
    scope: Scope,
    { namespace, name, dimensions, unit }: Omit<MetricName, 'unit'> & { readonly unit?: string | undefined },
  ): Series[] {
    const key = dimensionsKey(dimensions)
    return this.all(scope).filter(
      ({ metric }) =>
        metric.name === name &&
        metric.namespace === namespace &&
        (unit === undefined || metric.unit === unit) &&
        dimensionsKey(metric.dimensions) === key,
    )
  }

  all(scope: Scope): Series[] {
    this.#beforeReading()
    this.#dropOld()
    return [...(this.#scopes.get(scope)?.values() ?? [])]
  }

  /** Every bucket there is. */
  held(): Held[] {
    this.#dropOld()
    return this.#made.slice(this.#oldest)
  }

  clear(): void {
    for (const { bucket } of this.#made) bucket.isDropped = true
    this.#scopes.clear()
    this.#made = []
    this.#oldest = 0
    this.#cells = 0
  }

  #bucketsAt(scope: Scope, name: MetricName, { atMs, isFine }: PutAt): Bucket[] {
    const resolutions: readonly Resolution[] = isFine ? ['second', 'minute'] : ['minute']
    return resolutions.map((resolution) => this.#bucketAt(scope, name, resolution, atMs))
  }

  #bucketAt(scope: Scope, name: MetricName, resolution: Resolution, atMs: number): Bucket {
    const held = this.#held(scope, name, resolution, atMs)
    this.#onChange(held)
    this.#dropOld()
    return held.bucket
  }

  #held(scope: Scope, name: MetricName, resolution: Resolution, atMs: number): Held {
    const series = this.#series(scope, name)
    const bucket = series.bucketAt(resolution, atMs, (made) => {
      this.#made.push({ scope, series, resolution, bucket: made })
      this.#cells++
    })
    return { scope, series, resolution, bucket }
  }

  #series(scope: Scope, metric: MetricName): Series {
    let known = this.#scopes.get(scope)
    if (!known) this.#scopes.set(scope, (known = new Map()))
    const key = metricKey(metric)
    let series = known.get(key)
    if (!series) known.set(key, (series = new Series(metric)))
    return series
  }

  #dropOld(): void {
    const nowMs = this.#clock.now()
    for (;;) {
      const first = this.#made[this.#oldest]
      if (!first) break
      const isOld = first.bucket.startMs < nowMs - KEPT_MS[first.resolution]
      if (!isOld && this.#cells <= this.#cellsMax) break
      this.#oldest++
      this.#drop(first)
    }
    if (this.#oldest < FORGOTTEN_MAX) return
    this.#made = this.#made.slice(this.#oldest)
    this.#oldest = 0
  }

  #drop({ scope, series, resolution, bucket }: Held): void {
    series.drop(resolution, bucket)
    this.#cells -= 1 + (bucket.values?.size ?? 0)
    if (series.isEmpty) this.#scopes.get(scope)?.delete(metricKey(series.metric))
  }
}

export interface PutAt {
  readonly atMs: number
  /** Kept by the second as well. */
  readonly isFine: boolean
}

export function metricKey({ namespace, name, dimensions, unit }: MetricName): string {
  return JSON.stringify([namespace, name, unit, dimensionsKey(dimensions)])
}

/** The order in which they are given says nothing. */
function dimensionsKey(dimensions: readonly Dimension[]): string {
  return JSON.stringify(
    dimensions.map(({ name, value }) => [name, value]).sort(([a = ''], [b = '']) => (a < b ? -1 : 1)),
  )
}
