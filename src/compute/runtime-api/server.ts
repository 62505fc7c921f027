/**
 * The Runtime API's listener: one per environment, on loopback, because `AWS_LAMBDA_RUNTIME_API` names a host and a port and no path.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { acknowledgeAtOnce, acknowledgeWithNext } from './acknowledgement.ts'
import { park } from './assignment.ts'
import { initError, invocationError } from './error.ts'
import { next } from './next.ts'
import { renderNotFound } from './rendering.ts'
import { respond } from './response.ts'
import type { Session } from './session.ts'

const PREFIX = '/2018-06-01/runtime/'
const ANSWER = /^\/(2018-06-01\/runtime|isthmus)\/invocation\/([^/]+)\/(response|error)$/

export interface RuntimeApi {
  /** `127.0.0.1:40123` */
  readonly address: string
  close(): void
}

export async function listenForRuntime(session: Session): Promise<RuntimeApi> {
  const server = createServer({ noDelay: true, keepAlive: false }, (request, response) =>
    route(session, request, response),
  )
  // A runtime holds its request for as long as nobody invokes the function.
  server.keepAliveTimeout = 0
  server.headersTimeout = 0
  server.requestTimeout = 0
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { address: `127.0.0.1:${portOf(server)}`, close: () => shut(server) }
}

function route(session: Session, request: IncomingMessage, response: ServerResponse): void {
  const path = request.url ?? ''
  if (request.method === 'GET') {
    if (path === `${PREFIX}invocation/next`) return next(session, response)
    if (path === `/isthmus/assignment/${session.assignmentKey}`) return park(session, response)
  }
  if (request.method === 'POST') {
    if (path === `${PREFIX}init/error`) return initError(session, request, response)
    const [, api, id, kind] = ANSWER.exec(path) ?? []
    if (id !== undefined) {
      const answer = kind === 'response' ? respond : invocationError
      const acknowledge = api === 'isthmus' ? acknowledgeWithNext : acknowledgeAtOnce
      return answer(session, request, response, { id, acknowledge })
    }
  }
  renderNotFound(response)
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

function shut(server: Server): void {
  server.close()
  server.closeAllConnections()
}
