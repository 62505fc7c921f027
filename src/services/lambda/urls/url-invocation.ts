/**
 * A request to a function URL, as an operation: what it asks for, and the function's answer to it.
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
 */
import { INVOKE_REQUEST_BYTES_MAX } from '../../../wire/limits.ts'
import type { WireResponse } from '../../../wire/message.ts'
import type { Caller } from '../../caller.ts'
import type { Operation } from '../../operation.ts'
import { functionArn } from '../function-name.ts'
import { requireInvocable, requireSize, synchronous } from '../invocation/invoke.ts'
import { streamedResponse, type StreamedResponse } from '../invocation/response-stream.ts'
import { functionPermission, type LambdaService } from '../service.ts'
import type { Target } from '../target.ts'
import { traceIdFor } from '../invocation/tracing.ts'
import { withCors } from './url-cors.ts'
import { eventOf } from './url-event.ts'
import type { FunctionUrlRequest } from './url-request.ts'
import { badGateway, bufferedResponse, headOf, splitPrelude } from './url-response.ts'
import type { FunctionUrlRecord } from './url-store.ts'

/** Both permissions, as every URL made since October 2025 asks for. */
export const invokeFunctionUrl: Operation<FunctionUrlRequest, WireResponse, LambdaService> = {
  permissions({ url }, caller, lambda) {
    const target = targetOfUrl(url)
    return [
      functionPermission('lambda:InvokeFunctionUrl', target, caller, lambda, {
        context: { 'lambda:functionarn': functionArn(target), 'lambda:functionurlauthtype': url.authType },
      }),
      functionPermission('lambda:InvokeFunction', target, caller, lambda, {
        context: { 'lambda:invokedviafunctionurl': 'true' },
      }),
    ]
  },

  async handle(input, caller, lambda) {
    const { url, request } = input
    const { version } = requireInvocable(targetOfUrl(url), lambda)
    const traced = { ...caller, traceHeader: traceIdFor(caller, version, lambda) }
    const facts = {
      caller: traced,
      traceId: traced.traceHeader,
      nowMs: lambda.clock.now(),
      organizationId: lambda.organizations.organizationOf(caller.account)?.id,
    }
    const payload = Buffer.from(JSON.stringify(eventOf(input, facts)))
    // FIDELITY: the words for a request that is too large are those of Invoke.
    requireSize(payload, 'Invoke', INVOKE_REQUEST_BYTES_MAX)
    const response = await answer(url, payload, traced, lambda)
    response.headers['x-amzn-trace-id'] = traced.traceHeader
    return url.cors ? withCors(response, url.cors, request) : response
  },
}

async function answer(
  url: FunctionUrlRecord,
  payload: Buffer,
  caller: Caller,
  lambda: LambdaService,
): Promise<WireResponse> {
  const target = targetOfUrl(url)
  const { resolved, version, invocation } = synchronous(target, payload, {}, caller, lambda)
  if (url.invokeMode === 'RESPONSE_STREAM') {
    const streamed = await streamedResponse((sink) =>
      lambda.invoker.run(target, resolved, version, invocation, { type: 'synchronous', sink }),
    )
    return asStream(streamed)
  }
  const result = await lambda.invoker.run(target, resolved, version, invocation, { type: 'synchronous' })
  return result.functionError === undefined ? bufferedResponse(result.payload) : badGateway()
}

/** What `awslambda.HttpResponseStream` writes begins with the response's head. */
const WITH_PRELUDE = 'application/vnd.awslambda.http-integration-response'
/** Ours: a head larger than this is taken for none. */
const PRELUDE_BYTES_MAX = 1_048_576

async function asStream({ contentType, chunks, result }: StreamedResponse): Promise<WireResponse> {
  if (contentType === undefined) {
    const { functionError } = await result
    return functionError === undefined ? { status: 200, headers: {}, body: '' } : badGateway()
  }
  const reader = chunks[Symbol.asyncIterator]()
  if (contentType !== WITH_PRELUDE) {
    return { status: 200, headers: { 'content-type': contentType }, body: rest(Buffer.alloc(0), reader, result) }
  }
  let begun: Buffer = Buffer.alloc(0)
  let split = splitPrelude(begun)
  while (!split && begun.length < PRELUDE_BYTES_MAX) {
    const next = await reader.next()
    if (next.done === true) break
    begun = Buffer.concat([begun, next.value])
    split = splitPrelude(begun)
  }
  const head = split && headOf(split.prelude)
  if (split && head) return { ...head, body: rest(split.rest, reader, result) }
  // The function runs to its end, whoever reads it.
  void drain(reader)
  return badGateway()
}

/** Breaks off where the function did. */
async function* rest(
  first: Buffer,
  reader: AsyncIterator<Buffer>,
  result: StreamedResponse['result'],
): AsyncGenerator<Buffer> {
  if (first.length > 0) yield first
  for (let next = await reader.next(); next.done !== true; next = await reader.next()) yield next.value
  if ((await result).functionError !== undefined) throw new Error('the function failed while it wrote its response')
}

async function drain(reader: AsyncIterator<Buffer>): Promise<void> {
  try {
    while ((await reader.next()).done !== true);
  } catch {
    // Nobody waits for it.
  }
}

export function targetOfUrl({ account, region, functionName, alias }: FunctionUrlRecord): Target {
  return { account, region, name: functionName, ...(alias !== undefined && { qualifier: alias }) }
}
