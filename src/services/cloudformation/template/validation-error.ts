/** The error of a template or a request that CloudFormation does not accept. */
import { AwsError } from '../../../core/aws-error.ts'

/** `ValidationError` is one of AWS's common errors: no shape of the service declares it. */
export function validationError(message: string): AwsError {
  return new AwsError('ValidationError', message, { status: 400 })
}

export function formatError(message: string): AwsError {
  return validationError(`Template format error: ${message}`)
}

export function templateError(message: string): AwsError {
  return validationError(`Template error: ${message}`)
}
