/** Publish and PublishBatch. https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
import type { MessageAttributeValue } from '@aws-sdk/client-sns'

import { AwsError } from '../../core/aws-error.ts'
import { queryCodeOf } from '../../wire/error-form.ts'
import type { Caller } from '../caller.ts'
import { locateTopic, topicArn, type TopicLocation } from './arns.ts'
import { deliver } from './delivery.ts'
import { invalidParameter, notImplemented } from './errors.ts'
import { BATCH_ENTRIES_MAX, MESSAGE_BYTES_MAX, SUBJECT_CHARACTERS_MAX } from './limits.ts'
import type { Notification, NotificationAttribute } from './records.ts'
import type { SnsOperations, SnsService } from './service.ts'

export const publish: SnsOperations = {
  Publish: {
    refuses: ['PhoneNumber', 'MessageDeduplicationId', 'MessageGroupId'],
    permissions: (input, _caller, sns) => [sns.permission('Publish', target(input))],
    async handle(input, caller, sns) {
      const location = target(input)
      const notification = notificationFrom(input, location, caller, sns)
      sns.require(location)
      await deliver(notification, location, sns)
      return { MessageId: notification.messageId }
    },
  },

  PublishBatch: {
    permissions: (input, _caller, sns) => [sns.permission('Publish', locateTopic(input.TopicArn))],
    async handle(input, caller, sns) {
      const location = locateTopic(input.TopicArn)
      sns.require(location)
      const entries = input.PublishBatchRequestEntries
      requireBatch(entries)
      const Successful: { Id: string; MessageId: string }[] = []
      const Failed: { Id: string; Code: string; Message: string; SenderFault: boolean }[] = []
      for (const entry of entries) {
        const Id = entry.Id ?? ''
        try {
          if (entry.MessageDeduplicationId !== undefined || entry.MessageGroupId !== undefined) {
            throw notImplemented('FIFO topics')
          }
          const notification = notificationFrom(entry, location, caller, sns)
          await deliver(notification, location, sns)
          Successful.push({ Id, MessageId: notification.messageId })
        } catch (error) {
          if (!(error instanceof AwsError)) throw error
          Failed.push({
            Id,
            Code: queryCodeOf(error.name).replace(/Exception$/, ''),
            Message: error.message,
            SenderFault: true,
          })
        }
      }
      return { Successful, Failed }
    },
  },
}

function target(input: {
  readonly TopicArn?: string | undefined
  readonly TargetArn?: string | undefined
}): TopicLocation {
  if (input.TopicArn !== undefined) return locateTopic(input.TopicArn)
  if (input.TargetArn !== undefined) return locateTopic(input.TargetArn, 'TargetArn')
  throw invalidParameter('TopicArn or TargetArn Reason: no value for required parameter')
}

interface Published {
  readonly Message?: string | undefined
  readonly Subject?: string | undefined
  readonly MessageStructure?: string | undefined
  readonly MessageAttributes?: Readonly<Record<string, MessageAttributeValue>> | undefined
}

function notificationFrom(
  { Message: message = '', Subject: subject, MessageStructure: structure, MessageAttributes = {} }: Published,
  location: TopicLocation,
  caller: Caller,
  sns: SnsService,
): Notification {
  if (message === '') throw invalidParameter('Empty message')
  if (subject !== undefined) requireSubject(subject)
  const attributes = Object.fromEntries(
    Object.entries(MessageAttributes).map(([name, value]) => [name, attributeFrom(name, value)]),
  )
  if (Buffer.byteLength(message) + sizeOf(attributes) > MESSAGE_BYTES_MAX) throw invalidParameter('Message too long')
  return {
    messageId: sns.ids.uuid(),
    topicArn: topicArn(location),
    ...(subject !== undefined && { subject }),
    messages: structure === 'json' ? messagesPerProtocol(message) : { default: message },
    attributes,
    publishedAtMs: sns.clock.now(),
    ...(caller.traceHeader !== undefined && { traceHeader: caller.traceHeader }),
  }
}

function requireSubject(subject: string): void {
  const isPlain = /^[\x21-\x7e][\x20-\x7e]*$/.test(subject)
  if (!isPlain || subject.length > SUBJECT_CHARACTERS_MAX) throw invalidParameter('Subject')
}

/** `MessageStructure` json: a text for each protocol. */
function messagesPerProtocol(text: string): Readonly<Record<string, string>> {
  const problem = 'Message Structure - JSON message body failed to parse'
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    throw invalidParameter(problem)
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) throw invalidParameter(problem)
  const texts = Object.entries(document).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  if (!texts.some(([protocol]) => protocol === 'default')) {
    throw invalidParameter('Message Structure - No default entry in JSON message body')
  }
  return Object.fromEntries(texts)
}

const DATA_TYPE = /^(?:String|String\.Array|Number|Binary)$/

function attributeFrom(name: string, value: MessageAttributeValue): NotificationAttribute {
  const { DataType: Type = '', StringValue, BinaryValue } = value
  if (Type === '') {
    throw parameterValue(`The message attribute '${name}' must contain non-empty message attribute type.`)
  }
  if (!DATA_TYPE.test(Type)) {
    throw parameterValue(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    )
  }
  if (Type === 'Binary' ? BinaryValue === undefined || BinaryValue.length === 0 : (StringValue ?? '') === '') {
    throw parameterValue(
      `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${Type}'.`,
    )
  }
  if (Type === 'Number' && !Number.isFinite(Number(StringValue))) {
    throw parameterValue(`Could not cast message attribute '${name}' value to number.`)
  }
  return { Type, Value: BinaryValue ? Buffer.from(BinaryValue).toString('base64') : (StringValue ?? '') }
}

function parameterValue(message: string): AwsError {
  return new AwsError('InvalidParameterValueException', message)
}

function sizeOf(attributes: Readonly<Record<string, NotificationAttribute>>): number {
  return Object.entries(attributes).reduce(
    (bytes, [name, { Type, Value }]) => bytes + Buffer.byteLength(name) + Type.length + Buffer.byteLength(Value),
    0,
  )
}

function requireBatch(entries: readonly { readonly Id?: string | undefined }[]): void {
  if (entries.length === 0) {
    throw new AwsError('EmptyBatchRequestException', "The batch request doesn't contain any entries.")
  }
  if (entries.length > BATCH_ENTRIES_MAX) {
    throw new AwsError(
      'TooManyEntriesInBatchRequestException',
      'The batch request contains more entries than permissible.',
    )
  }
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length) {
    throw new AwsError(
      'BatchEntryIdsNotDistinctException',
      'Two or more batch entries in the request have the same Id.',
    )
  }
  if (entries.some(({ Id = '' }) => !/^[A-Za-z0-9_-]{1,80}$/.test(Id))) {
    throw new AwsError(
      'InvalidBatchEntryIdException',
      "The Id of a batch entry in a batch request doesn't abide by the specification.",
    )
  }
}
