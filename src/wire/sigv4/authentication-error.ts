/**
 * What AWS says when it cannot tell who is calling. Services of one family word and number the same refusals alike.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
 */
import { AwsError } from '../../core/aws-error.ts'
import { header, type WireRequest } from '../message.ts'
import type { ProtocolName } from '../service-description.ts'

export type ProtocolFamily = 'rest' | 'json' | 'query' | 'ec2'

export type AuthenticationFailure =
  /** The request is not signed. */
  | 'missing-token'
  /** A part of the signature is missing or malformed. */
  | 'incomplete-signature'
  /** It does not match, or is for another time, Region or service. */
  | 'signature-mismatch'
  /** The access key, or the session token with it, is not known. */
  | 'unknown-token'
  | 'expired-token'

interface Refusal {
  readonly code: string
  readonly status: number
}

const BAD_REQUEST = 400
const UNAUTHORIZED = 401
const FORBIDDEN = 403

const JSON_CODES = {
  'missing-token': 'MissingAuthenticationTokenException',
  'incomplete-signature': 'IncompleteSignatureException',
  'signature-mismatch': 'InvalidSignatureException',
  'unknown-token': 'UnrecognizedClientException',
  'expired-token': 'ExpiredTokenException',
} as const

const REFUSALS: Readonly<Record<ProtocolFamily, Readonly<Record<AuthenticationFailure, Refusal>>>> = {
  rest: withStatus(JSON_CODES, FORBIDDEN),
  json: withStatus(JSON_CODES, BAD_REQUEST),
  query: {
    'missing-token': { code: 'MissingAuthenticationToken', status: FORBIDDEN },
    'incomplete-signature': { code: 'IncompleteSignature', status: BAD_REQUEST },
    'signature-mismatch': { code: 'SignatureDoesNotMatch', status: FORBIDDEN },
    'unknown-token': { code: 'InvalidClientTokenId', status: FORBIDDEN },
    'expired-token': { code: 'ExpiredToken', status: FORBIDDEN },
  },
  ec2: {
    'missing-token': { code: 'MissingParameter', status: BAD_REQUEST },
    'incomplete-signature': { code: 'AuthFailure', status: UNAUTHORIZED },
    'signature-mismatch': { code: 'AuthFailure', status: UNAUTHORIZED },
    'unknown-token': { code: 'AuthFailure', status: UNAUTHORIZED },
    'expired-token': { code: 'RequestExpired', status: BAD_REQUEST },
  },
}

const MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.'

const EC2_FAILURE = 'AWS was not able to validate the provided access credentials'

/** `detail` replaces the usual sentence where there is something to say: what is incomplete, how far the clocks differ. */
export function authenticationError(failure: AuthenticationFailure, family: ProtocolFamily, detail?: string): AwsError {
  const { code, status } = REFUSALS[family][failure]
  return new AwsError(code, detail ?? sentence(failure, family), { status })
}

export function familyOfProtocol(protocol: ProtocolName): ProtocolFamily {
  switch (protocol) {
    case 'restJson1':
      return 'rest'
    case 'awsJson1_0':
    case 'awsJson1_1':
    case 'rpcV2Cbor':
      return 'json'
    case 'awsQuery':
      return 'query'
    case 'ec2Query':
      return 'ec2'
  }
}

/** For a request whose service is not known yet. */
export function familyOfRequest(request: WireRequest): ProtocolFamily {
  if (request.headers['x-amz-target'] !== undefined || request.headers['smithy-protocol'] !== undefined) return 'json'
  const form = header(request, 'content-type')?.startsWith('application/x-www-form-urlencoded') ?? false
  return form || request.rawQuery.includes('Action=') ? 'query' : 'rest'
}

function withStatus(
  codes: Readonly<Record<AuthenticationFailure, string>>,
  status: number,
): Record<AuthenticationFailure, Refusal> {
  return {
    'missing-token': { code: codes['missing-token'], status },
    'incomplete-signature': { code: codes['incomplete-signature'], status },
    'signature-mismatch': { code: codes['signature-mismatch'], status },
    'unknown-token': { code: codes['unknown-token'], status },
    'expired-token': { code: codes['expired-token'], status },
  }
}

function sentence(failure: AuthenticationFailure, family: ProtocolFamily): string {
  if (family === 'ec2') return ec2Sentence(failure)
  switch (failure) {
    case 'missing-token':
      return family === 'json' || family === 'query'
        ? 'Request is missing Authentication Token'
        : 'Missing Authentication Token'
    case 'incomplete-signature':
      return 'The request signature does not conform to AWS standards.'
    case 'signature-mismatch':
      return MISMATCH
    case 'unknown-token':
      return 'The security token included in the request is invalid.'
    case 'expired-token':
      return 'The security token included in the request is expired'
  }
}

function ec2Sentence(failure: AuthenticationFailure): string {
  if (failure === 'missing-token') return 'The request must contain the parameter AWSAccessKeyId'
  return failure === 'expired-token' ? 'Request has expired.' : EC2_FAILURE
}
