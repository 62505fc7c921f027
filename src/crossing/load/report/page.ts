/** A run as one page that needs nothing else: style and plots are in it, no script, nothing is loaded. Pure. */
import { compareRuns, differencesOfLoad, type ComparedFigure } from '../compare.ts'
import { formatDuration } from '../duration.ts'
import { figuresOf, sampleOf, timesOf } from '../figures.ts'
import { profileText } from '../profile-text.ts'
import { isOpen } from '../profile.ts'
import { causeText, type RunData } from '../run-data.ts'
import { percentilesOf, summaryOf } from '../summary.ts'
import { measuredText, type ThresholdResult } from '../threshold.ts'
import { chartsOf } from './charts.ts'
import { element, escapeMarkup, table } from '../../markup.ts'
import { reportPage, section, tiles } from '../../report-page.ts'
import { shortNumber } from './plot.ts'
import { STYLE } from './style.ts'

export function loadReport(
  run: RunData,
  thresholds: readonly ThresholdResult[],
  compared: RunData | undefined,
): string {
  const title = `Load test of ${run.startedAt.slice(0, 16).replace('T', ' ')}`
  const sections = [
    head(run, thresholds, title),
    figures(run),
    thresholdsSection(thresholds),
    section('Over time', chartsOf(run)),
    causesSection(run),
    timesSection(run),
    crossingsSection(run),
    compared ? comparisonSection(compared, run) : '',
    methodSection(run),
  ]
  return reportPage({ title, style: STYLE, sections })
}

function head(run: RunData, thresholds: readonly ThresholdResult[], title: string): string {
  const missed = thresholds.filter(({ ok }) => !ok).length
  const verdict =
    thresholds.length === 0
      ? ''
      : element('p', missed === 0 ? 'Every threshold is met' : `${missed} of ${thresholds.length} thresholds missed`, {
          class: missed === 0 ? 'good' : 'bad',
        })
  const what = `${profileText(run.profile)}, ${run.endpoint === undefined ? `on AWS in ${run.region}` : `on Isthmus at ${run.endpoint}`}`
  const stopped =
    run.stoppedBy === undefined ? '' : element('p', `Stopped before its end by ${run.stoppedBy}`, { class: 'bad' })
  return element('h1', escapeMarkup(title)) + element('p', escapeMarkup(what), { class: 'quiet' }) + verdict + stopped
}

function figures(run: RunData): string {
  const { sent, succeeded, dropped, durationS, coldStarts } = figuresOf(run)
  const latency = percentilesOf(timesOf(run).get('latency'))
  const lateness = percentilesOf(timesOf(run).get('lateness'))
  const facts: readonly (readonly [string, string])[] = [
    [sent.toLocaleString('en'), 'sent'],
    [percent(sent === 0 ? 0 : succeeded / sent), 'succeeded'],
    [`${shortNumber(durationS === 0 ? 0 : sent / durationS)}/s`, 'on average'],
    [`${shortNumber(latency.p50)} ms`, 'latency p50'],
    [`${shortNumber(latency.p99)} ms`, 'latency p99'],
    [dropped.toLocaleString('en'), 'dropped, not sent'],
    [coldStarts === undefined ? 'not known' : coldStarts.toLocaleString('en'), 'cold starts'],
    [`${shortNumber(lateness.p99)} ms`, "generator's lateness p99"],
  ]
  return tiles(facts.map(([value, name]) => ({ value, name })))
}

function thresholdsSection(thresholds: readonly ThresholdResult[]): string {
  if (thresholds.length === 0) return ''
  const rows = thresholds.map(({ expression, value, ok }) => [
    ok ? '✓ met' : '✗ missed',
    expression,
    measuredText({ expression, value }),
  ])
  return section(
    'Thresholds',
    table([{ title: '' }, { title: 'Condition' }, { title: 'Measured', isNumber: true }], rows),
  )
}

function causesSection(run: RunData): string {
  const { causes, sent } = figuresOf(run)
  if (causes.length === 0) return ''
  const rows = causes.map(({ cause, count }) => {
    const sample = sampleOf(run, cause)
    return [
      causeText(cause),
      cause.kind,
      String(count),
      percent(count / sent),
      sample?.message ?? '',
      sample?.requestId ?? '',
    ]
  })
  const columns = [
    { title: 'Cause' },
    { title: 'Kind' },
    { title: 'Count', isNumber: true },
    { title: 'Of all', isNumber: true },
    { title: 'In words, once' },
    { title: 'Request' },
  ]
  return section('Causes', table(columns, rows))
}

const TIMES = {
  latency: 'Latency, from the intended start',
  cold: 'Cold starts',
  warm: 'Warm invocations',
  init: 'Init, by the log',
  duration: 'Duration, by the log',
  endToEnd: 'To the end of the event',
  service: 'From sending to answer',
  lateness: "Generator's own lateness",
} as const

function timesSection(run: RunData): string {
  const rows = [...timesOf(run)].map(([name, histogram]) => {
    const { p50, p90, p99, p999, max } = percentilesOf(histogram)
    return [TIMES[name], String(histogram.count), ...[p50, p90, p99, p999, max].map((ms) => ms.toFixed(1))]
  })
  const numbers = ['Count', 'p50', 'p90', 'p99', 'p99.9', 'max'].map((title) => ({ title, isNumber: true }))
  return section('Times in milliseconds', table([{ title: 'Of successful invocations' }, ...numbers], rows))
}

function crossingsSection(run: RunData): string {
  const summary = summaryOf(run, [])
  const numbers = ['Concurrency', 'Sent', 'Succeeded', 'Dropped', 'p50 ms', 'p99 ms'].map((title) => ({
    title,
    isNumber: true,
  }))
  const crossings = summary.crossings.map((crossing) => [
    `${crossing.from} → ${crossing.to}, ${crossing.type}, signed by ${crossing.signedBy}`,
    crossing.concurrencyLimit ? `${crossing.concurrencyLimit.value} (${crossing.concurrencyLimit.kind})` : 'not known',
    ...[crossing.sent, crossing.succeeded, crossing.dropped].map(String),
    ...[crossing.latencyMs.p50, crossing.latencyMs.p99].map((ms) => ms.toFixed(1)),
  ])
  const accounts = summary.accounts.map(({ account, sent, succeeded, throttles }) => [
    account,
    ...[sent, succeeded, throttles].map(String),
  ])
  return (
    section('Crossings', table([{ title: 'Crossing' }, ...numbers], crossings)) +
    section(
      'Accounts of the callees',
      table(
        [{ title: 'Account' }, ...['Sent', 'Succeeded', 'Throttled'].map((title) => ({ title, isNumber: true }))],
        accounts,
      ),
    )
  )
}

function comparisonSection(before: RunData, after: RunData): string {
  const differences = differencesOfLoad(before, after)
  const warning =
    differences.length === 0
      ? ''
      : element('p', `The runs are not of the same load: they differ in ${differences.join(', ')}`, { class: 'bad' })
  const rows = compareRuns(before, after).map((row) => [
    row.name,
    formatted(row.unit, row.before),
    formatted(row.unit, row.after),
    row.change === undefined ? '' : `${row.change >= 0 ? '+' : ''}${(row.change * 100).toFixed(1)} %`,
  ])
  const columns = [{ title: 'Figure' }, ...['Before', 'Now', 'Change'].map((title) => ({ title, isNumber: true }))]
  return section(
    `Compared with the run of ${before.startedAt.slice(0, 16).replace('T', ' ')}`,
    warning + table(columns, rows),
  )
}

function methodSection(run: RunData): string {
  const { profile } = run
  const lines = [
    isOpen(profile)
      ? 'Invocations start when the profile says, whatever the ones before them take, and latency counts from then: a callee that stalls is charged for every invocation it kept waiting.'
      : 'Each virtual user waits for its answer before it invokes again: a callee that stalls is asked less often, so its worst times weigh less than they would in an open test.',
    'Latencies are those of successful invocations; what did not succeed is in the causes. What was to start while the most allowed were in flight was dropped and counted apart.',
    `At most ${run.inFlightMax} in flight, ${run.workers} ${run.workers === 1 ? 'thread' : 'threads'}, answers given up after ${formatDuration(run.timeoutMs)}, ${run.spacing} arrivals, seed ${run.seed}.`,
    ...run.notes,
  ]
  return section(
    'How this was measured',
    lines.map((line) => element('p', escapeMarkup(line), { class: 'quiet' })).join(''),
  )
}

function formatted(unit: ComparedFigure['unit'], value: number): string {
  if (unit === 'part') return percent(value)
  if (unit === 'ms') return `${shortNumber(value)} ms`
  return unit === 'per-second' ? `${shortNumber(value)}/s` : String(value)
}

function percent(part: number): string {
  return `${(part * 100).toFixed(part > 0 && part < 0.01 ? 3 : 2)} %`
}
