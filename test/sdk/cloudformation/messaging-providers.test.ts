/** Queues, topics, buses, rules and their policies from templates: made, changed in place, and gone. */
import { CloudFormationClient, DeleteStackCommand } from '@aws-sdk/client-cloudformation'
import {
  DescribeEventBusCommand,
  DescribeRuleCommand,
  EventBridgeClient,
  ListTargetsByRuleCommand,
  PutEventsCommand,
} from '@aws-sdk/client-eventbridge'
import { GetFunctionEventInvokeConfigCommand, LambdaClient } from '@aws-sdk/client-lambda'
import {
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  PublishCommand,
  SNSClient,
} from '@aws-sdk/client-sns'
import { ListQueueTagsCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'
import { failureOf } from '../lambda/support.ts'
import { attributesOf, bodies } from '../sqs/support.ts'
import { created, settledStack, updated } from './stacks.ts'

let cloud: TestCloud
let cfn: CloudFormationClient
let sqs: SQSClient
let sns: SNSClient
let events: EventBridgeClient

beforeAll(async () => {
  cloud = await startCloud()
  cfn = cloud.client(CloudFormationClient, 'source')
  sqs = cloud.client(SQSClient, 'source')
  sns = cloud.client(SNSClient, 'source')
  events = cloud.client(EventBridgeClient, 'source')
})
afterAll(() => cloud.close())

const get = (...path: string[]) => ({ 'Fn::GetAtt': path })
const ref = (name: string) => ({ Ref: name })

const outputs = (stack: {
  Outputs?: { OutputKey?: string | undefined; OutputValue?: string | undefined }[] | undefined
}) => Object.fromEntries((stack.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]))

const allow = (service: string, queue: string) => ({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { Service: service }, Action: 'sqs:SendMessage', Resource: get(queue, 'Arn') },
  ],
})

async function removed(name: string, id: string | undefined): Promise<void> {
  await cfn.send(new DeleteStackCommand({ StackName: name }))
  expect((await settledStack(cfn, id ?? '')).StackStatus).toBe('DELETE_COMPLETE')
}

test('AWS::SQS::Queue and QueuePolicy, AWS::SNS::Topic, TopicPolicy and Subscription', async () => {
  const template = (first: boolean) => ({
    Resources: {
      Dead: { Type: 'AWS::SQS::Queue' },
      Inbox: {
        Type: 'AWS::SQS::Queue',
        Properties: {
          QueueName: 'inbox',
          ...(first && {
            VisibilityTimeout: 40,
            RedrivePolicy: { deadLetterTargetArn: get('Dead', 'Arn'), maxReceiveCount: 3 },
          }),
          Tags: [{ Key: 'k', Value: first ? '1' : '2' }],
        },
      },
      InboxPolicy: {
        Type: 'AWS::SQS::QueuePolicy',
        Properties: { Queues: [ref('Inbox')], PolicyDocument: allow('sns.amazonaws.com', 'Inbox') },
      },
      Topic: { Type: 'AWS::SNS::Topic', Properties: { ...(first && { DisplayName: 'News' }) } },
      TopicPolicy: {
        Type: 'AWS::SNS::TopicPolicy',
        Properties: {
          Topics: [ref('Topic')],
          PolicyDocument: {
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sns:Publish', Resource: ref('Topic') }],
          },
        },
      },
      Subscription: {
        Type: 'AWS::SNS::Subscription',
        Properties: {
          TopicArn: ref('Topic'),
          Protocol: 'sqs',
          Endpoint: get('Inbox', 'Arn'),
          RawMessageDelivery: first,
        },
      },
    },
    Outputs: {
      Inbox: { Value: ref('Inbox') },
      Topic: { Value: ref('Topic') },
      Name: { Value: get('Topic', 'TopicName') },
      Subscription: { Value: ref('Subscription') },
    },
  })
  const stack = await created(cfn, 'messaging', template(true))
  const { Inbox = '', Topic: TopicArn = '', Subscription: SubscriptionArn = '', Name } = outputs(stack)
  expect(Name).toMatch(/^messaging-Topic-[A-Z0-9]{12}$/)
  expect(await attributesOf(sqs, Inbox)).toMatchObject({ VisibilityTimeout: '40' })
  expect((await attributesOf(sqs, Inbox))['RedrivePolicy']).toContain('"maxReceiveCount":3')
  // Through the policies of the template.
  const stranger = cloud.client(SNSClient, 'target')
  await stranger.send(new PublishCommand({ TopicArn, Message: '{"from":"them"}' }))
  expect(await bodies(sqs, Inbox, 1)).toEqual([{ from: 'them' }])

  expect(outputs(await updated(cfn, 'messaging', template(false)))).toEqual(outputs(stack))
  expect(await attributesOf(sqs, Inbox)).toMatchObject({ VisibilityTimeout: '30' })
  expect((await attributesOf(sqs, Inbox))['RedrivePolicy']).toBeUndefined()
  expect((await sqs.send(new ListQueueTagsCommand({ QueueUrl: Inbox }))).Tags).toEqual({ k: '2' })
  expect((await sns.send(new GetTopicAttributesCommand({ TopicArn }))).Attributes?.['DisplayName']).toBe('')
  expect(
    (await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }))).Attributes?.['RawMessageDelivery'],
  ).toBe('false')
  await removed('messaging', stack.StackId)
  expect((await failureOf(attributesOf(sqs, Inbox))).name).toBe('QueueDoesNotExist')
  expect((await failureOf(sns.send(new GetTopicAttributesCommand({ TopicArn })))).name).toBe('NotFoundException')
})

test('AWS::SNS::Topic with subscriptions of its own', async () => {
  const template = (names: readonly string[]) => ({
    Resources: {
      A: { Type: 'AWS::SQS::Queue' },
      B: { Type: 'AWS::SQS::Queue' },
      Topic: {
        Type: 'AWS::SNS::Topic',
        Properties: { Subscription: names.map((name) => ({ Protocol: 'sqs', Endpoint: get(name, 'Arn') })) },
      },
    },
    Outputs: { Topic: { Value: ref('Topic') }, B: { Value: get('B', 'Arn') } },
  })
  const stack = await created(cfn, 'subscribed', template(['A']))
  const { Topic: TopicArn = '', B } = outputs(stack)
  await updated(cfn, 'subscribed', template(['B']))
  const { Subscriptions } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }))
  expect(Subscriptions?.map(({ Endpoint }) => Endpoint)).toEqual([B])
  await removed('subscribed', stack.StackId)
})

test('AWS::Events::EventBus and Rule', async () => {
  const template = (first: boolean) => ({
    Resources: {
      Bus: {
        Type: 'AWS::Events::EventBus',
        Properties: {
          Name: 'orders',
          ...(first && {
            Policy: {
              Version: '2012-10-17',
              Statement: [
                {
                  Sid: 'all',
                  Effect: 'Allow',
                  Principal: '*',
                  Action: 'events:PutEvents',
                  Resource: { 'Fn::Sub': 'arn:aws:events:${AWS::Region}:${AWS::AccountId}:event-bus/orders' },
                },
              ],
            },
          }),
        },
      },
      Inbox: { Type: 'AWS::SQS::Queue' },
      InboxPolicy: {
        Type: 'AWS::SQS::QueuePolicy',
        Properties: { Queues: [ref('Inbox')], PolicyDocument: allow('events.amazonaws.com', 'Inbox') },
      },
      Rule: {
        Type: 'AWS::Events::Rule',
        Properties: {
          EventBusName: ref('Bus'),
          EventPattern: { source: ['shop'] },
          State: first ? 'ENABLED' : 'DISABLED',
          Targets: [
            { Id: first ? 'one' : 'two', Arn: get('Inbox', 'Arn'), InputPath: '$.detail' },
            ...(first ? [{ Id: 'extra', Arn: get('Inbox', 'Arn'), Input: '{"extra": true}' }] : []),
          ],
        },
      },
    },
    Outputs: {
      Rule: { Value: ref('Rule') },
      Arn: { Value: get('Rule', 'Arn') },
      Bus: { Value: get('Bus', 'Arn') },
      Inbox: { Value: ref('Inbox') },
    },
  })
  const stack = await created(cfn, 'bussed', template(true))
  const { Rule = '', Bus: EventBusName = '', Inbox = '', Arn } = outputs(stack)
  expect(Rule).toMatch(/^orders\|bussed-Rule-[A-Z0-9]{12}$/)
  const Name = Rule.replace('orders|', '')
  expect(Arn).toMatch(new RegExp(`:rule/orders/${Name}$`))
  const stranger = cloud.client(EventBridgeClient, 'target')
  const Entries = [{ EventBusName, Source: 'shop', DetailType: 't', Detail: '{"id":1}' }]
  await stranger.send(new PutEventsCommand({ Entries }))
  expect(await bodies(sqs, Inbox, 2)).toEqual(expect.arrayContaining([{ id: 1 }, { extra: true }]))

  await updated(cfn, 'bussed', template(false))
  expect((await failureOf(stranger.send(new PutEventsCommand({ Entries })))).name).toBe('AccessDeniedException')
  expect(await events.send(new DescribeRuleCommand({ EventBusName, Name }))).toMatchObject({ State: 'DISABLED' })
  const { Targets } = await events.send(new ListTargetsByRuleCommand({ EventBusName, Rule: Name }))
  expect(Targets?.map(({ Id }) => Id)).toEqual(['two'])
  await removed('bussed', stack.StackId)
  expect((await failureOf(events.send(new DescribeEventBusCommand({ Name: 'orders' })))).name).toBe(
    'ResourceNotFoundException',
  )
})

test('AWS::Lambda::EventInvokeConfig, and a function with a dead-letter queue', async () => {
  const template = (retries: number) => ({
    Resources: {
      Letters: { Type: 'AWS::SQS::Queue' },
      Role: {
        Type: 'AWS::IAM::Role',
        Properties: {
          AssumeRolePolicyDocument: {
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
          },
          Policies: [
            {
              PolicyName: 'send',
              PolicyDocument: {
                Version: '2012-10-17',
                Statement: [{ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: get('Letters', 'Arn') }],
              },
            },
          ],
        },
      },
      Function: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          FunctionName: 'lettered',
          Role: get('Role', 'Arn'),
          Runtime: 'nodejs22.x',
          Handler: 'index.handler',
          Code: { ZipFile: 'exports.handler = async () => 1' },
          DeadLetterConfig: { TargetArn: get('Letters', 'Arn') },
        },
      },
      Config: {
        Type: 'AWS::Lambda::EventInvokeConfig',
        Properties: {
          FunctionName: ref('Function'),
          Qualifier: '$LATEST',
          MaximumRetryAttempts: retries,
          DestinationConfig: { OnFailure: { Destination: get('Letters', 'Arn') } },
        },
      },
    },
  })
  const lambda = cloud.client(LambdaClient, 'source')
  const read = () => lambda.send(new GetFunctionEventInvokeConfigCommand({ FunctionName: 'lettered' }))
  const stack = await created(cfn, 'lettered', template(0), { Capabilities: ['CAPABILITY_IAM'] })
  expect(await read()).toMatchObject({ MaximumRetryAttempts: 0 })
  await updated(cfn, 'lettered', template(1), { Capabilities: ['CAPABILITY_IAM'] })
  expect(await read()).toMatchObject({ MaximumRetryAttempts: 1 })
  await removed('lettered', stack.StackId)
})
