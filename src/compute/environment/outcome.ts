/** How an init or an invocation ended, and what is logged and answered for it. */
import type { FunctionImage, InvocationResult } from '../compute.ts'
import type { EnvironmentLog } from '../logs/environment-log.ts'
import type { LogLines } from '../logs/log-lines.ts'
import { type Failure, failurePayload } from './failure.ts'

export type Outcome =
  | { readonly kind: 'ready' }
  | { readonly kind: 'response'; readonly payload: Buffer }
  /** The runtime's own account of an error. */
  | { readonly kind: 'error'; readonly payload: Buffer; readonly errorType: string }
  /** The runtime could give no account. */
  | { readonly kind: 'failure'; readonly failure: Failure }
  /** Our side, not the function, could not go on. */
  | { readonly kind: 'broken'; readonly error: unknown }

export interface Conclusion {
  readonly requestId: string
  readonly outcome: Exclude<Outcome, { kind: 'broken' }>
  readonly durationMs: number
  /** Only for an environment's first invocation. */
  readonly initMs: number | undefined
  readonly memoryMaxMb: number
}

/** Writes the last lines of an invocation and makes its result. */
export function conclude(
  image: FunctionImage,
  log: EnvironmentLog,
  lines: LogLines,
  { requestId, outcome, durationMs, initMs, memoryMaxMb }: Conclusion,
): InvocationResult {
  const failure = outcome.kind === 'failure' ? outcome.failure : undefined
  const timedOut = failure?.status === 'timeout'
  // AWS reports no more than the limit.
  const shownMs = timedOut ? image.timeoutMs : durationMs
  if (timedOut) log.platform(lines.timedOut(requestId, image.timeoutMs))
  else if (failure !== undefined) log.platform(lines.fault(requestId, failure.errorType, failure.reason))
  const producedBytes = outcome.kind === 'response' || outcome.kind === 'error' ? outcome.payload.length : 0
  log.platform(
    lines.runtimeDone({ requestId, durationMs: shownMs, producedBytes, ...(failure === undefined ? {} : { failure }) }),
  )
  log.platform(lines.end(requestId))
  log.platform(
    lines.report({
      requestId,
      durationMs: shownMs,
      // What is initialised ahead is billed as provisioned concurrency.
      billedMs: Math.ceil(shownMs + (image.initializationType === 'on-demand' ? (initMs ?? 0) : 0)),
      memoryMb: image.memoryMb,
      memoryMaxUsedMb: Math.min(memoryMaxMb, image.memoryMb),
      ...(initMs === undefined ? {} : { initMs }),
      ...(failure === undefined ? {} : { failure }),
    }),
  )
  log.flush()
  const ended = { durationMs: shownMs, logTail: log.tail(), initializationType: image.initializationType }
  if (failure !== undefined) {
    return { payload: failurePayload(requestId, failure), functionError: 'Unhandled', ...ended }
  }
  if (outcome.kind === 'error') return { payload: outcome.payload, functionError: 'Unhandled', ...ended }
  return { payload: outcome.kind === 'response' ? outcome.payload : Buffer.alloc(0), ...ended }
}

/** As INIT_REPORT has it. */
export function failureOf(outcome: Outcome): Pick<Failure, 'status' | 'errorType'> {
  if (outcome.kind === 'failure') return outcome.failure
  return { status: 'error', errorType: outcome.kind === 'error' ? outcome.errorType : 'Runtime.Unknown' }
}
