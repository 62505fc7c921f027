/** Requests by hand, signed with Signature Version 4 or otherwise, and answers as they come: what no SDK client lets a test do. */
import { createHash, createHmac } from 'node:crypto'
import http, { type IncomingHttpHeaders } from 'node:http'
import { text } from 'node:stream/consumers'

import type { TestCredentials } from '../cloud.ts'

export interface Draft {
  readonly method: string
  /** With the query string. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export function send(endpoint: string, { method, path, headers, body }: Draft): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(endpoint)
    const request = http.request({
      hostname: hostname.replace(/^\[|\]$/g, ''),
      port,
      method,
      path,
      headers: { 'content-length': Buffer.byteLength(body), ...headers },
    })
    request.once('error', reject)
    request.once('response', (response) => {
      text(response).then(
        (answer) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: answer }),
        reject,
      )
    })
    request.end(body)
  })
}

export interface Signing {
  readonly keys: TestCredentials
  readonly service: string
  readonly region?: string
  /** When it is signed. */
  readonly atMs: number
  /** In place of the hash of the body. */
  readonly payloadHash?: string
}

/** With an Authorization header. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
export function sign(draft: Draft, signing: Signing): Draft {
  const { keys, payloadHash } = signing
  const headers: Record<string, string> = {
    host: 'aws.example',
    ...draft.headers,
    'x-amz-date': amzDate(signing.atMs),
    ...(keys.sessionToken !== undefined && { 'x-amz-security-token': keys.sessionToken }),
    ...(payloadHash !== undefined && { 'x-amz-content-sha256': payloadHash }),
  }
  const signedHeaders = Object.keys(headers).sort().join(';')
  const [path = '', query = ''] = draft.path.split('?')
  const signature = signatureOf(signing, { ...draft, headers }, path, query, payloadHash ?? sha256(draft.body))
  const credential = `Credential=${keys.accessKeyId}/${scopeOf(signing)}`
  const authorization = `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${signedHeaders}, Signature=${signature}`
  return { ...draft, headers: { ...headers, authorization } }
}

/** A GET of this query, signed in the URL. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html */
export function presign(query: Readonly<Record<string, string>>, signing: Signing, expiresSeconds: number): Draft {
  const { keys } = signing
  const all: Readonly<Record<string, string>> = {
    ...query,
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${keys.accessKeyId}/${scopeOf(signing)}`,
    'X-Amz-Date': amzDate(signing.atMs),
    'X-Amz-Expires': String(expiresSeconds),
    'X-Amz-SignedHeaders': 'host',
    ...(keys.sessionToken !== undefined && { 'X-Amz-Security-Token': keys.sessionToken }),
  }
  const canonical = Object.keys(all)
    .sort()
    .map((name) => `${encodeURIComponent(name)}=${encodeURIComponent(all[name] ?? '')}`)
    .join('&')
  const draft: Draft = { method: 'GET', path: '/', headers: { host: 'aws.example' }, body: '' }
  const signature = signatureOf(signing, draft, '/', canonical, sha256(''))
  return { ...draft, path: `/?${canonical}&X-Amz-Signature=${signature}` }
}

/** A body in chunks, each signed, as `STREAMING-AWS4-HMAC-SHA256-PAYLOAD` has it. */
export function signInChunks(draft: Draft, signing: Signing, chunks: readonly string[]): Draft {
  const framedLength = [...chunks, ''].reduce((sum, chunk) => sum + frame(chunk, '0'.repeat(64)).length, 0)
  const headers = { ...draft.headers, 'content-encoding': 'aws-chunked', 'content-length': String(framedLength) }
  const payloadHash = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD'
  const signed = sign({ ...draft, headers, body: '' }, { ...signing, payloadHash })
  let previous = (signed.headers['authorization'] ?? '').slice(-64)
  const frames = [...chunks, ''].map((chunk) => {
    const text = `AWS4-HMAC-SHA256-PAYLOAD\n${amzDate(signing.atMs)}\n${scopeOf(signing)}\n${previous}\n${sha256('')}\n${sha256(chunk)}`
    previous = hmac(signingKey(signing), text).toString('hex')
    return frame(chunk, previous)
  })
  return { ...signed, body: frames.join('') }
}

function frame(chunk: string, signature: string): string {
  return `${chunk.length.toString(16)};chunk-signature=${signature}\r\n${chunk}\r\n`
}

export function amzDate(atMs: number): string {
  return new Date(atMs).toISOString().replace(/[-:]|\.\d{3}/g, '')
}

function scopeOf({ atMs, region = 'us-east-1', service }: Signing): string {
  return `${amzDate(atMs).slice(0, 8)}/${region}/${service}/aws4_request`
}

function signingKey(signing: Signing): Buffer {
  return scopeOf(signing)
    .split('/')
    .reduce<Buffer>((key, part) => hmac(key, part), Buffer.from(`AWS4${signing.keys.secretAccessKey}`))
}

function signatureOf(signing: Signing, draft: Draft, path: string, query: string, payloadHash: string): string {
  const names = Object.keys(draft.headers).sort()
  const lines = names.map((name) => `${name}:${draft.headers[name] ?? ''}\n`)
  const canonical = [draft.method, path, query, lines.join(''), names.join(';'), payloadHash].join('\n')
  const toSign = `AWS4-HMAC-SHA256\n${amzDate(signing.atMs)}\n${scopeOf(signing)}\n${sha256(canonical)}`
  return hmac(signingKey(signing), toSign).toString('hex')
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex')
}

function hmac(key: Buffer, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest()
}
