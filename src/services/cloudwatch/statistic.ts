/** Statistics by name, of a bucket. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html */
import type { Bucket } from './bucket.ts'

/** Undefined where the bucket cannot say: a percentile of values that came as a set of statistics. */
export type Statistic = (bucket: Bucket) => number | undefined

const SIMPLE: Readonly<Record<string, Statistic | undefined>> = {
  SampleCount: ({ count }) => count,
  Sum: ({ sum }) => sum,
  Average: ({ sum, count }) => sum / count,
  Minimum: ({ min }) => min,
  Maximum: ({ max }) => max,
}

const PERCENTILE = /^p(\d{1,3}(?:\.\d+)?)$/
const PERCENT = 100

/** Undefined for a statistic that is not known here. */
export function simpleStatistic(name: string): Statistic | undefined {
  return Object.hasOwn(SIMPLE, name) ? SIMPLE[name] : undefined
}

/** `p50`, `p99.9`. */
export function percentileStatistic(name: string): Statistic | undefined {
  const percent = Number(PERCENTILE.exec(name)?.[1])
  if (!(percent >= 0 && percent <= PERCENT)) return undefined
  return (bucket) => percentile(bucket, percent / PERCENT)
}

/**
 * The smallest value that so large a part of all values does not exceed. FIDELITY: AWS does not document how it interpolates; here a percentile
 * is always one of the values.
 */
function percentile({ values, count, min, max, hasSets }: Bucket, part: number): number | undefined {
  if (min === max) return min
  if (hasSets || !values) return undefined
  const wanted = Math.max(1, Math.ceil(part * count))
  let seen = 0
  for (const [value, times] of [...values].sort(([a], [b]) => a - b)) {
    seen += times
    if (seen >= wanted) return Math.min(Math.max(value, min), max)
  }
  return max
}
