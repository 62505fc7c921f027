/** `GET /isthmus/assignment/<key>`: a pre-booted runtime waits here to be told whose code it is to run. Not part of AWS's Runtime API. */
import type { ServerResponse } from 'node:http'
import { renderIllegalState, renderJson } from './rendering.ts'
import type { Session } from './session.ts'

/** What turns a blank runtime into a function's. */
export interface Assignment {
  /** The whole of the process's environment variables. */
  readonly variables: Readonly<Record<string, string>>
}

export function park(session: Session, response: ServerResponse): void {
  if (session.state !== 'Blank') return renderIllegalState(response, session.state, 'Blank')
  session.hold(response)
  session.parked?.()
}

export function assign(session: Session, assignment: Assignment): void {
  const response = session.takeWaiting()
  if (response === undefined || !session.become('Started')) return
  renderJson(response, 200, Buffer.from(JSON.stringify(assignment)))
}
