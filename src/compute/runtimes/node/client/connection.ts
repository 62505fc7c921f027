/**
 * The runtime's one connection to the Runtime API: HTTP/1.1 on a raw socket, for node:http would double what a warm invocation costs
 * here.
 */
import { connect, type Socket } from 'node:net'

export interface Answer {
  readonly status: number
  readonly head: Head
  readonly body: Buffer
}

/** The status line and headers, as they came and in lower case: several are looked for, and case is folded once. */
export interface Head {
  readonly text: string
  readonly folded: string
}

/** Takes a response in pieces. */
export interface ChunkSink {
  write(chunk: Buffer, sent: () => void): void
  /** Header lines, each with its line end, that follow the last piece. */
  end(trailers: string): void
}

/** Up to here one joined string is cheaper to send than several pieces. */
const JOINED_LENGTH_MAX = 65_536
const API = '/2018-06-01/runtime'

export class Connection {
  readonly #socket: Socket
  readonly #host: string
  readonly #expected: ((answer: Answer) => void)[] = []
  #chunks: Buffer[] = []
  #bytes = 0
  /** No answer is complete before so many bytes have come. */
  #wanted = 1

  constructor(address: string) {
    const [host = '127.0.0.1', port] = address.split(':')
    this.#host = address
    this.#socket = connect({ host, port: Number(port), noDelay: true })
    this.#socket.on('data', (chunk: Buffer) => this.#receive(chunk))
    // Without the Runtime API there is nothing to live for, and nobody to tell.
    this.#socket.on('error', () => process.exit(1))
    this.#socket.on('close', () => process.exit(1))
  }

  /** While a handler runs only its own work keeps the event loop alive; that is how its end is noticed. */
  idle(): void {
    this.#socket.unref()
  }

  get(path: string): Promise<Answer> {
    return this.#send(this.#head('GET', path, ''))
  }

  next(): Promise<Answer> {
    return this.get(`${API}/invocation/next`)
  }

  /** Sends an invocation's answer; what it is answered with is the next invocation. */
  answer(requestId: string, reply: { kind: 'response' | 'error'; body: string; errorType?: string }): Promise<Answer> {
    const { kind, body } = reply
    const head = this.#postHead(`/isthmus/invocation/${requestId}/${kind}`, body, reply.errorType)
    if (body.length <= JOINED_LENGTH_MAX) return this.#send(head + body)
    this.#socket.cork()
    const answer = this.#send(head)
    this.#socket.write(body)
    this.#socket.uncork()
    return answer
  }

  /** Sends a last word; settles when it has been heard. */
  lastWord(path: string, body: string, errorType: string): Promise<Answer> {
    return this.#send(this.#postHead(`${API}${path}`, body, errorType) + body)
  }

  /** A response whose end is not known yet; `next` has to be asked for afterwards. */
  stream(requestId: string, contentType: string): ChunkSink {
    const headers =
      `Content-Type: ${headerText(contentType)}\r\nLambda-Runtime-Function-Response-Mode: streaming\r\n` +
      'Transfer-Encoding: chunked\r\nTrailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n'
    this.#socket.write(this.#head('POST', `${API}/invocation/${requestId}/response`, headers))
    this.#expected.push(() => {})
    return {
      write: (chunk, sent) => {
        // A chunk of no bytes would end the response.
        if (chunk.length === 0) return sent()
        this.#socket.cork()
        this.#socket.write(`${chunk.length.toString(16)}\r\n`)
        this.#socket.write(chunk)
        this.#socket.write('\r\n', () => sent())
        this.#socket.uncork()
      },
      end: (trailers) => void this.#socket.write(`0\r\n${trailers}\r\n`),
    }
  }

  #postHead(path: string, body: string, errorType: string | undefined): string {
    const type = errorType === undefined ? '' : `Lambda-Runtime-Function-Error-Type: ${headerText(errorType)}\r\n`
    const bytes = Buffer.byteLength(body)
    return this.#head('POST', path, `Content-Type: application/json\r\nContent-Length: ${bytes}\r\n${type}`)
  }

  #send(text: string): Promise<Answer> {
    return new Promise((resolve) => {
      this.#expected.push(resolve)
      this.#socket.ref()
      this.#socket.write(text)
    })
  }

  #head(method: string, path: string, headers: string): string {
    return `${method} ${path} HTTP/1.1\r\nHost: ${this.#host}\r\n${headers}\r\n`
  }

  #receive(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    while (this.#bytes >= this.#wanted && this.#takeAnswer()) {
      // The next answer may have come in the same chunk.
    }
  }

  /** False when more bytes are wanted first. */
  #takeAnswer(): boolean {
    const [first] = this.#chunks
    const received = this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks)
    this.#chunks = [received]
    const headEnd = received.indexOf('\r\n\r\n')
    this.#wanted = this.#bytes + 1
    if (headEnd < 0) return false
    const text = received.toString('latin1', 0, headEnd)
    const head: Head = { text, folded: text.toLowerCase() }
    const bodyStart = headEnd + 4
    const bodyEnd = bodyStart + Number(headerOf(head, 'content-length') ?? 0)
    this.#wanted = bodyEnd
    if (received.length < bodyEnd) return false
    this.#chunks = [received.subarray(bodyEnd)]
    this.#bytes -= bodyEnd
    this.#wanted = 1
    const body = received.subarray(bodyStart, bodyEnd)
    this.#expected.shift()?.({ status: Number(text.slice(9, 12)), head, body })
    return true
  }
}

/** `name` in lower case. */
export function headerOf({ text, folded }: Head, name: string): string | undefined {
  const start = folded.indexOf(`\r\n${name}:`)
  if (start < 0) return undefined
  const valueStart = start + name.length + 3
  const end = text.indexOf('\r\n', valueStart)
  return text.slice(valueStart, end < 0 ? undefined : end).trim()
}

/** An error's name is the function's to choose; a header's characters are not. */
function headerText(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?')
}
