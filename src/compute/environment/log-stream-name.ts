/** The name of an environment's log stream: `2026/01/12/[$LATEST]0f3e…`. */
import { type Clock, isoTime } from '../../core/clock.ts'
import type { Ids } from '../../core/ids.ts'
import type { FunctionImage } from '../compute.ts'

/**
 * A group of one's own may serve several functions, so the stream's name then carries the function's.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html
 */
export function logStreamName(image: FunctionImage, clock: Clock, ids: Ids): string {
  const date = isoTime(clock.now()).slice(0, 10).replaceAll('-', '/')
  const own = image.logGroup !== `/aws/lambda/${image.functionName}`
  return `${date}/${own ? image.functionName : ''}[${image.version}]${ids.hex(32)}`
}
