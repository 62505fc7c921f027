/** Makes the call of a crossing for real, as the caller's execution role: through the caller's own code, or signed here with a session of the role. */
import type { LambdaClient } from '@aws-sdk/client-lambda'

import { loadPackage } from '../../core/load-package.ts'
import type { InvocationType } from '../crossing.ts'

const { InvokeAsyncCommand, InvokeCommand, LambdaServiceException } = loadPackage('@aws-sdk/client-lambda')

export interface CallRequest {
  /** ARN of the callee, as the caller writes it. */
  readonly functionName: string
  /** `InvokeAsync` is the deprecated API with an action of its own. */
  readonly api: 'Invoke' | 'InvokeAsync'
  readonly type: InvocationType
  readonly payload: unknown
}

export type CallResult =
  | {
      readonly outcome: 'allowed'
      readonly status: number
      readonly requestId: string
      /** The callee's answer, JSON; undefined for an asynchronous call. */
      readonly answer: unknown
      /** The callee ran and failed. */
      readonly functionError?: string
      readonly durationMs: number
    }
  | {
      readonly outcome: 'failed'
      /** AWS's error code: `AccessDeniedException`. */
      readonly error: string
      readonly message: string
      readonly requestId: string
      readonly durationMs: number
    }

/** Throws only when the attempt itself could not be made. */
export type MakeCall = (request: CallRequest) => Promise<CallResult>

/** Signs with whatever `lambda` signs with: a session of the caller's execution role. */
export function callDirectly(lambda: LambdaClient): MakeCall {
  return async (request) => {
    const started = performance.now()
    try {
      return await send(lambda, request, started)
    } catch (error) {
      if (!(error instanceof LambdaServiceException)) throw error
      return {
        outcome: 'failed',
        error: error.name,
        message: error.message,
        requestId: error.$metadata.requestId ?? '',
        durationMs: performance.now() - started,
      }
    }
  }
}

async function send(lambda: LambdaClient, request: CallRequest, started: number): Promise<CallResult> {
  const payload = Buffer.from(JSON.stringify(request.payload))
  if (request.api === 'InvokeAsync') {
    const { Status, $metadata } = await lambda.send(
      new InvokeAsyncCommand({ FunctionName: request.functionName, InvokeArgs: payload }),
    )
    const durationMs = performance.now() - started
    return {
      outcome: 'allowed',
      status: Status ?? 0,
      requestId: $metadata.requestId ?? '',
      answer: undefined,
      durationMs,
    }
  }
  const output = await lambda.send(
    new InvokeCommand({ FunctionName: request.functionName, InvocationType: request.type, Payload: payload }),
  )
  const text = output.Payload?.transformToString() ?? ''
  return {
    outcome: 'allowed',
    status: output.StatusCode ?? 0,
    requestId: output.$metadata.requestId ?? '',
    answer: text === '' ? undefined : (JSON.parse(text) as unknown),
    ...(output.FunctionError !== undefined && { functionError: output.FunctionError }),
    durationMs: performance.now() - started,
  }
}

/**
 * Invokes the caller, as an administrator of its account, with an event that says which call to make; its own code makes it and answers what
 * happened. The event and the answer are described in docs/guide/prove.md.
 */
export function callThroughCode(lambda: LambdaClient, caller: string): MakeCall {
  return async ({ functionName, api, type, payload }) => {
    const event = { functionName, api, invocationType: type, payload }
    const started = performance.now()
    const output = await lambda.send(
      new InvokeCommand({ FunctionName: caller, Payload: Buffer.from(JSON.stringify(event)) }),
    )
    const text = output.Payload?.transformToString() ?? ''
    if (output.FunctionError !== undefined) {
      const timeout = timeoutIn(text)
      if (timeout === undefined) throw new Error(`${caller} failed instead of answering: ${text}`)
      const requestId = output.$metadata.requestId ?? ''
      return { outcome: 'failed', ...timeout, requestId, durationMs: performance.now() - started }
    }
    return readAnswer(JSON.parse(text) as unknown, caller)
  }
}

/** A caller whose own call got no answer is ended by Lambda. */
function timeoutIn(text: string): { readonly error: string; readonly message: string } | undefined {
  const { errorType, errorMessage } = JSON.parse(text) as {
    readonly errorType?: string
    readonly errorMessage?: string
  }
  return errorType === 'Sandbox.Timedout' ? { error: errorType, message: errorMessage ?? '' } : undefined
}

function readAnswer(answer: unknown, caller: string): CallResult {
  if (!isRecord(answer)) throw notTheContract(caller, answer)
  const requestId = textOf(answer['calleeRequestId'])
  const durationMs = typeof answer['durationMs'] === 'number' ? answer['durationMs'] : 0
  const error = answer['error']
  if (isRecord(error)) {
    return { outcome: 'failed', error: textOf(error['name']), message: textOf(error['message']), requestId, durationMs }
  }
  if (typeof answer['status'] !== 'number') throw notTheContract(caller, answer)
  return {
    outcome: 'allowed',
    status: answer['status'],
    requestId,
    answer: answer['payload'],
    ...(typeof answer['functionError'] === 'string' && { functionError: answer['functionError'] }),
    durationMs,
  }
}

function notTheContract(caller: string, answer: unknown): Error {
  return new Error(
    `${caller} answered ${JSON.stringify(answer)}, expected {status, payload, calleeRequestId} or {error: {name, message}, calleeRequestId}`,
  )
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
