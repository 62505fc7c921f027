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

/** No object is copied on the way to it: a warm invocation has no time for that. */
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
  /** Extensions were at work when the runtime had answered, and have been told so. */
  readonly isToldDone: boolean
}

type Done = Pick<Conclusion, 'requestId' | 'outcome' | 'durationMs' | 'trace'>

/** That the runtime is done with an invocation. An extension may wait for it before it asks for its next event. */
export function tellDone(say: Say, { requestId, outcome, durationMs, trace }: Done, failure?: Failure): void {
  const producedBytes = outcome.kind === 'response' || outcome.kind === 'error' ? outcome.payload.length : 0
  say((lines) => lines.runtimeDone({ requestId, durationMs, producedBytes, failure, trace }))
}

/** Writes the last lines of an invocation, and answers the tail of its log. */
export function conclude(image: FunctionImage, log: EnvironmentLog, say: Say, conclusion: Conclusion): Buffer {
  const { requestId, outcome, initMs, trace } = conclusion
  const failure = outcome.kind === 'failure' ? outcome.failure : conclusion.late
  const timedOut = failure?.status === 'timeout'
  // AWS reports no more than the limit.
  const durationMs = timedOut ? image.timeoutMs : conclusion.durationMs
  if (timedOut) say((lines) => lines.timedOut(requestId, image.timeoutMs))
  else if (failure !== undefined) say((lines) => lines.fault(requestId, failure.errorType, failure.reason))
  if (!conclusion.isToldDone) tellDone(say, { requestId, outcome, durationMs, trace }, failure)
  say((lines) => lines.end(requestId))
  // What is initialised ahead is billed as provisioned concurrency.
  const billedMs = Math.ceil(durationMs + (image.initializationType === 'on-demand' ? (initMs ?? 0) : 0))
  const { memoryMb } = image
  const memoryMaxUsedMb = Math.min(conclusion.memoryMaxMb, memoryMb)
  say((lines) => lines.report({ requestId, durationMs, billedMs, memoryMb, memoryMaxUsedMb, initMs, failure, trace }))
  log.flush()
  return log.tail()
}

/** What the caller is answered. */
export function resultOf(
  { requestId, outcome, durationMs: runMs }: Conclusion,
  logTail: Buffer,
  { initializationType, timeoutMs }: FunctionImage,
): InvocationResult {
  const durationMs = outcome.kind === 'failure' && outcome.failure.status === 'timeout' ? timeoutMs : runMs
  const ended = { durationMs, logTail, initializationType }
  switch (outcome.kind) {
    case 'failure':
      return { payload: failurePayload(requestId, outcome.failure), functionError: 'Unhandled', ...ended }
    case 'error':
      return { payload: outcome.payload, functionError: 'Unhandled', ...ended }
    case 'response':
      return { payload: outcome.payload, ...ended }
    case 'ready':
      return { payload: Buffer.alloc(0), ...ended }
  }
}

/** As INIT_REPORT has it. */
export function failureOf(outcome: Outcome): Pick<Failure, 'status' | 'errorType'> {
  if (outcome.kind === 'failure') return outcome.failure
  return { status: 'error', errorType: outcome.kind === 'error' ? outcome.errorType : 'Runtime.Unknown' }
}
