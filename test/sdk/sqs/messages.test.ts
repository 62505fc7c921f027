/** Messages: sent, received, hidden, delayed, deleted; digests that the SDK itself compares; batches; long polling. */
import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'
import { failureOf } from '../lambda/support.ts'
import { advance, attributesOf, createQueue } from './support.ts'

let cloud: TestCloud
let sqs: SQSClient
let queues = 0

beforeAll(async () => {
  cloud = await startCloud()
  sqs = cloud.client(SQSClient, 'source')
})
afterAll(() => cloud.close())

const fresh = (attributes?: Record<string, string>) => createQueue(sqs, `q${queues++}`, attributes)
const send = (QueueUrl: string, MessageBody: string, more: object = {}) =>
  sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more }))
const receive = async (QueueUrl: string, more: object = {}) =>
  (await sqs.send(new ReceiveMessageCommand({ QueueUrl, ...more }))).Messages ?? []

test('a message arrives as it was sent, with attributes, and is gone when it is deleted', async () => {
  const QueueUrl = await fresh()
  const sent = await send(QueueUrl, 'héllo 😀', {
    MessageAttributes: {
      text: { DataType: 'String', StringValue: 'ä' },
      count: { DataType: 'Number.int', StringValue: '42' },
      bytes: { DataType: 'Binary', BinaryValue: Buffer.from([0, 255]) },
    },
    MessageSystemAttributes: {
      AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1-5759e988-bd862e3fe1be46a994272793' },
    },
  })
  expect(sent.MD5OfMessageAttributes).toMatch(/^[0-9a-f]{32}$/)
  expect(sent.MD5OfMessageSystemAttributes).toMatch(/^[0-9a-f]{32}$/)
  const [message, ...others] = await receive(QueueUrl, {
    MaxNumberOfMessages: 10,
    MessageAttributeNames: ['All'],
    MessageSystemAttributeNames: ['All'],
  })
  expect(others).toEqual([])
  expect(message).toMatchObject({
    MessageId: sent.MessageId,
    Body: 'héllo 😀',
    MD5OfBody: sent.MD5OfMessageBody,
    MD5OfMessageAttributes: sent.MD5OfMessageAttributes,
    Attributes: { ApproximateReceiveCount: '1', AWSTraceHeader: 'Root=1-5759e988-bd862e3fe1be46a994272793' },
  })
  expect(message?.Attributes?.SenderId).toMatch(/^AIDA/)
  expect(message?.MessageAttributes?.['count']).toEqual({ DataType: 'Number.int', StringValue: '42' })
  expect([...(message?.MessageAttributes?.['bytes']?.BinaryValue ?? [])]).toEqual([0, 255])
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle }))
  expect(await attributesOf(sqs, QueueUrl)).toMatchObject({
    ApproximateNumberOfMessages: '0',
    ApproximateNumberOfMessagesNotVisible: '0',
  })
})

test('without asking for attributes none are told', async () => {
  const QueueUrl = await fresh()
  await send(QueueUrl, 'x', { MessageAttributes: { a1: { DataType: 'String', StringValue: '1' } } })
  const [message] = await receive(QueueUrl)
  expect(message?.Attributes).toBeUndefined()
  expect(message?.MessageAttributes).toBeUndefined()
})

test('a received message is hidden for its visibility timeout and comes back with another receipt', async () => {
  const QueueUrl = await fresh()
  await send(QueueUrl, 'x')
  const [first] = await receive(QueueUrl)
  expect(await receive(QueueUrl)).toEqual([])
  expect(await attributesOf(sqs, QueueUrl)).toMatchObject({
    ApproximateNumberOfMessages: '0',
    ApproximateNumberOfMessagesNotVisible: '1',
  })
  await advance(cloud, 30_000)
  const [second] = await receive(QueueUrl, { MessageSystemAttributeNames: ['ApproximateReceiveCount'] })
  expect(second?.Attributes).toEqual({ ApproximateReceiveCount: '2' })
  // Only the last receipt deletes.
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first?.ReceiptHandle }))
  expect(await attributesOf(sqs, QueueUrl)).toMatchObject({ ApproximateNumberOfMessagesNotVisible: '1' })
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: second?.ReceiptHandle }))
  expect(await attributesOf(sqs, QueueUrl)).toMatchObject({ ApproximateNumberOfMessagesNotVisible: '0' })
})

test('visibility is changed while the message is in flight', async () => {
  const QueueUrl = await fresh()
  await send(QueueUrl, 'x')
  const [message] = await receive(QueueUrl)
  const change = (VisibilityTimeout: number) =>
    sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout }))
  await change(120)
  await advance(cloud, 60_000)
  expect(await receive(QueueUrl)).toEqual([])
  await change(0)
  expect(await failureOf(change(10))).toMatchObject({ name: 'InvalidParameterValue' })
  expect(await receive(QueueUrl)).toHaveLength(1)
})

test('a delayed message is visible after its delay, and an old one is gone after the retention period', async () => {
  const QueueUrl = await fresh({ MessageRetentionPeriod: '60' })
  await send(QueueUrl, 'delayed', { DelaySeconds: 20 })
  expect(await attributesOf(sqs, QueueUrl)).toMatchObject({ ApproximateNumberOfMessagesDelayed: '1' })
  expect(await receive(QueueUrl)).toEqual([])
  await advance(cloud, 20_000)
  expect(await receive(QueueUrl, { VisibilityTimeout: 0 })).toHaveLength(1)
  await advance(cloud, 40_000)
  expect(await receive(QueueUrl)).toEqual([])
})

test('a long poll answers as soon as a message comes, and ends empty when its time is over', async () => {
  const QueueUrl = await fresh()
  const polling = receive(QueueUrl, { WaitTimeSeconds: 20 })
  const second = receive(QueueUrl, { WaitTimeSeconds: 20 })
  await new Promise((resolve) => setTimeout(resolve, 50))
  await send(QueueUrl, 'arrived')
  const winner = await Promise.race([polling, second])
  expect(winner).toMatchObject([{ Body: 'arrived' }])
  await advance(cloud, 20_000)
  expect((await Promise.all([polling, second])).flat()).toHaveLength(1)
})

test('a batch tells of each entry', async () => {
  const QueueUrl = await fresh()
  const sent = await sqs.send(
    new SendMessageBatchCommand({
      QueueUrl,
      Entries: [
        { Id: 'a', MessageBody: '1' },
        { Id: 'b', MessageBody: '2', DelaySeconds: 901 },
      ],
    }),
  )
  expect(sent.Successful).toMatchObject([{ Id: 'a' }])
  expect(sent.Failed).toEqual([
    {
      Id: 'b',
      SenderFault: true,
      Code: 'InvalidParameterValue',
      Message: 'Value 901 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.',
    },
  ])
  const [message] = await receive(QueueUrl)
  const handle = message?.ReceiptHandle
  const changed = await sqs.send(
    new ChangeMessageVisibilityBatchCommand({
      QueueUrl,
      Entries: [
        { Id: 'ok', ReceiptHandle: handle, VisibilityTimeout: 10 },
        { Id: 'no', ReceiptHandle: 'nonsense', VisibilityTimeout: 10 },
      ],
    }),
  )
  expect(changed.Successful).toEqual([{ Id: 'ok' }])
  expect(changed.Failed).toMatchObject([{ Id: 'no', Code: 'ReceiptHandleIsInvalid' }])
  const deleted = await sqs.send(
    new DeleteMessageBatchCommand({ QueueUrl, Entries: [{ Id: 'gone', ReceiptHandle: handle }] }),
  )
  expect(deleted).toMatchObject({ Successful: [{ Id: 'gone' }], Failed: [] })
})

test.each([
  ['EmptyBatchRequest', [], 'There should be at least one SendMessageBatchRequestEntry in the request.'],
  ['BatchEntryIdsNotDistinct', ['a', 'a'], 'Id a repeated.'],
  [
    'TooManyEntriesInBatchRequest',
    Array.from({ length: 11 }, (_, index) => `e${index}`),
    'Maximum number of entries per request are 10. You have sent 11.',
  ],
  [
    'InvalidBatchEntryId',
    ['a b'],
    'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
  ],
])('a batch is refused as a whole: %s', async (name, ids, message) => {
  const QueueUrl = await fresh()
  const Entries = ids.map((Id) => ({ Id, MessageBody: 'x' }))
  expect(await failureOf(sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries })))).toMatchObject({ name, message })
})

test.each([
  [
    { MaxNumberOfMessages: 11 },
    'Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.',
  ],
  [
    { WaitTimeSeconds: 21 },
    'Value 21 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided.',
  ],
  [
    { VisibilityTimeout: 43_201 },
    'Value 43201 for parameter VisibilityTimeout is invalid. Reason: Must be >= 0 and <= 43200, if provided.',
  ],
])('a receipt is refused: %j', async (more, message) => {
  expect(await failureOf(receive(await fresh(), more))).toMatchObject({
    name: 'InvalidParameterValue',
    status: 400,
    message,
  })
})

test('a message is refused when it is too large, empty or of forbidden characters', async () => {
  const QueueUrl = await fresh({ MaximumMessageSize: '1024' })
  expect(await failureOf(send(QueueUrl, 'x'.repeat(1025)))).toMatchObject({
    name: 'InvalidParameterValue',
    message: 'One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.',
  })
  expect(await failureOf(send(QueueUrl, ''))).toMatchObject({
    name: 'MissingParameter',
    message: 'The request must contain the parameter MessageBody.',
  })
  expect(await failureOf(send(QueueUrl, 'a\u0000'))).toMatchObject({ name: 'InvalidMessageContents' })
  expect(await failureOf(sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: 'x' })))).toMatchObject({
    name: 'ReceiptHandleIsInvalid',
    message: 'The input receipt handle "x" is not a valid receipt handle.',
  })
})
