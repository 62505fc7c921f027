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
  /** SHA-256 of the body in hexadecimal. */
  readonly payloadHash: string
}

/** The headers to add to those of the request: `x-amz-date`, `authorization`, and the session's token. */
export function signatureHeaders(
  request: UnsignedRequest,
  { keys, region, service, cache }: Signing,
  nowMs: number,
): Readonly<Record<string, string>> {
  const amzDate = basicTimeOf(nowMs)
  const date = amzDate.slice(0, 8)
  const added: Record<string, string> = { 'x-amz-date': amzDate }
  if (keys.sessionToken !== undefined) added['x-amz-security-token'] = keys.sessionToken
  const headers = { ...request.headers, ...added }
  const signedHeaders = Object.keys(headers).sort()
  const canonical = canonicalRequest(
    { method: request.method, path: request.path, rawQuery: request.rawQuery, headers },
    { signedHeaders, payloadHash: request.payloadHash, omittedParameter: undefined },
  )
  const scope = `${date}/${region}/${service}/aws4_request`
  const signature = createHmac('sha256', cache.signingKey(keys.secretAccessKey, { date, region, service }))
    .update(`${ALGORITHM}\n${amzDate}\n${scope}\n${sha256(canonical)}`)
    .digest('hex')
  const credential = `${keys.accessKeyId}/${scope}`
  added['authorization'] =
    `${ALGORITHM} Credential=${credential}, SignedHeaders=${signedHeaders.join(';')}, Signature=${signature}`
  return added
}
