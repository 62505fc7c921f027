/** A plan as one page that needs nothing else. Pure. */
import { escapeMarkup, element, table } from '../markup.ts'
import { reportPage, section, tiles } from '../report-page.ts'
import { profileText } from '../load/profile-text.ts'
import { shortName } from '../load/report/charts.ts'
import { drawPlot } from '../load/report/plot.ts'
import { STYLE } from '../load/report/style.ts'
import { number } from './limits/concurrency.ts'
import { LIMIT_NAMES } from './limits/names.ts'
import { dollars } from './cost.ts'
import { functionTexts } from './function-text.ts'
import type { FunctionPlan, LimitVerdict, Plan } from './plan-data.ts'
import { assumedText, breaksText, markOf, unjudgedText, verdictText } from './verdict-text.ts'
import type { SimulatedSecond } from './simulation/simulation.ts'

const VERDICT_CLASSES = { holds: 'good', assumed: undefined, breaks: 'bad' } as const
const EVALUATED = 'Simulated and computed: nothing was invoked'

/** No more points than can be told apart. */
const POINTS_MAX = 240

export function planReport(plan: Plan): string {
  const title = 'Capacity plan'
  const text = verdictText(plan)
  const verdict = element('p', escapeMarkup(text.charAt(0).toUpperCase() + text.slice(1)), {
    class: VERDICT_CLASSES[plan.verdict],
  })
  const sections = [
    element('h1', title) +
      element('p', escapeMarkup(profileText(plan.profile))) +
      element('p', escapeMarkup(EVALUATED), { class: 'quiet' }) +
      verdict,
    figures(plan),
    section(
      'Limits',
      limitsTable(plan.limits) + (plan.unjudged.length > 0 ? list(plan.unjudged.map(unjudgedText)) : ''),
    ),
    ...plan.functions.map((fn, index) =>
      section(`${shortName(fn.arn)}, second by second`, facts(fn) + charts(plan, index)),
    ),
    plan.notes.length === 0 ? '' : section('Read with it', list(plan.notes)),
  ]
  return reportPage({ title, style: STYLE, sections })
}

function list(texts: readonly string[]): string {
  return element('ul', texts.map((text) => element('li', escapeMarkup(text))).join(''))
}

const TONES = { quiet: 'quiet', plain: undefined, notable: undefined, bad: 'bad' } as const

function facts(fn: FunctionPlan): string {
  return functionTexts(fn)
    .map(({ text, tone }) => element('p', escapeMarkup(text), { class: TONES[tone] }))
    .join('')
}

function figures({ functions, cost }: Plan): string {
  const sum = (of: (fn: Plan['functions'][number]) => number) => functions.reduce((total, fn) => total + of(fn), 0)
  return tiles([
    { value: sum(({ arrived }) => arrived).toLocaleString('en'), name: 'invocations' },
    { value: sum(({ concurrencyNeeded }) => concurrencyNeeded).toLocaleString('en'), name: 'concurrency needed' },
    { value: sum(({ throttled }) => throttled).toLocaleString('en'), name: 'throttled' },
    { value: sum(({ coldStarts }) => coldStarts).toLocaleString('en'), name: 'cold starts' },
    { value: `$${dollars(cost.total)}`, name: `on AWS, prices of ${cost.pricesRegion}, ${cost.pricesAsOf}` },
  ])
}

function limitsTable(limits: readonly LimitVerdict[]): string {
  const rows = limits.map((row) => [
    markOf(row),
    `${LIMIT_NAMES[row.kind]} of ${shortName(row.of)}`,
    number(row.needed),
    number(row.limit),
    number(row.headroom),
    breaksText(row),
    [row.formula?.text, row.remark, assumedText(row), refusals(row), remedy(row)]
      .filter((text) => text !== undefined)
      .join('; '),
  ])
  const numbers = ['Needed', 'Limit', 'Headroom'].map((title) => ({ title, isNumber: true }))
  return table(
    [{ title: '' }, { title: 'Limit' }, ...numbers, { title: 'Breaks' }, { title: 'Why, and what helps' }],
    rows,
  )
}

/** By the name under which `isthmus load` counts them. */
function refusals({ holds, cause, refused }: LimitVerdict): string | undefined {
  if (holds || cause === undefined) return undefined
  return refused === undefined ? cause : `${number(refused)} × ${cause}`
}

function remedy({ holds, raise }: LimitVerdict): string | undefined {
  return holds || !raise ? undefined : `remedy: ${raise.how}`
}

function charts({ seconds, limits, functions }: Plan, fn: number): string {
  const of = functions[fn]?.arn
  const own = withQuietSeconds(seconds.filter((second) => second.fn === fn))
  const concurrency = limits.find(
    (row) =>
      (row.kind === 'reserved-concurrency' && row.of === of) ||
      (row.kind === 'account-concurrency' && row.of === functions[fn]?.account),
  )
  const { at, points } = grouped(own)
  const most = (value: (second: SimulatedSecond) => number) => points.map((group) => Math.max(0, ...group.map(value)))
  const mean = (value: (second: SimulatedSecond) => number) =>
    points.map((group) => group.reduce((sum, second) => sum + value(second), 0) / Math.max(1, group.length))
  const plots = [
    drawPlot({
      title: 'Concurrency',
      unit: '',
      at,
      axis: 'seconds',
      kind: 'lines',
      series: [{ name: 'running at once', colour: 'c1', values: most(({ runningMax }) => runningMax) }],
      ...(concurrency && {
        limit: { value: concurrency.limit, name: `${LIMIT_NAMES[concurrency.kind]} ${concurrency.limit}` },
      }),
    }),
    drawPlot({
      title: 'Throttles a second',
      unit: '/s',
      at,
      axis: 'seconds',
      kind: 'columns',
      series: (['reserved', 'account', 'rate', 'scaling'] as const).map((limit, index) => ({
        name: THROTTLES[limit],
        colour: `c${index + 3}`,
        values: mean(({ throttled }) => throttled[limit]),
      })),
    }),
  ]
  if (functions[fn]?.queue) {
    plots.push(
      drawPlot({
        title: 'Age of the oldest event that is tried',
        unit: 's',
        at,
        axis: 'seconds',
        kind: 'columns',
        series: [{ name: 'age', colour: 'c2', values: most(({ ageMaxMs }) => ageMaxMs / 1000) }],
      }),
    )
  }
  return plots.join('')
}

const THROTTLES = {
  reserved: 'reserved concurrency',
  account: 'account concurrency',
  rate: 'request rate',
  scaling: 'scaling rate',
} as const

/** In a second without figures nothing came or went: what ran before runs on. */
function withQuietSeconds(seconds: readonly SimulatedSecond[]): readonly SimulatedSecond[] {
  return seconds.flatMap((second, index) => {
    const next = seconds[index + 1]?.second ?? second.second + 1
    const quiet: SimulatedSecond = {
      ...NOTHING,
      fn: second.fn,
      second: 0,
      running: second.running,
      runningMax: second.running,
    }
    const between = Array.from({ length: next - second.second - 1 }, (_, gap) => ({
      ...quiet,
      second: second.second + gap + 1,
    }))
    return [second, ...between]
  })
}

const NOTHING = {
  arrived: 0,
  served: 0,
  throttled: { reserved: 0, account: 0, rate: 0, scaling: 0 },
  unconnected: 0,
  coldStarts: 0,
  queuedMax: 0,
  ageMaxMs: 0,
  expired: 0,
} as const

function grouped(seconds: readonly SimulatedSecond[]): {
  readonly at: readonly number[]
  readonly points: readonly (readonly SimulatedSecond[])[]
} {
  const first = seconds[0]?.second ?? 0
  const last = seconds.at(-1)?.second ?? 0
  const size = Math.ceil((last - first + 1) / POINTS_MAX)
  const points: SimulatedSecond[][] = Array.from({ length: Math.ceil((last - first + 1) / size) }, () => [])
  for (const second of seconds) points[Math.floor((second.second - first) / size)]?.push(second)
  return { at: points.map((_, index) => first + index * size), points }
}
