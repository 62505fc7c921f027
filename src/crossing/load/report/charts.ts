/** The plots of a run's report. Pure. */
import { lowestOf, type Histogram } from '../histogram.ts'
import { figuresOf } from '../figures.ts'
import { causeText, type RunData } from '../run-data.ts'
import { coordinate, element, escapeMarkup } from '../../markup.ts'
import { drawPlot, legend, niceTicks, type Series, shortNumber } from './plot.ts'
import { pointsOf, type Point } from './points.ts'

/** Causes beyond these are drawn as one. */
const CAUSE_COLOURS = ['c3', 'c4', 'c5', 'c6', 'c7'] as const

export function chartsOf(run: RunData): string {
  const points = pointsOf(run)
  const charts = [
    latencyChart(offered(points)),
    rateChart(offered(points)),
    ...concurrencyCharts(run),
    causesChart(run, points),
  ]
  if (run.logs.length > 0) charts.push(coldStartChart(points))
  charts.push(histogramChart(figuresOf(run).latency))
  return charts.join('')
}

const AXIS = 'seconds'

/** After the last invocation was to start, answers are awaited and nothing is offered. */
function offered(points: readonly Point[]): readonly Point[] {
  return points.slice(0, points.findLastIndex(({ sent, dropped }) => sent + dropped > 0) + 1)
}

function latencyChart(points: readonly Point[]): string {
  const at = (quantile: number) =>
    points.map(({ latency }) => (latency.count === 0 ? undefined : latency.percentile(quantile)))
  return drawPlot({
    title: 'Latency from the intended start',
    unit: 'ms',
    at: points.map((point) => point.at),
    axis: AXIS,
    kind: 'lines',
    series: [
      { name: 'p99', colour: 'c3', values: at(0.99) },
      { name: 'p90', colour: 'c2', values: at(0.9) },
      { name: 'p50', colour: 'c1', values: at(0.5) },
    ],
  })
}

function rateChart(points: readonly Point[]): string {
  const perSecond = (of: (point: Point) => number) => points.map((point) => of(point) / point.seconds)
  return drawPlot({
    title: 'Invocations a second',
    unit: '/s',
    at: points.map((point) => point.at),
    axis: AXIS,
    kind: 'lines',
    series: [
      { name: 'sent', colour: 'c2', values: perSecond(({ sent }) => sent) },
      { name: 'succeeded', colour: 'c1', values: perSecond(({ succeeded }) => succeeded) },
    ],
  })
}

/** One for each callee: each has its own limit. */
function concurrencyCharts(run: RunData): readonly string[] {
  const callees = [...new Set(run.crossings.map(({ to }) => to))]
  return callees.map((to) => {
    const ofCallee = run.crossings.flatMap((crossing, index) => (crossing.to === to ? [index] : []))
    const series = ofCallee.map((crossing) => pointsOf(run, crossing))
    const at = [...new Set(series.flatMap((points) => points.map((point) => point.at)))].sort((a, b) => a - b)
    const total = (of: (point: Point) => number | undefined) =>
      at.map((_, index) => {
        const values = series.flatMap((points) => (points[index] && of(points[index])) ?? [])
        return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0)
      })
    const limit = run.crossings.find((crossing) => crossing.to === to)?.callee.concurrencyLimit
    const isLogged = series.some((points) => points.some(({ runningMax }) => runningMax !== undefined))
    return drawPlot({
      title: callees.length === 1 ? 'Concurrency' : `Concurrency of ${shortName(to)}`,
      unit: '',
      at,
      axis: AXIS,
      kind: 'lines',
      series: [
        { name: 'in flight, answered or not', colour: 'c2', values: total(({ inFlightMax }) => inFlightMax) },
        ...(isLogged
          ? [{ name: 'running, by the log', colour: 'c1', values: total(({ runningMax }) => runningMax) }]
          : []),
      ],
      ...(limit && { limit: { value: limit.value, name: `${limit.kind} concurrency ${limit.value}` } }),
    })
  })
}

function causesChart(run: RunData, points: readonly Point[]): string {
  const names = figuresOf(run).causes.map(({ cause }) => causeText(cause))
  const shown = names.slice(0, CAUSE_COLOURS.length)
  const countOf = ({ causes }: Point, isWanted: (name: string) => boolean) =>
    causes.reduce((sum, { cause, count }) => sum + (isWanted(nameOfRaw(causeText(cause), names)) ? count : 0), 0)
  const series: Series[] = shown.map((name, index) => ({
    name,
    colour: CAUSE_COLOURS[index] ?? 'c7',
    values: points.map((point) => countOf(point, (found) => found === name)),
  }))
  if (names.length > shown.length) {
    const values = points.map((point) => countOf(point, (found) => !shown.includes(found)))
    series.push({ name: 'other causes', colour: 'c8', values })
  }
  if (points.some(({ dropped }) => dropped > 0)) {
    series.push({ name: 'dropped, not sent', colour: 'c9', values: points.map(({ dropped }) => dropped) })
  }
  if (series.length === 0) return ''
  return drawPlot({
    title: 'Causes of what did not succeed',
    unit: '',
    at: points.map((point) => point.at),
    axis: AXIS,
    kind: 'columns',
    series,
  })
}

/** A timeout that the log puts into init is told second by second as the answer had it. */
function nameOfRaw(name: string, names: readonly string[]): string {
  if (names.includes(name) || !name.startsWith('Sandbox.Timedout')) return name
  return names.find((other) => other.startsWith('Sandbox.Timedout')) ?? name
}

function coldStartChart(points: readonly Point[]): string {
  return drawPlot({
    title: 'Cold starts',
    unit: '',
    at: points.map((point) => point.at),
    axis: AXIS,
    kind: 'columns',
    series: [{ name: 'environments initialized', colour: 'c2', values: points.map(({ coldStarts }) => coldStarts) }],
  })
}

const WIDTH = 760
const HEIGHT = 220
const LEFT = 56
const RIGHT = 12
const TOP = 24
const BOTTOM = 34
const COLUMNS_PER_DECADE = 24

/** How often which latency was measured, on a logarithmic axis: a tail is a thousand times the middle. */
function histogramChart(latency: Histogram): string {
  if (latency.count === 0) return ''
  const { buckets } = latency.toData()
  const counts = new Map<number, number>()
  for (const [bucket, count] of buckets) {
    const column = Math.floor(Math.log10(Math.max(1, lowestOf(bucket))) * COLUMNS_PER_DECADE)
    counts.set(column, (counts.get(column) ?? 0) + count)
  }
  const columns = [...counts.keys()]
  const decade = (column: number) => column / COLUMNS_PER_DECADE
  const low = Math.floor(decade(Math.min(...columns)))
  const high = Math.max(low + 1, Math.ceil(decade(Math.max(...columns) + 1)))
  const ticks = niceTicks(Math.max(...counts.values()), 4)
  const highest = ticks.at(-1) ?? 1
  const x = (logUs: number) => LEFT + ((logUs - low) / (high - low)) * (WIDTH - LEFT - RIGHT)
  const y = (count: number) => HEIGHT - BOTTOM - (count / highest) * (HEIGHT - TOP - BOTTOM)
  const width = Math.max(1, x(low + 1 / COLUMNS_PER_DECADE) - x(low) - 1)
  const parts = ticks.map(
    (tick) =>
      element('line', '', { x1: LEFT, x2: WIDTH - RIGHT, y1: y(tick), y2: y(tick), class: 'grid' }) +
      element('text', shortNumber(tick), { x: LEFT - 6, y: y(tick) + 3, class: 'label end' }),
  )
  for (const [column, count] of counts) {
    const [from, to] = [column, column + 1].map((edge) => shortNumber(10 ** decade(edge) / 1000))
    const title = element('title', `${from} to ${to} ms: ${count}`)
    const box = { x: x(decade(column)), y: y(count), width, height: y(0) - y(count) }
    parts.push(element('rect', title, { ...box, class: 'column c1' }))
  }
  for (let power = low; power <= high; power++) {
    const text = `${shortNumber(10 ** power / 1000)} ms`
    parts.push(
      element('text', text, {
        x: x(power),
        y: HEIGHT - BOTTOM + 14,
        class: power === high ? 'label end' : 'label middle',
      }),
    )
  }
  for (const [name, quantile, row] of [
    ['p50', 0.5, 0],
    ['p99', 0.99, 1],
  ] as const) {
    const ms = latency.percentile(quantile)
    const at = x(Math.log10(Math.max(1, ms * 1000)))
    parts.push(
      element('line', '', { x1: at, x2: at, y1: TOP - 10, y2: HEIGHT - BOTTOM, class: 'limit' }),
      element('text', escapeMarkup(`${name} ${shortNumber(ms)} ms`), {
        x: at + 4,
        y: TOP - 12 + row * 12,
        class: 'label',
      }),
    )
  }
  const title = 'How often which latency was measured'
  const svg = element('svg', parts.join(''), {
    viewBox: `0 0 ${coordinate(WIDTH)} ${HEIGHT}`,
    role: 'img',
    'aria-label': title,
  })
  return element(
    'figure',
    element('figcaption', title + legend([{ name: 'successful invocations', colour: 'c1' }])) + svg,
  )
}

/** `callee:prod` of an ARN. */
export function shortName(functionArn: string): string {
  return functionArn.split(':').slice(6).join(':') || functionArn
}
