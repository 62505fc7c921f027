/** PutMetricData. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html */
import type * as sdk from '@aws-sdk/client-cloudwatch'

import { scopeOf } from '../../state/state.ts'
import { bothGiven, invalidCombination, invalidValue, missingParameter } from './errors.ts'
import { DATA_MAX, VALUE_AGE_MS_MAX, VALUE_FUTURE_MS_MAX, VALUE_MAX, VALUES_MAX } from './limits.ts'
import { dimensionsOf, onMetrics, type CloudWatchOperations } from './service.ts'

const RESERVED_NAMESPACE = 'AWS/'

export const putMetricData: CloudWatchOperations = {
  PutMetricData: {
    permissions: ({ Namespace }) => [onMetrics('PutMetricData', { 'cloudwatch:namespace': Namespace })],
    refuses: ['EntityMetricData', 'StrictEntityValidation'],
    handle({ Namespace: namespace, MetricData: data }, caller, { store, clock }) {
      // Only services write there.
      if (namespace.startsWith(RESERVED_NAMESPACE)) {
        throw invalidValue(`The value ${RESERVED_NAMESPACE} for parameter Namespace is invalid.`)
      }
      if (!data || data.length === 0) throw missingParameter('MetricData')
      if (data.length > DATA_MAX) {
        throw invalidValue(`The collection MetricData must not have a size greater than ${DATA_MAX}.`)
      }
      const nowMs = clock.now()
      const checked = data.map((datum, index) => check(datum, `MetricData.member.${index + 1}`, nowMs))
      const scope = scopeOf(caller.account, caller.region)
      for (const { datum, at, values, set } of checked) {
        const dimensions = dimensionsOf(datum.Dimensions)
        const metric = { namespace, name: datum.MetricName ?? '', dimensions, unit: datum.Unit ?? 'None' }
        if (set) store.putSet(scope, metric, set, at)
        else store.put(scope, metric, values, at)
      }
      return {}
    },
  },
}

/** Throws CloudWatch's error. `path` is how it names the datum. FIDELITY: not all of its words have been seen. */
function check(datum: sdk.MetricDatum, path: string, nowMs: number) {
  const { Timestamp, StorageResolution = 60, Value, Values, Counts, StatisticValues } = datum
  const atMs = Timestamp?.getTime() ?? nowMs
  if (atMs < nowMs - VALUE_AGE_MS_MAX || atMs > nowMs + VALUE_FUTURE_MS_MAX) {
    throw invalidValue(
      `The parameter ${path}.Timestamp must specify a time within the past two weeks and the next two hours.`,
    )
  }
  if (StorageResolution !== 1 && StorageResolution !== 60) {
    throw invalidValue(`The value ${StorageResolution} for parameter ${path}.StorageResolution is invalid.`)
  }
  for (const [index, { Name, Value: text }] of (datum.Dimensions ?? []).entries()) {
    const dimension = `${path}.Dimensions.member.${index + 1}`
    if (Name === undefined || Name.trim() === '') throw missingParameter(`${dimension}.Name`)
    if (text === undefined || text.trim() === '') throw missingParameter(`${dimension}.Value`)
  }
  if (Value !== undefined && Values !== undefined)
    throw invalidCombination(bothGiven(`${path}.Value`, `${path}.Values`))
  if (Value !== undefined && StatisticValues) {
    throw invalidCombination(bothGiven(`${path}.Value`, `${path}.StatisticValues`))
  }
  if (Values !== undefined && StatisticValues) {
    throw invalidCombination(bothGiven(`${path}.Values`, `${path}.StatisticValues`))
  }
  if (Values && Values.length > VALUES_MAX) {
    throw invalidValue(`The collection ${path}.Values must not have a size greater than ${VALUES_MAX}.`)
  }
  if (Values && Counts && Values.length !== Counts.length) {
    throw invalidValue(`The parameters ${path}.Values and ${path}.Counts must be of the same size.`)
  }
  const at = { atMs, isFine: StorageResolution === 1 }
  const set = StatisticValues && checkSet(StatisticValues, `${path}.StatisticValues`)
  const values = Value === undefined ? (Values ?? []) : [Value]
  if (!set && values.length === 0) {
    throw missingParameter(`${path}.Value`)
  }
  const counted = values.map(
    (value, index) =>
      [
        checkValue(value, Value === undefined ? `${path}.Values.member.${index + 1}` : `${path}.Value`),
        checkCount(Counts?.[index] ?? 1, `${path}.Counts.member.${index + 1}`),
      ] as const,
  )
  return { datum, at, values: counted, set }
}

function checkSet(given: sdk.StatisticSet, path: string) {
  const count = checkCount(given.SampleCount ?? 0, `${path}.SampleCount`)
  const sum = checkValue(given.Sum ?? 0, `${path}.Sum`)
  const min = checkValue(given.Minimum ?? 0, `${path}.Minimum`)
  const max = checkValue(given.Maximum ?? 0, `${path}.Maximum`)
  if (max < min) throw invalidValue(`The parameter ${path}.Maximum must be greater than ${path}.Minimum.`)
  return { count, sum, min, max }
}

function checkValue(value: number, path: string): number {
  if (Number.isFinite(value) && Math.abs(value) <= VALUE_MAX) return value
  throw invalidValue(`The value ${value} for parameter ${path} is invalid.`)
}

function checkCount(count: number, path: string): number {
  if (Number.isFinite(count) && count > 0) return count
  throw invalidValue(`The value ${count} for parameter ${path} is invalid.`)
}
