/** Shows a load test to a person: what is about to be run, and what came of it. */
import { parseArn } from '../core/arn.ts'
import type { ComparedFigure } from '../crossing/load/compare.ts'
import { formatDuration } from '../crossing/load/duration.ts'
import type { Estimate } from '../crossing/load/estimate.ts'
import { figuresOf, sampleOf, timesOf, unfinishedOf, type RunFigures } from '../crossing/load/figures.ts'
import { PRICES_AS_OF, PRICES_REGION } from '../crossing/load/prices.ts'
import { profileText } from '../crossing/load/profile-text.ts'
import { causeText, type RunCrossing, type RunData } from '../crossing/load/run-data.ts'
import { percentilesOf } from '../crossing/load/summary.ts'
import { measuredText, type ThresholdResult } from '../crossing/load/threshold.ts'
import type { Output } from './terminal/output.ts'
import { fold, formatTable } from './terminal/table.ts'

const TIME_NAMES = {
  latency: 'latency, from the intended start',
  cold: 'cold starts',
  warm: 'warm invocations',
  init: 'init, by the log',
  duration: 'duration, by the log',
  endToEnd: 'to the end of the event',
  service: 'from sending to answer',
  lateness: "generator's own lateness",
} as const

export function crossingText({ from, to, type, signedBy, callee }: RunCrossing): readonly string[] {
  const { concurrencyLimit: limit } = callee
  const may = limit ? `, at most ${limit.value} at once (${limit.kind})` : ''
  return [`${from} → ${to}`, `${type}, signed by ${signedBy}${may}`]
}

export function printHeader(run: Pick<RunData, 'profile' | 'crossings'>, output: Output): void {
  output.line()
  output.line(`  ${output.paint('bold', profileText(run.profile))}`)
  for (const crossing of run.crossings) {
    const [path = '', how = ''] = crossingText(crossing)
    output.line(`  ${path}`)
    for (const line of fold(how, Math.max(40, output.columns - 8))) output.line(output.paint('dim', `      ${line}`))
  }
}

export function estimateText({ invocations, isGuess, durationMs, usualCost, mostCost }: Estimate): readonly string[] {
  const number = `${isGuess ? 'about ' : ''}${invocations.toLocaleString('en')} invocations within ${formatDuration(durationMs)}`
  return [
    `${number} on AWS`,
    `about $${dollars(usualCost)} if each takes 100 ms, at most $${dollars(mostCost)} if each runs into its timeout`,
    `(prices of ${PRICES_REGION}, ${PRICES_AS_OF}, without the free tier; what the callees call costs extra)`,
  ]
}

export function printRun(run: RunData, thresholds: readonly ThresholdResult[], output: Output): void {
  const figures = figuresOf(run)
  output.line()
  printCounts(run, figures, output)
  printTimes(run, output)
  printCauses(run, figures, output)
  if (run.crossings.length > 1) printCrossings(run, output)
  for (const note of run.notes) {
    for (const line of fold(`note: ${note}`, Math.max(40, output.columns - 2))) {
      output.line(output.paint('yellow', `  ${line}`))
    }
  }
  printThresholds(thresholds, output)
}

function printCounts(run: RunData, figures: RunFigures, output: Output): void {
  const { sent, succeeded, failed, dropped, durationS, coldStarts, inFlightMax } = figures
  const bad = (count: number, text: string) => (count === 0 ? text : output.paint('red', text))
  const unfinished = unfinishedOf(run)
  const facts = [
    `${sent} sent`,
    `${succeeded} succeeded (${percent(sent === 0 ? 0 : succeeded / sent)})`,
    bad(failed, `${failed} failed`),
    bad(dropped, `${dropped} dropped`),
    `${(durationS === 0 ? 0 : sent / durationS).toFixed(1)}/s`,
    `at most ${inFlightMax} in flight`,
    ...(coldStarts === undefined ? [] : [`${coldStarts} cold starts`]),
    ...(unfinished === undefined ? [] : [bad(unfinished, `${unfinished} events unfinished`)]),
  ]
  output.line(`  ${facts.join(', ')}`)
  if (run.stoppedBy === 'signal')
    output.line(output.paint('yellow', '  interrupted: what follows is of the part that was run'))
  if (run.stoppedBy === 'max-invocations') {
    output.line(output.paint('yellow', '  stopped at --max-invocations: what follows is of the part that was run'))
  }
}

function printTimes(run: RunData, output: Output): void {
  const rows = [...timesOf(run)].map(([name, histogram]) => {
    const { p50, p90, p99, p999, max } = percentilesOf(histogram)
    return [TIME_NAMES[name], String(histogram.count), ...[p50, p90, p99, p999, max].map((ms) => ms.toFixed(1))]
  })
  const right = (title: string) => ({ title, align: 'right' as const })
  output.line()
  print(
    formatTable(
      [
        { title: 'MILLISECONDS' },
        right('COUNT'),
        right('P50'),
        right('P90'),
        right('P99'),
        right('P99.9'),
        right('MAX'),
      ],
      rows,
    ),
    output,
  )
}

function printCauses(run: RunData, { causes, sent }: RunFigures, output: Output): void {
  if (causes.length === 0) return
  output.line()
  const rows = causes.map(({ cause, count }) => [causeText(cause), cause.kind, String(count), percent(count / sent)])
  const [heading = '', ...lines] = formatTable(
    [{ title: 'CAUSE' }, { title: 'KIND' }, { title: 'COUNT', align: 'right' }, { title: 'OF ALL', align: 'right' }],
    rows,
  )
  output.line(output.paint('dim', `  ${heading}`))
  for (const [index, line] of lines.entries()) {
    output.line(`  ${output.paint('red', line)}`)
    const sample = causes[index] && sampleOf(run, causes[index].cause)
    if (!sample || sample.message === '') continue
    const request = sample.requestId === '' ? '' : ` (request ${sample.requestId})`
    for (const folded of fold(`${sample.message}${request}`, Math.max(40, output.columns - 8))) {
      output.line(output.paint('dim', `      ${folded}`))
    }
  }
}

function printCrossings(run: RunData, output: Output): void {
  // Two crossings of one callee differ in who calls it or how.
  const names = run.crossings.map(({ to }) => to)
  const named = run.crossings.map(({ from, to, type }) =>
    names.filter((name) => name === to).length === 1 ? to : `${shortCallee(to)}, ${type} from ${shortCallee(from)}`,
  )
  const rows = run.crossings.map((_, index) => {
    const { sent, succeeded, failed, dropped, latency } = figuresOf(run, index)
    const { p50, p99 } = percentilesOf(latency)
    return [named[index] ?? '', ...[sent, succeeded, failed, dropped].map(String), p50.toFixed(1), p99.toFixed(1)]
  })
  const right = (title: string) => ({ title, align: 'right' as const })
  output.line()
  print(
    formatTable(
      [{ title: 'CALLEE' }, ...['SENT', 'SUCCEEDED', 'FAILED', 'DROPPED', 'P50 MS', 'P99 MS'].map(right)],
      rows,
    ),
    output,
  )
}

/** `callee:prod` of an ARN; anything else as it is. */
function shortCallee(name: string): string {
  const arn = parseArn(name)
  return arn ? `${arn.account}:${arn.resource.replace(/^function:|^role\//, '')}` : name
}

function printThresholds(thresholds: readonly ThresholdResult[], output: Output): void {
  if (thresholds.length > 0) output.line()
  for (const { expression, value, ok } of thresholds) {
    const mark = ok ? output.paint('green', '✓') : output.paint('red', '✗')
    output.line(`  ${mark} ${expression.padEnd(40)} ${measuredText({ expression, value })}`)
  }
}

export function printComparison(rows: readonly ComparedFigure[], differences: readonly string[], output: Output): void {
  const format = {
    ms: (v: number) => `${v.toFixed(1)} ms`,
    count: String,
    'per-second': (v: number) => `${v.toFixed(1)}/s`,
    part: percent,
  }
  const right = (title: string) => ({ title, align: 'right' as const })
  output.line()
  const [heading = '', ...lines] = formatTable(
    [{ title: 'COMPARED' }, right('BEFORE'), right('NOW'), right('CHANGE')],
    rows.map(({ name, unit, before, after, change }) => [
      name,
      format[unit](before),
      format[unit](after),
      change === undefined ? '' : `${change >= 0 ? '+' : ''}${(change * 100).toFixed(1)} %`,
    ]),
  )
  output.line(output.paint('dim', `  ${heading}`))
  for (const [index, line] of lines.entries()) {
    const row = rows[index]
    const isWorse =
      row && (row.worse === 'more' ? row.after > row.before : row.worse === 'less' && row.after < row.before)
    const isNotable = row && Math.abs(row.change ?? (row.after === row.before ? 0 : 1)) >= NOTABLE_CHANGE
    output.line(`  ${isNotable && row.worse !== 'neither' ? output.paint(isWorse ? 'red' : 'green', line) : line}`)
  }
  if (differences.length > 0) {
    output.line(output.paint('yellow', `  The runs are not of the same load: they differ in ${differences.join(', ')}`))
  }
}

/** Less than this runs differ by themselves. */
const NOTABLE_CHANGE = 0.1

function print([heading = '', ...lines]: readonly string[], output: Output): void {
  output.line(output.paint('dim', `  ${heading}`))
  for (const line of lines) output.line(`  ${line}`)
}

function percent(part: number): string {
  return `${(part * 100).toFixed(part > 0 && part < 0.01 ? 3 : 2)} %`
}

function dollars(amount: number): string {
  return amount.toFixed(amount < 0.001 ? 6 : amount < 0.01 ? 4 : 2)
}
