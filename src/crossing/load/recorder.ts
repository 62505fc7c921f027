/** What happened, by second and crossing, as differences since it was last asked: so that a worker can tell it while it works. */
import type { Cause } from './cause.ts'
import { Histogram, type HistogramData } from './histogram.ts'

export interface CauseCount {
  readonly cause: Cause
  readonly count: number
}

/** One failed invocation of each cause and crossing, to look into. */
export interface Sample {
  readonly cause: Cause
  readonly crossing: number
  readonly requestId: string
  readonly message: string
  readonly atEpochMs: number
}

/** Of the invocations that were to start in one second. */
export interface SecondRecord {
  /** From the end of the warm-up, whose seconds are negative. */
  readonly second: number
  readonly crossing: number
  readonly sent: number
  readonly succeeded: number
  /** Not sent, because as many as may be were in flight. */
  readonly dropped: number
  /** The most in flight at once during the second. */
  readonly inFlightMax: number
  /** Of the successful ones, from the intended start to the answer. */
  readonly latency: HistogramData
  readonly causes: readonly CauseCount[]
}

export interface Batch {
  readonly seconds: readonly SecondRecord[]
  /** Of the successful ones after the warm-up, from the moment the request was handed to the system. */
  readonly service: HistogramData
  /** How much later than intended requests were sent, after the warm-up. */
  readonly lateness: HistogramData
  readonly samples: readonly Sample[]
}

/** Of each crossing. */
const SAMPLES_PER_CAUSE = 3

interface Cell {
  readonly second: number
  readonly crossing: number
  sent: number
  succeeded: number
  dropped: number
  inFlightMax: number
  readonly latency: Histogram
  readonly causes: Map<string, { readonly cause: Cause; count: number }>
}

export class Recorder {
  #cells = new Map<number, Cell>()
  #service = new Histogram()
  #lateness = new Histogram()
  #samples: Sample[] = []
  readonly #sampled = new Map<string, number>()
  readonly #crossings: number

  constructor(crossings: number) {
    this.#crossings = crossings
  }

  sent(second: number, crossing: number, latenessMs: number): void {
    this.#cell(second, crossing).sent++
    if (second >= 0) this.#lateness.record(latenessMs)
  }

  dropped(second: number, crossing: number): void {
    this.#cell(second, crossing).dropped++
  }

  inFlight(second: number, crossing: number, count: number): void {
    const cell = this.#cell(second, crossing)
    if (count > cell.inFlightMax) cell.inFlightMax = count
  }

  succeeded(second: number, crossing: number, latencyMs: number, serviceMs: number): void {
    const cell = this.#cell(second, crossing)
    cell.succeeded++
    cell.latency.record(latencyMs)
    if (second >= 0) this.#service.record(serviceMs)
  }

  failed(second: number, crossing: number, cause: Cause, sampleOf: () => Omit<Sample, 'cause' | 'crossing'>): void {
    const key = causeKey(cause)
    const { causes } = this.#cell(second, crossing)
    const counted = causes.get(key)
    if (counted) counted.count++
    else causes.set(key, { cause, count: 1 })
    const sampleKey = `${crossing}\n${key}`
    const sampled = this.#sampled.get(sampleKey) ?? 0
    if (sampled >= SAMPLES_PER_CAUSE) return
    this.#sampled.set(sampleKey, sampled + 1)
    this.#samples.push({ cause, crossing, ...sampleOf() })
  }

  take(): Batch {
    const batch = {
      seconds: [...this.#cells.values()].map((cell) => ({
        ...cell,
        latency: cell.latency.toData(),
        causes: [...cell.causes.values()],
      })),
      service: this.#service.toData(),
      lateness: this.#lateness.toData(),
      samples: this.#samples,
    }
    this.#cells = new Map()
    this.#service = new Histogram()
    this.#lateness = new Histogram()
    this.#samples = []
    return batch
  }

  #cell(second: number, crossing: number): Cell {
    const key = second * this.#crossings + crossing
    let cell = this.#cells.get(key)
    if (!cell) {
      cell = {
        second,
        crossing,
        sent: 0,
        succeeded: 0,
        dropped: 0,
        inFlightMax: 0,
        latency: new Histogram(),
        causes: new Map(),
      }
      this.#cells.set(key, cell)
    }
    return cell
  }
}

export function causeKey({ name, detail = '' }: Cause): string {
  return `${name}\n${detail}`
}
