/**
 * Where the outcome of an asynchronous invocation may go, how a record is sent there, and whether the execution role may send it.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 */
import { parseArn, type Arn } from '../../../core/arn.ts'
import { isRegion } from '../../../core/region.ts'
import type { Caller } from '../../caller.ts'

export type DestinationService = 'sqs' | 'sns' | 'lambda' | 'events'

/** An operation that tells a destination something. */
export interface Telling {
  readonly service: DestinationService
  readonly operation: string
  readonly input: object
}

/** Undefined for what Lambda knows no destination of. */
export function destinationOf(text: string): (Arn & { readonly service: DestinationService }) | undefined {
  const arn = parseArn(text)
  if (!arn || !isRegion(arn.region)) return undefined
  const { service } = arn
  switch (service) {
    case 'sqs':
    case 'sns':
      return arn.resource.endsWith('.fifo') ? undefined : { ...arn, service }
    case 'lambda':
      return arn.resource.startsWith('function:') ? { ...arn, service } : undefined
    case 'events':
      return arn.resource.startsWith('event-bus/') ? { ...arn, service } : undefined
    default:
      return undefined
  }
}

/** How the record of an invocation is told. `functionArn` is the qualified ARN of the function that ran. */
export function tellRecord(
  destination: string,
  record: object,
  { functionArn, isSuccess }: { readonly functionArn: string; readonly isSuccess: boolean },
): Telling {
  const arn = required(destination)
  const text = JSON.stringify(record)
  switch (arn.service) {
    case 'sqs':
      return { service: 'sqs', operation: 'SendMessage', input: { QueueUrl: queuePath(arn), MessageBody: text } }
    case 'sns':
      return { service: 'sns', operation: 'Publish', input: { TopicArn: destination, Message: text } }
    case 'lambda':
      return {
        service: 'lambda',
        operation: 'Invoke',
        input: { FunctionName: destination, InvocationType: 'Event', Payload: Buffer.from(text) },
      }
    case 'events':
      return {
        service: 'events',
        operation: 'PutEvents',
        input: {
          Entries: [
            {
              Source: 'lambda',
              DetailType: `Lambda Function Invocation Result - ${isSuccess ? 'Success' : 'Failure'}`,
              Detail: text,
              EventBusName: destination,
              Resources: [destination, functionArn],
            },
          ],
        },
      }
  }
}

/** How an event that nobody could process is told to a queue or a topic: as it is, with what went wrong beside it. */
export function tellDeadLetter(target: string, event: string, attributes: object): Telling {
  const arn = required(target)
  return arn.service === 'sqs'
    ? {
        service: 'sqs',
        operation: 'SendMessage',
        input: { QueueUrl: queuePath(arn), MessageBody: event, MessageAttributes: attributes },
      }
    : {
        service: 'sns',
        operation: 'Publish',
        input: { TopicArn: target, Message: event, MessageAttributes: attributes },
      }
}

/** The name of the operation as AWS's refusals print it. */
export const TELLING_NAMES: Readonly<Record<DestinationService, string>> = {
  sqs: 'SendMessage',
  sns: 'Publish',
  lambda: 'InvokeFunction',
  events: 'PutEvents',
}

/** The same caller at the destination's Region. */
export function callerAt(caller: Caller, destination: string, traceHeader: string): Caller {
  const { region } = required(destination)
  return { ...caller, ...(isRegion(region) && { region }), traceHeader }
}

function required(text: string) {
  const arn = destinationOf(text)
  if (!arn) throw new Error(`${text} is no destination`)
  return arn
}

/** As much of a queue's URL as names the queue. */
function queuePath({ account, resource }: Arn): string {
  return `/${account}/${resource}`
}
