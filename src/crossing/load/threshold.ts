/** Conditions on a run's figures, such as `p99<50ms`, `errors<0.1%` or `throttles==0`; a run that misses one fails. */
import { UserError } from '../../core/user-error.ts'
import { parseDuration } from './duration.ts'

export type Comparison = '<' | '<=' | '>' | '>=' | '==' | '!='

type Unit = 'ms' | 'count' | 'per-second'

export interface Threshold {
  readonly expression: string
  readonly metric: string
  readonly comparison: Comparison
  /** In the unit of the figure; a percentage as a part of one. */
  readonly bound: number
  /** A count that is compared with a percentage is taken as a part of the invocations. */
  readonly asPart: boolean
}

export interface ThresholdResult {
  readonly expression: string
  /** Milliseconds, a part of one, or a number; null when the run has no such figure. */
  readonly value: number | null
  readonly ok: boolean
}

export interface Figures {
  /** Metric → value. Durations in milliseconds. */
  readonly values: ReadonlyMap<string, number>
  readonly sent: number
}

const PERCENTILES = ['p50', 'p90', 'p95', 'p99', 'p999', 'min', 'mean', 'max'] as const
/** What is measured in time, each with these percentiles; of the first, the name may be left out. */
export const TIMES = ['latency', 'cold', 'warm', 'init', 'duration', 'endToEnd', 'service', 'lateness'] as const
export const COUNTS = [
  'sent',
  'succeeded',
  'dropped',
  'errors',
  'throttles',
  'timeouts',
  'denied',
  'coldStarts',
  'unfinished',
] as const

const EXPRESSION = /^\s*([\w.]+(?:\([^()]+\))?)\s*(<=|>=|==|!=|<|>)\s*(\d+(?:\.\d+)?)\s*(%|[a-z/]+)?\s*$/
const CAUSE = /^cause\(([^()]+)\)$/

/** Throws `UserError` naming the text. */
export function parseThreshold(text: string): Threshold {
  const [, metric = '', comparison, number = '', suffix = ''] = EXPRESSION.exec(text) ?? []
  if (comparison === undefined) {
    throw new UserError(`\`${text}\` is not a threshold, expected one such as p99<50ms, errors<0.1% or throttles==0`)
  }
  const unit = unitOf(metric, text)
  const wrong = (expected: string) =>
    new UserError(`\`${text}\` compares ${metric} with \`${number}${suffix}\`, expected ${expected}`)
  if (unit === 'ms' && !/^(ms|s|m)$/.test(suffix)) throw wrong('a duration such as 50ms')
  if (unit === 'count' && suffix !== '' && suffix !== '%') throw wrong('a number or a percentage')
  if (unit === 'per-second' && suffix !== '' && suffix !== '/s') throw wrong('a number')
  return {
    expression: text.trim(),
    metric: /^\w+$/.test(metric) && isPercentile(metric) ? `latency.${metric}` : metric,
    comparison: comparison as Comparison,
    bound: unit === 'ms' ? parseDuration(`${number}${suffix}`) : Number(number) / (suffix === '%' ? 100 : 1),
    asPart: suffix === '%',
  }
}

export function judge(threshold: Threshold, { values, sent }: Figures): ThresholdResult {
  const { expression, metric, comparison, bound, asPart } = threshold
  // A cause that did not occur has no entry, and that is what the threshold hopes for.
  const figure = values.get(metric) ?? (CAUSE.test(metric) ? 0 : undefined)
  if (figure === undefined) return { expression, value: null, ok: false }
  const value = asPart ? (sent === 0 ? 0 : figure / sent) : figure
  return { expression, value, ok: holds(value, comparison, bound) }
}

/** What was measured, in the unit that the condition is written in. */
export function measuredText({ expression, value }: Pick<ThresholdResult, 'expression' | 'value'>): string {
  if (value === null) return 'not measured'
  if (expression.endsWith('%')) return `${(value * 100).toFixed(value > 0 && value < 0.01 ? 3 : 2)} %`
  if (/\d\s*(ms|s|m)$/.test(expression)) return `${value.toFixed(value < 10 ? 2 : 1)} ms`
  return Number.isInteger(value) ? String(value) : value.toFixed(1)
}

function unitOf(metric: string, text: string): Unit {
  if (isPercentile(metric)) return 'ms'
  const [time = '', percentile = ''] = metric.split('.')
  if ((TIMES as readonly string[]).includes(time) && isPercentile(percentile)) return 'ms'
  if ((COUNTS as readonly string[]).includes(metric) || CAUSE.test(metric)) return 'count'
  if (metric === 'rate') return 'per-second'
  throw new UserError(`\`${text}\` is about \`${metric}\`, which is not measured`, {
    hint: `Measured are ${PERCENTILES.join(', ')} of ${TIMES.join(', ')} (p99 is latency.p99); ${COUNTS.join(', ')}; cause(NAME); rate`,
  })
}

function isPercentile(name: string): boolean {
  return (PERCENTILES as readonly string[]).includes(name)
}

function holds(value: number, comparison: Comparison, bound: number): boolean {
  switch (comparison) {
    case '<':
      return value < bound
    case '<=':
      return value <= bound
    case '>':
      return value > bound
    case '>=':
      return value >= bound
    case '==':
      return value === bound
    case '!=':
      return value !== bound
  }
}
