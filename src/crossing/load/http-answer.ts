/** Reads one HTTP/1.1 answer from the pieces it comes in; no more of it than a load test needs. */

export interface HttpAnswer {
  readonly status: number
  readonly head: AnswerHead
  readonly body: Buffer
  readonly keepsAlive: boolean
}

/** The status line and every header, as they came and in lower case. */
export interface AnswerHead {
  readonly text: string
  readonly lowerCase: string
}

const HEAD_END = Buffer.from('\r\n\r\n')
const HEAD_BYTES_MAX = 64 * 1024
/** A synchronous answer is at most 6 MB; a body that claims more is not Lambda's. */
const BODY_BYTES_MAX = 16 * 1024 * 1024
const NOTHING = Buffer.alloc(0)

export class AnswerReader {
  #received: Buffer = NOTHING

  /** Undefined while the answer is incomplete. Throws when it is not HTTP. What follows an answer begins the next. */
  push(chunk: Buffer): HttpAnswer | undefined {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk])
    const headEnd = this.#received.indexOf(HEAD_END)
    if (headEnd < 0) {
      if (this.#received.length > HEAD_BYTES_MAX) throw new Error('the head of the answer has no end')
      return undefined
    }
    const text = this.#received.toString('latin1', 0, headEnd)
    if (!text.startsWith('HTTP/1.')) throw new Error('the answer is not HTTP')
    const head = { text, lowerCase: text.toLowerCase() }
    const status = Number(text.slice(9, 12))
    const bodyStart = headEnd + HEAD_END.length
    const body = this.#body(head, status, bodyStart)
    if (!body) return undefined
    this.#received = this.#received.subarray(body.end)
    return { status, head, body: body.bytes, keepsAlive: headerOf(head, 'connection') !== 'close' }
  }

  #body(head: AnswerHead, status: number, start: number): { readonly bytes: Buffer; readonly end: number } | undefined {
    if (status === 204 || status === 304) return { bytes: NOTHING, end: start }
    if (headerOf(head, 'transfer-encoding') === 'chunked') return this.#chunkedBody(start)
    const length = Number(headerOf(head, 'content-length') ?? 0)
    if (!(length <= BODY_BYTES_MAX)) throw new Error('the answer is too long')
    const end = start + length
    return this.#received.length < end ? undefined : { bytes: this.#received.subarray(start, end), end }
  }

  #chunkedBody(start: number): { readonly bytes: Buffer; readonly end: number } | undefined {
    const chunks: Buffer[] = []
    let position = start
    for (;;) {
      const lineEnd = this.#received.indexOf('\r\n', position)
      if (lineEnd < 0) return undefined
      const size = Number.parseInt(this.#received.toString('latin1', position, lineEnd), 16)
      if (!(size >= 0 && size <= BODY_BYTES_MAX)) throw new Error('a chunk of the answer has no size')
      const begin = lineEnd + 2
      if (this.#received.length < begin + size + 2) return undefined
      if (size === 0) {
        // Trailers end with an empty line; without any, the line after the last chunk is that line.
        const end =
          this.#received.indexOf('\r\n', begin) === begin ? begin : this.#received.indexOf(HEAD_END, begin) + 2
        return end < begin ? undefined : { bytes: Buffer.concat(chunks), end: end + 2 }
      }
      chunks.push(this.#received.subarray(begin, begin + size))
      position = begin + size + 2
    }
  }
}

/** `name` is lower-case. Undefined when the header is absent. */
export function headerOf({ text, lowerCase }: AnswerHead, name: string): string | undefined {
  const start = lowerCase.indexOf(`\r\n${name}:`)
  if (start < 0) return undefined
  const begin = start + name.length + 3
  const end = text.indexOf('\r\n', begin)
  return text.slice(begin, end < 0 ? undefined : end).trim()
}
