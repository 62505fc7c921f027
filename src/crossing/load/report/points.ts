/** The seconds of a run as the points of a plot: no more of them than can be told apart. Pure. */
import { Histogram } from '../histogram.ts'
import type { CauseCount, SecondRecord } from '../recorder.ts'
import { mergeCauses } from '../figures.ts'
import { isMeasured, type RunData } from '../run-data.ts'

export interface Point {
  /** Second at which it begins, and how many seconds it is of. */
  readonly at: number
  readonly seconds: number
  readonly sent: number
  readonly succeeded: number
  readonly dropped: number
  readonly inFlightMax: number
  readonly latency: Histogram
  readonly causes: readonly CauseCount[]
  readonly coldStarts: number
  /** By the log; undefined where no log was read. */
  readonly runningMax: number | undefined
}

const POINTS_MAX = 240

/** `crossing`: of it alone. Seconds in which nothing happened are points too. */
export function pointsOf(run: RunData, crossing?: number): readonly Point[] {
  const isOf = (part: { readonly crossing: number }) => crossing === undefined || part.crossing === crossing
  const records = run.seconds.filter((record) => isMeasured(record) && isOf(record))
  const lastSecond = Math.max(0, ...records.map(({ second }) => second))
  const seconds = Math.ceil((lastSecond + 1) / POINTS_MAX)
  const groups: SecondRecord[][] = Array.from({ length: Math.ceil((lastSecond + 1) / seconds) }, () => [])
  for (const record of records) groups[Math.floor(record.second / seconds)]?.push(record)
  const cold = new Map<number, number>()
  for (const log of run.logs.filter(isOf)) {
    for (const [second, count] of log.coldBySecond) {
      const group = Math.floor(second / seconds)
      cold.set(group, (cold.get(group) ?? 0) + count)
    }
  }
  const logs = run.logs.filter(isOf)
  const running = new Map<number, number>()
  for (const [second, count] of logs.flatMap((log) => log.runningBySecond)) {
    const group = Math.floor(second / seconds)
    running.set(group, Math.max(count, running.get(group) ?? 0))
  }
  return groups.map((group, index) => {
    const sum = (of: (record: SecondRecord) => number) => group.reduce((total, record) => total + of(record), 0)
    return {
      at: index * seconds,
      seconds,
      sent: sum(({ sent }) => sent),
      succeeded: sum(({ succeeded }) => succeeded),
      dropped: sum(({ dropped }) => dropped),
      inFlightMax: highestTotal(group),
      latency: Histogram.of(...group.map(({ latency }) => latency)),
      causes: mergeCauses(group.flatMap(({ causes }) => causes)),
      coldStarts: cold.get(index) ?? 0,
      runningMax: logs.length === 0 ? undefined : (running.get(index) ?? 0),
    }
  })
}

/** Of the sums over the crossings, second by second. */
function highestTotal(records: readonly SecondRecord[]): number {
  const totals = new Map<number, number>()
  for (const { second, inFlightMax } of records) totals.set(second, (totals.get(second) ?? 0) + inFlightMax)
  return Math.max(0, ...totals.values())
}
