/** The values of one metric in one minute or second, as statistics need them. */
import { EXACT_VALUES_MAX } from './limits.ts'

export interface Bucket {
  readonly startMs: number
  count: number
  sum: number
  min: number
  max: number
  /** Value → how often. Absent while all values are the same, and while there is none. */
  values: Map<number, number> | undefined
  /** Values came as a set of statistics, which say nothing of percentiles. */
  hasSets: boolean
  /** It is nobody's any more: what is added to it is lost. */
  isDropped: boolean
}

export function createBucket(startMs: number): Bucket {
  return {
    startMs,
    count: 0,
    sum: 0,
    min: Number.POSITIVE_INFINITY,
    max: Number.NEGATIVE_INFINITY,
    values: undefined,
    hasSets: false,
    isDropped: false,
  }
}

/** Answers by how much the bucket has grown: how many values it has that it did not have before. */
export function addValue(bucket: Bucket, value: number, times: number): number {
  const isUniform = bucket.count === 0 || (bucket.min === value && bucket.max === value)
  let grown = 0
  if (!isUniform || bucket.values) {
    // A set of statistics left no values behind.
    bucket.values ??= bucket.hasSets ? new Map() : new Map([[bucket.min, bucket.count]])
    const key = bucket.values.size < EXACT_VALUES_MAX || bucket.values.has(value) ? value : roughly(value)
    const known = bucket.values.get(key)
    if (known === undefined) grown = 1
    bucket.values.set(key, (known ?? 0) + times)
  }
  bucket.count += times
  bucket.sum += value * times
  if (value < bucket.min) bucket.min = value
  if (value > bucket.max) bucket.max = value
  return grown
}

export interface StatisticSet {
  readonly count: number
  readonly sum: number
  readonly min: number
  readonly max: number
}

export function addSet(bucket: Bucket, set: StatisticSet): number {
  if (set.min === set.max) return addValue(bucket, set.min, set.count)
  bucket.hasSets = true
  bucket.count += set.count
  bucket.sum += set.sum
  bucket.min = Math.min(bucket.min, set.min)
  bucket.max = Math.max(bucket.max, set.max)
  return 0
}

const STEP = Math.log(1.01)

/** The value that stands for all those within 1 % of it. */
function roughly(value: number): number {
  if (value === 0) return 0
  const size = Math.exp(Math.round(Math.log(Math.abs(value)) / STEP) * STEP)
  return value < 0 ? -size : size
}

/** Adds what another bucket of the same time has; answers by how much it has grown. */
export function absorb(bucket: Bucket, other: Bucket): number {
  const before = bucket.values?.size ?? 0
  const whole = merged([bucket, other])
  if (!whole) return 0
  const { startMs: _, isDropped: __, ...contents } = whole
  Object.assign(bucket, contents)
  return (bucket.values?.size ?? 0) - before
}

/** One bucket of several, for a longer period. Undefined of none. */
export function merged(buckets: readonly Bucket[]): Bucket | undefined {
  const [first] = buckets
  if (first === undefined || buckets.length === 1) return first
  const whole = createBucket(first.startMs)
  for (const bucket of buckets) {
    whole.count += bucket.count
    whole.sum += bucket.sum
    whole.min = Math.min(whole.min, bucket.min)
    whole.max = Math.max(whole.max, bucket.max)
    whole.hasSets ||= bucket.hasSets
  }
  if (whole.min === whole.max) return whole
  whole.values = new Map()
  for (const { values, min, count } of buckets) {
    if (count === 0) continue
    for (const [value, times] of values ?? [[min, count] as const])
      whole.values.set(value, (whole.values.get(value) ?? 0) + times)
  }
  return whole
}
