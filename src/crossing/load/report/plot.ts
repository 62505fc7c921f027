/** Plots as SVG, drawn here: axes, lines, stacked columns, and what a pointer is told. Pure. */
import { coordinate, element, escapeMarkup } from '../../markup.ts'

export interface Series {
  readonly name: string
  /** A class of the page's style, which has the colour. */
  readonly colour: string
  /** One for each point of the plot; undefined where there is none. */
  readonly values: readonly (number | undefined)[]
}

export interface Plot {
  readonly title: string
  readonly unit: string
  /** Where the points are on the horizontal axis, in order and equally far apart, and what it counts. */
  readonly at: readonly number[]
  readonly axis: string
  readonly kind: 'lines' | 'columns'
  /** Columns are stacked in this order, the first at the bottom. */
  readonly series: readonly Series[]
  /** A level that is not to be exceeded. */
  readonly limit?: { readonly value: number; readonly name: string }
}

const WIDTH = 760
const HEIGHT = 240
const LEFT = 56
const RIGHT = 12
const TOP = 12
const BOTTOM = 34
/** A limit that is more often than this times the highest value would flatten everything else. */
const LIMIT_IN_SIGHT = 4

export function drawPlot(plot: Plot): string {
  const { at, series, limit, kind } = plot
  const tops = at.map((_, index) =>
    kind === 'columns'
      ? series.reduce((sum, { values }) => sum + (values[index] ?? 0), 0)
      : Math.max(...series.map(({ values }) => values[index] ?? 0)),
  )
  const peak = Math.max(...tops, 0)
  const isLimitInSight = limit !== undefined && limit.value <= Math.max(1, peak) * LIMIT_IN_SIGHT
  const ticks = niceTicks(isLimitInSight ? Math.max(peak, limit.value) : peak, 4)
  const highest = ticks.at(-1) ?? 1
  const first = at[0] ?? 0
  const step = (at[1] ?? first + 1) - first
  const last = at.at(-1) ?? 0
  const span = kind === 'columns' ? last + step - first : Math.max(step, last - first)
  const x = (value: number) => LEFT + ((value - first) / span) * (WIDTH - LEFT - RIGHT)
  const y = (value: number) => HEIGHT - BOTTOM - (value / highest) * (HEIGHT - TOP - BOTTOM)
  const scales = { x, y, step, first, span }

  const parts = [
    ...ticks.map((tick) => horizontalTick(tick, y(tick), plot.unit)),
    ...verticalTicks(scales, last + (kind === 'columns' ? step : 0)),
    element('text', escapeMarkup(plot.axis), { x: WIDTH - RIGHT, y: HEIGHT - 4, class: 'label end' }),
    ...(kind === 'columns' ? drawColumns(plot, scales) : series.map((one) => drawLine(one, at, scales))),
    ...(limit && isLimitInSight ? [drawLimit(limit.name, y(limit.value))] : []),
    ...at.map((value, index) =>
      hoverArea(plot, index, {
        x: x(value) - (kind === 'lines' ? (x(first + step) - x(first)) / 2 : 0),
        width: x(first + step) - x(first),
      }),
    ),
  ]
  const svg = element('svg', parts.join(''), {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    role: 'img',
    'aria-label': plot.title,
  })
  const beyond =
    limit && !isLimitInSight ? element('span', escapeMarkup(`${limit.name}, far above`), { class: 'beyond' }) : ''
  return element('figure', element('figcaption', escapeMarkup(plot.title) + legend(series) + beyond) + svg)
}

interface Scales {
  readonly x: (value: number) => number
  readonly y: (value: number) => number
  readonly step: number
  readonly first: number
  readonly span: number
}

function drawLine({ values, colour }: Series, at: readonly number[], { x, y }: Scales): string {
  let path = ''
  let isDown = false
  for (const [index, value] of values.entries()) {
    if (value === undefined) {
      isDown = false
      continue
    }
    path += `${isDown ? 'L' : 'M'}${coordinate(x(at[index] ?? 0))} ${coordinate(y(value))}`
    // A point between two gaps would be a line of no length.
    if (!isDown && values[index + 1] === undefined) path += 'h0.01'
    isDown = true
  }
  return element('path', '', { d: path, class: `line ${colour}` })
}

function drawColumns({ series, at }: Plot, { x, y, step, first }: Scales): readonly string[] {
  const full = x(first + step) - x(first)
  const width = full > 4 ? full - 1 : full
  return at.flatMap((value, index) => {
    let below = 0
    return series.flatMap(({ values, colour }) => {
      const amount = values[index] ?? 0
      if (amount <= 0) return []
      const top = y(below + amount)
      const height = y(below) - top
      below += amount
      return [element('rect', '', { x: x(value), y: top, width, height, class: `column ${colour}` })]
    })
  })
}

function drawLimit(name: string, at: number): string {
  const line = element('line', '', { x1: LEFT, x2: WIDTH - RIGHT, y1: at, y2: at, class: 'limit' })
  const text = element('text', escapeMarkup(name), { x: WIDTH - RIGHT - 4, y: at - 4, class: 'label end limit-name' })
  return line + text
}

function horizontalTick(value: number, at: number, unit: string): string {
  const line = element('line', '', { x1: LEFT, x2: WIDTH - RIGHT, y1: at, y2: at, class: 'grid' })
  const text = `${shortNumber(value)}${unit === '' ? '' : ` ${unit}`}`
  return line + element('text', escapeMarkup(text), { x: LEFT - 6, y: at + 3, class: 'label end' })
}

function verticalTicks({ x, first }: Scales, last: number): readonly string[] {
  const [, stride = 1] = niceTicks(Math.max(1, last - first), 8)
  const ticks: string[] = []
  for (let value = Math.ceil(first / stride) * stride; value <= last; value += stride) {
    ticks.push(element('text', shortNumber(value), { x: x(value), y: HEIGHT - BOTTOM + 14, class: 'label middle' }))
  }
  return ticks
}

/** What the browser shows where the pointer rests. */
function hoverArea(
  { at, series, unit, kind }: Plot,
  index: number,
  { x, width }: { readonly x: number; readonly width: number },
): string {
  const values = series.flatMap(({ name, values }) => {
    const value = values[index]
    return value === undefined || (value === 0 && kind === 'columns')
      ? []
      : [`${name} ${shortNumber(value)} ${unit}`.trimEnd()]
  })
  if (values.length === 0) return ''
  const title = element('title', escapeMarkup(`${shortNumber(at[index] ?? 0)} s\n${values.join('\n')}`))
  return element('rect', title, { x, y: TOP, width, height: HEIGHT - TOP - BOTTOM, class: 'hover' })
}

export function legend(series: readonly Pick<Series, 'name' | 'colour'>[]): string {
  return series
    .map(({ name, colour }) => element('span', `<i class="${colour}"></i>${escapeMarkup(name)}`, { class: 'key' }))
    .join('')
}

/** Below this a figure is nothing. */
const VISIBLE_MIN = 1e-9

/** From 0 to at least `peak` in about `count` steps of 1, 2 or 5 times a power of ten. */
export function niceTicks(peak: number, count: number): readonly number[] {
  const top = peak > VISIBLE_MIN ? peak : 1
  const rough = top / count
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough * 0.999_999) ?? 10 * power
  const steps = Math.max(1, Math.ceil(top / step - 1e-9))
  return Array.from({ length: steps + 1 }, (_, index) => Number((index * step).toPrecision(12)))
}

export function shortNumber(value: number): string {
  if (Math.abs(value) >= 10_000) return `${Number((value / 1000).toPrecision(3))}k`
  return String(Number(value.toPrecision(3)))
}
