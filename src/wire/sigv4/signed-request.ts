/** Reads a signature from where it stands, the Authorization header or the query string, and refuses one that is not whole. */
import { header, type WireRequest } from '../message.ts'
import { parseQueryString } from '../query-string.ts'
import { authenticationError, familyOfRequest, type ProtocolFamily } from './authentication-error.ts'
import { ALGORITHM, sha256 } from '../../core/signature-v4/canonical-request.ts'
import { AMZ_DATE, basicTime } from '../../core/signature-v4/signing-time.ts'

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

export const SIGNATURE_PARAMETER = 'X-Amz-Signature'
export const PRESIGNED_EXPIRY_SECONDS_MAX = 604_800
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
