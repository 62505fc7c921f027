/** Errors that several operations of Lambda answer with, in AWS's words. */
import { AwsError } from '../../core/aws-error.ts'
import { functionArn } from './function-name.ts'

type Named = Parameters<typeof functionArn>[0]

export function functionNotFound(target: Named): AwsError {
  return new AwsError('ResourceNotFoundException', `Function not found: ${functionArn(target)}`)
}

export function invalidParameter(message: string): AwsError {
  return new AwsError('InvalidParameterValueException', message)
}

/** Recorded without the `Type` that this shape otherwise has. */
export function invalidParameterWithoutType(message: string): AwsError {
  return new AwsError('InvalidParameterValueException', message, { fields: { Type: undefined } })
}

export function revisionMismatch(call: 'GetFunction/GetAlias' | 'GetPolicy' | 'GetLayerPolicy'): AwsError {
  return new AwsError(
    'PreconditionFailedException',
    `The Revision Id provided does not match the latest Revision Id. Call the ${call} API to retrieve the latest Revision Id`,
  )
}

/** A nested parameter that we do not honour; top-level ones are refused by the pipeline in the same words. */
export function notHonoured(parameter: string, operation: string): AwsError {
  return new AwsError('NotImplemented', `Isthmus does not implement the parameter ${parameter} of ${operation}`, {
    status: 501,
  })
}
