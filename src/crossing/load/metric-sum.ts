/** What CloudWatch has counted of something since a moment, as whole minutes. */
import { GetMetricDataCommand, type Metric } from '@aws-sdk/client-cloudwatch'

import type { Clients } from '../access.ts'
import type { FunctionReference } from '../crossing.ts'

const MINUTE_MS = 60_000
/** A cloud whose time was put forward meanwhile counts in its own time. */
const AHEAD_MS_MAX = 86_400_000

/** From the beginning of the minute that `fromMs` is in. Throws what the SDK throws. */
export async function metricSum(
  cloudWatch: Clients['cloudWatch'],
  metric: Required<Pick<Metric, 'Namespace' | 'MetricName' | 'Dimensions'>>,
  fromMs: number,
): Promise<number> {
  let total = 0
  let NextToken: string | undefined
  do {
    const page = await cloudWatch.send(
      new GetMetricDataCommand({
        StartTime: new Date(Math.floor(fromMs / MINUTE_MS) * MINUTE_MS),
        EndTime: new Date(Date.now() + AHEAD_MS_MAX),
        MetricDataQueries: [{ Id: 'sum', MetricStat: { Metric: metric, Period: MINUTE_MS / 1000, Stat: 'Sum' } }],
        NextToken,
      }),
    )
    total += (page.MetricDataResults?.[0]?.Values ?? []).reduce((sum, value) => sum + value, 0)
    NextToken = page.NextToken
  } while (NextToken !== undefined)
  return total
}

/** One of Lambda's, of a function or of what its qualifier names. */
export function functionMetricSum(
  cloudWatch: Clients['cloudWatch'],
  MetricName: string,
  { name, qualifier }: FunctionReference,
  fromMs: number,
): Promise<number> {
  const Dimensions = [
    { Name: 'FunctionName', Value: name },
    ...(qualifier === undefined ? [] : [{ Name: 'Resource', Value: `${name}:${qualifier}` }]),
  ]
  return metricSum(cloudWatch, { Namespace: 'AWS/Lambda', MetricName, Dimensions }, fromMs)
}
