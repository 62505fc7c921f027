/**
 * What an answer to an invocation is answered with.
 *
 * AWS's API acknowledges it, and the runtime then asks for the next invocation. Our own runtimes post to `/isthmus/invocation/…` instead,
 * where the acknowledgement is the next invocation itself: half the messages, and waking the other side is most of what a warm invocation
 * costs.
 */
import type { ServerResponse } from 'node:http'
import { next } from './next.ts'
import type { Session } from './session.ts'

export type Acknowledge = (
  session: Session,
  response: ServerResponse,
  render: (response: ServerResponse) => void,
) => void

export interface AnswerRoute {
  /** The request id in the path. */
  readonly id: string
  readonly acknowledge: Acknowledge
}

export const acknowledgeAtOnce: Acknowledge = (_session, response, render) => render(response)

/** Holds the request: it has become the one for the next invocation. */
export const acknowledgeWithNext: Acknowledge = (session, response) => next(session, response)
