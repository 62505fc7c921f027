/** The last line of `--json`: other people's scripts read it. Times in milliseconds. Pure. */
import type { CauseKind } from './cause.ts'
import { figuresOf, sampleOf, timesOf, unfinishedOf, type RunFigures } from './figures.ts'
import type { Histogram } from './histogram.ts'
import type { RunData } from './run-data.ts'
import type { ThresholdResult } from './threshold.ts'

export interface Percentiles {
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}

export interface SummaryCause {
  /** AWS's own name where there is one. */
  readonly cause: string
  readonly count: number
  readonly kind: CauseKind
  readonly detail?: string
  /** Of one of them, for `isthmus explain`. */
  readonly requestId?: string
  readonly message?: string
}

export interface LoadSummary {
  readonly summary: true
  readonly sent: number
  readonly succeeded: number
  readonly dropped: number
  readonly causes: readonly SummaryCause[]
  readonly latencyMs: Percentiles
  /** Null when no log could be read. */
  readonly coldStarts: number | null
  readonly generatorLatenessMs: Percentiles
  readonly thresholds: readonly ThresholdResult[]
  readonly serviceMs: Percentiles
  readonly coldMs?: Percentiles
  readonly warmMs?: Percentiles
  readonly initMs?: Percentiles
  readonly durationMs?: Percentiles
  readonly endToEndMs?: Percentiles
  readonly unfinished?: number
  readonly inFlightMax: number
  readonly crossings: readonly CrossingSummary[]
  readonly accounts: readonly AccountSummary[]
  readonly stoppedBy?: string
  readonly notes: readonly string[]
}

interface Counts {
  readonly sent: number
  readonly succeeded: number
  readonly dropped: number
  readonly causes: readonly SummaryCause[]
  readonly inFlightMax: number
}

interface CrossingSummary extends Counts {
  readonly from: string
  readonly to: string
  readonly type: string
  readonly signedBy: string
  readonly evidence: string
  readonly latencyMs: Percentiles
  readonly concurrencyLimit?: { readonly kind: string; readonly value: number }
}

/** Of the callees of one account, whose concurrency they share. */
interface AccountSummary {
  readonly account: string
  readonly sent: number
  readonly succeeded: number
  readonly throttles: number
}

export function summaryOf(run: RunData, thresholds: readonly ThresholdResult[]): LoadSummary {
  const figures = figuresOf(run)
  const times = timesOf(run)
  const optional = <Name extends string>(name: Name, histogram: Histogram | undefined) =>
    (histogram ? { [name]: percentilesOf(histogram) } : {}) as { readonly [K in Name]?: Percentiles }
  const unfinished = unfinishedOf(run)
  const crossings = run.crossings.map(({ from, to, type, signedBy, evidence, callee }, index) => {
    const of = figuresOf(run, index)
    const { concurrencyLimit } = callee
    return {
      from,
      to,
      type,
      signedBy,
      evidence,
      ...countsOf(run, of, index),
      latencyMs: percentilesOf(of.latency),
      ...(concurrencyLimit && { concurrencyLimit }),
    }
  })
  return {
    summary: true,
    ...countsOf(run, figures),
    latencyMs: percentilesOf(figures.latency),
    coldStarts: figures.coldStarts ?? null,
    generatorLatenessMs: percentilesOf(times.get('lateness')),
    thresholds,
    serviceMs: percentilesOf(times.get('service')),
    ...optional('coldMs', times.get('cold')),
    ...optional('warmMs', times.get('warm')),
    ...optional('initMs', times.get('init')),
    ...optional('durationMs', times.get('duration')),
    ...optional('endToEndMs', times.get('endToEnd')),
    ...(unfinished !== undefined && { unfinished }),
    crossings,
    accounts: accountsOf(run),
    ...(run.stoppedBy !== undefined && { stoppedBy: run.stoppedBy }),
    notes: run.notes,
  }
}

export function percentilesOf(histogram: Histogram | undefined): Percentiles {
  const at = (quantile: number) => rounded(histogram?.percentile(quantile) ?? 0)
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), max: rounded(histogram?.maxMs ?? 0) }
}

function countsOf(
  run: RunData,
  { sent, succeeded, dropped, causes, inFlightMax }: RunFigures,
  crossing?: number,
): Counts {
  return {
    sent,
    succeeded,
    dropped,
    causes: causes.map(({ cause, count }) => {
      const sample = sampleOf(run, cause, crossing)
      return {
        cause: cause.name,
        count,
        kind: cause.kind,
        ...(cause.detail !== undefined && { detail: cause.detail }),
        ...(sample && sample.requestId !== '' && { requestId: sample.requestId }),
        ...(sample && sample.message !== '' && { message: sample.message }),
      }
    }),
    inFlightMax,
  }
}

function accountsOf(run: RunData): readonly AccountSummary[] {
  return [...new Set(run.crossings.map(({ account }) => account))].map((account) => {
    const all = run.crossings.flatMap((crossing, index) =>
      crossing.account === account ? [figuresOf(run, index)] : [],
    )
    const sum = (of: (figures: RunFigures) => number) => all.reduce((total, figures) => total + of(figures), 0)
    return {
      account,
      sent: sum(({ sent }) => sent),
      succeeded: sum(({ succeeded }) => succeeded),
      throttles: sum(({ byKind }) => byKind.get('throttle') ?? 0),
    }
  })
}

/** To the microsecond: what the histogram can tell. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
