/** The value of a metric math expression: a number, a time series, or several. Pure. */
import { invalidQuery, notImplemented } from '../errors.ts'
import type { Expression, Operator } from './parse.ts'

/** Start of a period → value, the earliest first. */
export interface TimeSeries {
  readonly label: string
  readonly periodMs: number
  readonly points: ReadonlyMap<number, number>
}

export type Value =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'series'; readonly series: TimeSeries }
  | { readonly kind: 'list'; readonly list: readonly TimeSeries[] }

export interface Surroundings {
  /** What another query of the request is. Throws where there is none. */
  reference(id: string): Value
  /** Every metric of the request. */
  metrics(): readonly TimeSeries[]
}

export function evaluate(expression: Expression, around: Surroundings): Value {
  switch (expression.kind) {
    case 'number':
      return expression
    case 'reference':
      return around.reference(expression.id)
    case 'negation':
      return combine('*', { kind: 'number', value: -1 }, evaluate(expression.of, around))
    case 'operation':
      return combine(expression.operator, evaluate(expression.left, around), evaluate(expression.right, around))
    case 'list':
      return { kind: 'list', list: expression.elements.flatMap((element) => seriesOf(evaluate(element, around))) }
    case 'call':
      return call(expression.name, expression.arguments, around)
  }
}

function seriesOf(value: Value): readonly TimeSeries[] {
  switch (value.kind) {
    case 'series':
      return [value.series]
    case 'list':
      return value.list
    case 'number':
      throw invalidQuery('An array of metric math has time series only, and no numbers')
  }
}

const OPERATIONS: Readonly<Record<Operator, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '^': (left, right) => left ** right,
}

/** Two series have a value where both have one; what is no number, as after a division by zero, is left out. */
function combine(operator: Operator, left: Value, right: Value): Value {
  const apply = OPERATIONS[operator]
  if (left.kind === 'number') {
    if (right.kind === 'number') return { kind: 'number', value: apply(left.value, right.value) }
    return mapped(right, (value) => apply(left.value, value))
  }
  if (right.kind === 'number') return mapped(left, (value) => apply(value, right.value))
  if (left.kind === 'series') {
    if (right.kind === 'series') return { kind: 'series', series: joined(apply, left.series, right.series) }
    return { kind: 'list', list: right.list.map((series) => joined(apply, left.series, series)) }
  }
  if (right.kind === 'series') {
    return { kind: 'list', list: left.list.map((series) => joined(apply, series, right.series)) }
  }
  throw invalidQuery(`Two arrays cannot be combined by ${operator}`)
}

function joined(apply: (left: number, right: number) => number, left: TimeSeries, right: TimeSeries): TimeSeries {
  const points = new Map<number, number>()
  for (const [timeMs, value] of left.points) {
    const other = right.points.get(timeMs)
    const result = other === undefined ? Number.NaN : apply(value, other)
    if (Number.isFinite(result)) points.set(timeMs, result)
  }
  return { ...left, points }
}

function mapped(value: Exclude<Value, { kind: 'number' }>, apply: (value: number) => number): Value {
  const one = (series: TimeSeries): TimeSeries => ({
    ...series,
    points: new Map(
      [...series.points]
        .map(([timeMs, point]) => [timeMs, apply(point)] as const)
        .filter(([, point]) => Number.isFinite(point)),
    ),
  })
  return value.kind === 'series'
    ? { kind: 'series', series: one(value.series) }
    : { kind: 'list', list: value.list.map(one) }
}

const REDUCTIONS: Readonly<Record<string, ((values: readonly number[]) => number) | undefined>> = {
  SUM: (values) => values.reduce((sum, value) => sum + value, 0),
  AVG: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
  MIN: (values) => values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY),
  MAX: (values) => values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY),
}

const MAPPINGS: Readonly<Record<string, ((value: number) => number) | undefined>> = {
  ABS: Math.abs,
  CEIL: Math.ceil,
  FLOOR: Math.floor,
}

const MS_PER_SECOND = 1000

function call(name: string, given: readonly Expression[], around: Surroundings): Value {
  if (name === 'METRICS') {
    if (given.length > 0) throw notImplemented('METRICS with an argument in metric math')
    return { kind: 'list', list: around.metrics() }
  }
  const [first, ...rest] = given.map((argument) => () => evaluate(argument, around))
  const reduce = Object.hasOwn(REDUCTIONS, name) ? REDUCTIONS[name] : undefined
  const map = Object.hasOwn(MAPPINGS, name) ? MAPPINGS[name] : undefined
  if (!reduce && !map && name !== 'FILL' && name !== 'PERIOD') {
    throw notImplemented(`the function ${name} of metric math`)
  }
  const value = first?.()
  if (!value || rest.length !== (name === 'FILL' ? 1 : 0)) throw invalidQuery(`${name} has another number of arguments`)
  if (reduce) return reduced(reduce, value, name)
  if (map) return value.kind === 'number' ? { kind: 'number', value: map(value.value) } : mapped(value, map)
  if (name === 'FILL') return filled(value, rest[0]?.())
  if (value.kind !== 'series') throw invalidQuery('PERIOD is about one time series')
  return { kind: 'number', value: value.series.periodMs / MS_PER_SECOND }
}

/** Of one series a number; of several, a series: at each time of those that have a value then. */
function reduced(reduce: (values: readonly number[]) => number, value: Value, name: string): Value {
  if (value.kind === 'number') throw invalidQuery(`${name} is about time series`)
  if (value.kind === 'series') return { kind: 'number', value: reduce([...value.series.points.values()]) }
  const times = new Map<number, number[]>()
  for (const { points } of value.list) {
    for (const [timeMs, point] of points) {
      const there = times.get(timeMs)
      if (there) there.push(point)
      else times.set(timeMs, [point])
    }
  }
  const points = [...times].sort(([a], [b]) => a - b).map(([timeMs, values]) => [timeMs, reduce(values)] as const)
  return { kind: 'series', series: { label: name, periodMs: value.list[0]?.periodMs ?? 0, points: new Map(points) } }
}

/** FIDELITY: gaps are filled between the first value and the last; AWS does not say how far it goes beyond them. */
function filled(value: Value, filling: Value | undefined): Value {
  if (value.kind === 'number' || filling?.kind !== 'number') {
    throw notImplemented('FILL with anything but time series and a number in metric math')
  }
  const one = (series: TimeSeries): TimeSeries => {
    const times = [...series.points.keys()]
    const [first, last] = [times[0], times.at(-1)]
    if (first === undefined || last === undefined) return series
    const points = new Map<number, number>()
    for (let timeMs = first; timeMs <= last; timeMs += series.periodMs) {
      points.set(timeMs, series.points.get(timeMs) ?? filling.value)
    }
    return { ...series, points }
  }
  return value.kind === 'series'
    ? { kind: 'series', series: one(value.series) }
    : { kind: 'list', list: value.list.map(one) }
}
