/** The periods of a time range, and the values of metrics in each. */
import { merged, type Bucket } from './bucket.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, SECONDS_KEPT_MS } from './limits.ts'
import type { Series } from './series.ts'

export interface TimeRange {
  readonly startMs: number
  /** Not in the range itself. */
  readonly endMs: number
  readonly periodMs: number
}

const FINE_PERIODS_SECONDS: readonly number[] = [1, 5, 10, 20, 30]
const MINUTE_SECONDS = 60
const FIVE_MINUTES_MS = 5 * MINUTE_MS
const FIVE_MINUTES_AFTER_MS = 15 * DAY_MS
const HOURS_AFTER_MS = 63 * DAY_MS

export function isPeriod(seconds: number): boolean {
  return FINE_PERIODS_SECONDS.includes(seconds) || (seconds > 0 && seconds % MINUTE_SECONDS === 0)
}

/**
 * The range as CloudWatch takes it: its start is rounded down, the further in the past it is.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html#API_GetMetricStatistics_RequestParameters
 */
export function timeRange(start: Date, end: Date, periodSeconds: number, nowMs: number): TimeRange {
  const ageMs = nowMs - start.getTime()
  const roundMs =
    ageMs > HOURS_AFTER_MS
      ? HOUR_MS
      : ageMs > FIVE_MINUTES_AFTER_MS
        ? FIVE_MINUTES_MS
        : periodSeconds < MINUTE_SECONDS
          ? periodSeconds * 1000
          : MINUTE_MS
  const startMs = start.getTime() - (start.getTime() % roundMs)
  return { startMs, endMs: end.getTime(), periodMs: periodSeconds * 1000 }
}

/**
 * Start of a period → what is in it; periods without values are left out. A period of seconds sees what was put so finely in the last three
 * hours. FIDELITY: periods are counted from the start of the range in every operation.
 */
export function bucketsIn(
  series: readonly Series[],
  { startMs, endMs, periodMs }: TimeRange,
  nowMs: number,
): ReadonlyMap<number, Bucket> {
  const isFine = periodMs < MINUTE_MS
  const fromMs = isFine ? Math.max(startMs, nowMs - SECONDS_KEPT_MS) : startMs
  const found = new Map<number, Bucket[]>()
  for (const one of series) {
    for (const bucket of one.buckets(isFine ? 'second' : 'minute')) {
      if (bucket.startMs < fromMs || bucket.startMs >= endMs) continue
      const period = bucket.startMs - ((bucket.startMs - startMs) % periodMs)
      const there = found.get(period)
      if (there) there.push(bucket)
      else found.set(period, [bucket])
    }
  }
  const periods = [...found].sort(([a], [b]) => a - b)
  return new Map(
    periods.flatMap(([period, buckets]) => {
      const whole = merged(buckets)
      return whole ? [[period, whole] as const] : []
    }),
  )
}
