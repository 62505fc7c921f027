/**
 * Signature Version 4, the server's side: who claims to have signed a request, and whether they did.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { header, type WireRequest } from './message.ts'
import { authenticationError, familyOfRequest, type ProtocolFamily } from './sigv4/authentication-error.ts'
import { ALGORITHM, canonicalRequest, sha256 } from '../core/signature-v4/canonical-request.ts'
import { decodeChunkedBody } from './sigv4/chunked-body.ts'
import { SIGNATURE_PARAMETER, type SignedRequest } from './sigv4/signed-request.ts'
import { deriveSigningKey, type SigningKeyCache } from '../core/signature-v4/signing-key.ts'
import { basicTimeOf, timeOf } from '../core/signature-v4/signing-time.ts'

export { authenticationError, familyOfProtocol, familyOfRequest } from './sigv4/authentication-error.ts'
export type { AuthenticationFailure, ProtocolFamily } from './sigv4/authentication-error.ts'
export { PRESIGNED_EXPIRY_SECONDS_MAX, readSignature, type SignedRequest } from './sigv4/signed-request.ts'
export { createSigningKeyCache, type SigningKeyCache } from '../core/signature-v4/signing-key.ts'

export interface ExpectedScope {
  /** Signing name of the service the request is for. */
  readonly service: string
  /** Any Region is good when absent: one endpoint serves them all. */
  readonly region?: string
  readonly keys?: SigningKeyCache
  /** How a refusal is worded; by the form of the request when absent. */
  readonly family?: ProtocolFamily
}

const SKEW_MS_MAX = 15 * 60_000

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
