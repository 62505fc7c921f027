/** `POST /runtime/invocation/{id}/error` and `POST /runtime/init/error`: what the runtime says went wrong. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { readBody } from './body.ts'
import {
  RESPONSE_BYTES_MAX,
  renderAccepted,
  renderIllegalState,
  renderInvalidInvocationId,
  renderInvalidRequestId,
  renderTooLarge,
} from './rendering.ts'
import type { AnswerRoute } from './acknowledgement.ts'
import type { Session } from './session.ts'

export function invocationError(
  session: Session,
  request: IncomingMessage,
  response: ServerResponse,
  { id, acknowledge }: AnswerRoute,
): void {
  if (session.state === 'Running' && id !== session.requestId) return renderInvalidRequestId(response)
  if (session.state === 'Running' && !session.isAnswer(request)) return renderInvalidInvocationId(response)
  const from = session.state
  if (!session.become('InvocationErrorResponse')) return renderIllegalState(response, from, 'InvocationErrorResponse')
  session.receive()
  readBody(request, RESPONSE_BYTES_MAX, (payload) => {
    if (payload === undefined) {
      session.listener?.respondedTooMuch(RESPONSE_BYTES_MAX)
      acknowledge(session, response, renderTooLarge)
    } else {
      session.listener?.failed(payload, errorTypeOf(request, payload))
      acknowledge(session, response, renderAccepted)
    }
    session.received()
  })
}

export function initError(session: Session, request: IncomingMessage, response: ServerResponse): void {
  const from = session.state
  if (!session.become('InitError')) return renderIllegalState(response, from, 'InitError')
  readBody(request, RESPONSE_BYTES_MAX, (payload) => {
    if (payload === undefined) return renderTooLarge(response)
    renderAccepted(response)
    session.listener?.initFailed(payload, errorTypeOf(request, payload))
  })
}

/** Some of AWS's own clients leave the header out, so the body is asked as well. */
function errorTypeOf(request: IncomingMessage, payload: Buffer): string {
  const header = request.headers['lambda-runtime-function-error-type']
  if (typeof header === 'string' && header !== '') return header
  try {
    const body: unknown = JSON.parse(payload.toString())
    if (typeof body === 'object' && body !== null && 'errorType' in body && typeof body.errorType === 'string') {
      return body.errorType
    }
  } catch {
    // A body that is not JSON names no type.
  }
  return 'Function.Unknown'
}
