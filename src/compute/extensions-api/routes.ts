/** The Extensions API's paths, below those of the Runtime API. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Session } from '../runtime-api/session.ts'
import { subscribe } from '../telemetry/subscribe.ts'
import { extensionError } from './error.ts'
import { refuse } from './refusal.ts'
import { register } from './register.ts'

/** False when the path is not of this API. */
export function routeExtension(session: Session, request: IncomingMessage, response: ServerResponse): boolean {
  switch (`${request.method} ${(request.url ?? '').replace(/\/$/, '')}`) {
    case 'POST /2020-01-01/extension/register':
      register(session, request, response)
      return true
    case 'GET /2020-01-01/extension/event/next':
      next(session, request, response)
      return true
    case 'POST /2020-01-01/extension/init/error':
      extensionError('InitError', session, request, response)
      return true
    case 'POST /2020-01-01/extension/exit/error':
      extensionError('ExitError', session, request, response)
      return true
    case 'PUT /2022-07-01/telemetry':
      subscribe('telemetry', session, request, response)
      return true
    case 'PUT /2020-08-15/logs':
      subscribe('logs', session, request, response)
      return true
    default:
      return false
  }
}

/** `GET /extension/event/next`: waits until there is an event, however long that takes. */
function next(session: Session, request: IncomingMessage, response: ServerResponse): void {
  const extension = refuse.unidentified(session, request, response, (id) => `Unknown extension ${id}`)
  if (extension === undefined) return
  const from = extension.state
  if (!extension.wait(response)) return refuse.transition(response, from, 'Ready', extension.id)
  session.extensions?.changed()
}
