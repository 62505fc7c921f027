/** GetMetricData. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html */
import { AwsError } from '../../core/aws-error.ts'
import { scopeOf } from '../../state/state.ts'
import { invalidQuery } from './errors.ts'
import { PAGE_DATAPOINTS_MAX, QUERIES_MAX } from './limits.ts'
import { answerQueries, checkQueries, type Result } from './metric-queries.ts'
import { onMetrics, type CloudWatchOperations } from './service.ts'

export const metricData: CloudWatchOperations = {
  GetMetricData: {
    permissions: () => [onMetrics('GetMetricData')],
    refuses: ['LabelOptions'],
    handle(input, caller, service) {
      const { StartTime: start, EndTime: end, MaxDatapoints: limit = PAGE_DATAPOINTS_MAX, NextToken: token } = input
      if (start >= end) throw invalidQuery('The parameter EndTime must be greater than StartTime.')
      if (input.MetricDataQueries.length > QUERIES_MAX) {
        throw invalidQuery(`The collection MetricDataQueries must not have a size greater than ${QUERIES_MAX}.`)
      }
      const queries = checkQueries(input.MetricDataQueries)
      const scope = scopeOf(caller.account, caller.region)
      const results = answerQueries(queries, { scope, start, end }, service)
      const isAscending = input.ScanBy === 'TimestampAscending'
      const { pages, next } = pageOf(results, {
        isAscending,
        limit,
        from: token === undefined ? START : placeOf(token),
      })
      return {
        MetricDataResults: pages.map(({ result, times, isWhole }) => ({
          Id: result.id,
          Label: result.label,
          Timestamps: times.map((timeMs) => new Date(timeMs)),
          Values: times.map((timeMs) => result.points.get(timeMs) ?? Number.NaN),
          StatusCode: isWhole ? ('Complete' as const) : ('PartialData' as const),
        })),
        Messages: [],
        NextToken: next && tokenOf(next),
      }
    },
  },
}

/** Where a page begins: in which result, and after which time, so that values that came meanwhile move nothing. */
interface Place {
  readonly result: number
  readonly afterMs: number | undefined
}

const START: Place = { result: 0, afterMs: undefined }

interface Page {
  readonly result: Result
  readonly times: readonly number[]
  readonly isWhole: boolean
}

/** As many datapoints as fit; a result without any comes with the page that reaches it. */
function pageOf(
  results: readonly Result[],
  { isAscending, limit, from }: { readonly isAscending: boolean; readonly limit: number; readonly from: Place },
): { readonly pages: readonly Page[]; readonly next: Place | undefined } {
  const pages: Page[] = []
  let room = limit
  for (const [index, result] of results.entries()) {
    if (index < from.result) continue
    const sorted = [...result.points.keys()]
    const ordered = isAscending ? sorted : sorted.reverse()
    const { afterMs } = index === from.result ? from : START
    const left = ordered.filter(
      (timeMs) => afterMs === undefined || (isAscending ? timeMs > afterMs : timeMs < afterMs),
    )
    if (room === 0 && left.length > 0) return { pages, next: { result: index, afterMs } }
    const times = left.slice(0, room)
    room -= times.length
    const isWhole = times.length === left.length
    pages.push({ result, times, isWhole })
    if (!isWhole) return { pages, next: { result: index, afterMs: times.at(-1) } }
  }
  return { pages, next: undefined }
}

function tokenOf({ result, afterMs }: Place): string {
  return Buffer.from(`${result}/${afterMs ?? ''}`).toString('base64url')
}

/** Throws InvalidNextToken for what is no token of ours. */
function placeOf(token: string): Place {
  const [, result, afterMs] = /^(\d{1,6})\/(\d{0,15})$/.exec(Buffer.from(token, 'base64url').toString()) ?? []
  if (result === undefined) throw new AwsError('InvalidNextToken', 'The token is invalid')
  return { result: Number(result), afterMs: afterMs ? Number(afterMs) : undefined }
}
