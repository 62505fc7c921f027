/**
 * Why an invocation did not succeed, by AWS's own name where it has one.
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors
 */
import { LOG_ACCESS_DENIED, readDenialMessage } from '../explain/denial-message.ts'

export const CAUSE_KINDS = [
  'iam',
  'throttle',
  'timeout',
  'function-error',
  'network',
  'downstream-connections',
  'event-given-up',
  'eni',
  'subnet-addresses',
  'ec2-rate',
  'vpc',
  'host-capacity',
  'function-state',
  'credentials',
  'request',
  'service',
  'client-timeout',
  'connection',
] as const
export type CauseKind = (typeof CAUSE_KINDS)[number]

export interface Cause {
  readonly kind: CauseKind
  /** `ReservedFunctionConcurrentInvocationLimitExceeded`, `AccessDeniedException`, `Sandbox.Timedout`, `ECONNRESET`. */
  readonly name: string
  /** What tells two causes of one name apart: the layer of a denial, the phase of a timeout. */
  readonly detail?: string
}

/** What the classification reads of an answer. */
export interface Answer {
  readonly status: number
  /** `x-amzn-errortype`. */
  readonly errorType: string | undefined
  /** `x-amz-function-error`. */
  readonly functionError: string | undefined
  readonly body: Buffer
}

const KINDS: Readonly<Record<string, CauseKind>> = {
  AccessDeniedException: 'iam',
  TooManyRequestsException: 'throttle',
  ThrottlingException: 'throttle',
  ENILimitReachedException: 'eni',
  ENINotReadyException: 'vpc',
  SubnetIPAddressLimitReachedException: 'subnet-addresses',
  EC2ThrottledException: 'ec2-rate',
  EC2AccessDeniedException: 'vpc',
  EC2UnexpectedException: 'vpc',
  InvalidSubnetIDException: 'vpc',
  InvalidSecurityGroupIDException: 'vpc',
  // A function whose VPC connection was reclaimed while it was idle.
  ResourceNotReadyException: 'vpc',
  ResourceConflictException: 'function-state',
  ResourceNotFoundException: 'function-state',
  MissingAuthenticationTokenException: 'credentials',
  IncompleteSignatureException: 'credentials',
  InvalidSignatureException: 'credentials',
  UnrecognizedClientException: 'credentials',
  ExpiredTokenException: 'credentials',
  InvalidClientTokenId: 'credentials',
}

/** `isLocal`: the answer is Isthmus's. Undefined: the invocation succeeded. */
export function causeOf(answer: Answer, isLocal: boolean): Cause | undefined {
  if (answer.functionError !== undefined) return functionFailure(parseBody(answer.body))
  if (answer.status >= 200 && answer.status < 300) return undefined
  const body = parseBody(answer.body)
  const name = answer.errorType?.split(':')[0] ?? `HTTP ${answer.status}`
  const kind = KINDS[name] ?? (answer.status >= 500 ? 'service' : 'request')
  if (kind === 'iam') return { kind, name, ...denialDetail(textOf(body, 'Message') || textOf(body, 'message')) }
  if (kind === 'throttle') return { kind, name: textOf(body, 'Reason') || name }
  // Isthmus answers this when the machine has no room for another execution environment, and AWS when something of its own fails.
  if (isLocal && name === 'ServiceException') return { kind: 'host-capacity', name }
  return { kind, name }
}

/** No whole answer came in time, or none at all. */
export function causeOfSilence(code: string): Cause {
  return code === CLIENT_TIMEOUT
    ? { kind: 'client-timeout', name: CLIENT_TIMEOUT }
    : { kind: 'connection', name: code, ...(code === 'ETIMEDOUT' && { detail: 'connecting' }) }
}

export const CLIENT_TIMEOUT = 'ClientTimeout'

/** The message AWS gave, for a person. */
export function messageOf(answer: Answer): string {
  const body = parseBody(answer.body)
  return textOf(body, 'Message') || textOf(body, 'message') || textOf(body, 'errorMessage')
}

function denialDetail(message: string): { readonly detail?: string } {
  if (message === LOG_ACCESS_DENIED) return { detail: message }
  const denial = readDenialMessage(message)
  if (denial?.blames === undefined) return {}
  return { detail: denial.outcome === 'explicit_deny' ? `explicit deny in ${denial.blames}` : `no ${denial.blames}` }
}

/** Words of Node.js, Python and the SDKs for another host that does not answer. */
const UNREACHABLE =
  /\b(ETIMEDOUT|ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|ConnectTimeoutError|ConnectionTimeoutError|EndpointConnectionError)\b/

/**
 * Words of databases that accept no more connections: PostgreSQL, MySQL, MongoDB, Redis, RDS Proxy. Behind a service that says nothing, but
 * refuses or ignores them, they are `network`.
 */
const FULL =
  /\btoo many (?:clients already|open connections|connections)\b|\bremaining connection slots are reserved\b|\bmax number of clients reached\b|\bconnection limit exceeded\b/i

/** `body`: what Lambda answers for a function that failed, with `errorType` and `errorMessage`. */
export function functionFailure(body: unknown): Cause {
  const name = textOf(body, 'errorType')
  const message = textOf(body, 'errorMessage')
  // Before 2025 the answer to a timeout had no type.
  if (name === 'Sandbox.Timedout' || (name === '' && message.includes('Task timed out after'))) {
    return { kind: 'timeout', name: 'Sandbox.Timedout', detail: 'handler' }
  }
  const full = FULL.exec(message)?.[0]
  if (full !== undefined) return { kind: 'downstream-connections', name: name || 'Unhandled', detail: full }
  const unreachable = UNREACHABLE.exec(`${name} ${message}`)?.[1]
  if (unreachable !== undefined) return { kind: 'network', name: name || unreachable, detail: unreachable }
  return { kind: 'function-error', name: name || 'Unhandled' }
}

function parseBody(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString()) as unknown
  } catch {
    return undefined
  }
}

function textOf(value: unknown, member: string): string {
  if (typeof value !== 'object' || value === null) return ''
  const text = (value as Readonly<Record<string, unknown>>)[member]
  return typeof text === 'string' ? text : ''
}
