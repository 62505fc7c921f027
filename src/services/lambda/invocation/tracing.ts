/**
 * X-Ray: whether an invocation is traced, the header it carries, and whether its role may send segments.
 *
 * FIDELITY: nothing records segments: there is no X-Ray service, and no daemon at `AWS_XRAY_DAEMON_ADDRESS`. What shows is the header, and
 * the trace in REPORT.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html
 */
import type { Invocation } from '../../../compute/compute.ts'
import type { Clock } from '../../../core/clock.ts'
import type { Ids } from '../../../core/ids.ts'
import type { Caller } from '../../caller.ts'
import { invalidParameter } from '../errors.ts'
import type { FunctionSettings, VersionRecord } from '../records.ts'
import type { LambdaService } from '../service.ts'
import type { Target } from '../target.ts'

/** Whether the next invocation of a function with active tracing is traced, where its caller has not decided. */
export type TraceSampler = (version: VersionRecord) => boolean

/** X-Ray's default rule. https://docs.aws.amazon.com/xray/latest/devguide/xray-console-sampling.html */
const RESERVOIR_MS = 1000
const FIXED_RATE = 0.05
const RESERVOIRS_MAX = 10_000

export function createTraceSampler({ clock, ids }: { readonly clock: Clock; readonly ids: Ids }): TraceSampler {
  /** By deployment: when the reservoir was last drawn from. */
  const drawn = new Map<string, number>()
  return ({ deploymentId }) => {
    const second = Math.floor(clock.now() / RESERVOIR_MS)
    if (drawn.get(deploymentId) === second) return ids.fraction() < FIXED_RATE
    if (drawn.size >= RESERVOIRS_MAX) drawn.clear()
    drawn.set(deploymentId, second)
    return true
  }
}

/**
 * The caller's own trace goes on; without one a new one begins. It is sampled only where the function's tracing is active, and the caller has
 * not decided otherwise.
 * https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
 */
export function traceIdFor(
  caller: Caller,
  version: VersionRecord,
  { clock, ids, traceSampler }: Pick<LambdaService, 'clock' | 'ids' | 'traceSampler'>,
): string {
  const active = version.settings.tracing === 'Active'
  if (caller.traceHeader !== undefined && TRACE.test(caller.traceHeader)) {
    if (!active || DECIDED.test(caller.traceHeader)) return caller.traceHeader
    return `${caller.traceHeader.replace(UNDECIDED, '')};Sampled=${traceSampler(version) ? 1 : 0}`
  }
  const seconds = Math.floor(clock.now() / 1000).toString(16)
  const random = ids.hex(40)
  const sampled = active && traceSampler(version) ? 1 : 0
  return `Root=1-${seconds}-${random.slice(0, 24)};Parent=${random.slice(24)};Sampled=${sampled}`
}

const TRACE = /^Root=1-[0-9a-f]{8}-[0-9a-f]{24}(?:;[A-Za-z]+=[\w:.|?-]*)*$/
const DECIDED = /;Sampled=[01](?:;|$)/
const UNDECIDED = /;Sampled=\?/
const PARENT = /;Parent=[^;]*/

/** The invocation as the function sees it: the segment that Lambda has begun for it is the parent of what it does. */
export function traced(invocation: Invocation, { settings }: VersionRecord, ids: Ids): Invocation {
  if (settings.tracing !== 'Active' || !invocation.traceId.includes(';Sampled=1')) return invocation
  const segmentId = ids.hex(16)
  const traceId = PARENT.test(invocation.traceId)
    ? invocation.traceId.replace(PARENT, `;Parent=${segmentId}`)
    : invocation.traceId.replace(';', `;Parent=${segmentId};`)
  return { ...invocation, traceId, segmentId }
}

/** Throws InvalidParameterValueException: AWS tries, when a function is configured, whether its role may send segments. */
export function requireTracing(settings: FunctionSettings, target: Target, lambda: LambdaService): void {
  if (settings.tracing !== 'Active') return
  const role = lambda.callerOf({ ...target, functionName: target.name, roleArn: settings.roleArn })
  if (role && lambda.allowsAction(role, { action: 'xray:PutTraceSegments', resource: '*' })) return
  throw invalidParameter('The provided execution role does not have permissions to call PutTraceSegments on XRAY')
}
