/** How an init or an invocation ended, and what is logged and answered for it. */
import type { FunctionImage, InvocationResult } from '../compute.ts'
import type { EnvironmentLog } from '../logs/environment-log.ts'
import type { Trace } from '../logs/log-lines.ts'
import type { Say } from './chronicle.ts'
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
  /** What went wrong after the runtime had answered: an extension's crash, or its lateness. */
  readonly late: Failure | undefined
  readonly durationMs: number
  /** Only for an environment's first invocation. */
  readonly initMs: number | undefined
  readonly memoryMaxMb: number
  readonly trace: Trace | undefined
}

/** Writes the last lines of an invocation, and answers the tail of its log. */
export function conclude(
  image: FunctionImage,
  log: EnvironmentLog,
  say: Say,
  { requestId, outcome, late, durationMs, initMs, memoryMaxMb, trace }: Conclusion,
): Buffer {
  const failure = outcome.kind === 'failure' ? outcome.failure : late
  const timedOut = failure?.status === 'timeout'
  // AWS reports no more than the limit.
  const shownMs = timedOut ? image.timeoutMs : durationMs
  if (timedOut) say((lines) => lines.timedOut(requestId, image.timeoutMs))
  else if (failure !== undefined) say((lines) => lines.fault(requestId, failure.errorType, failure.reason))
  const producedBytes = outcome.kind === 'response' || outcome.kind === 'error' ? outcome.payload.length : 0
  const shared = { requestId, durationMs: shownMs, ...(failure && { failure }), ...(trace && { trace }) }
  say((lines) => lines.runtimeDone({ ...shared, producedBytes }))
  say((lines) => lines.end(requestId))
  say((lines) =>
    lines.report({
      ...shared,
      // What is initialised ahead is billed as provisioned concurrency.
      billedMs: Math.ceil(shownMs + (image.initializationType === 'on-demand' ? (initMs ?? 0) : 0)),
      memoryMb: image.memoryMb,
      memoryMaxUsedMb: Math.min(memoryMaxMb, image.memoryMb),
      ...(initMs === undefined ? {} : { initMs }),
    }),
  )
  log.flush()
  return log.tail()
}

/** What the caller is answered. */
export function answerOf(
  requestId: string,
  outcome: Conclusion['outcome'],
): Pick<InvocationResult, 'payload' | 'functionError'> {
  switch (outcome.kind) {
    case 'failure':
      return { payload: failurePayload(requestId, outcome.failure), functionError: 'Unhandled' }
    case 'error':
      return { payload: outcome.payload, functionError: 'Unhandled' }
    case 'response':
      return { payload: outcome.payload }
    case 'ready':
      return { payload: Buffer.alloc(0) }
  }
}

/** As INIT_REPORT has it. */
export function failureOf(outcome: Outcome): Pick<Failure, 'status' | 'errorType'> {
  if (outcome.kind === 'failure') return outcome.failure
  return { status: 'error', errorType: outcome.kind === 'error' ? outcome.errorType : 'Runtime.Unknown' }
}
