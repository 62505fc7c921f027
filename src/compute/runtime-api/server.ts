/**
 * The Runtime API's listeners. `AWS_LAMBDA_RUNTIME_API` names a host and a port and no path, so on the machine's loopback each runtime has a
 * listener of its own; in places there is one address for all, and a runtime is known by where it calls from.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { routeExtension } from '../extensions-api/routes.ts'
import { acknowledgeAtOnce, acknowledgeWithNext } from './acknowledgement.ts'
import { park } from './assignment.ts'
import { initError, invocationError } from './error.ts'
import { next } from './next.ts'
import { renderNotFound } from './rendering.ts'
import { respond } from './response.ts'
import type { Session } from './session.ts'

const PREFIX = '/2018-06-01/runtime/'
const ANSWER = /^\/(2018-06-01\/runtime|isthmus)\/invocation\/([^/]+)\/(response|error)$/

/** The same in every place. */
const PLACE_API_ADDRESS = '169.254.100.1:9001'

export interface RuntimeApi {
  /** `127.0.0.1:40123` */
  readonly address: string
  close(): void
}

export async function listenForRuntime(session: Session): Promise<RuntimeApi> {
  const server = createPatientServer((request, response) => route(session, request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { address: `127.0.0.1:${portOf(server)}`, close: () => shut(server) }
}

export interface PlaceApi {
  /** From now on this session is the one of the place; one at a time. */
  serve(placeAddress: string, session: Session): RuntimeApi
  /** A connection from nowhere known is closed. */
  onConnection(socket: Socket, placeAddress: string): void
}

export function createPlaceApi(): PlaceApi {
  const served = new Map<string, { readonly session: Session; readonly sockets: Set<Socket> }>()
  const sessions = new WeakMap<Socket, Session>()
  const server = createPatientServer((request, response) => {
    const session = sessions.get(request.socket)
    if (session === undefined) renderNotFound(response)
    else route(session, request, response)
  })
  return {
    serve(placeAddress, session) {
      const entry = { session, sockets: new Set<Socket>() }
      served.set(placeAddress, entry)
      return {
        address: PLACE_API_ADDRESS,
        close() {
          // A place may have been given to the next runtime already.
          if (served.get(placeAddress) === entry) served.delete(placeAddress)
          for (const socket of entry.sockets) socket.destroy()
        },
      }
    },
    onConnection(socket, placeAddress) {
      const entry = served.get(placeAddress)
      if (entry === undefined) return void socket.destroy()
      entry.sockets.add(socket)
      socket.once('close', () => entry.sockets.delete(socket))
      sessions.set(socket, entry.session)
      socket.setNoDelay(true)
      server.emit('connection', socket)
    },
  }
}

/** A runtime holds its request for as long as nobody invokes the function. */
function createPatientServer(listener: (request: IncomingMessage, response: ServerResponse) => void): Server {
  const server = createServer({ noDelay: true, keepAlive: false }, listener)
  server.keepAliveTimeout = 0
  server.headersTimeout = 0
  server.requestTimeout = 0
  return server
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
  if (!routeExtension(session, request, response)) renderNotFound(response)
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

function shut(server: Server): void {
  server.close()
  server.closeAllConnections()
}
