/**
 * Signature Version 4, the server's side: who claims to have signed a request, and whether they did.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { header, type WireRequest } from './message.ts'
import { parseQueryString } from './query-string.ts'
import { authenticationError, familyOfRequest, type ProtocolFamily } from './sigv4/authentication-error.ts'
import { canonicalRequest, sha256 } from './sigv4/canonical-request.ts'
import { decodeChunkedBody } from './sigv4/chunked-body.ts'
import { deriveSigningKey, type SigningKeyCache } from './sigv4/signing-key.ts'

export { authenticationError, familyOfProtocol, familyOfRequest } from './sigv4/authentication-error.ts'
export type { AuthenticationFailure, ProtocolFamily } from './sigv4/authentication-error.ts'
export { createSigningKeyCache, type SigningKeyCache } from './sigv4/signing-key.ts'

/** A signature's parts, well-formed but not yet verified. */
export interface SignedRequest {
  readonly accessKeyId: string
  /** Of the credential scope: `20260112`. */
  readonly date: string
  readonly region: string
  readonly service: string
  readonly securityToken?: string
  /** Signed in the query string. */
  readonly presigned: boolean
  /** When it was signed: `20260112T153712Z`. */
  readonly amzDate: string
  /** How long a presigned URL is good for. */
  readonly expiresSeconds?: number
  readonly signedHeaders: readonly string[]
  /** 64 hexadecimal digits. */
  readonly signature: string
}

export interface ExpectedScope {
  /** Signing name of the service the request is for. */
  readonly service: string
  /** Any Region is good when absent: one endpoint serves them all. */
  readonly region?: string
  readonly keys?: SigningKeyCache
  /** How a refusal is worded; by the form of the request when absent. */
  readonly family?: ProtocolFamily
}

const ALGORITHM = 'AWS4-HMAC-SHA256'
const SIGNATURE_PARAMETER = 'X-Amz-Signature'
const SKEW_MS_MAX = 15 * 60_000
export const PRESIGNED_EXPIRY_SECONDS_MAX = 604_800
const AMZ_DATE = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/
const HEX_SIGNATURE = /^[0-9a-f]{64}$/

/** Undefined: the request is not signed. Throws the service's IncompleteSignature for a signature that is not whole. */
export function readSignature(
  request: WireRequest,
  family: ProtocolFamily = familyOfRequest(request),
): SignedRequest | undefined {
  const authorization = header(request, 'authorization')
  if (authorization !== undefined) return readAuthorization(request, authorization, family)
  return request.rawQuery.includes('X-Amz-') ? readPresigned(request, family) : undefined
}

/**
 * The body, decoded from AWS's chunks where it came in them. Throws the service's error where the signature is not of this request, this
 * key, this time or this service.
 */
export function verifySignature(
  request: WireRequest,
  signed: SignedRequest,
  secretAccessKey: string,
  nowMs: number,
  expected: ExpectedScope,
): Buffer {
  const family = expected.family ?? familyOfRequest(request)
  checkTime(signed, nowMs, family)
  checkScope(signed, expected, family)
  const scope = `${signed.date}/${signed.region}/${signed.service}/aws4_request`
  const key = expected.keys?.signingKey(secretAccessKey, signed) ?? deriveSigningKey(secretAccessKey, signed)
  const payloadHash = payloadHashOf(request)
  const canonical = canonicalRequest(request, {
    signedHeaders: signed.signedHeaders,
    payloadHash,
    omittedParameter: signed.presigned ? SIGNATURE_PARAMETER : undefined,
  })
  const toSign = `${ALGORITHM}\n${signed.amzDate}\n${scope}\n${sha256(canonical)}`
  const wanted = createHmac('sha256', key).update(toSign).digest()
  if (!timingSafeEqual(wanted, Buffer.from(signed.signature, 'hex')))
    throw authenticationError('signature-mismatch', family)
  if (!payloadHash.startsWith('STREAMING-')) return request.body
  const signing = { key, amzDate: signed.amzDate, scope, seedSignature: signed.signature }
  const body = decodeChunkedBody(request.body, payloadHash.startsWith('STREAMING-AWS4-') ? signing : undefined)
  if (!body) throw authenticationError('signature-mismatch', family)
  return body
}

function readAuthorization(request: WireRequest, authorization: string, family: ProtocolFamily): SignedRequest {
  const space = authorization.indexOf(' ')
  const algorithm = space < 0 ? authorization : authorization.slice(0, space)
  if (!algorithm.startsWith('AWS4-')) throw authenticationError('missing-token', family)
  const parts = new Map<string, string>()
  for (const part of authorization.slice(algorithm.length).split(/[\s,]+/)) {
    const equals = part.indexOf('=')
    if (equals > 0) parts.set(part.slice(0, equals), part.slice(equals + 1))
  }
  const credential = parts.get('Credential')
  const signature = parts.get('Signature')
  const signedHeaders = parts.get('SignedHeaders')
  const amzDate = header(request, 'x-amz-date') ?? basicTime(header(request, 'date'))
  if (!credential || !signature || !signedHeaders || !amzDate) {
    throw incomplete(
      family,
      missing(credential, 'Credential') +
        missing(signature, 'Signature') +
        missing(signedHeaders, 'SignedHeaders') +
        (amzDate ? '' : "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ") +
        `(Hashed with SHA-256 and encoded with Base64) Authorization=${hashForMessage(authorization)}`,
    )
  }
  const token = header(request, 'x-amz-security-token')
  return signedRequest({ algorithm, credential, signature, signedHeaders, amzDate, token, presigned: false, family })
}

function readPresigned(request: WireRequest, family: ProtocolFamily): SignedRequest | undefined {
  const query = parseQueryString(request.rawQuery)
  const algorithm = query.get('X-Amz-Algorithm')
  const credential = query.get('X-Amz-Credential')
  const signature = query.get(SIGNATURE_PARAMETER)
  const signedHeaders = query.get('X-Amz-SignedHeaders')
  const amzDate = query.get('X-Amz-Date')
  if (algorithm === null && credential === null && signature === null) return undefined
  if (!algorithm || !credential || !signature || !signedHeaders || !amzDate) {
    const parameters = {
      'X-Amz-Algorithm': algorithm,
      'X-Amz-Credential': credential,
      [SIGNATURE_PARAMETER]: signature,
    }
    const absent = Object.entries({ ...parameters, 'X-Amz-SignedHeaders': signedHeaders, 'X-Amz-Date': amzDate })
      .filter(([, value]) => !value)
      .map(([name]) => `AWS query-string parameters must include '${name}'. `)
    throw incomplete(family, `${absent.join('')}Re-examine the query-string parameters.`)
  }
  const expires = query.get('X-Amz-Expires')
  const token = query.get('X-Amz-Security-Token') ?? undefined
  const signed = signedRequest({
    algorithm,
    credential,
    signature,
    signedHeaders,
    amzDate,
    token,
    presigned: true,
    family,
  })
  return expires === null ? signed : { ...signed, expiresSeconds: expirySeconds(expires, family) }
}

interface SignatureParts {
  readonly algorithm: string
  readonly credential: string
  readonly signature: string
  readonly signedHeaders: string
  readonly amzDate: string
  readonly token: string | undefined
  readonly presigned: boolean
  readonly family: ProtocolFamily
}

function signedRequest(parts: SignatureParts): SignedRequest {
  const { algorithm, amzDate, credential, family, token } = parts
  if (!AMZ_DATE.test(amzDate)) {
    throw incomplete(
      family,
      `Date must be in ISO-8601 'basic format'. Got '${amzDate}'. See http://en.wikipedia.org/wiki/ISO_8601`,
    )
  }
  if (algorithm !== ALGORITHM) throw incomplete(family, `Unsupported AWS 'algorithm': '${algorithm}'`)
  const [accessKeyId, date, region, service, terminator, ...rest] = credential.split('/')
  if (!accessKeyId || !date || !region || !service || terminator === undefined || rest.length > 0) {
    throw incomplete(
      family,
      `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${credential}'`,
    )
  }
  if (terminator !== 'aws4_request') {
    const detail = `Credential should be scoped with a valid terminator: 'aws4_request', not '${terminator}'.`
    throw authenticationError('signature-mismatch', family, detail)
  }
  // A signature of another length cannot match; it is refused here, so that the comparison always has two of the same.
  if (!HEX_SIGNATURE.test(parts.signature)) throw authenticationError('signature-mismatch', family)
  const signedHeaders = parts.signedHeaders.toLowerCase().split(';')
  if (!signedHeaders.includes('host')) {
    const detail = "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
    throw authenticationError('signature-mismatch', family, detail)
  }
  return {
    accessKeyId,
    date,
    region,
    service,
    ...(token !== undefined && { securityToken: token }),
    presigned: parts.presigned,
    amzDate,
    signedHeaders,
    signature: parts.signature,
  }
}

function checkTime(signed: SignedRequest, nowMs: number, family: ProtocolFamily): void {
  const signedMs = timeOf(signed.amzDate)
  const { amzDate, expiresSeconds } = signed
  if (expiresSeconds !== undefined && nowMs > signedMs + expiresSeconds * 1000) {
    const detail = `Signature expired: ${amzDate} is now earlier than ${basicTimeOf(nowMs - expiresSeconds * 1000)} (${basicTimeOf(nowMs)} - ${expiresSeconds} sec.)`
    throw authenticationError('signature-mismatch', family, detail)
  }
  if (expiresSeconds === undefined && nowMs - signedMs > SKEW_MS_MAX) {
    const detail = `Signature expired: ${amzDate} is now earlier than ${basicTimeOf(nowMs - SKEW_MS_MAX)} (${basicTimeOf(nowMs)} - 15 min.)`
    throw authenticationError('signature-mismatch', family, detail)
  }
  if (signedMs - nowMs > SKEW_MS_MAX) {
    const detail = `Signature not yet current: ${amzDate} is still later than ${basicTimeOf(nowMs + SKEW_MS_MAX)} (${basicTimeOf(nowMs)} + 15 min.)`
    throw authenticationError('signature-mismatch', family, detail)
  }
}

function checkScope(signed: SignedRequest, expected: ExpectedScope, family: ProtocolFamily): void {
  let detail = ''
  if (expected.region !== undefined && signed.region !== expected.region) {
    detail += 'Credential should be scoped to a valid region. '
  }
  if (signed.service !== expected.service) {
    detail += `Credential should be scoped to correct service: '${expected.service}'. `
  }
  if (!signed.amzDate.startsWith(signed.date) || signed.date.length !== 8) {
    detail += `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${signed.date}' != '${signed.amzDate.slice(0, 8)}', from '${signed.amzDate}'. `
  }
  if (detail !== '') throw authenticationError('signature-mismatch', family, detail)
}

/** What the client declared is used only where it stands for something other than the hash of these bytes. */
function payloadHashOf(request: WireRequest): string {
  const declared = header(request, 'x-amz-content-sha256')
  const isWord = declared === 'UNSIGNED-PAYLOAD' || declared?.startsWith('STREAMING-')
  return declared !== undefined && isWord ? declared : sha256(request.body)
}

function expirySeconds(text: string, family: ProtocolFamily): number {
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (seconds >= 1 && seconds <= PRESIGNED_EXPIRY_SECONDS_MAX) return seconds
  throw incomplete(family, `X-Amz-Expires must be a number between 1 and ${PRESIGNED_EXPIRY_SECONDS_MAX} seconds.`)
}

function incomplete(family: ProtocolFamily, detail: string): Error {
  return authenticationError('incomplete-signature', family, detail)
}

function missing(value: string | undefined, name: string): string {
  return value ? '' : `Authorization header requires '${name}' parameter. `
}

function hashForMessage(authorization: string): string {
  return Buffer.from(sha256(authorization), 'hex').toString('base64')
}

function timeOf(amzDate: string): number {
  const [, year, month, day, hours, minutes, seconds] = AMZ_DATE.exec(amzDate) ?? []
  return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hours), Number(minutes), Number(seconds))
}

/** `20260112T153712Z` */
function basicTimeOf(epochMs: number): string {
  return new Date(epochMs).toISOString().replace(/[-:]|\.\d{3}/g, '')
}

/** The Date header's form, or ISO 8601, in the basic format. */
function basicTime(date: string | undefined): string | undefined {
  if (date === undefined || AMZ_DATE.test(date)) return date
  const epochMs = Date.parse(date)
  return Number.isNaN(epochMs) ? date : basicTimeOf(epochMs)
}
