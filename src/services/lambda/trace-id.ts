/** `X-Amzn-Trace-Id`, as an invocation carries it. https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader */
import type { Clock } from '../../core/clock.ts'
import type { Ids } from '../../core/ids.ts'
import type { Caller } from '../caller.ts'

/** The caller's own trace goes on; without one a new one begins, not sampled, since nothing records it. */
export function traceIdFor(caller: Caller, { clock, ids }: { readonly clock: Clock; readonly ids: Ids }): string {
  if (caller.traceHeader !== undefined && TRACE.test(caller.traceHeader)) return caller.traceHeader
  const seconds = Math.floor(clock.now() / 1000).toString(16)
  const random = ids.hex(40)
  return `Root=1-${seconds}-${random.slice(0, 24)};Parent=${random.slice(24)};Sampled=0`
}

const TRACE = /^Root=1-[0-9a-f]{8}-[0-9a-f]{24}(?:;[A-Za-z]+=[\w:.|-]*)*$/
