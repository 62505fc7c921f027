/** A function's dead-letter queue, and whether its role may send there. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-dlq */
import { callerAt, destinationOf, tellDeadLetter } from './destinations.ts'
import { invalidParameter } from '../errors.ts'
import type { FunctionSettings } from '../records.ts'
import type { LambdaService } from '../service.ts'
import type { Target } from '../target.ts'

/** Throws InvalidParameterValueException: AWS tries, when a function is configured, whether its role may send. */
export function requireDeadLetterTarget(settings: FunctionSettings, target: Target, lambda: LambdaService): void {
  const { deadLetterArn, roleArn } = settings
  if (deadLetterArn === undefined) return
  const service = destinationOf(deadLetterArn)?.service
  if (service !== 'sqs' && service !== 'sns') {
    // FIDELITY: AWS's words have not been seen.
    throw invalidParameter(
      `The dead letter target ${deadLetterArn} is neither a standard SQS queue nor a standard SNS topic.`,
    )
  }
  const role = lambda.callerOf({ ...target, functionName: target.name, roleArn })
  const { operation, input } = tellDeadLetter(deadLetterArn, '{}', {})
  if (role && lambda.allows(callerAt(role, deadLetterArn, ''), service, operation, input)) return
  throw invalidParameter(
    `The provided execution role does not have permissions to call ${operation} on ${service.toUpperCase()}`,
  )
}
