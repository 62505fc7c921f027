/**
 * `POST /runtime/invocation/{id}/response`: what the function returned.
 *
 * A streaming runtime sends it in chunks, and an error that came after the first byte in trailers; for Invoke both are one payload, and for
 * InvokeWithResponseStream they are passed on as they come.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ResponseSink } from '../compute.ts'
import { readBody } from './body.ts'
import {
  RESPONSE_BYTES_MAX,
  STREAM_BYTES_MAX,
  renderAccepted,
  renderIllegalState,
  renderInvalidInvocationId,
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
  if (session.state === 'Running' && !session.isAnswer(request)) return renderInvalidInvocationId(response)
  const mode = request.headers['lambda-runtime-function-response-mode']
  if (mode !== undefined && mode !== 'streaming') return renderInvalidResponseMode(response)
  const from = session.state
  if (!session.become('InvocationResponse')) return renderIllegalState(response, from, 'InvocationResponse')
  session.receive()
  const { sink } = session
  const passesOn = mode === 'streaming' && sink !== undefined
  const bytesMax = passesOn ? STREAM_BYTES_MAX : RESPONSE_BYTES_MAX
  const read = passesOn ? passOn(session, sink, request) : (done: BodyReceiver) => readBody(request, bytesMax, done)
  read((payload) => {
    if (payload === undefined) {
      session.listener?.respondedTooMuch(bytesMax)
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

type BodyReceiver = (body: Buffer | undefined) => void

/**
 * Passes chunks on; what is left of the body for the caller is nothing.
 *
 * FIDELITY: AWS slows a stream down to 2 MB a second after its first 6 MB; here it is as fast as its reader.
 */
function passOn(session: Session, sink: ResponseSink, request: IncomingMessage): (done: BodyReceiver) => void {
  return (done) => {
    let bytes = 0
    sink.begin(request.headers['content-type'] ?? 'application/octet-stream')
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > STREAM_BYTES_MAX || session.sink !== sink || sink.write(chunk)) return
      request.pause()
      sink.drained(() => request.resume())
    })
    request.on('end', () => done(bytes > STREAM_BYTES_MAX ? undefined : Buffer.alloc(0)))
  }
}

function errorBody(request: IncomingMessage): Buffer | undefined {
  const encoded = request.trailers['lambda-runtime-function-error-body']
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64')
}
