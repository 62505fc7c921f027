/** The queries of one GetMetricData, checked and answered: metrics and expressions by their ids. */
import type * as sdk from '@aws-sdk/client-cloudwatch'

import type { Scope } from '../../state/state.ts'
import { bothGiven, invalidQuery, notImplemented } from './errors.ts'
import { evaluate, type Value } from './metric-math/evaluate.ts'
import { parseExpression, type Expression } from './metric-math/parse.ts'
import { dimensionsOf, type CloudWatchService } from './service.ts'
import { percentileStatistic, simpleStatistic, type Statistic } from './statistic.ts'
import { bucketsIn, isPeriod, timeRange } from './time-range.ts'

export interface Asked {
  readonly scope: Scope
  readonly start: Date
  readonly end: Date
}

type Source =
  | { readonly kind: 'metric'; readonly stat: sdk.MetricStat; readonly statistic: Statistic; readonly period: number }
  | { readonly kind: 'expression'; readonly expression: Expression }

export interface Query {
  readonly id: string
  readonly label: string | undefined
  readonly isReturned: boolean
  readonly source: Source
}

const ID = /^[a-z][A-Za-z0-9_]*$/

/** Throws CloudWatch's error. FIDELITY: not all of its words have been seen. */
export function checkQueries(queries: readonly sdk.MetricDataQuery[]): readonly Query[] {
  const ids = new Set<string>()
  return queries.map((query, index) => {
    const path = `MetricDataQueries.member.${index + 1}`
    const { Id: id = '', Label: label } = query
    if (!ID.test(id))
      throw invalidQuery(`The value ${id} for parameter ${path}.Id is not matching the expected pattern ${ID.source}.`)
    if (ids.has(id)) throw invalidQuery('The values for parameter id in MetricDataQueries are not unique.')
    ids.add(id)
    if (query.AccountId !== undefined) throw notImplemented('the parameter AccountId of MetricDataQuery')
    if (label?.includes('${') === true) throw notImplemented('dynamic labels (${…})')
    return { id, label, isReturned: query.ReturnData !== false, source: sourceOf(query, path) }
  })
}

function sourceOf({ Expression: text, MetricStat: stat, Period }: sdk.MetricDataQuery, path: string): Source {
  if (text !== undefined) {
    if (stat) throw invalidQuery(bothGiven(`${path}.Expression`, `${path}.MetricStat`))
    if (Period !== undefined) requirePeriod(Period, `${path}.Period`)
    return { kind: 'expression', expression: parseExpression(text) }
  }
  // The empty line is AWS's.
  if (!stat) throw invalidQuery(`The parameter ${path}.MetricStat is required.\n`)
  if (Period !== undefined) throw invalidQuery(bothGiven(`${path}.Period`, `${path}.MetricStat`))
  const { Stat: name = '', Period: period = 0, Metric: metric } = stat
  if (metric?.Namespace === undefined)
    throw invalidQuery(`The parameter ${path}.MetricStat.Metric.Namespace is required.`)
  if (metric.MetricName === undefined)
    throw invalidQuery(`The parameter ${path}.MetricStat.Metric.MetricName is required.`)
  requirePeriod(period, `${path}.MetricStat.Period`)
  const statistic = simpleStatistic(name) ?? percentileStatistic(name)
  if (!statistic) throw notImplemented(`the statistic ${name}`)
  return { kind: 'metric', stat, statistic, period }
}

function requirePeriod(seconds: number, path: string): void {
  if (!isPeriod(seconds)) throw invalidQuery(`The parameter ${path} must be 1, 5, 10, 20, 30 or a multiple of 60.`)
}

export interface Result {
  readonly id: string
  readonly label: string
  readonly points: ReadonlyMap<number, number>
}

/** In the order of the queries; one that gives several time series has as many results. */
export function answerQueries(queries: readonly Query[], asked: Asked, service: CloudWatchService): readonly Result[] {
  const known = new Map<string, Value>()
  const underway = new Set<string>()

  function valueOf(query: Query): Value {
    const value = known.get(query.id)
    if (value) return value
    if (underway.has(query.id)) throw invalidQuery(`The expression of ${query.id} refers to itself`)
    underway.add(query.id)
    const found = query.source.kind === 'metric' ? metricValue(query, query.source) : expressionValue(query.source)
    known.set(query.id, found)
    return found
  }

  function metricValue({ label }: Query, { stat, statistic, period }: Extract<Source, { kind: 'metric' }>): Value {
    const { Namespace: namespace = '', MetricName: name = '', Dimensions } = stat.Metric ?? {}
    const dimensions = dimensionsOf(Dimensions)
    const series = service.store.find(asked.scope, { namespace, name, dimensions, unit: stat.Unit })
    const nowMs = service.clock.now()
    const range = timeRange(asked.start, asked.end, period, nowMs)
    const points = new Map<number, number>()
    for (const [timeMs, bucket] of bucketsIn(series, range, nowMs)) {
      const value = statistic(bucket)
      if (value !== undefined) points.set(timeMs, value)
    }
    return { kind: 'series', series: { label: label ?? name, periodMs: range.periodMs, points } }
  }

  function expressionValue({ expression }: Extract<Source, { kind: 'expression' }>): Value {
    return evaluate(expression, {
      reference(id) {
        const query = queries.find((candidate) => candidate.id === id)
        if (query) return valueOf(query)
        throw invalidQuery(`No query of the request has the id ${id}`)
      },
      metrics: () =>
        queries.flatMap((query) => {
          const value = query.source.kind === 'metric' ? valueOf(query) : undefined
          return value?.kind === 'series' ? [value.series] : []
        }),
    })
  }

  return queries.filter(({ isReturned }) => isReturned).flatMap((query) => resultsOf(query, valueOf(query)))
}

/** FIDELITY: AWS lengthens the labels of metrics of one name by what tells them apart; here a label is the metric's name, an expression's its id. */
function resultsOf({ id, label, source }: Query, value: Value): readonly Result[] {
  switch (value.kind) {
    case 'number':
      throw invalidQuery(`The expression of ${id} is a number, expected a time series`)
    case 'series':
      return [{ id, label: label ?? (source.kind === 'metric' ? value.series.label : id), points: value.series.points }]
    case 'list':
      return value.list.map((series) => ({ id, label: `${label ?? id} ${series.label}`, points: series.points }))
  }
}
