/** Reads a request's body up to a limit; past it the rest is read and dropped, so that the runtime can hear the refusal. */
import type { IncomingMessage } from 'node:http'

/** `done` is told `undefined` when the body was larger; it is not called when the runtime goes away half-way. */
export function readBody(request: IncomingMessage, bytesMax: number, done: (body: Buffer | undefined) => void): void {
  const chunks: Buffer[] = []
  let bytes = 0
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes <= bytesMax) chunks.push(chunk)
    else chunks.length = 0
  })
  request.on('end', () => {
    const [only] = chunks
    if (bytes > bytesMax) done(undefined)
    else done(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks))
  })
}
