/** Subscriptions that want some of a topic's messages. */
import { CloudFormationClient } from '@aws-sdk/client-cloudformation'
import {
  CreateTopicCommand,
  GetSubscriptionAttributesCommand,
  ListSubscriptionsByTopicCommand,
  PublishBatchCommand,
  PublishCommand,
  SetSubscriptionAttributesCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns'
import { SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { created, updated } from '../cloudformation/stacks.ts'
import { startCloud, type TestCloud } from '../cloud.ts'
import { failureOf } from '../lambda/support.ts'
import { attributesOf, createQueue, drain } from '../sqs/support.ts'

let cloud: TestCloud
let sns: SNSClient
let sqs: SQSClient
let TopicArn: string
let names = 0

beforeAll(async () => {
  cloud = await startCloud()
  sns = cloud.client(SNSClient, 'source')
  sqs = cloud.client(SQSClient, 'source')
  TopicArn = (await sns.send(new CreateTopicCommand({ Name: 'news' }))).TopicArn ?? ''
})
afterAll(() => cloud.close())

const arnOf = (url: string) => `arn:aws:sqs:us-east-1:111122223333:${url.split('/').at(-1)}`

/** A queue that takes what the topic sends. */
async function openQueue(): Promise<string> {
  const QueueUrl = await createQueue(sqs, `q${names++}`)
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Principal: { Service: 'sns.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: '*',
    },
  })
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }))
  return QueueUrl
}

const subscribe = (url: string, Attributes: Record<string, string>) =>
  sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: arnOf(url), Attributes }))
const set = (SubscriptionArn: string, AttributeName: string, AttributeValue: string) =>
  sns.send(new SetSubscriptionAttributesCommand({ SubscriptionArn, AttributeName, AttributeValue }))
const shown = async (SubscriptionArn: string) =>
  (await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }))).Attributes
const price = (StringValue: string) => ({ price: { DataType: 'Number', StringValue } })
const waiting = async (url: string) => (await attributesOf(sqs, url))['ApproximateNumberOfMessages']

test('a subscription gets the messages whose attributes fit, whether published alone or in a batch', async () => {
  const url = await openQueue()
  const everything = await openQueue()
  const FilterPolicy = JSON.stringify({ price: [{ numeric: ['>', 0, '<=', 100] }] })
  await subscribe(url, { FilterPolicy, RawMessageDelivery: 'true' })
  await subscribe(everything, {})
  await sns.send(new PublishCommand({ TopicArn, Message: 'cheap', MessageAttributes: price('99') }))
  await sns.send(new PublishCommand({ TopicArn, Message: 'dear', MessageAttributes: price('111') }))
  await sns.send(
    new PublishBatchCommand({
      TopicArn,
      PublishBatchRequestEntries: [
        { Id: 'a', Message: 'free', MessageAttributes: price('0') },
        { Id: 'b', Message: 'fair', MessageAttributes: price('100') },
      ],
    }),
  )
  expect(new Set((await drain(sqs, url, 2)).map(({ Body }) => Body))).toEqual(new Set(['cheap', 'fair']))
  expect([await waiting(url), await waiting(everything)]).toEqual(['0', '4'])
})

test('a policy about bodies is about what the subscription would get', async () => {
  const url = await openQueue()
  const FilterPolicy = JSON.stringify({ order: { state: ['paid'] } })
  const { SubscriptionArn = '' } = await subscribe(url, { FilterPolicy, FilterPolicyScope: 'MessageBody' })
  expect(await shown(SubscriptionArn)).toMatchObject({ FilterPolicy, FilterPolicyScope: 'MessageBody' })
  for (const body of [{ order: { state: 'paid' } }, { order: { state: 'open' } }]) {
    await sns.send(new PublishCommand({ TopicArn, Message: JSON.stringify(body) }))
  }
  await sns.send(
    new PublishCommand({
      TopicArn,
      MessageStructure: 'json',
      Message: JSON.stringify({ default: '{"order":{"state":"open"}}', sqs: '{"order":{"state":"paid"}}' }),
    }),
  )
  expect(await waiting(url)).toBe('2')
})

test('the scope is kept without a policy and shown with one; an empty policy ends the filtering', async () => {
  const url = await openQueue()
  const { SubscriptionArn = '' } = await subscribe(url, {})
  await set(SubscriptionArn, 'FilterPolicyScope', 'MessageBody')
  expect(await shown(SubscriptionArn)).not.toHaveProperty('FilterPolicyScope')
  await set(SubscriptionArn, 'FilterPolicy', '{"attr":["match-this"]}')
  expect(await shown(SubscriptionArn)).toMatchObject({ FilterPolicyScope: 'MessageBody' })
  await sns.send(new PublishCommand({ TopicArn, Message: 'no JSON' }))
  expect(await waiting(url)).toBe('0')
  await set(SubscriptionArn, 'FilterPolicy', '')
  expect(await shown(SubscriptionArn)).not.toHaveProperty('FilterPolicy')
  await sns.send(new PublishCommand({ TopicArn, Message: 'no JSON' }))
  expect(await waiting(url)).toBe('1')
})

test('what is wrong is told as AWS tells it, and names the attributes where it subscribes', async () => {
  const url = await openQueue()
  const refusal = (message: string) => ({ name: 'InvalidParameterException', status: 400, message })
  const tooMany = JSON.stringify(Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => [name, ['x']])))
  expect(await failureOf(subscribe(url, { FilterPolicy: tooMany }))).toMatchObject(
    refusal('Invalid parameter: Attributes Reason: FilterPolicy: Filter policy can not have more than 5 keys'),
  )
  const { SubscriptionArn = '' } = await subscribe(url, {})
  expect(await failureOf(set(SubscriptionArn, 'FilterPolicy', tooMany))).toMatchObject(
    refusal('Invalid parameter: FilterPolicy: Filter policy can not have more than 5 keys'),
  )
  expect(await failureOf(set(SubscriptionArn, 'FilterPolicy', '{"object":{"key":["x"]}}'))).toMatchObject(
    refusal('Invalid parameter: Filter policy scope MessageAttributes does not support nested filter policy'),
  )
  expect(await failureOf(set(SubscriptionArn, 'FilterPolicyScope', 'RandomValue'))).toMatchObject(
    refusal(
      'Invalid parameter: FilterPolicyScope: Invalid value [RandomValue]. Please use either MessageBody or MessageAttributes',
    ),
  )
  expect(await failureOf(subscribe(url, { FilterPolicy: '{"a":["b"]}' }))).toMatchObject(
    refusal('Invalid parameter: Attributes Reason: Subscription already exists with different attributes'),
  )
})

test('a stack makes, changes and removes a filter', async () => {
  const cloudFormation = cloud.client(CloudFormationClient, 'source')
  const url = await openQueue()
  const template = (properties: object) => ({
    Resources: {
      Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'of-the-stack' } },
      Filtered: {
        Type: 'AWS::SNS::Subscription',
        Properties: { TopicArn: { Ref: 'Topic' }, Protocol: 'sqs', Endpoint: arnOf(url), ...properties },
      },
    },
  })
  const filterOf = async () => {
    const topic = TopicArn.replace('news', 'of-the-stack')
    const { Subscriptions } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: topic }))
    const { FilterPolicy, FilterPolicyScope } = (await shown(Subscriptions?.[0]?.SubscriptionArn ?? '')) ?? {}
    return { FilterPolicy, FilterPolicyScope }
  }
  const nested = { FilterPolicy: { a: { b: ['c'] } }, FilterPolicyScope: 'MessageBody' }
  await created(cloudFormation, 'filtering', template(nested))
  expect(await filterOf()).toEqual({ FilterPolicy: '{"a":{"b":["c"]}}', FilterPolicyScope: 'MessageBody' })
  const { StackStatus } = await updated(cloudFormation, 'filtering', template({ FilterPolicy: { a: ['c'] } }))
  expect(StackStatus).toBe('UPDATE_COMPLETE')
  expect(await filterOf()).toEqual({ FilterPolicy: '{"a":["c"]}', FilterPolicyScope: 'MessageAttributes' })
  await updated(cloudFormation, 'filtering', template({}))
  expect(await filterOf()).toEqual({})
})
