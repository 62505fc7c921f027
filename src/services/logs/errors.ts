/** The errors of CloudWatch Logs in AWS's words. */
import { AwsError } from '../../core/aws-error.ts'
import { NAME_CHARACTERS_MAX } from './limits.ts'

export function invalidParameter(message: string): AwsError {
  return new AwsError('InvalidParameterException', message)
}

export function groupNotFound(): AwsError {
  return new AwsError('ResourceNotFoundException', 'The specified log group does not exist.')
}

export function streamNotFound(): AwsError {
  return new AwsError('ResourceNotFoundException', 'The specified log stream does not exist.')
}

/** AWS checks the length of a name that is to be made apart from everything else about it. */
export function requireNameLength(...names: readonly string[]): void {
  if (names.every((name) => name.length <= NAME_CHARACTERS_MAX)) return
  throw invalidParameter(
    `Invalid LogGroup or LogStream, both must have length less than or equal to ${NAME_CHARACTERS_MAX}.`,
  )
}

export function invalidNextToken(): AwsError {
  return invalidParameter('The specified nextToken is invalid.')
}

/** FIDELITY: AWS's wording has not been seen. */
export function deletionProtected(): AwsError {
  return new AwsError(
    'ValidationException',
    'Deletion protection is enabled on the specified log group. Disable it before deleting.',
  )
}

/** Part of a parameter that we do not honour; whole ones are refused by the pipeline in the same words. */
export function notImplemented(parameter: string, operation: string): AwsError {
  return new AwsError('NotImplemented', `Isthmus does not implement the parameter ${parameter} of ${operation}`, {
    status: 501,
  })
}
