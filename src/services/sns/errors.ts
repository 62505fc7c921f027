/** The errors of SNS in AWS's words. */
import { AwsError } from '../../core/aws-error.ts'

export function topicNotFound(): AwsError {
  return new AwsError('NotFoundException', 'Topic does not exist')
}

export function subscriptionNotFound(): AwsError {
  return new AwsError('NotFoundException', 'Subscription does not exist')
}

/** `what` names the parameter, and why where AWS says it: `Topic Name`. */
export function invalidParameter(what: string): AwsError {
  return new AwsError('InvalidParameterException', `Invalid parameter: ${what}`)
}

export function notImplemented(what: string): AwsError {
  return new AwsError('NotImplemented', `Isthmus does not implement ${what}`, { status: 501 })
}
