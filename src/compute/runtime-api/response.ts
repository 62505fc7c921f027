/**
 * `POST /runtime/invocation/{id}/response`: what the function returned.
 *
 * A streaming runtime sends it in chunks, and an error that came after the first byte in trailers; for Invoke both are one payload.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { readBody } from './body.ts'
import {
  RESPONSE_BYTES_MAX,
  renderAccepted,
  renderIllegalState,
  renderInvalidRequestId,
  renderInvalidResponseMode,
  renderTooLarge,
} from './rendering.ts'
import type { AnswerRoute } from './acknowledgement.ts'
import type { Session } from './session.ts'

export function respond(
  session: Session,
  request: IncomingMessage,
  response: ServerResponse,
  { id, acknowledge }: AnswerRoute,
): void {
  // INVARIANT: everything is checked before the transition, which cannot be taken back.
  if (session.state === 'Running' && id !== session.requestId) return renderInvalidRequestId(response)
  const mode = request.headers['lambda-runtime-function-response-mode']
  if (mode !== undefined && mode !== 'streaming') return renderInvalidResponseMode(response)
  const from = session.state
  if (!session.become('InvocationResponse')) return renderIllegalState(response, from, 'InvocationResponse')
  session.receive()
  readBody(request, RESPONSE_BYTES_MAX, (payload) => {
    if (payload === undefined) {
      session.listener?.respondedTooMuch()
      acknowledge(session, response, renderTooLarge)
    } else {
      const errorType = mode === undefined ? undefined : request.trailers['lambda-runtime-function-error-type']
      if (errorType === undefined) session.listener?.responded(payload)
      else session.listener?.failed(errorBody(request) ?? payload, errorType)
      acknowledge(session, response, renderAccepted)
    }
    session.received()
  })
}

function errorBody(request: IncomingMessage): Buffer | undefined {
  const encoded = request.trailers['lambda-runtime-function-error-body']
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64')
}
