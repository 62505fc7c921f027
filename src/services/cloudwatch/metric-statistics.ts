/** GetMetricStatistics. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html */
import type * as sdk from '@aws-sdk/client-cloudwatch'

import { scopeOf } from '../../state/state.ts'
import type { Bucket } from './bucket.ts'
import { invalidCombination, invalidValue, notImplemented } from './errors.ts'
import { STATISTICS_DATAPOINTS_MAX } from './limits.ts'
import { dimensionsOf, onMetrics, type CloudWatchOperations } from './service.ts'
import { percentileStatistic, simpleStatistic, type Statistic } from './statistic.ts'
import { bucketsIn, isPeriod, timeRange } from './time-range.ts'

export const metricStatistics: CloudWatchOperations = {
  GetMetricStatistics: {
    permissions: () => [onMetrics('GetMetricStatistics')],
    handle(input, caller, { store, clock }) {
      const { StartTime, EndTime, Period, Statistics = [], ExtendedStatistics = [] } = input
      if (StartTime >= EndTime) {
        throw invalidValue('The parameter StartTime must be less than the parameter EndTime.')
      }
      // FIDELITY: AWS's words for a period that is none have not been seen.
      if (!isPeriod(Period)) {
        throw invalidValue('The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.')
      }
      if (Statistics.length + ExtendedStatistics.length === 0) {
        throw invalidCombination('Must specify either Statistics or ExtendedStatistics')
      }
      const percentiles = ExtendedStatistics.map((name) => [name, requirePercentile(name)] as const)
      const range = timeRange(StartTime, EndTime, Period, clock.now())
      const count = Math.floor((range.endMs - range.startMs) / range.periodMs)
      if (count > STATISTICS_DATAPOINTS_MAX) {
        throw invalidCombination(
          `You have requested up to ${count.toLocaleString('en-US')} datapoints, which exceeds the limit of ${STATISTICS_DATAPOINTS_MAX.toLocaleString('en-US')}. You may reduce the datapoints requested by increasing Period, or decreasing the time range.`,
        )
      }
      const series = store.find(scopeOf(caller.account, caller.region), {
        namespace: input.Namespace,
        name: input.MetricName,
        dimensions: dimensionsOf(input.Dimensions),
        unit: input.Unit,
      })
      // Each unit has datapoints of its own.
      const Datapoints = series.flatMap((one) =>
        [...bucketsIn([one], range, clock.now())].map(([timeMs, bucket]): sdk.Datapoint => ({
          Timestamp: new Date(timeMs),
          Unit: one.metric.unit as sdk.StandardUnit,
          ...Object.fromEntries(Statistics.map((name) => [name, simpleStatistic(name)?.(bucket)])),
          ...(percentiles.length > 0 && { ExtendedStatistics: extended(percentiles, bucket) }),
        })),
      )
      return { Label: input.MetricName, Datapoints }
    },
  },
}

function requirePercentile(name: string): Statistic {
  const statistic = percentileStatistic(name)
  if (statistic) return statistic
  throw notImplemented(`the statistic ${name}`)
}

function extended(percentiles: readonly (readonly [string, Statistic])[], bucket: Bucket): Record<string, number> {
  return Object.fromEntries(
    percentiles.flatMap(([name, statistic]) => {
      const value = statistic(bucket)
      return value === undefined ? [] : [[name, value] as const]
    }),
  )
}
