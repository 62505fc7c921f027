/** Messages on their way from a topic to queues and functions, within an account and across accounts. */
import { AddPermissionCommand as AllowInvoke } from '@aws-sdk/client-lambda'
import {
  AddPermissionCommand,
  ConfirmSubscriptionCommand,
  CreateTopicCommand,
  GetSubscriptionAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListSubscriptionsCommand,
  PublishBatchCommand,
  PublishCommand,
  SetSubscriptionAttributesCommand,
  SNSClient,
  SubscribeCommand,
  UnsubscribeCommand,
} from '@aws-sdk/client-sns'
import { SendMessageCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { ACCOUNTS, startCloud, type AccountName, type TestCloud } from '../cloud.ts'
import { arnOf, createRole, deploy, failureOf, iamOf, lambdaOf } from '../lambda/support.ts'
import { attributesOf, bodies, createQueue, drain } from '../sqs/support.ts'

let cloud: TestCloud
let sns: SNSClient
let sqs: SQSClient
let names = 0

beforeAll(async () => {
  cloud = await startCloud()
  sns = cloud.client(SNSClient, 'source')
  sqs = cloud.client(SQSClient, 'source')
})
afterAll(() => cloud.close())

const queueArn = (account: AccountName, url: string) =>
  `arn:aws:sqs:us-east-1:${ACCOUNTS[account]}:${url.split('/').at(-1)}`

async function topic(): Promise<string> {
  return (await sns.send(new CreateTopicCommand({ Name: `t${names++}` }))).TopicArn ?? ''
}

/** A queue whose policy lets the topic send. */
async function openQueue(TopicArn: string, account: AccountName = 'source'): Promise<string> {
  const client = cloud.client(SQSClient, account)
  const url = await createQueue(client, `q${names++}`)
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Principal: { Service: 'sns.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: queueArn(account, url),
      Condition: { ArnEquals: { 'aws:SourceArn': TopicArn } },
    },
  })
  await client.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { Policy } }))
  return url
}

const subscribe = (client: SNSClient, TopicArn: string, Protocol: string, Endpoint: string, more: object = {}) =>
  client.send(new SubscribeCommand({ TopicArn, Protocol, Endpoint, ReturnSubscriptionArn: true, ...more }))

test('a queue gets the notification in SNS’s layout', async () => {
  const TopicArn = await topic()
  const url = await openQueue(TopicArn)
  const { SubscriptionArn = '' } = await subscribe(sns, TopicArn, 'sqs', queueArn('source', url))
  expect(SubscriptionArn).toMatch(new RegExp(`^${TopicArn}:[0-9a-f-]{36}$`))
  const { MessageId } = await sns.send(
    new PublishCommand({
      TopicArn,
      Subject: 'Greetings',
      Message: 'hello "you"',
      MessageAttributes: { kind: { DataType: 'String', StringValue: 'a' } },
    }),
  )
  const [message] = await drain(sqs, url, 1)
  expect(message?.Body).toContain('{\n  "Type" : "Notification",\n  "MessageId" : ')
  expect(JSON.parse(message?.Body ?? '')).toEqual({
    Type: 'Notification',
    MessageId,
    TopicArn,
    Subject: 'Greetings',
    Message: 'hello "you"',
    Timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string,
    SignatureVersion: '1',
    Signature: expect.any(String) as string,
    SigningCertURL: expect.any(String) as string,
    UnsubscribeURL: expect.stringContaining(SubscriptionArn) as string,
    MessageAttributes: { kind: { Type: 'String', Value: 'a' } },
  })
  await sns.send(new UnsubscribeCommand({ SubscriptionArn }))
  await sns.send(new PublishCommand({ TopicArn, Message: 'nobody listens' }))
  expect(await attributesOf(sqs, url)).toMatchObject({ ApproximateNumberOfMessages: '0' })
})

test('raw delivery hands on the message and its attributes as they are', async () => {
  const TopicArn = await topic()
  const url = await openQueue(TopicArn)
  const { SubscriptionArn } = await subscribe(sns, TopicArn, 'sqs', queueArn('source', url))
  await sns.send(
    new SetSubscriptionAttributesCommand({
      SubscriptionArn,
      AttributeName: 'RawMessageDelivery',
      AttributeValue: 'true',
    }),
  )
  await sns.send(
    new PublishCommand({
      TopicArn,
      MessageStructure: 'json',
      Message: JSON.stringify({ default: 'for all', sqs: 'for queues' }),
      MessageAttributes: { bytes: { DataType: 'Binary', BinaryValue: Buffer.from([1, 2]) } },
    }),
  )
  const [message] = await drain(sqs, url, 1)
  expect(message?.Body).toBe('for queues')
  expect([...(message?.MessageAttributes?.['bytes']?.BinaryValue ?? [])]).toEqual([1, 2])
})

test('a queue whose policy does not know the topic gets nothing; the message goes to the dead-letter queue', async () => {
  const TopicArn = await topic()
  const shut = await createQueue(sqs, 'shut')
  const deadLetters = await openQueue(TopicArn)
  await subscribe(sns, TopicArn, 'sqs', queueArn('source', shut), {
    Attributes: { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn('source', deadLetters) }) },
  })
  await sns.send(new PublishCommand({ TopicArn, Message: 'refused' }))
  expect(await bodies(sqs, deadLetters, 1)).toMatchObject([{ Message: 'refused' }])
  expect(await attributesOf(sqs, shut)).toMatchObject({ ApproximateNumberOfMessages: '0' })
})

test('a function is invoked with the notification, once its policy lets the topic in', async () => {
  const TopicArn = await topic()
  const seen = await createQueue(sqs, 'seen')
  const role = await createRole(iamOf(cloud, 'source'), 'subscriber', {
    allow: { Action: 'sqs:SendMessage', Resource: '*' },
  })
  const lambda = lambdaOf(cloud, 'source')
  const code = `const { SQSClient, SendMessageCommand } = require('@aws-sdk/client-sqs')
    exports.handler = async (event) => {
      await new SQSClient({}).send(new SendMessageCommand({ QueueUrl: '${seen}', MessageBody: JSON.stringify(event) }))
    }`
  await deploy(lambda, 'subscriber', { Role: role, code, Timeout: 20 })
  const { SubscriptionArn } = await subscribe(sns, TopicArn, 'lambda', arnOf('source', 'subscriber'))
  await sns.send(new PublishCommand({ TopicArn, Message: 'refused' }))
  await lambda.send(
    new AllowInvoke({
      FunctionName: 'subscriber',
      StatementId: 'sns',
      Action: 'lambda:InvokeFunction',
      Principal: 'sns.amazonaws.com',
      SourceArn: TopicArn,
    }),
  )
  const { MessageId } = await sns.send(new PublishCommand({ TopicArn, Message: 'let in' }))
  expect(await bodies(sqs, seen, 1)).toMatchObject([
    {
      Records: [
        {
          EventSource: 'aws:sns',
          EventSubscriptionArn: SubscriptionArn,
          Sns: { MessageId, Message: 'let in', Subject: null, TopicArn },
        },
      ],
    },
  ])
})

test('a queue of another account is subscribed by its owner, whom the topic lets in', async () => {
  const TopicArn = await topic()
  const theirs = await openQueue(TopicArn, 'target')
  const them = cloud.client(SNSClient, 'target')
  expect((await failureOf(subscribe(them, TopicArn, 'sqs', queueArn('target', theirs)))).name).toBe(
    'AuthorizationErrorException',
  )
  await sns.send(
    new AddPermissionCommand({ TopicArn, Label: 'them', AWSAccountId: [ACCOUNTS.target], ActionName: ['Subscribe'] }),
  )
  const { SubscriptionArn } = await subscribe(them, TopicArn, 'sqs', queueArn('target', theirs))
  await sns.send(new PublishCommand({ TopicArn, Message: 'across' }))
  expect(await bodies(cloud.client(SQSClient, 'target'), theirs, 1)).toMatchObject([{ Message: 'across' }])
  expect((await them.send(new ListSubscriptionsCommand({}))).Subscriptions).toMatchObject([
    { SubscriptionArn, Owner: ACCOUNTS.target, TopicArn },
  ])
  await them.send(new UnsubscribeCommand({ SubscriptionArn }))
})

test('a queue that somebody else subscribes confirms it first', async () => {
  const TopicArn = await topic()
  const theirs = await openQueue(TopicArn, 'target')
  const { SubscriptionArn } = await subscribe(sns, TopicArn, 'sqs', queueArn('target', theirs))
  await sns.send(new PublishCommand({ TopicArn, Message: 'too early' }))
  expect((await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }))).Subscriptions).toMatchObject([
    { SubscriptionArn: 'PendingConfirmation' },
  ])
  const inbox = cloud.client(SQSClient, 'target')
  const [request] = (await bodies(inbox, theirs, 1)) as { Type: string; Token: string }[]
  expect(request?.Type).toBe('SubscriptionConfirmation')
  await sns.send(new ConfirmSubscriptionCommand({ TopicArn, Token: request?.Token }))
  expect((await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }))).Attributes).toMatchObject({
    PendingConfirmation: 'false',
    RawMessageDelivery: 'false',
  })
  await sns.send(new PublishCommand({ TopicArn, Message: 'in time' }))
  expect(await bodies(inbox, theirs, 1)).toMatchObject([{ Message: 'in time' }])
})

test('a batch tells of each message', async () => {
  const TopicArn = await topic()
  const url = await openQueue(TopicArn)
  await subscribe(sns, TopicArn, 'sqs', queueArn('source', url))
  const answer = await sns.send(
    new PublishBatchCommand({
      TopicArn,
      PublishBatchRequestEntries: [
        { Id: 'a', Message: '1' },
        { Id: 'b', Message: '' },
      ],
    }),
  )
  expect(answer.Successful).toMatchObject([{ Id: 'a' }])
  expect(answer.Failed).toEqual([
    { Id: 'b', Code: 'InvalidParameter', Message: 'Invalid parameter: Empty message', SenderFault: true },
  ])
  expect(await bodies(sqs, url, 1)).toMatchObject([{ Message: '1' }])
})

test('what cannot be published or subscribed is refused', async () => {
  const TopicArn = await topic()
  const publish = (input: object) => failureOf(sns.send(new PublishCommand({ TopicArn, Message: 'x', ...input })))
  expect(await publish({ Message: 'x'.repeat(262_145) })).toMatchObject({
    message: 'Invalid parameter: Message too long',
  })
  expect(await publish({ Subject: 'a\nb' })).toMatchObject({ message: 'Invalid parameter: Subject' })
  expect(await publish({ MessageStructure: 'json', Message: '{"sqs":"x"}' })).toMatchObject({
    message: 'Invalid parameter: Message Structure - No default entry in JSON message body',
  })
  expect(await publish({ MessageAttributes: { n: { DataType: 'Number', StringValue: 'x' } } })).toMatchObject({
    name: 'InvalidParameterValueException',
  })
  expect(await failureOf(subscribe(sns, TopicArn, 'email', 'a@example.com'))).toMatchObject({ status: 501 })
  expect(await failureOf(subscribe(sns, TopicArn, 'sqs', 'jobs'))).toMatchObject({
    message: 'Invalid parameter: SQS endpoint ARN',
  })
  const url = await openQueue(TopicArn)
  expect(
    await failureOf(subscribe(sns, TopicArn, 'sqs', queueArn('source', url), { Attributes: { DeliveryPolicy: '{}' } })),
  ).toMatchObject({ status: 501, message: 'Isthmus does not implement the attribute DeliveryPolicy' })
  await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'still open' }))
})
