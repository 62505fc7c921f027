/**
 * Signs a request with Signature Version 4, synchronously: about ten microseconds, where the SDK's signer takes forty and a turn of the event
 * loop. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
import { createHmac } from 'node:crypto'

import { ALGORITHM, canonicalRequest, sha256, type SignableRequest } from './canonical-request.ts'
import type { SigningKeyCache } from './signing-key.ts'
import { basicTimeOf } from './signing-time.ts'

export interface SigningKeys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

export interface Signing {
  readonly keys: SigningKeys
  readonly region: string
  readonly service: string
  readonly cache: SigningKeyCache
}

export interface UnsignedRequest extends SignableRequest {
  /** All of them are signed; `host` must be one. */
  readonly headers: Readonly<Record<string, string>>
}

/** Good for every payload within one second: that is how fine a signature's time is. */
export interface PreparedSignature {
  /** To add to those of the request: `x-amz-date`, and the session's token. */
  readonly headers: Readonly<Record<string, string>>
  /** Of the Authorization header, up to the signature. */
  readonly authorization: string
  /** `payloadHash` is the SHA-256 of the body in hexadecimal; answers 64 hexadecimal digits. */
  readonly sign: (payloadHash: string) => string
}

export function prepareSignature(
  request: UnsignedRequest,
  { keys, region, service, cache }: Signing,
  nowMs: number,
): PreparedSignature {
  const amzDate = basicTimeOf(nowMs)
  const date = amzDate.slice(0, 8)
  const added: Record<string, string> = { 'x-amz-date': amzDate }
  if (keys.sessionToken !== undefined) added['x-amz-security-token'] = keys.sessionToken
  const headers = { ...request.headers, ...added }
  const signedHeaders = Object.keys(headers).sort()
  // The payload's hash is the last line of the canonical request.
  const canonical = canonicalRequest(
    { method: request.method, path: request.path, rawQuery: request.rawQuery, headers },
    { signedHeaders, payloadHash: '', omittedParameter: undefined },
  )
  const scope = `${date}/${region}/${service}/aws4_request`
  const toSign = `${ALGORITHM}\n${amzDate}\n${scope}\n`
  const key = cache.signingKey(keys.secretAccessKey, { date, region, service })
  return {
    headers: added,
    authorization: `${ALGORITHM} Credential=${keys.accessKeyId}/${scope}, SignedHeaders=${signedHeaders.join(';')}, Signature=`,
    sign: (payloadHash) =>
      createHmac('sha256', key)
        .update(toSign + sha256(canonical + payloadHash))
        .digest('hex'),
  }
}

/** The headers to add to those of the request: `x-amz-date`, `authorization`, and the session's token. */
export function signatureHeaders(
  request: UnsignedRequest & { readonly payloadHash: string },
  signing: Signing,
  nowMs: number,
): Readonly<Record<string, string>> {
  const { headers, authorization, sign } = prepareSignature(request, signing, nowMs)
  return { ...headers, authorization: authorization + sign(request.payloadHash) }
}
