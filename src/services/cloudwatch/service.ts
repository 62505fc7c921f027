/** What the operations of CloudWatch share. */
import type * as sdk from '@aws-sdk/client-cloudwatch'

import type { Clock } from '../../core/clock.ts'
import type { Dimension } from '../metrics.ts'
import type { Operations, Permission } from '../operation.ts'
import type { MetricStore } from './metric-store.ts'

export interface CloudWatchService {
  readonly store: MetricStore
  readonly clock: Clock
}

export type CloudWatchOperations = Operations<typeof sdk, CloudWatchService>

/** Metrics are no resources of IAM: a policy allows all or, in PutMetricData, a namespace. */
export function onMetrics(action: string, context?: Readonly<Record<string, string>>): Permission {
  return { action: `cloudwatch:${action}`, resource: '*', ...(context && { context }) }
}

export function dimensionsOf(given: readonly sdk.Dimension[] | undefined): readonly Dimension[] {
  return (given ?? []).map(({ Name = '', Value = '' }) => ({ name: Name, value: Value }))
}

export function dimensionShapes(dimensions: readonly Dimension[]): sdk.Dimension[] {
  return dimensions.map(({ name, value }) => ({ Name: name, Value: value }))
}
