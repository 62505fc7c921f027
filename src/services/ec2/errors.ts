/** EC2's refusals that several operations share. Its model declares no errors: each is a code and a sentence. */
import { AwsError } from '../../core/aws-error.ts'

export function invalidParameterValue(message: string): AwsError {
  return new AwsError('InvalidParameterValue', message)
}

/** `Value (x) for parameter cidrBlock is invalid. This is not a valid CIDR block.` */
export function invalidValue(parameter: string, value: string, why: string): AwsError {
  return invalidParameterValue(`Value (${value}) for parameter ${parameter} is invalid. ${why}`)
}

export function missingParameter(name: string): AwsError {
  return new AwsError('MissingParameter', `The request must contain the parameter ${name}`)
}

export function invalidCombination(message: string): AwsError {
  return new AwsError('InvalidParameterCombination', message)
}

/** What a resource still depends on keeps it from being deleted. */
export function dependencyViolation(message: string): AwsError {
  return new AwsError('DependencyViolation', message)
}

/** A parameter whose value asks for something that is not here. */
export function notImplemented(parameter: string, operation: string): AwsError {
  return new AwsError('NotImplemented', `Isthmus does not implement the parameter ${parameter} of ${operation}`, {
    status: 501,
  })
}
