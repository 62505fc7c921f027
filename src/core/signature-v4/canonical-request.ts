/** The form of a request that both sides sign. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
import { hash } from 'node:crypto'

export const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

const PLAIN_PATH = /^[A-Za-z0-9\-._~/]*$/

export const ALGORITHM = 'AWS4-HMAC-SHA256'

/** What of an HTTP request is signed besides its body. */
export interface SignableRequest {
  readonly method: string
  /** As it stands on the request line, still percent-encoded. */
  readonly path: string
  /** Without the question mark; empty when there is none. */
  readonly rawQuery: string
  /** Names are lower-case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

export interface CanonicalRequest {
  readonly signedHeaders: readonly string[]
  /** SHA-256 in hexadecimal, or one of the words AWS puts in its place. */
  readonly payloadHash: string
  /** The query parameter that carries the signature itself, in a presigned URL. */
  readonly omittedParameter: string | undefined
}

export function sha256(data: Buffer | string): string {
  return data.length === 0 ? EMPTY_SHA256 : hash('sha256', data, 'hex')
}

export function canonicalRequest(request: SignableRequest, parts: CanonicalRequest): string {
  let headers = ''
  for (const name of parts.signedHeaders) headers += `${name}:${canonicalHeader(request.headers[name])}\n`
  const path = canonicalPath(request.path)
  const query = canonicalQuery(request.rawQuery, parts.omittedParameter)
  return `${request.method}\n${path}\n${query}\n${headers}\n${parts.signedHeaders.join(';')}\n${parts.payloadHash}`
}

/** Normalised, then escaped once more: all services but S3 sign the path as it stands on the wire, percent signs included. */
export function canonicalPath(path: string): string {
  const normal = path.includes('//') || path.includes('/.') ? normalized(path) : path
  return PLAIN_PATH.test(normal) ? normal : normal.split('/').map(escapeUri).join('/')
}

function normalized(path: string): string {
  const kept: string[] = []
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop()
    else if (segment !== '' && segment !== '.') kept.push(segment)
  }
  const slash = kept.length > 0 && path.endsWith('/') ? '/' : ''
  return `/${kept.join('/')}${slash}`
}

/** Sorted by name and then value; `omitted` is left out. */
export function canonicalQuery(rawQuery: string, omitted: string | undefined): string {
  if (rawQuery === '') return ''
  const pairs: (readonly [string, string])[] = []
  for (const part of rawQuery.split('&')) {
    if (part === '') continue
    const equals = part.indexOf('=')
    const name = equals < 0 ? part : part.slice(0, equals)
    if (name !== omitted) pairs.push([reescape(name), equals < 0 ? '' : reescape(part.slice(equals + 1))])
  }
  if (pairs.length > 1) pairs.sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
  return pairs.map(([name, value]) => `${name}=${value}`).join('&')
}

/** Everything but letters, digits and `-._~`. */
export function escapeUri(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (found) => `%${found.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** However the client escaped it, the signature is over one spelling. */
function reescape(text: string): string {
  if (/^[A-Za-z0-9\-._~]*$/.test(text)) return text
  try {
    return escapeUri(decodeURIComponent(text.replaceAll('+', ' ')))
  } catch {
    return text
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function canonicalHeader(value: string | string[] | undefined): string {
  if (value === undefined) return ''
  return Array.isArray(value) ? value.map(trimmed).join(',') : trimmed(value)
}

function trimmed(value: string): string {
  const text = value.trim()
  return text.includes('  ') ? text.replace(/ +/g, ' ') : text
}
