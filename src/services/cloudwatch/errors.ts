/** CloudWatch's refusals. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CommonErrors.html */
import { AwsError } from '../../core/aws-error.ts'

export function invalidValue(message: string): AwsError {
  return new AwsError('InvalidParameterValueException', message)
}

export function invalidCombination(message: string): AwsError {
  return new AwsError('InvalidParameterCombinationException', message)
}

export function missingParameter(name: string): AwsError {
  return new AwsError('MissingRequiredParameterException', `The parameter ${name} is required.`)
}

/** GetMetricData's own. */
export function invalidQuery(message: string): AwsError {
  return new AwsError('ValidationException', message)
}

export function notImplemented(what: string): AwsError {
  return new AwsError('NotImplemented', `Isthmus does not implement ${what}`, { status: 501 })
}

export function bothGiven(one: string, other: string): string {
  return `The parameters ${one} and ${other} are mutually exclusive and you have specified both.`
}
