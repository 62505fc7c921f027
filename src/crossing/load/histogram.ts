/**
 * A high dynamic range histogram: microseconds to hours in one, each value within 0.4 % of what was recorded, mergeable, and plain data.
 * Values below 512 µs have a bucket each; above, every power of two is cut into 256.
 */

export interface HistogramData {
  readonly count: number
  readonly sumMs: number
  readonly minMs: number
  readonly maxMs: number
  /** Bucket index and count, in order of value. */
  readonly buckets: readonly (readonly [number, number])[]
}

const LINEAR_BUCKETS = 512
const PER_POWER = 256
const POWER_OF_PER_POWER = 8

export class Histogram {
  #count = 0
  #sumMs = 0
  #minMs = Number.POSITIVE_INFINITY
  #maxMs = 0
  readonly #buckets = new Map<number, number>()

  static of(...parts: readonly (HistogramData | undefined)[]): Histogram {
    const whole = new Histogram()
    for (const part of parts) if (part) whole.add(part)
    return whole
  }

  get count(): number {
    return this.#count
  }

  get maxMs(): number {
    return this.#maxMs
  }

  get minMs(): number {
    return this.#count === 0 ? 0 : this.#minMs
  }

  get meanMs(): number {
    return this.#count === 0 ? 0 : this.#sumMs / this.#count
  }

  /** A negative time, as a clock that was set gives, counts as none. */
  record(ms: number): void {
    const value = Math.max(0, ms)
    this.#count++
    this.#sumMs += value
    this.#minMs = Math.min(this.#minMs, value)
    this.#maxMs = Math.max(this.#maxMs, value)
    const bucket = bucketOf(Math.round(value * 1000))
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1)
  }

  add(part: HistogramData): void {
    if (part.count === 0) return
    this.#count += part.count
    this.#sumMs += part.sumMs
    this.#minMs = Math.min(this.#minMs, part.minMs)
    this.#maxMs = Math.max(this.#maxMs, part.maxMs)
    for (const [bucket, count] of part.buckets) this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + count)
  }

  /** The least value that the part `quantile` of all values does not exceed; 0 when there are none. */
  percentile(quantile: number): number {
    const rank = Math.max(1, Math.ceil(quantile * this.#count))
    let passed = 0
    for (const [bucket, count] of this.#sorted()) {
      passed += count
      if (passed >= rank) return Math.min(this.#maxMs, Math.max(this.#minMs, highestOf(bucket) / 1000))
    }
    return 0
  }

  toData(): HistogramData {
    return {
      count: this.#count,
      sumMs: this.#sumMs,
      minMs: this.minMs,
      maxMs: this.#maxMs,
      buckets: this.#sorted(),
    }
  }

  #sorted(): [number, number][] {
    return [...this.#buckets].sort(([a], [b]) => a - b)
  }
}

/** Of whole microseconds. */
export function bucketOf(us: number): number {
  if (us < LINEAR_BUCKETS) return us
  const power = Math.floor(Math.log2(us)) - POWER_OF_PER_POWER
  return power * PER_POWER + Math.floor(us / 2 ** power)
}

/** The lowest number of microseconds that falls into a bucket. */
export function lowestOf(bucket: number): number {
  if (bucket < LINEAR_BUCKETS) return bucket
  const power = Math.floor(bucket / PER_POWER) - 1
  return (bucket - power * PER_POWER) * 2 ** power
}

function highestOf(bucket: number): number {
  return lowestOf(bucket + 1) - 1
}
