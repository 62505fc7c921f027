/** InvokeWithResponseStream. https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html */
import type { InvokeWithResponseStreamResponseEvent } from '@aws-sdk/client-lambda'

import type { InvocationResult } from '../../../compute/compute.ts'
import { withExtraHeaders } from '../../../wire/extra-headers.ts'
import { INVOKE_REQUEST_BYTES_MAX } from '../../../wire/limits.ts'
import { payloadOf, requireInvocable, requireJson, requireSize, synchronous } from './invoke.ts'
import { streamedResponse, type StreamedResponse } from './response-stream.ts'
import { onQualifier } from '../function-permissions.ts'
import type { LambdaOperations } from '../service.ts'
import { targetOf } from '../target.ts'

export const invokeWithResponseStream: LambdaOperations = {
  InvokeWithResponseStream: {
    refuses: ['TenantId'],
    permissions: onQualifier('lambda:InvokeFunction'),
    async handle(input, caller, lambda) {
      const target = targetOf(caller, input.FunctionName, input.Qualifier)
      const payload = payloadOf(input.Payload as Uint8Array | undefined)
      requireSize(payload, 'InvokeWithResponseStream', INVOKE_REQUEST_BYTES_MAX)
      if (input.InvocationType === 'DryRun') {
        requireInvocable(target, lambda)
        requireJson(payload)
        return { StatusCode: 204 }
      }
      const { resolved, version, invocation } = synchronous(target, payload, input, caller, lambda)
      const response = await streamedResponse((sink) =>
        lambda.invoker.run(target, resolved, version, invocation, { type: 'synchronous', sink }),
      )
      return withExtraHeaders(
        {
          StatusCode: 200,
          ExecutedVersion: version.version,
          EventStream: eventsOf(response, input.LogType === 'Tail'),
        },
        { 'x-amzn-trace-id': invocation.traceId },
      )
    },
  },
}

async function* eventsOf(
  { chunks, result }: StreamedResponse,
  wantsLog: boolean,
): AsyncGenerator<InvokeWithResponseStreamResponseEvent> {
  for await (const chunk of chunks) yield { PayloadChunk: { Payload: chunk } }
  const ended = await result
  const logTail = wantsLog ? await (ended.ended ?? ended.logTail) : undefined
  const log = logTail && { LogResult: logTail.toString('base64') }
  yield { InvokeComplete: { ...errorOf(ended), ...log } }
}

/** A stream has begun with 200 by the time it fails: only its last event tells. Remotion's client reads both members of AWS's answers. */
function errorOf({ functionError, payload }: InvocationResult) {
  return functionError === undefined ? {} : { ErrorCode: functionError, ErrorDetails: payload.toString() }
}
