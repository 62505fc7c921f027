/** Queues: names, attributes, tags, and what is refused. */
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListDeadLetterSourceQueuesCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
  TagQueueCommand,
  UntagQueueCommand,
} from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { ACCOUNTS, startCloud, type TestCloud } from '../cloud.ts'
import { failureOf } from '../lambda/support.ts'
import { advance, attributesOf, createQueue } from './support.ts'

let cloud: TestCloud
let sqs: SQSClient

beforeAll(async () => {
  cloud = await startCloud()
  sqs = cloud.client(SQSClient, 'source')
})
afterAll(() => cloud.close())

test('a queue has a URL, an ARN and the attributes AWS gives it', async () => {
  const url = await createQueue(sqs, 'plain')
  expect(url).toBe(`${cloud.endpoint}/${ACCOUNTS.source}/plain`)
  expect((await sqs.send(new GetQueueUrlCommand({ QueueName: 'plain' }))).QueueUrl).toBe(url)
  const { CreatedTimestamp, LastModifiedTimestamp, ...attributes } = await attributesOf(sqs, url)
  expect(CreatedTimestamp).toMatch(/^\d{10}$/)
  expect(LastModifiedTimestamp).toBe(CreatedTimestamp)
  expect(attributes).toEqual({
    QueueArn: `arn:aws:sqs:us-east-1:${ACCOUNTS.source}:plain`,
    ApproximateNumberOfMessages: '0',
    ApproximateNumberOfMessagesNotVisible: '0',
    ApproximateNumberOfMessagesDelayed: '0',
    VisibilityTimeout: '30',
    MaximumMessageSize: '1048576',
    MessageRetentionPeriod: '345600',
    DelaySeconds: '0',
    ReceiveMessageWaitTimeSeconds: '0',
    SqsManagedSseEnabled: 'true',
  })
  expect((await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url }))).Attributes).toBeUndefined()
})

test('a queue made again is the same queue, and is refused with other attributes', async () => {
  const QueueName = 'again'
  const url = await createQueue(sqs, QueueName, { VisibilityTimeout: '40' })
  expect(await createQueue(sqs, QueueName, { VisibilityTimeout: '40' })).toBe(url)
  expect(await createQueue(sqs, QueueName)).toBe(url)
  expect(
    await failureOf(sqs.send(new CreateQueueCommand({ QueueName, Attributes: { VisibilityTimeout: '41' } }))),
  ).toMatchObject({
    name: 'QueueNameExists',
    status: 400,
    message: 'A queue already exists with the same name and a different value for attribute VisibilityTimeout',
  })
})

test('attributes are changed, within their ranges', async () => {
  const QueueUrl = await createQueue(sqs, 'changed')
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { DelaySeconds: '5', VisibilityTimeout: '0' } }))
  expect(await attributesOf(sqs, QueueUrl)).toMatchObject({ DelaySeconds: '5', VisibilityTimeout: '0' })
  const set = (Attributes: Record<string, string>) =>
    failureOf(sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes })))
  expect(await set({ DelaySeconds: '901' })).toMatchObject({
    name: 'InvalidAttributeValue',
    message: 'Invalid value for the parameter DelaySeconds.',
  })
  expect(await set({ Colour: 'red' })).toMatchObject({
    name: 'InvalidAttributeName',
    message: 'Unknown Attribute Colour.',
  })
  expect(await set({ Policy: '{"Version":' })).toMatchObject({ message: 'Invalid value for the parameter Policy.' })
  expect(await set({ KmsMasterKeyId: 'alias/aws/sqs' })).toMatchObject({ name: 'UnsupportedOperation' })
})

test('queues are listed by prefix and in pages', async () => {
  const all = ['list-a', 'list-b', 'list-c']
  const urls: string[] = []
  for (const name of all) urls.push(await createQueue(sqs, name))
  const first = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: 'list-', MaxResults: 2 }))
  const second = await sqs.send(
    new ListQueuesCommand({ QueueNamePrefix: 'list-', MaxResults: 2, NextToken: first.NextToken }),
  )
  expect([...(first.QueueUrls ?? []), ...(second.QueueUrls ?? [])]).toEqual(urls)
  expect(second.NextToken).toBeUndefined()
  expect((await sqs.send(new ListQueuesCommand({ QueueNamePrefix: 'none' }))).QueueUrls).toBeUndefined()
})

test('tags are set and removed', async () => {
  const QueueUrl = await createQueue(sqs, 'tagged')
  await sqs.send(new TagQueueCommand({ QueueUrl, Tags: { a: '1', b: '2' } }))
  await sqs.send(new UntagQueueCommand({ QueueUrl, TagKeys: ['a'] }))
  expect((await sqs.send(new ListQueueTagsCommand({ QueueUrl }))).Tags).toEqual({ b: '2' })
})

test('a deleted queue is gone, with its messages, and its name is free after a minute', async () => {
  const QueueUrl = await createQueue(sqs, 'deleted')
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'lost' }))
  await sqs.send(new DeleteQueueCommand({ QueueUrl }))
  expect(await failureOf(sqs.send(new GetQueueUrlCommand({ QueueName: 'deleted' })))).toMatchObject({
    name: 'QueueDoesNotExist',
    status: 400,
    message: 'The specified queue does not exist.',
  })
  expect(await failureOf(sqs.send(new CreateQueueCommand({ QueueName: 'deleted' })))).toMatchObject({
    name: 'QueueDeletedRecently',
    message: 'You must wait 60 seconds after deleting a queue before you can create another with the same name.',
  })
  await advance(cloud, 60_000)
  await createQueue(sqs, 'deleted')
  expect((await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages).toBeUndefined()
})

test('a queue is purged once a minute', async () => {
  const QueueUrl = await createQueue(sqs, 'purged')
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'lost' }))
  await sqs.send(new PurgeQueueCommand({ QueueUrl }))
  expect(await attributesOf(sqs, QueueUrl)).toMatchObject({ ApproximateNumberOfMessages: '0' })
  expect(await failureOf(sqs.send(new PurgeQueueCommand({ QueueUrl })))).toMatchObject({
    name: 'PurgeQueueInProgress',
    message: 'Only one PurgeQueue operation on purged is allowed every 60 seconds.',
  })
  await advance(cloud, 60_000)
  await sqs.send(new PurgeQueueCommand({ QueueUrl }))
})

test('dead letters go to the queue that the redrive policy names', async () => {
  const deadLetters = await createQueue(sqs, 'dead-letters')
  const arn = (await attributesOf(sqs, deadLetters))['QueueArn'] ?? ''
  const QueueUrl = await createQueue(sqs, 'redriven', {
    VisibilityTimeout: '0',
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn, maxReceiveCount: 2 }),
  })
  expect((await attributesOf(sqs, QueueUrl))['RedrivePolicy']).toBe(
    `{"deadLetterTargetArn":"${arn}","maxReceiveCount":2}`,
  )
  const sources = await sqs.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: deadLetters }))
  expect(sources.queueUrls).toEqual([QueueUrl])
  const { MessageId } = await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'poison' }))
  const receive = async (url: string) =>
    (await sqs.send(new ReceiveMessageCommand({ QueueUrl: url, MessageSystemAttributeNames: ['All'] }))).Messages?.[0]
  expect((await receive(QueueUrl))?.MessageId).toBe(MessageId)
  expect((await receive(QueueUrl))?.MessageId).toBe(MessageId)
  expect(await receive(QueueUrl)).toBeUndefined()
  const dead = await receive(deadLetters)
  expect(dead).toMatchObject({ MessageId, Body: 'poison' })
  expect(dead?.Attributes).toMatchObject({
    ApproximateReceiveCount: '3',
    DeadLetterQueueSourceArn: `arn:aws:sqs:us-east-1:${ACCOUNTS.source}:redriven`,
  })
  expect(
    await failureOf(
      sqs.send(
        new SetQueueAttributesCommand({
          QueueUrl,
          Attributes: { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: `${arn}x`, maxReceiveCount: 2 }) },
        }),
      ),
    ),
  ).toMatchObject({ name: 'InvalidParameterValue', status: 400 })
})

test.each(['orders.fifo', 'a b', 'ä', ''])('“%s” is no name for a queue', async (QueueName) => {
  expect((await failureOf(sqs.send(new CreateQueueCommand({ QueueName })))).status).toBe(400)
})

test('an address without an account is refused', async () => {
  expect(await failureOf(sqs.send(new SendMessageCommand({ QueueUrl: 'jobs', MessageBody: 'x' })))).toMatchObject({
    name: 'InvalidAddress',
    message: 'The address jobs is not valid for this endpoint.',
  })
})
