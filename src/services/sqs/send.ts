/** SendMessage and SendMessageBatch. */
import type { MessageAttributeValue, MessageSystemAttributeValue } from '@aws-sdk/client-sqs'

import { AwsError } from '../../core/aws-error.ts'
import { callerArn } from '../../policy/principal-text.ts'
import { callerUserId, type Caller } from '../caller.ts'
import { performEach } from './batch.ts'
import { invalidParameterValue, invalidValue, missingParameter, notImplemented, unknownAttribute } from './errors.ts'
import { DELAY_SECONDS_MAX, MESSAGE_ATTRIBUTES_MAX, MESSAGE_BYTES_MAX } from './limits.ts'
import { attributesDigest, bodyDigest } from './message-digest.ts'
import { locationFromUrl } from './queue-location.ts'
import type { MessageAttribute, MessageRecord, QueueRecord } from './records.ts'
import type { SqsOperations, SqsService } from './service.ts'

export const send: SqsOperations = {
  SendMessage: {
    refuses: ['MessageDeduplicationId'],
    permissions: (input, caller, sqs) => sqs.permissionByUrl('SendMessage', input.QueueUrl, caller),
    handle(input, caller, sqs) {
      const queue = sqs.require(locationFromUrl(caller, input.QueueUrl))
      refuseLists([input], 'SendMessage')
      return sendOne(input, queue, caller, sqs)
    },
  },

  SendMessageBatch: {
    permissions: (input, caller, sqs) => sqs.permissionByUrl('SendMessage', input.QueueUrl, caller),
    handle(input, caller, sqs) {
      const queue = sqs.require(locationFromUrl(caller, input.QueueUrl))
      refuseLists(input.Entries, 'SendMessageBatch')
      const bytes = input.Entries.reduce((sum, entry) => sum + sizeOf(entry), 0)
      if (bytes > MESSAGE_BYTES_MAX) {
        throw new AwsError(
          'BatchRequestTooLong',
          `Batch requests cannot be longer than ${MESSAGE_BYTES_MAX} bytes. You have sent ${bytes} bytes.`,
        )
      }
      const results = performEach('SendMessageBatchRequestEntry', input.Entries, (entry) => {
        if (entry.MessageDeduplicationId !== undefined) throw notImplemented('MessageDeduplicationId')
        return sendOne(entry, queue, caller, sqs)
      })
      return { ...results, Failed: results.Failed ?? [] }
    },
  },
}

interface Message {
  readonly MessageBody?: string | undefined
  readonly DelaySeconds?: number | undefined
  readonly MessageAttributes?: Readonly<Record<string, MessageAttributeValue>> | undefined
  readonly MessageSystemAttributes?: Readonly<Record<string, MessageSystemAttributeValue>> | undefined
  readonly MessageGroupId?: string | undefined
}

function sendOne(message: Message, queue: QueueRecord, caller: Caller, sqs: SqsService) {
  // A group id on a standard queue asks for fair queues, in which one group's backlog does not delay the others.
  if (message.MessageGroupId !== undefined) throw notImplemented('MessageGroupId')
  const { MessageBody: body = '' } = message
  if (body === '') throw missingParameter('MessageBody')
  requireCharacters(body)
  const { MaximumMessageSize: bytesMax } = queue.numbers
  if (sizeOf(message) > bytesMax) {
    throw invalidParameterValue(
      `One or more parameters are invalid. Reason: Message must be shorter than ${bytesMax} bytes.`,
    )
  }
  const attributes = attributesFrom(message.MessageAttributes ?? {})
  const system = attributesFrom(message.MessageSystemAttributes ?? {})
  const unknown = Object.keys(system).find((name) => name !== 'AWSTraceHeader')
  if (unknown !== undefined) throw unknownAttribute(unknown)
  const traceHeader = system['AWSTraceHeader']?.StringValue ?? caller.traceHeader
  const delaySeconds = message.DelaySeconds ?? queue.numbers.DelaySeconds
  if (delaySeconds < 0 || delaySeconds > DELAY_SECONDS_MAX) {
    throw invalidValue(delaySeconds, 'DelaySeconds', `DelaySeconds must be >= 0 and <= ${DELAY_SECONDS_MAX}.`)
  }
  const now = sqs.clock.now()
  const record: MessageRecord = {
    id: sqs.ids.uuid(),
    body,
    attributes,
    // FIDELITY: AWS's services send as users with ids of their own; here the sender is the service's name.
    senderId: callerUserId(caller.principal) ?? callerArn(caller.principal),
    sentAtMs: now,
    visibleAtMs: now + delaySeconds * 1000,
    receiveCount: 0,
    ...(traceHeader !== undefined && { traceHeader }),
  }
  sqs.messages(queue).add(record)
  const attributesMd5 = attributesDigest(attributes)
  const systemMd5 = attributesDigest(system)
  return {
    MessageId: record.id,
    MD5OfMessageBody: bodyDigest(body),
    ...(attributesMd5 !== undefined && { MD5OfMessageAttributes: attributesMd5 }),
    ...(systemMd5 !== undefined && { MD5OfMessageSystemAttributes: systemMd5 }),
  }
}

/** The model has had attributes that are lists from the beginning, and SQS has never taken any. */
function refuseLists(messages: readonly Message[], operation: string): void {
  const hasList = messages
    .flatMap(({ MessageAttributes = {}, MessageSystemAttributes = {} }) => [
      ...Object.values(MessageAttributes),
      ...Object.values(MessageSystemAttributes),
    ])
    .some(({ StringListValues, BinaryListValues }) => StringListValues ?? BinaryListValues)
  if (!hasList) return
  throw new AwsError(
    'UnsupportedOperation',
    `Message attribute list values in ${operation} operation are not supported.`,
  )
}

/** Bytes that count against the size limits: body, and each attribute's name, type and value. */
function sizeOf({ MessageBody = '', MessageAttributes = {} }: Message): number {
  let bytes = Buffer.byteLength(MessageBody)
  for (const [name, { DataType = '', StringValue, BinaryValue }] of Object.entries(MessageAttributes)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(DataType)
    bytes += BinaryValue?.length ?? Buffer.byteLength(StringValue ?? '')
  }
  return bytes
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
function requireCharacters(body: string): void {
  if (!/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(body)) return
  throw new AwsError(
    'InvalidMessageContents',
    'Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF',
  )
}

const ATTRIBUTE_NAME = /^(?!aws\.|amazon\.|\.)(?!.*\.\.)(?!.*\.$)[A-Za-z0-9_.-]{1,256}$/i
const DATA_TYPE = /^(?:String|Number|Binary)(?:\..+)?$/

function attributesFrom(
  given: Readonly<Record<string, MessageAttributeValue | MessageSystemAttributeValue>>,
): Readonly<Record<string, MessageAttribute>> {
  const entries = Object.entries(given)
  if (entries.length > MESSAGE_ATTRIBUTES_MAX) {
    throw invalidParameterValue(
      `Number of message attributes [${entries.length}] exceeds the allowed maximum [${MESSAGE_ATTRIBUTES_MAX}].`,
    )
  }
  return Object.fromEntries(entries.map(([name, value]) => [name, attributeFrom(name, value)]))
}

function attributeFrom(name: string, value: MessageAttributeValue | MessageSystemAttributeValue): MessageAttribute {
  const { DataType, StringValue, BinaryValue } = value
  if (!ATTRIBUTE_NAME.test(name)) {
    throw invalidParameterValue(
      'Message attribute name can contain A-Z, a-z, 0-9, underscore (_), hyphen (-), and period (.) characters.',
    )
  }
  if (DataType === undefined || DataType === '') {
    throw invalidParameterValue(`The message attribute '${name}' must contain a non-empty message attribute type.`)
  }
  if (!DATA_TYPE.test(DataType)) {
    throw invalidParameterValue(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    )
  }
  if (DataType.startsWith('Binary')) {
    if (BinaryValue === undefined || BinaryValue.length === 0) throw emptyValue(name, DataType)
    return { DataType, BinaryValue: Buffer.from(BinaryValue).toString('base64') }
  }
  if (StringValue === undefined || StringValue === '') throw emptyValue(name, DataType)
  if (DataType.startsWith('Number') && !Number.isFinite(Number(StringValue))) {
    throw invalidParameterValue(`Can't cast the value of message (user) attribute '${name}' to a number.`)
  }
  return { DataType, StringValue }
}

function emptyValue(name: string, type: string): AwsError {
  return invalidParameterValue(
    `The message attribute '${name}' must contain a non-empty message attribute value for message attribute type '${type}'.`,
  )
}
