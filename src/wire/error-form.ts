/** What of an `AwsError` goes over the wire: status, code, fault and members, from the shape the service declares or from what AWS's common errors have. */
import type { AwsError } from '../core/aws-error.ts'
import type { ErrorModel, ServiceModel } from './service-model.ts'

export interface ErrorForm {
  /** The name JSON protocols send. */
  readonly name: string
  /** Undefined for an error that the service does not declare. */
  readonly model: ErrorModel | undefined
  readonly fault: 'client' | 'server'
  readonly status: number
  readonly message: string
  /** Members for the body, the message among them under the name this error gives it. */
  readonly members: Readonly<Record<string, unknown>>
  /** Members that the shape binds to headers. */
  readonly headers: Readonly<Record<string, string>>
}

const SERVER_ERROR_STATUS = 500

/**
 * Statuses of errors that are outside every service's model.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
 */
const COMMON_STATUS: Readonly<Record<string, number>> = {
  AccessDenied: 403,
  AccessDeniedException: 403,
  InternalFailure: 500,
  InternalServerError: 500,
  ServiceUnavailable: 503,
  UnknownOperationException: 404,
  RequestEntityTooLargeException: 413,
}

/** Undeclared errors whose message AWS spells with a capital; all others with a small letter. Recorded on Lambda and other JSON services. */
const CAPITAL_MESSAGE = new Set(['AccessDeniedException', 'RequestEntityTooLargeException', 'SerializationException'])

/** The query protocol's code of an error that the service does not declare. */
export function queryCodeOf(name: string): string {
  return UNDECLARED_QUERY_CODES[name] ?? name
}

const UNDECLARED_QUERY_CODES: Readonly<Record<string, string>> = {
  AccessDeniedException: 'AccessDenied',
  ValidationException: 'ValidationError',
}

export function errorForm(service: ServiceModel | undefined, error: AwsError): ErrorForm {
  const model = service?.error(error.name)
  return model ? modelledForm(model, error) : commonForm(error)
}

function modelledForm(model: ErrorModel, error: AwsError): ErrorForm {
  const members: Record<string, unknown> = {}
  const headers: Record<string, string> = {}
  for (const { name, jsonName, location, locationName } of model.shape.members) {
    const value = memberValue(model, name, error)
    if (value === undefined) continue
    if (location === 'header') headers[locationName] = String(value)
    else members[jsonName] = value
  }
  // Two shapes of SQS declare no message, and their errors have one all the same.
  const isDeclared = model.shape.members.some(({ name }) => name.toLowerCase() === 'message')
  if (!isDeclared && error.message !== '') members['message'] = error.message
  return {
    name: model.name,
    model,
    fault: model.fault,
    status: error.status ?? model.httpStatus ?? (model.fault === 'client' ? 400 : SERVER_ERROR_STATUS),
    message: error.message,
    members,
    headers,
  }
}

function memberValue(model: ErrorModel, name: string, error: AwsError): string | number | undefined {
  if (name.toLowerCase() === 'message') return error.message
  // Some recorded errors lack a Type that their shape has: `fields: { Type: undefined }` says so.
  if (name in error.fields) return error.fields[name]
  // Lambda's errors say whose fault it was.
  return name === 'Type' ? (model.fault === 'client' ? 'User' : 'Service') : undefined
}

function commonForm(error: AwsError): ErrorForm {
  const status = error.status ?? COMMON_STATUS[error.name] ?? 400
  const members: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(error.fields)) if (value !== undefined) members[name] = value
  // AWS leaves an empty message out: a body that is not JSON gets the bare name of the error.
  if (error.message !== '') members[CAPITAL_MESSAGE.has(error.name) ? 'Message' : 'message'] = error.message
  return {
    name: error.name,
    model: undefined,
    fault: status >= SERVER_ERROR_STATUS ? 'server' : 'client',
    status,
    message: error.message,
    members,
    headers: {},
  }
}
