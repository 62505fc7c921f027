/** An HTTP message as the wire layer sees it: bytes in, bytes out, no socket. */

export interface WireRequest {
  readonly method: string
  /** As it stood on the request line, still percent-encoded. */
  readonly path: string
  /** Without the question mark; empty when there is none. */
  readonly rawQuery: string
  /** Names are lower-case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

export interface WireResponse {
  readonly status: number
  readonly headers: Record<string, string | string[]>
  /** An answer in pieces is sent while it is made, at the pace of its reader. */
  readonly body: Buffer | string | AsyncIterable<Buffer>
}

/** A header's value; several lines of one name are joined as RFC 9110 allows. `name` is lower-case. */
export function header(request: Pick<WireRequest, 'headers'>, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value.join(',') : value
}
