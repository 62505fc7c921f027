/** The errors of EventBridge in AWS's words. */
import { AwsError } from '../../core/aws-error.ts'

export function busNotFound(name: string): AwsError {
  return new AwsError('ResourceNotFoundException', `Event bus ${name} does not exist.`)
}

export function ruleNotFound(rule: string, bus: string): AwsError {
  return new AwsError('ResourceNotFoundException', `Rule ${rule} does not exist on EventBus ${bus}.`)
}

export function validation(message: string): AwsError {
  return new AwsError('ValidationException', message)
}

export function limitExceeded(): AwsError {
  return new AwsError('LimitExceededException', 'The requested resource exceeds the maximum number allowed.')
}

export function notImplemented(what: string): AwsError {
  return new AwsError('NotImplemented', `Isthmus does not implement ${what}`, { status: 501 })
}
