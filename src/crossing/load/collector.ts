/** Puts the batches of all workers together into the records of the run. */
import type { CauseCount, Batch, Sample, SecondRecord } from './recorder.ts'
import { causeKey } from './recorder.ts'
import { Histogram, type HistogramData } from './histogram.ts'

export interface Collected {
  readonly seconds: readonly SecondRecord[]
  readonly service: HistogramData
  readonly lateness: HistogramData
  readonly samples: readonly Sample[]
}

export interface Collector {
  add(worker: number, batch: Batch): void
  /** The records of one second, by crossing. */
  second(second: number): readonly SecondRecord[]
  result(): Collected
}

const SAMPLES_PER_CAUSE = 3

interface Cell {
  readonly second: number
  readonly crossing: number
  sent: number
  succeeded: number
  dropped: number
  /** By worker; their sum is at least the true maximum and close to it. */
  readonly inFlightMax: number[]
  readonly latency: Histogram
  readonly causes: Map<string, CauseCount>
}

export function createCollector(): Collector {
  const seconds = new Map<number, Map<number, Cell>>()
  const service = new Histogram()
  const lateness = new Histogram()
  const samples = new Map<string, Sample[]>()

  const cellOf = (second: number, crossing: number): Cell => {
    const crossings = seconds.get(second) ?? new Map<number, Cell>()
    seconds.set(second, crossings)
    const cell = crossings.get(crossing) ?? {
      second,
      crossing,
      sent: 0,
      succeeded: 0,
      dropped: 0,
      inFlightMax: [],
      latency: new Histogram(),
      causes: new Map(),
    }
    crossings.set(crossing, cell)
    return cell
  }

  const recordsOf = (second: number): readonly SecondRecord[] =>
    [...(seconds.get(second)?.values() ?? [])]
      .sort((a, b) => a.crossing - b.crossing)
      .map((cell) => ({
        ...cell,
        inFlightMax: cell.inFlightMax.reduce((sum, count) => sum + count, 0),
        latency: cell.latency.toData(),
        causes: [...cell.causes.values()],
      }))

  return {
    add(worker, batch) {
      service.add(batch.service)
      lateness.add(batch.lateness)
      for (const record of batch.seconds) {
        const cell = cellOf(record.second, record.crossing)
        cell.sent += record.sent
        cell.succeeded += record.succeeded
        cell.dropped += record.dropped
        cell.inFlightMax[worker] = Math.max(cell.inFlightMax[worker] ?? 0, record.inFlightMax)
        cell.latency.add(record.latency)
        for (const { cause, count } of record.causes) {
          const key = causeKey(cause)
          cell.causes.set(key, { cause, count: count + (cell.causes.get(key)?.count ?? 0) })
        }
      }
      for (const sample of batch.samples) {
        const key = `${sample.crossing}\n${causeKey(sample.cause)}`
        const kept = samples.get(key) ?? []
        if (kept.length < SAMPLES_PER_CAUSE) kept.push(sample)
        samples.set(key, kept)
      }
    },
    second: recordsOf,
    result: () => ({
      seconds: [...seconds.keys()].sort((a, b) => a - b).flatMap(recordsOf),
      service: service.toData(),
      lateness: lateness.toData(),
      samples: [...samples.values()].flat(),
    }),
  }
}
