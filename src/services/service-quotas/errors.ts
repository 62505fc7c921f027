/** Service Quotas' refusals. https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/CommonErrors.html */
import { AwsError } from '../../core/aws-error.ts'

export function noSuchService(): AwsError {
  return new AwsError('NoSuchResourceException', 'The request failed because the specified service does not exist.')
}

export function noSuchQuota(): AwsError {
  return new AwsError('NoSuchResourceException', 'The request failed because the specified quota does not exist.')
}

export function noSuchRequest(): AwsError {
  return new AwsError('NoSuchResourceException', 'The request failed because the specified request does not exist.')
}

export function illegalArgument(message: string): AwsError {
  return new AwsError('IllegalArgumentException', message)
}
