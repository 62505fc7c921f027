/** The very bytes the SDK would send, signed. A signature is good for 15 minutes, so one request can be sent again and again. */
import { type Isthmus, type Keys, clientSettings } from './isthmus.ts'

interface HttpRequest {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string | readonly string[] | null>>
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

interface Capturing {
  readonly requestHandler: { handle(request: unknown): Promise<never> }
}

interface Client {
  // A client's `send` is overloaded by its commands; which of them fit is checked where the command is built.
  send(command: never): Promise<unknown>
  destroy(): void
}

/** Latin-1, one character a byte. */
export async function signedRequest(
  isthmus: Isthmus,
  keys: Keys,
  Client: new (settings: ReturnType<typeof clientSettings> & Capturing) => Client,
  command: object,
): Promise<string> {
  let captured: HttpRequest | undefined
  const client = new Client({
    ...clientSettings(isthmus, keys),
    requestHandler: {
      handle(request) {
        captured = request as HttpRequest
        return Promise.reject(new Error('captured'))
      },
    },
  })
  await client.send(command as never).catch((error: unknown) => {
    if (!captured) throw error
  })
  client.destroy()
  if (!captured) throw new Error('the client sent nothing')
  return bytesOf(captured)
}

function bytesOf({ method, path, query, headers, body }: HttpRequest): string {
  const bytes = bodyBytes(body ?? '')
  const parameters = Object.entries(query).flatMap(([name, value]) =>
    [value ?? ''].flat().map((text) => `${encodeURIComponent(name)}=${encodeURIComponent(text)}`),
  )
  const target = parameters.length === 0 ? path : `${path}?${parameters.join('&')}`
  const given = Object.entries({ ...headers, ...(bytes.length > 0 && { 'content-length': String(bytes.length) }) })
  const head = [`${method} ${target} HTTP/1.1`, ...given.map(([name, value]) => `${name}: ${value}`)].join('\r\n')
  return `${head}\r\n\r\n${bytes.toString('latin1')}`
}

/** `Buffer.from(body)` would ask for its `valueOf`, which the SDK's serializer warns of. */
function bodyBytes(body: string | Uint8Array): Buffer {
  return typeof body === 'string' ? Buffer.from(body) : Buffer.from(body.buffer, body.byteOffset, body.byteLength)
}
