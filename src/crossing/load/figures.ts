/** The figures of a run: what thresholds are about, and what every way of showing a run starts from. Pure. */
import type { Cause, CauseKind } from './cause.ts'
import { Histogram, type HistogramData } from './histogram.ts'
import { causeKey, type CauseCount, type Sample, type SecondRecord } from './recorder.ts'
import { isMeasured, type RunData } from './run-data.ts'
import { COUNTS, judge, TIMES, type Figures, type Threshold, type ThresholdResult } from './threshold.ts'

export interface RunFigures {
  readonly sent: number
  readonly succeeded: number
  readonly failed: number
  readonly dropped: number
  /** The most frequent first. */
  readonly causes: readonly CauseCount[]
  readonly latency: Histogram
  /** Of the seconds in which anything was to start. */
  readonly durationS: number
  /** Undefined when no log could be read. */
  readonly coldStarts: number | undefined
  readonly byKind: ReadonlyMap<CauseKind, number>
  readonly inFlightMax: number
}

/** `crossing`: of it alone. */
export function figuresOf(run: RunData, crossing?: number): RunFigures {
  const records = run.seconds.filter((record) => isMeasured(record) && isOf(record, crossing))
  const logs = run.logs.filter((log) => isOf(log, crossing))
  const sum = (of: (record: SecondRecord) => number) => records.reduce((total, record) => total + of(record), 0)
  const [sent, succeeded] = [sum((record) => record.sent), sum((record) => record.succeeded)]
  const causes = withInitTimeouts(
    mergeCauses(records.flatMap((record) => record.causes)),
    logs.reduce((total, { initTimeouts }) => total + initTimeouts, 0),
  )
  const byKind = new Map<CauseKind, number>()
  for (const { cause, count } of causes) byKind.set(cause.kind, (byKind.get(cause.kind) ?? 0) + count)
  const offered = records.filter((record) => record.sent + record.dropped > 0)
  return {
    sent,
    succeeded,
    failed: causes.reduce((total, { count }) => total + count, 0),
    dropped: sum((record) => record.dropped),
    causes,
    latency: Histogram.of(...records.map(({ latency }) => latency)),
    durationS: Math.max(0, ...offered.map(({ second }) => second + 1)),
    coldStarts: logs.length === 0 ? undefined : logs.reduce((total, log) => total + log.coldStarts, 0),
    byKind,
    inFlightMax: Math.max(0, ...totalsBySecond(records, ({ inFlightMax }) => inFlightMax).values()),
  }
}

export function judgeRun(run: RunData, thresholds: readonly Threshold[]): readonly ThresholdResult[] {
  const figures = thresholdFigures(run)
  return thresholds.map((threshold) => judge(threshold, figures))
}

/** Second → the sum over its records. */
export function totalsBySecond(
  records: readonly SecondRecord[],
  of: (record: SecondRecord) => number,
): ReadonlyMap<number, number> {
  const totals = new Map<number, number>()
  for (const record of records) totals.set(record.second, (totals.get(record.second) ?? 0) + of(record))
  return totals
}

export function mergeCauses(counts: readonly CauseCount[]): readonly CauseCount[] {
  const merged = new Map<string, CauseCount>()
  for (const { cause, count } of counts) {
    const key = causeKey(cause)
    merged.set(key, { cause, count: count + (merged.get(key)?.count ?? 0) })
  }
  return [...merged.values()].sort((a, b) => b.count - a.count)
}

/** Whether a timeout came during init only the log tells. */
function withInitTimeouts(causes: readonly CauseCount[], initTimeouts: number): readonly CauseCount[] {
  if (initTimeouts === 0) return causes
  const init: Cause = { kind: 'timeout', name: 'Sandbox.Timedout', detail: 'init' }
  return mergeCauses([
    ...causes.map(({ cause, count }) =>
      cause.kind === 'timeout' ? { cause, count: Math.max(0, count - initTimeouts) } : { cause, count },
    ),
    { cause: init, count: initTimeouts },
  ]).filter(({ count }) => count > 0)
}

function thresholdFigures(run: RunData): Figures {
  const figures = figuresOf(run)
  const kind = (name: CauseKind) => figures.byKind.get(name) ?? 0
  const counts: Readonly<Record<(typeof COUNTS)[number], number | undefined>> = {
    sent: figures.sent,
    succeeded: figures.succeeded,
    dropped: figures.dropped,
    errors: figures.failed,
    throttles: kind('throttle'),
    timeouts: kind('timeout') + kind('client-timeout'),
    denied: kind('iam'),
    coldStarts: figures.coldStarts,
    unfinished: unfinishedOf(run),
  }
  const values = new Map<string, number>()
  for (const name of COUNTS) {
    const count = counts[name]
    if (count !== undefined) values.set(name, count)
  }
  for (const { cause, count } of figures.causes) {
    const key = `cause(${cause.name})`
    values.set(key, count + (values.get(key) ?? 0))
  }
  if (figures.durationS > 0) values.set('rate', figures.succeeded / figures.durationS)
  for (const [name, histogram] of timesOf(run)) addPercentiles(values, name, histogram)
  return { values, sent: figures.sent }
}

/** Everything that is measured in time and was. */
export function timesOf(run: RunData): ReadonlyMap<(typeof TIMES)[number], Histogram> {
  const ofLogs = (pick: (log: RunData['logs'][number]) => HistogramData | undefined) =>
    Histogram.of(...run.logs.map(pick))
  const times = {
    latency: figuresOf(run).latency,
    cold: ofLogs(({ cold }) => cold),
    warm: ofLogs(({ warm }) => warm),
    init: ofLogs(({ init }) => init),
    duration: ofLogs(({ duration }) => duration),
    endToEnd: ofLogs(({ endToEnd }) => endToEnd),
    service: Histogram.of(run.service),
    lateness: Histogram.of(run.lateness),
  }
  return new Map(TIMES.map((name) => [name, times[name]] as const).filter(([, { count }]) => count > 0))
}

/** Accepted events of which the log has no end, and that were not given up; undefined when no crossing is asynchronous or its log was not read. */
export function unfinishedOf(run: RunData): number | undefined {
  const logs = run.logs.filter(({ endToEnd }) => endToEnd !== undefined)
  return logs.length === 0
    ? undefined
    : logs.reduce((sum, { requests, reports, givenUp = 0 }) => sum + requests - reports - givenUp, 0)
}

function addPercentiles(values: Map<string, number>, name: string, histogram: Histogram): void {
  const quantiles = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99, p999: 0.999 }
  for (const [percentile, quantile] of Object.entries(quantiles)) {
    values.set(`${name}.${percentile}`, histogram.percentile(quantile))
  }
  values.set(`${name}.min`, histogram.minMs)
  values.set(`${name}.mean`, histogram.meanMs)
  values.set(`${name}.max`, histogram.maxMs)
}

function isOf(part: { readonly crossing: number }, crossing: number | undefined): boolean {
  return crossing === undefined || part.crossing === crossing
}

/** A failed invocation of this cause, of this crossing where there is one. */
export function sampleOf(run: RunData, cause: Cause, crossing?: number): Sample | undefined {
  const ofCrossing = run.samples.filter((sample) => crossing === undefined || sample.crossing === crossing)
  // A timeout that the log puts into init was answered as any other.
  return (
    ofCrossing.find((sample) => causeKey(sample.cause) === causeKey(cause)) ??
    ofCrossing.find((sample) => sample.cause.name === cause.name)
  )
}
