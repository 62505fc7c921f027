/**
 * Handlers that write their response piece by piece: `awslambda.streamifyResponse`.
 * https://docs.aws.amazon.com/lambda/latest/dg/config-rs-write-functions.html
 */
import { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { ChunkSink, Connection } from './connection.ts'
import { logError } from './console.ts'
import type { Context } from './context.ts'
import { errorBody, RuntimeError } from './errors.ts'
import { failure, type Reply } from './invocation.ts'
import type { Handler } from './load-handler.ts'

/** The mark AWS's own runtime leaves on a streaming handler; libraries look for it. */
const MARK = Symbol.for('aws.lambda.runtime.handler.streaming')
const HTTP_CONTENT_TYPE = 'application/vnd.awslambda.http-integration-response'
/** Separates the metadata of an HTTP response from its body. */
const PRELUDE_END = Buffer.alloc(8)

/** Gives functions their global `awslambda`. */
export function provideStreaming(): void {
  const awslambda = {
    streamifyResponse: (handler: Handler) => Object.assign(handler, { [MARK]: 'response' }),
    HttpResponseStream: { from: httpStream },
  }
  Object.assign(globalThis, { awslambda })
}

/** Throws for a mark that asks for something other than a streamed response. */
export function isStreaming(handler: Handler): boolean {
  const mark = (handler as { [MARK]?: unknown })[MARK]
  if (mark === undefined || mark === null || mark === false) return false
  if (mark === 'response') return true
  throw new RuntimeError('MalformedStreamingHandler', 'Only response streaming is supported.')
}

export async function runStreaming(
  connection: Connection,
  handler: Handler,
  event: unknown,
  context: Context,
): Promise<Reply> {
  const stream = new ResponseStream((contentType) => connection.stream(context.awsRequestId, contentType))
  try {
    const result = handler(event, stream, { ...context, callbackWaitsForEmptyEventLoop: true })
    if (!(result instanceof Promise)) throw new Error('Streaming does not support non-async handlers.')
    // eslint-disable-next-line no-console -- into the function's log, as AWS's runtime client does
    if ((await result) !== undefined) console.warn('Streaming handlers ignore return values.')
    await ended(stream)
    return { kind: 'streamed' }
  } catch (error) {
    if (!stream.begun) return failure(error)
    logError('Invoke Error', error)
    stream.abort(error)
    return { kind: 'streamed' }
  }
}

/** AWS's runtime client waits for its request to end: who never ends the stream runs into the function's timeout. */
async function ended(stream: Writable): Promise<void> {
  if (stream.writableFinished) return
  const keptAlive = setInterval(() => {}, 60_000)
  await finished(stream).finally(() => clearInterval(keptAlive))
}

class ResponseStream extends Writable {
  readonly #open: (contentType: string) => ChunkSink
  #sink: ChunkSink | undefined
  #contentType = 'application/octet-stream'
  #ended = false

  constructor(open: (contentType: string) => ChunkSink) {
    super()
    this.#open = open
  }

  /** Bytes have been sent: an error can no longer replace the response. */
  get begun(): boolean {
    return this.#sink !== undefined
  }

  setContentType(contentType: string): void {
    if (this.begun) throw new RuntimeError('InvalidStreamingOperation', 'Cannot set content-type, too late.')
    this.#contentType = contentType
  }

  /** Ends the response with the error in its trailers. */
  abort(error: unknown): void {
    if (this.#ended) return
    const body = errorBody(error)
    const encoded = Buffer.from(JSON.stringify(body)).toString('base64')
    this.#end(
      `Lambda-Runtime-Function-Error-Type: ${body.errorType}\r\nLambda-Runtime-Function-Error-Body: ${encoded}\r\n`,
    )
    this.destroy()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, sent: () => void): void {
    this.#begun().write(chunk, sent)
  }

  override _final(sent: () => void): void {
    this.#end('')
    sent()
  }

  #begun(): ChunkSink {
    return (this.#sink ??= this.#open(this.#contentType))
  }

  #end(trailers: string): void {
    this.#ended = true
    this.#begun().end(trailers)
  }
}

/** Prefixes a response with the status, headers and cookies of the HTTP response it is to become. */
function httpStream(stream: ResponseStream, metadata: unknown): ResponseStream {
  stream.setContentType(HTTP_CONTENT_TYPE)
  stream.write(Buffer.concat([Buffer.from(JSON.stringify(metadata)), PRELUDE_END]))
  return stream
}
