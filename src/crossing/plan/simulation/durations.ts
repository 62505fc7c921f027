/** How long something takes, as equally probable values: cheap to draw one of, and to share many out among. Pure. */
import { lowestOf, type HistogramData } from '../../load/histogram.ts'

export interface Durations {
  /** Milliseconds, in order; each is as probable as any other. */
  readonly values: readonly number[]
  readonly meanMs: number
}

/** Of what was measured. */
const PARTS = 100

export function constantly(ms: number): Durations {
  return { values: [ms], meanMs: ms }
}

/** Equally probable values, in any order. */
export function durationsOf(values: readonly number[]): Durations {
  const sorted = [...values].sort((a, b) => a - b)
  return { values: sorted, meanMs: sorted.reduce((sum, value) => sum + value, 0) / Math.max(1, sorted.length) }
}

/** Each value is the mean of its hundredth of what was measured, so that the mean of all is kept. */
export function measuredDurations(data: HistogramData): Durations {
  const { count, buckets, sumMs } = data
  if (count === 0) return constantly(0)
  const parts = Math.min(PARTS, count)
  const size = count / parts
  const sums = Array.from({ length: parts }, () => 0)
  let passed = 0
  for (const [bucket, inBucket] of buckets) {
    const ms = (lowestOf(bucket) + lowestOf(bucket + 1) - 1) / 2000
    for (let rest = inBucket; rest > 1e-9;) {
      const part = Math.min(parts - 1, Math.floor(passed / size + 1e-9))
      const taken = part === parts - 1 ? rest : Math.min(rest, (part + 1) * size - passed)
      sums[part] = (sums[part] ?? 0) + taken * ms
      passed += taken
      rest -= taken
    }
  }
  return { values: sums.map((sum) => sum / size), meanMs: sumMs / count }
}

export function percentileOf({ values }: Durations, quantile: number): number {
  return values[Math.min(values.length - 1, Math.floor(quantile * values.length))] ?? 0
}

/** No more values than so many, for what is shared out often; the mean stays. */
export function coarsened(durations: Durations, parts: number): Durations {
  const { values } = durations
  if (values.length <= parts) return durations
  const size = values.length / parts
  const coarse = Array.from({ length: parts }, (_, part) => meanBetween(values, part * size, (part + 1) * size))
  return { values: coarse, meanMs: durations.meanMs }
}

/** Of the values between two places, which may lie within a value. */
function meanBetween(values: readonly number[], from: number, to: number): number {
  let sum = 0
  for (let at = from; at < to - 1e-9;) {
    const next = Math.min(to, Math.floor(at + 1e-9) + 1)
    sum += (next - at) * (values[Math.floor(at + 1e-9)] ?? 0)
    at = next
  }
  return sum / (to - from)
}

/** Tells `each` how many of `count` take how long: shares of equal size, the rest drawn. */
export function shareOut(
  { values }: Durations,
  count: number,
  random: () => number,
  each: (ms: number, count: number) => void,
): void {
  const [only] = values
  if (only !== undefined && values.length === 1) return each(only, count)
  const share = Math.floor(count / values.length)
  if (share > 0) for (const ms of values) each(ms, share)
  for (let rest = count - share * values.length; rest > 0; rest--) {
    each(values[Math.floor(random() * values.length)] ?? 0, 1)
  }
}
