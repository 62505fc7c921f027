/** ReceiveMessage: short and long polling, and dead letters. */
import type { Message } from '@aws-sdk/client-sqs'

import { AwsError } from '../../core/aws-error.ts'
import { invalidValue } from './errors.ts'
import { IN_FLIGHT_MAX, VISIBILITY_SECONDS_MAX, WAIT_SECONDS_MAX } from './limits.ts'
import { attributesDigest, bodyDigest } from './message-digest.ts'
import { locationFromArn, locationFromUrl, queueArn, type QueueLocation } from './queue-location.ts'
import { receiptHandle } from './receipt-handle.ts'
import type { MessageAttribute, MessageRecord, QueueRecord } from './records.ts'
import type { SqsOperations, SqsService } from './service.ts'

export const receive: SqsOperations = {
  ReceiveMessage: {
    refuses: ['ReceiveRequestAttemptId'],
    permissions: (input, caller, sqs) => sqs.permissionByUrl('ReceiveMessage', input.QueueUrl, caller),
    async handle(input, caller, sqs) {
      const location = locationFromUrl(caller, input.QueueUrl)
      const queue = sqs.require(location)
      const max = input.MaxNumberOfMessages ?? 1
      if (max < 1 || max > 10) {
        throw invalidValue(max, 'MaxNumberOfMessages', 'Must be between 1 and 10, if provided.')
      }
      const waitSeconds = input.WaitTimeSeconds ?? queue.numbers.ReceiveMessageWaitTimeSeconds
      requireRange(waitSeconds, 'WaitTimeSeconds', WAIT_SECONDS_MAX)
      if (input.VisibilityTimeout !== undefined) {
        requireRange(input.VisibilityTimeout, 'VisibilityTimeout', VISIBILITY_SECONDS_MAX)
      }
      const received = await poll(location, { max, waitSeconds, visibilitySeconds: input.VisibilityTimeout }, sqs)
      if (received.length === 0) return {}
      const wanted = {
        system: [...(input.AttributeNames ?? []), ...(input.MessageSystemAttributeNames ?? [])] as readonly string[],
        attributes: input.MessageAttributeNames ?? [],
      }
      return { Messages: received.map((message) => describe(message, queue, wanted)) }
    },
  },
}

interface Poll {
  readonly max: number
  readonly waitSeconds: number
  readonly visibilitySeconds: number | undefined
}

async function poll(location: QueueLocation, wanted: Poll, sqs: SqsService): Promise<readonly MessageRecord[]> {
  const { id } = sqs.require(location)
  const deadlineMs = sqs.clock.now() + wanted.waitSeconds * 1000
  for (;;) {
    const queue = sqs.require(location)
    // Another queue of the same name is not the one that was asked.
    if (queue.id !== id) return []
    const received = take(queue, wanted, sqs)
    const remainingMs = deadlineMs - sqs.clock.now()
    if (received.length > 0 || remainingMs <= 0) return received
    await sqs.messages(queue).arrival(remainingMs)
  }
}

/** Marks what it takes as received; what has been received too often goes to the dead-letter queue instead. */
function take(queue: QueueRecord, { max, visibilitySeconds }: Poll, sqs: SqsService): readonly MessageRecord[] {
  const messages = sqs.messages(queue)
  const retentionMs = queue.numbers.MessageRetentionPeriod * 1000
  const now = sqs.clock.now()
  const received: MessageRecord[] = []
  let found = messages.visible(max, retentionMs)
  while (found.length > 0 && received.length < max) {
    for (const message of found) {
      if (isDeadLetter(message, queue) && moveToDeadLetters(message, queue, sqs)) continue
      if (messages.hiddenCount >= IN_FLIGHT_MAX && messages.counts(retentionMs).inFlight >= IN_FLIGHT_MAX) {
        throw new AwsError('OverLimit', 'The maximum number of in flight messages is reached.')
      }
      const taken: MessageRecord = {
        ...message,
        receiveCount: message.receiveCount + 1,
        firstReceivedAtMs: message.firstReceivedAtMs ?? now,
        receipt: sqs.ids.hex(24),
        visibleAtMs: now + (visibilitySeconds ?? queue.numbers.VisibilityTimeout) * 1000,
      }
      messages.replace(taken)
      received.push(taken)
    }
    // With a visibility timeout of nothing, what was received is visible still.
    if (received.length > 0) break
    found = messages.visible(max, retentionMs)
  }
  return received
}

function isDeadLetter({ receiveCount }: MessageRecord, { redrive }: QueueRecord): boolean {
  return redrive !== undefined && receiveCount >= redrive.maxReceiveCount
}

/** False when the dead-letter queue is gone. The message keeps its id and its age. */
function moveToDeadLetters(message: MessageRecord, queue: QueueRecord, sqs: SqsService): boolean {
  const target = queue.redrive && locationFromArn(queue.redrive.deadLetterTargetArn)
  const deadLetters = target && sqs.find(target)
  if (!deadLetters) return false
  const { receipt: _, ...rest } = message
  sqs.messages(queue).delete(message.id)
  sqs.messages(deadLetters).add({ ...rest, sourceArn: queueArn(queue), visibleAtMs: sqs.clock.now() })
  return true
}

function requireRange(value: number, parameter: string, max: number): void {
  if (value >= 0 && value <= max) return
  throw invalidValue(value, parameter, `Must be >= 0 and <= ${max}, if provided.`)
}

interface Wanted {
  readonly system: readonly string[]
  readonly attributes: readonly string[]
}

function describe(message: MessageRecord, queue: QueueRecord, wanted: Wanted): Message {
  const system = Object.entries(systemAttributes(message)).filter(
    ([name, value]) => value !== undefined && (wanted.system.includes('All') || wanted.system.includes(name)),
  )
  const attributes = Object.fromEntries(
    Object.entries(message.attributes).filter(([name]) => wanted.attributes.some((pattern) => matches(pattern, name))),
  )
  const attributesMd5 = attributesDigest(attributes)
  return {
    MessageId: message.id,
    ReceiptHandle: receiptHandle(queue, message),
    MD5OfBody: bodyDigest(message.body),
    Body: message.body,
    ...(system.length > 0 && { Attributes: Object.fromEntries(system) }),
    ...(attributesMd5 !== undefined && {
      MD5OfMessageAttributes: attributesMd5,
      MessageAttributes: Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, shown(value)])),
    }),
  }
}

function systemAttributes(message: MessageRecord): Readonly<Record<string, string | undefined>> {
  return {
    SenderId: message.senderId,
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAtMs),
    ApproximateReceiveCount: String(message.receiveCount),
    SentTimestamp: String(message.sentAtMs),
    AWSTraceHeader: message.traceHeader,
    DeadLetterQueueSourceArn: message.sourceArn,
  }
}

/** `All`, `.*`, `prefix.*` or a name. */
function matches(pattern: string, name: string): boolean {
  if (pattern === 'All' || pattern === '.*') return true
  return pattern.endsWith('.*') ? name.startsWith(pattern.slice(0, -2)) : pattern === name
}

function shown({ DataType, StringValue, BinaryValue }: MessageAttribute) {
  return {
    DataType,
    ...(StringValue !== undefined && { StringValue }),
    ...(BinaryValue !== undefined && { BinaryValue: Buffer.from(BinaryValue, 'base64') }),
  }
}
