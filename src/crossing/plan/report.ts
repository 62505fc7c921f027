/** A plan as one page that needs nothing else. Pure. */
import { escapeMarkup, element, table } from '../markup.ts'
import { reportPage, section, tiles } from '../report-page.ts'
import { shortName } from '../load/report/charts.ts'
import { drawPlot } from '../load/report/plot.ts'
import { STYLE } from '../load/report/style.ts'
import { number } from './limits/concurrency.ts'
import { LIMIT_NAMES } from './limits/names.ts'
import type { LimitVerdict, Plan } from './plan-data.ts'
import type { SimulatedSecond } from './simulation/simulation.ts'

const EVALUATED = 'Simulated and computed: nothing was invoked'

/** No more points than can be told apart. */
const POINTS_MAX = 240

export function planReport(plan: Plan): string {
  const title = 'Capacity plan'
  const broken = plan.limits.filter(({ holds }) => !holds).length
  const verdict = element('p', plan.ok ? 'Every limit holds' : `${broken} of ${plan.limits.length} limits break`, {
    class: plan.ok ? 'good' : 'bad',
  })
  const sections = [
    element('h1', title) + element('p', escapeMarkup(EVALUATED), { class: 'quiet' }) + verdict,
    figures(plan),
    section('Limits', limitsTable(plan.limits)),
    ...plan.functions.map((fn, index) => section(`${shortName(fn.arn)}, second by second`, charts(plan, index))),
    plan.notes.length === 0 ? '' : section('Read with it', list(plan.notes)),
  ]
  return reportPage({ title, style: STYLE, sections })
}

function list(texts: readonly string[]): string {
  return element('ul', texts.map((text) => element('li', escapeMarkup(text))).join(''))
}

function figures({ functions, cost }: Plan): string {
  const sum = (of: (fn: Plan['functions'][number]) => number) => functions.reduce((total, fn) => total + of(fn), 0)
  return tiles([
    { value: sum(({ arrived }) => arrived).toLocaleString('en'), name: 'invocations' },
    { value: sum(({ concurrencyNeeded }) => concurrencyNeeded).toLocaleString('en'), name: 'concurrency needed' },
    { value: sum(({ throttled }) => throttled).toLocaleString('en'), name: 'throttled' },
    { value: sum(({ coldStarts }) => coldStarts).toLocaleString('en'), name: 'cold starts' },
    { value: `$${cost.total.toFixed(2)}`, name: `on AWS, prices of ${cost.pricesRegion}, ${cost.pricesAsOf}` },
  ])
}

function limitsTable(limits: readonly LimitVerdict[]): string {
  const rows = limits.map((row) => [
    row.holds ? '✓' : '✗',
    `${LIMIT_NAMES[row.kind]} of ${shortName(row.of)}`,
    number(row.needed),
    number(row.limit),
    number(row.headroom),
    breaksText(row),
    [row.formula?.text, row.remark].filter((text) => text !== undefined).join('; '),
    row.holds ? '' : (row.raise?.how ?? ''),
  ])
  const numbers = ['Needed', 'Limit', 'Headroom'].map((title) => ({ title, isNumber: true }))
  return table(
    [{ title: '' }, { title: 'Limit' }, ...numbers, { title: 'Breaks' }, { title: 'Why' }, { title: 'Remedy' }],
    rows,
  )
}

export function breaksText({ holds, firstSecond, aloneSecond }: LimitVerdict): string {
  if (holds) return ''
  if (firstSecond !== undefined) return `at ${firstSecond} s`
  return aloneSecond === undefined ? 'when deployed' : `at ${aloneSecond} s, alone`
}

function charts({ seconds, limits, functions }: Plan, fn: number): string {
  const of = functions[fn]?.arn
  const own = seconds.filter((second) => second.fn === fn)
  const concurrency = limits.find(
    (row) =>
      (row.kind === 'reserved-concurrency' && row.of === of) ||
      (row.kind === 'account-concurrency' && row.of === functions[fn]?.account),
  )
  const { at, points } = grouped(own)
  const most = (value: (second: SimulatedSecond) => number) =>
    points.map((group) => (group.length === 0 ? undefined : Math.max(...group.map(value))))
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
        title: 'Age of the oldest event',
        unit: 's',
        at,
        axis: 'seconds',
        kind: 'lines',
        series: [{ name: 'when it was tried', colour: 'c2', values: most(({ ageMaxMs }) => ageMaxMs / 1000) }],
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

/** Seconds in which nothing happened are points too. */
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
