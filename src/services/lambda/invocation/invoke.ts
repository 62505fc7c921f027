/** Invoke and the deprecated InvokeAsync. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
import type { Invocation } from '../../../compute/compute.ts'
import { AwsError } from '../../../core/aws-error.ts'
import { withExtraHeaders } from '../../../wire/extra-headers.ts'
import {
  ASYNC_INVOKE_REQUEST_BYTES_MAX,
  INVOKE_ASYNC_REQUEST_BYTES_MAX,
  INVOKE_REQUEST_BYTES_MAX,
  requestTooLarge,
} from '../../../wire/limits.ts'
import type { Caller } from '../../caller.ts'
import { functionNotFound, invalidParameter } from '../errors.ts'
import type { Resolved } from '../function-store.ts'
import { functionArn, LATEST } from '../function-name.ts'
import { CLIENT_CONTEXT_BYTES_MAX } from '../limits.ts'
import { invocationsBefore, RECURSIONS_MAX, withInvocation } from './lineage.ts'
import { jsonProblem } from './payload-json.ts'
import type { VersionRecord } from '../records.ts'
import { onQualifier } from '../function-permissions.ts'
import { functionPermission, type LambdaOperations, type LambdaService } from '../service.ts'
import { targetOf, type Target } from '../target.ts'
import { traceIdFor } from './tracing.ts'

export const invoke: LambdaOperations = {
  Invoke: {
    refuses: ['DurableExecutionName', 'TenantId'],
    permissions: onQualifier('lambda:InvokeFunction'),
    handle(input, caller, lambda) {
      const target = targetOf(caller, input.FunctionName, input.Qualifier)
      const payload = payloadOf(input.Payload as Uint8Array | undefined)
      switch (input.InvocationType ?? 'RequestResponse') {
        case 'DryRun':
          requireSize(payload, 'Invoke', INVOKE_REQUEST_BYTES_MAX)
          requireInvocable(target, lambda)
          requireJson(payload)
          return { StatusCode: 204 }
        case 'Event':
          requireSize(payload, 'Invoke', ASYNC_INVOKE_REQUEST_BYTES_MAX)
          acceptEvent(target, payload, caller, lambda)
          return { StatusCode: 202 }
        case 'RequestResponse':
          requireSize(payload, 'Invoke', INVOKE_REQUEST_BYTES_MAX)
          return invokeNow(target, payload, input, caller, lambda)
      }
    },
  },

  InvokeAsync: {
    permissions: (input, caller, lambda) => [
      functionPermission('lambda:InvokeAsync', targetOf(caller, input.FunctionName), caller, lambda),
    ],
    handle(input, caller, lambda) {
      const payload = payloadOf(input.InvokeArgs as Uint8Array)
      requireSize(payload, 'InvokeAsync', INVOKE_ASYNC_REQUEST_BYTES_MAX)
      acceptEvent(targetOf(caller, input.FunctionName), payload, caller, lambda)
      return { Status: 202 }
    },
  },
}

async function invokeNow(
  target: Target,
  payload: Buffer,
  options: SynchronousOptions,
  caller: Caller,
  lambda: LambdaService,
) {
  const { resolved, version, invocation } = synchronous(target, payload, options, caller, lambda)
  const result = await lambda.invoker.run(target, resolved, version, invocation, { type: 'synchronous' })
  // The tail has the report, for which AWS waits as well.
  const logTail = options.LogType === 'Tail' ? await (result.ended ?? result.logTail) : undefined
  return withExtraHeaders(
    {
      StatusCode: 200,
      Payload: result.payload as never,
      ExecutedVersion: version.version,
      ...(result.functionError !== undefined && { FunctionError: result.functionError }),
      ...(logTail && { LogResult: logTail.toString('base64') }),
    },
    { 'x-amzn-remapped-content-length': '0', 'x-amzn-trace-id': invocation.traceId },
  )
}

export interface SynchronousOptions {
  readonly LogType?: 'None' | 'Tail' | undefined
  readonly ClientContext?: string | undefined
}

/** What AWS checks before it runs a function whose answer is waited for, in its order, and what is then run. */
export function synchronous(
  target: Target,
  payload: Buffer,
  options: SynchronousOptions,
  caller: Caller,
  lambda: LambdaService,
): { readonly resolved: Resolved; readonly version: VersionRecord; readonly invocation: Invocation } {
  if (options.LogType === 'Tail' && caller.account !== target.account) {
    throw new AwsError('AccessDeniedException', 'Cross-account log access is not allowed', { status: 403 })
  }
  const resolved = requireInvocable(target, lambda)
  const version = lambda.invoker.choose(target, resolved)
  requireJson(payload)
  const clientContext = clientContextOf(options.ClientContext)
  const chain = traceIdFor(caller, version, lambda)
  const isLoop = isRecursiveLoop(resolved, chain)
  if (isLoop) lambda.metrics.counted(target, 'RecursiveInvocationsDropped')
  requireProgress(isLoop)
  const invocation = {
    requestId: caller.requestId,
    payload,
    invokedFunctionArn: functionArn(target),
    ...(clientContext !== undefined && { clientContext }),
    traceId: withInvocation(chain, functionArn(resolved.fn)),
  }
  return { resolved, version, invocation }
}

/** What is wrong with an event is said before the 202; what goes wrong afterwards is not. ClientContext is not passed on. */
function acceptEvent(target: Target, payload: Buffer, caller: Caller, lambda: LambdaService): void {
  const resolved = requireInvocable(target, lambda)
  const version = lambda.invoker.choose(target, resolved)
  requireJson(payload)
  const chain = traceIdFor(caller, version, lambda)
  const isLoop = isRecursiveLoop(resolved, chain)
  lambda.asyncInvocations.accept({
    id: caller.requestId,
    account: target.account,
    region: target.region,
    functionName: target.name,
    ...(target.qualifier !== undefined && { qualifier: target.qualifier }),
    payloadBase64: payload.toString('base64'),
    traceId: withInvocation(chain, functionArn(resolved.fn)),
    acceptedAtMs: lambda.clock.now(),
    attempts: 0,
    refusals: 0,
    ...(isLoop && { condition: 'RecursiveInvocation' as const }),
  })
  lambda.metrics.counted(target, 'AsyncEventsReceived')
  if (isLoop) lambda.metrics.counted(target, 'RecursiveInvocationsDropped')
}

/**
 * Throws RecursiveInvocationException when the chain of requests has come by too often; an asynchronous event is not refused, but goes where
 * the function's failures go. FIDELITY: the words of the answer are those of the model's documentation; AWS's have not been seen.
 */
function requireProgress(isLoop: boolean): void {
  if (!isLoop) return
  throw new AwsError(
    'RecursiveInvocationException',
    "Lambda has detected your function being invoked in a recursive loop with other AWS resources and stopped your function's invocation.",
  )
}

function isRecursiveLoop({ fn }: Resolved, traceId: string): boolean {
  return !fn.allowsRecursion && invocationsBefore(traceId, functionArn(fn)) >= RECURSIONS_MAX
}

/** Throws ResourceNotFoundException; AWS names `$LATEST` where no qualifier was given. */
export function requireInvocable(target: Target, lambda: LambdaService): Resolved {
  const resolved = lambda.store.resolve(target)
  if (!resolved) throw functionNotFound({ ...target, qualifier: target.qualifier ?? LATEST })
  return resolved
}

/** A function that is invoked without a payload gets an empty object. */
export function payloadOf(payload: Uint8Array | undefined): Buffer {
  if (payload === undefined || payload.length === 0) return Buffer.from('{}')
  return Buffer.isBuffer(payload) ? payload : Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
}

export function requireSize(payload: Buffer, operation: string, bytesMax: number): void {
  if (payload.length > bytesMax) throw requestTooLarge(operation, bytesMax)
}

export function requireJson(payload: Buffer): void {
  const problem = jsonProblem(payload)
  if (problem === undefined) return
  throw new AwsError(
    'InvalidRequestContentException',
    `Could not parse request body into json: Could not parse payload into json: ${problem}`,
  )
}

/** The decoded JSON of `X-Amz-Client-Context`. */
function clientContextOf(encoded: string | undefined): string | undefined {
  if (encoded === undefined) return undefined
  const decoded = Buffer.from(encoded, 'base64')
  if (decoded.length > CLIENT_CONTEXT_BYTES_MAX) {
    throw invalidParameter(`Client context must be no more than ${CLIENT_CONTEXT_BYTES_MAX} bytes.`)
  }
  if (jsonProblem(decoded) !== undefined) {
    throw new AwsError('InvalidRequestContentException', 'Client context must be a valid Base64-encoded JSON object.')
  }
  return decoded.toString()
}
