/**
 * Bodies in AWS's own chunked coding, whose chunks may each be signed.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { EMPTY_SHA256, sha256 } from '../../core/signature-v4/canonical-request.ts'

export interface ChunkSigning {
  readonly key: Buffer
  readonly amzDate: string
  /** `20260112/us-east-1/lambda/aws4_request` */
  readonly scope: string
  /** The request's own signature, which the first chunk's builds on. */
  readonly seedSignature: string
}

const LINE_END = '\r\n'
const CHUNK_SIZE = /^[0-9a-f]{1,8}$/i
const CHUNK_SIGNATURE = /^chunk-signature=([0-9a-f]{64})$/
const TRAILER_SIGNATURE = /x-amz-trailer-signature:([0-9a-f]{64})\r\n/

/** Undefined when a chunk's or the trailer's signature does not match or the coding is broken. Without `signing`, only the coding is undone. */
export function decodeChunkedBody(body: Buffer, signing: ChunkSigning | undefined): Buffer | undefined {
  const chunks: Buffer[] = []
  let previous = signing?.seedSignature ?? ''
  let position = 0
  for (;;) {
    const lineEnd = body.indexOf(LINE_END, position)
    if (lineEnd < 0) return undefined
    const [size = '', extension = ''] = body.toString('latin1', position, lineEnd).split(';')
    if (!CHUNK_SIZE.test(size)) return undefined
    const start = lineEnd + LINE_END.length
    const end = start + Number.parseInt(size, 16)
    if (end > body.length) return undefined
    const chunk = body.subarray(start, end)
    if (signing) {
      const signature = CHUNK_SIGNATURE.exec(extension)?.[1]
      if (signature === undefined || !matches(signature, chunkSignature(signing, previous, chunk))) return undefined
      previous = signature
    }
    if (chunk.length === 0) {
      return !signing || trailerMatches(body.subarray(end), signing, previous) ? Buffer.concat(chunks) : undefined
    }
    chunks.push(chunk)
    position = end + LINE_END.length
  }
}

function chunkSignature(signing: ChunkSigning, previous: string, chunk: Buffer): Buffer {
  return hmac(signing, 'AWS4-HMAC-SHA256-PAYLOAD', `${previous}\n${EMPTY_SHA256}\n${sha256(chunk)}`)
}

/** Trailers without a signature of their own are not part of what was signed, and are ignored. */
function trailerMatches(trailer: Buffer, signing: ChunkSigning, previous: string): boolean {
  const text = trailer.toString('latin1')
  const signature = TRAILER_SIGNATURE.exec(text)
  if (!signature?.[1]) return true
  const signed = text.slice(0, signature.index).replaceAll(LINE_END, '\n')
  return matches(signature[1], hmac(signing, 'AWS4-HMAC-SHA256-TRAILER', `${previous}\n${sha256(signed)}`))
}

function hmac(signing: ChunkSigning, algorithm: string, rest: string): Buffer {
  const text = `${algorithm}\n${signing.amzDate}\n${signing.scope}\n${rest}`
  return createHmac('sha256', signing.key).update(text).digest()
}

function matches(hexadecimal: string, wanted: Buffer): boolean {
  const given = Buffer.from(hexadecimal, 'hex')
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}
