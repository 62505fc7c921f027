/** `GET /runtime/invocation/next`: waits until there is an invocation, however long that takes. */
import type { ServerResponse } from 'node:http'
import { renderIllegalState } from './rendering.ts'
import type { Delivery, Session } from './session.ts'

export function next(session: Session, response: ServerResponse): void {
  const from = session.state
  const again = from === 'Ready' && !session.isWaiting
  if (!again && !session.become('Ready')) return renderIllegalState(response, from, 'Ready')
  session.hold(response)
  const delivery = session.takeUndelivered()
  if (delivery === undefined) session.announceReady()
  else deliver(session, delivery)
}

/** Answers the waiting request, or the next one where it has been cut off. The caller has seen `ready()` since it last delivered. */
export function deliver(session: Session, delivery: Delivery): void {
  const response = session.takeWaiting()
  if (response === undefined) return session.keep(delivery)
  if (!session.become('Running'))
    throw new Error(`an invocation cannot be delivered to a runtime that is ${session.state}`)
  response.sendDate = false
  // A flat list is the form of which node:http makes no other.
  const headers: (string | number)[] = [
    'content-type',
    'application/json',
    'content-length',
    delivery.payload.length,
    'lambda-runtime-aws-request-id',
    delivery.requestId,
    'lambda-runtime-invocation-id',
    session.begin(delivery),
    'lambda-runtime-deadline-ms',
    delivery.deadlineMs,
    'lambda-runtime-invoked-function-arn',
    delivery.invokedFunctionArn,
    'lambda-runtime-trace-id',
    delivery.traceId,
  ]
  if (delivery.clientContext !== undefined) {
    headers.push('lambda-runtime-client-context', asciiJson(delivery.clientContext))
  }
  response.writeHead(200, headers)
  response.end(delivery.payload)
}

/** A header carries no more than Latin-1, JSON any character: escaped, the same JSON fits. */
function asciiJson(json: string): string {
  return json
    .replace(/[\t\r\n]/g, ' ')
    .replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
