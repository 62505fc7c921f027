/** The HTTP server: reads whole requests within a size limit, hands them to the pipeline, and shuts down without leaving a socket. */
import http from 'node:http'
import type { Socket } from 'node:net'

import { isLoopback } from '../core/loopback.ts'
import type { ConnectionOrigin } from '../network/network.ts'
import { REQUEST_BYTES_MAX } from '../wire/limits.ts'
import type { WireResponse } from '../wire/message.ts'
import type { FunctionUrlServer } from './function-urls.ts'
import type { Introspection } from './introspection.ts'
import type { Pipeline, ReceivedRequest } from './pipeline.ts'

/** Past this we stop being polite to a request that is too large. */
const DISCARDED_BYTES_MAX = 4 * REQUEST_BYTES_MAX
const KEEP_ALIVE_MS = 60_000
/** Of the request line and all headers. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const HEADER_BYTES_MAX = 1_048_576

export interface Listener {
  readonly port: number
  /** Serves a connection that came through the network of VPCs, as coming from there. */
  adopt(socket: Socket, origin: ConnectionOrigin): void
  close(): Promise<void>
}

export async function listen(
  options: Handlers & {
    readonly host: string
    /** 0 lets the system choose. */
    readonly port: number
  },
): Promise<Listener> {
  const origins = new WeakMap<Socket, ConnectionOrigin>()
  let closed = false
  const server = http.createServer({ maxHeaderSize: HEADER_BYTES_MAX }, (request, response) => {
    const origin = origins.get(request.socket)
    readBody(request, (body, oversize) => {
      void answer(request, { body, oversize, origin }, options).then((answered) => {
        try {
          send(response, answered)
        } catch (error) {
          // A header that no client may be sent: what has been made of it must not take the cloud down.
          options.onBug(error, String(answered.headers['x-amzn-requestid']))
          response.writeHead(500).end()
        }
      })
    })
  })
  server.keepAliveTimeout = KEEP_ALIVE_MS
  // A synchronous Invoke may take as long as the function: 15 minutes.
  server.requestTimeout = 0
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, resolve)
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : options.port,
    adopt(socket, origin) {
      if (closed) {
        socket.destroy()
        return
      }
      origins.set(socket, origin)
      server.emit('connection', socket)
    },
    close: () =>
      new Promise((resolve) => {
        closed = true
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

interface Arrived {
  readonly body: Buffer
  readonly oversize: boolean
  readonly origin: ConnectionOrigin | undefined
}

interface Handlers {
  readonly pipeline: Pipeline
  readonly introspection: Introspection
  readonly functionUrls: FunctionUrlServer
  /** A bug was caught: the client has been answered 500. */
  readonly onBug: (error: unknown, requestId: string) => void
}

async function answer(
  request: http.IncomingMessage,
  { body, oversize, origin }: Arrived,
  { pipeline, introspection, functionUrls }: Omit<Handlers, 'onBug'>,
): Promise<WireResponse> {
  const url = request.url ?? '/'
  const mark = url.indexOf('?')
  const received: ReceivedRequest = {
    method: request.method ?? 'GET',
    path: mark < 0 ? url : url.slice(0, mark),
    rawQuery: mark < 0 ? '' : url.slice(mark + 1),
    headers: request.headers,
    body,
    oversize,
    sourceIp: origin ? origin.sourceIp : request.socket.remoteAddress,
    endpoint: origin?.endpoint,
  }
  // These are for pages of other sites, too.
  const functionUrl = functionUrls.addressOf(received)
  if (functionUrl) return functionUrls.handle(functionUrl, received)
  if (isFromForeignPage(request.headers)) {
    return { status: 403, headers: { 'content-type': 'text/plain' }, body: 'Requests from web pages are not served\n' }
  }
  // What the cloud tells about itself is for this machine, not for what runs in it.
  const isOwn = origin === undefined && introspection.owns(received.path)
  return isOwn ? introspection.handle(received) : pipeline.handle(received)
}

/**
 * A browser page on another site must not reach the cloud of the developer who visits it. What a page merely embeds (an image, a link) tells
 * no origin, but browsers say that it is from another site.
 */
function isFromForeignPage({ host, origin, 'sec-fetch-site': site }: http.IncomingHttpHeaders): boolean {
  // The only pages that are here themselves are those of functions, by the paths of their URLs: a function is given nothing by a browser.
  if (site === 'same-origin') return true
  if (origin === undefined) return site === 'cross-site'
  try {
    const page = new URL(origin)
    return !isLoopback(page.hostname) || page.port === /:(\d+)$/.exec(host ?? '')?.[1]
  } catch {
    return true
  }
}

/** A body that is too large is read to its end and dropped: a client that is still sending would not see an early answer. */
function readBody(request: http.IncomingMessage, done: (body: Buffer, oversize: boolean) => void): void {
  let chunks: Buffer[] = []
  let size = 0
  request.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size <= REQUEST_BYTES_MAX) chunks.push(chunk)
    else chunks = []
    if (size > DISCARDED_BYTES_MAX) request.destroy()
  })
  request.on('end', () => {
    const [only] = chunks
    done(chunks.length === 1 && only ? only : Buffer.concat(chunks), size > REQUEST_BYTES_MAX)
  })
}

function send(response: http.ServerResponse, { status, headers, body }: WireResponse): void {
  if (typeof body !== 'string' && !Buffer.isBuffer(body)) {
    if (!response.destroyed) response.writeHead(status, headers).flushHeaders()
    // What broke off is to look broken off.
    void sendEach(response, body).catch(() => response.destroy())
    return
  }
  if (response.destroyed) return
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}

/** When the client has gone, what is left is made all the same, and dropped: a function runs to its end. */
async function sendEach(response: http.ServerResponse, body: AsyncIterable<Buffer>): Promise<void> {
  for await (const chunk of body) {
    if (response.destroyed || response.write(chunk)) continue
    await new Promise<void>((resolve) => {
      const proceed = () => {
        response.off('drain', proceed).off('close', proceed)
        resolve()
      }
      response.on('drain', proceed).on('close', proceed)
    })
  }
  response.end()
}
