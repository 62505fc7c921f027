/**
 * `POST /extension/init/error` and `/extension/exit/error`: an extension says that it will end. As on AWS it is its end that ends the
 * environment, under the name of what it has said before.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { readBody } from '../runtime-api/body.ts'
import { RESPONSE_BYTES_MAX, renderAccepted } from '../runtime-api/rendering.ts'
import type { Session } from '../runtime-api/session.ts'
import { refuse } from './refusal.ts'

const HEADER = 'Lambda-Extension-Function-Error-Type'

export function extensionError(
  kind: 'InitError' | 'ExitError',
  session: Session,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const extension = refuse.unidentified(session, request, response, () => 'Unknown Lambda-Extension-Identifier')
  if (extension === undefined) return
  const errorType = request.headers[HEADER.toLowerCase()]
  if (typeof errorType !== 'string' || errorType === '') {
    return refuse.forbidden(response, 'Extension.MissingHeader', `${HEADER} not found`)
  }
  const from = extension.state
  const to = kind === 'InitError' ? 'InitError' : 'Exited'
  if (!extension.become(kind)) return refuse.transition(response, from, to, extension.id)
  extension.errorType = errorType
  session.extensions?.reported(`Extension.${kind}`)
  // The body is for nobody.
  readBody(request, RESPONSE_BYTES_MAX, () => renderAccepted(response))
}
