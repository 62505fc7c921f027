/** What the Extensions API refuses, in AWS's words. Source: AWS's runtime interface emulator. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { renderError } from '../runtime-api/rendering.ts'
import type { Session } from '../runtime-api/session.ts'
import type { Extension } from './extension.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

function forbidden(response: ServerResponse, errorType: string, errorMessage: string): void {
  renderError(response, 403, { errorMessage, errorType })
}

export const refuse = {
  forbidden,

  transition(response: ServerResponse, from: string, to: string, extension: string): void {
    forbidden(
      response,
      'Extension.InvalidExtensionState',
      `State transition from ${from} to ${to} failed for extension ${extension}. Error: State transition is not allowed`,
    )
  },

  /** The extension that asks; undefined when it has been refused. */
  unidentified(
    session: Session,
    request: IncomingMessage,
    response: ServerResponse,
    unknown: (id: string) => string,
  ): Extension | undefined {
    const id = request.headers['lambda-extension-identifier']
    if (typeof id !== 'string' || id === '') {
      forbidden(response, 'Extension.MissingExtensionIdentifier', 'Missing Lambda-Extension-Identifier header')
      return undefined
    }
    if (!UUID.test(id)) {
      forbidden(response, 'Extension.InvalidExtensionIdentifier', 'Invalid Lambda-Extension-Identifier')
      return undefined
    }
    const extension = session.extensions?.find(id)
    if (extension === undefined) forbidden(response, 'Extension.UnknownExtensionIdentifier', unknown(id))
    return extension
  },
}
