/** Two runs side by side. Pure. */
import { figuresOf, timesOf } from './figures.ts'
import type { RunData } from './run-data.ts'

export interface ComparedFigure {
  readonly name: string
  readonly unit: 'ms' | 'count' | 'per-second' | 'part'
  readonly before: number
  readonly after: number
  /** Of the figure before: 0.5 is half as much again. Undefined where it was nothing. */
  readonly change: number | undefined
  /** Which way is worse; a change the other way, or of a figure that says nothing by itself, is none. */
  readonly worse: 'more' | 'less' | 'neither'
}

const PERCENTILES = [
  ['p50', 0.5],
  ['p90', 0.9],
  ['p99', 0.99],
  ['p999', 0.999],
] as const

/** Figures that only one of the runs has are left out. */
export function compareRuns(before: RunData, after: RunData): readonly ComparedFigure[] {
  const [old, fresh] = [figuresOf(before), figuresOf(after)]
  const perSecond = ({ succeeded, durationS }: typeof old) => (durationS === 0 ? 0 : succeeded / durationS)
  const part = (count: number, { sent }: typeof old) => (sent === 0 ? 0 : count / sent)
  const throttles = (of: typeof old) => of.byKind.get('throttle') ?? 0
  const rows = [
    figure('sent', 'count', 'neither', [old.sent, fresh.sent]),
    figure('rate', 'per-second', 'less', [perSecond(old), perSecond(fresh)]),
    figure('errors', 'part', 'more', [part(old.failed, old), part(fresh.failed, fresh)]),
    figure('throttles', 'part', 'more', [part(throttles(old), old), part(throttles(fresh), fresh)]),
    figure('dropped', 'count', 'more', [old.dropped, fresh.dropped]),
    figure('inFlightMax', 'count', 'neither', [old.inFlightMax, fresh.inFlightMax]),
  ]
  if (old.coldStarts !== undefined && fresh.coldStarts !== undefined) {
    rows.push(figure('coldStarts', 'count', 'more', [old.coldStarts, fresh.coldStarts]))
  }
  const [oldTimes, freshTimes] = [timesOf(before), timesOf(after)]
  for (const [name, histogram] of oldTimes) {
    const other = freshTimes.get(name)
    if (!other) continue
    for (const [percentile, quantile] of PERCENTILES) {
      rows.push(
        figure(`${name}.${percentile}`, 'ms', 'more', [histogram.percentile(quantile), other.percentile(quantile)]),
      )
    }
  }
  return rows
}

function figure(
  name: string,
  unit: ComparedFigure['unit'],
  worse: ComparedFigure['worse'],
  [before, after]: readonly [number, number],
): ComparedFigure {
  return { name, unit, before, after, change: before === 0 ? undefined : after / before - 1, worse }
}

/** What the two runs did not have in common, so that nobody takes a difference of load for one of the callee. */
export function differencesOfLoad(before: RunData, after: RunData): readonly string[] {
  const pairs = [
    ['profile', before.profile, after.profile],
    ['think time', before.thinkTimeMs ?? 0, after.thinkTimeMs ?? 0],
    ['arrivals', before.spacing, after.spacing],
    // A project's cloud of its own has another port every time.
    ['place', before.endpoint === undefined, after.endpoint === undefined],
    ['callees', before.crossings.map(({ to }) => to), after.crossings.map(({ to }) => to)],
    ['invocation types', before.crossings.map(({ type }) => type), after.crossings.map(({ type }) => type)],
  ] as const
  return pairs.filter(([, old, fresh]) => JSON.stringify(old) !== JSON.stringify(fresh)).map(([name]) => name)
}
