/**
 * Why a resource failed, in the words of CloudFormation's resource handlers.
 * https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract-errors.html
 */
import { AwsError } from '../../../core/aws-error.ts'

export type HandlerErrorCode =
  | 'AccessDenied'
  | 'AlreadyExists'
  | 'GeneralServiceException'
  | 'InvalidRequest'
  | 'NotFound'
  | 'NotStabilized'
  | 'NotUpdatable'
  | 'ResourceConflict'
  | 'ServiceInternalError'
  | 'ServiceLimitExceeded'
  | 'Throttling'

/** A failure that a provider found itself, not one a service answered. */
export class HandlerError extends Error {
  override readonly name = 'HandlerError'
  readonly code: HandlerErrorCode

  constructor(code: HandlerErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

/** Error name → HTTP status and handler code, where it is not the 400 of an invalid request. */
const KNOWN: Readonly<Record<string, readonly [status: number, code: HandlerErrorCode]>> = {
  AccessDenied: [403, 'AccessDenied'],
  AccessDeniedException: [403, 'AccessDenied'],
  AuthorizationErrorException: [403, 'AccessDenied'],
  CodeStorageExceededException: [400, 'ServiceLimitExceeded'],
  ConcurrentModificationException: [409, 'ResourceConflict'],
  DeleteConflictException: [409, 'ResourceConflict'],
  EntityAlreadyExistsException: [409, 'AlreadyExists'],
  InvalidInputException: [400, 'InvalidRequest'],
  InvalidParameterException: [400, 'InvalidRequest'],
  InvalidParameterValueException: [400, 'InvalidRequest'],
  LimitExceededException: [409, 'ServiceLimitExceeded'],
  MalformedPolicyDocumentException: [400, 'InvalidRequest'],
  NoSuchEntityException: [404, 'NotFound'],
  NotFoundException: [404, 'NotFound'],
  NotImplemented: [501, 'InvalidRequest'],
  PolicyLengthExceededException: [400, 'ServiceLimitExceeded'],
  QueueDoesNotExist: [400, 'NotFound'],
  QueueNameExists: [400, 'AlreadyExists'],
  RequestLimitExceeded: [503, 'Throttling'],
  ResourceAlreadyExistsException: [409, 'AlreadyExists'],
  ResourceConflictException: [409, 'ResourceConflict'],
  ResourceNotFoundException: [404, 'NotFound'],
  ServiceException: [500, 'ServiceInternalError'],
  ServiceFailureException: [500, 'ServiceInternalError'],
  TooManyRequestsException: [429, 'Throttling'],
  UnauthorizedOperation: [403, 'AccessDenied'],
  ValidationException: [400, 'InvalidRequest'],
}

/** EC2's codes are many, and formed by rules. */
const EC2_RULES: readonly (readonly [pattern: RegExp, status: number, code: HandlerErrorCode])[] = [
  [/NotFound$/, 400, 'NotFound'],
  [/(Duplicate|AlreadyExists|AlreadyAssociated)$/, 400, 'AlreadyExists'],
  [/LimitExceeded$/, 400, 'ServiceLimitExceeded'],
]

/** Error name → HTTP status and handler code. */
function knownError({ service, cause: { name } }: ServiceCallError): readonly [number, HandlerErrorCode] | undefined {
  const known = KNOWN[name]
  if (known || service !== 'ec2') return known
  const rule = EC2_RULES.find(([pattern]) => pattern.test(name))
  return rule ? [rule[1], rule[2]] : [400, 'InvalidRequest']
}

/** As the service names itself in its client's exceptions. */
const SERVICE_NAMES: Readonly<Record<string, string>> = {
  ec2: 'Ec2',
  events: 'EventBridge',
  iam: 'Iam',
  lambda: 'Lambda',
  logs: 'CloudWatchLogs',
  sns: 'Sns',
  sqs: 'Sqs',
}

/** A service's refusal, remembered with what is printed about the call. */
export class ServiceCallError extends Error {
  override readonly name = 'ServiceCallError'
  override readonly cause: AwsError
  readonly service: string
  readonly requestId: string

  constructor(service: string, requestId: string, cause: AwsError) {
    super(cause.message, { cause })
    this.cause = cause
    this.service = service
    this.requestId = requestId
  }
}

export function isMissing(error: unknown): boolean {
  return error instanceof ServiceCallError && knownError(error)?.[1] === 'NotFound'
}

/** Deleting what is gone is no failure. */
export async function unlessMissing(deletion: Promise<unknown>): Promise<void> {
  try {
    await deletion
  } catch (error) {
    if (!isMissing(error)) throw error
  }
}

/** Undefined for an error that is a bug, not an answer. */
export function handlerErrorCode(error: unknown): HandlerErrorCode | undefined {
  if (error instanceof HandlerError) return error.code
  if (error instanceof ServiceCallError) return knownError(error)?.[1] ?? 'GeneralServiceException'
  return undefined
}

/** The `ResourceStatusReason` of a failed handler. `token` is the request token AWS prints. */
export function handlerFailureReason(error: unknown, token: string): string {
  const code = handlerErrorCode(error)
  if (code === undefined || !(error instanceof Error)) return 'Internal Failure'
  const text =
    error instanceof ServiceCallError
      ? `${error.message} (Service: ${SERVICE_NAMES[error.service] ?? error.service}, Status Code: ${
          error.cause.status ?? knownError(error)?.[0] ?? 400
        }, Request ID: ${error.requestId})`
      : error.message
  return `Resource handler returned message: "${text}" (RequestToken: ${token}, HandlerErrorCode: ${code})`
}
