/** Events on their way from a bus to queues, functions, log groups, topics and buses of other accounts. */
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  FilterLogEventsCommand,
  PutResourcePolicyCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import {
  EventBridgeClient,
  PutEventsCommand,
  PutPermissionCommand,
  PutRuleCommand,
  PutTargetsCommand,
  type PutEventsRequestEntry,
  type Target,
} from '@aws-sdk/client-eventbridge'
import { AddPermissionCommand } from '@aws-sdk/client-lambda'
import { SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { ACCOUNTS, startCloud, type AccountName, type TestCloud } from '../cloud.ts'
import { arnOf, createRole, deploy, eventually, iamOf, lambdaOf } from '../lambda/support.ts'
import { attributesOf, bodies, createQueue, drain } from '../sqs/support.ts'

let cloud: TestCloud
let events: EventBridgeClient
let sqs: SQSClient

beforeAll(async () => {
  cloud = await startCloud()
  events = cloud.client(EventBridgeClient, 'source')
  sqs = cloud.client(SQSClient, 'source')
})
afterAll(() => cloud.close())

const queueArn = (name: string, account: AccountName = 'source') => `arn:aws:sqs:us-east-1:${ACCOUNTS[account]}:${name}`
const busArn = (account: AccountName) => `arn:aws:events:us-east-1:${ACCOUNTS[account]}:event-bus/default`
const ruleArn = (name: string, account: AccountName = 'source') =>
  `arn:aws:events:us-east-1:${ACCOUNTS[account]}:rule/${name}`

async function rule(source: string, targets: Target[], client = events): Promise<void> {
  await client.send(new PutRuleCommand({ Name: source, EventPattern: JSON.stringify({ source: [source] }) }))
  const { FailedEntries } = await client.send(new PutTargetsCommand({ Rule: source, Targets: targets }))
  expect(FailedEntries).toEqual([])
}

/** A queue that EventBridge may write to for one rule. */
async function openQueue(name: string, ofRule: string, account: AccountName = 'source'): Promise<string> {
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Principal: { Service: 'events.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: queueArn(name, account),
      Condition: { ArnEquals: { 'aws:SourceArn': ruleArn(ofRule, account) } },
    },
  })
  return createQueue(cloud.client(SQSClient, account), name, { Policy })
}

const put = (entry: PutEventsRequestEntry) =>
  events.send(new PutEventsCommand({ Entries: [{ DetailType: 'made', Detail: '{"id": 7}', ...entry }] }))

test('a queue gets the event, whole or as the target wants it', async () => {
  const whole = await openQueue('whole', 'a')
  const parts = await openQueue('parts', 'a')
  await rule('a', [
    { Id: 'whole', Arn: queueArn('whole') },
    { Id: 'path', Arn: queueArn('parts'), InputPath: '$.detail' },
    { Id: 'constant', Arn: queueArn('parts'), Input: '{"constant": true}' },
    {
      Id: 'template',
      Arn: queueArn('parts'),
      InputTransformer: {
        InputPathsMap: { id: '$.detail.id', source: '$.source' },
        InputTemplate: '{"number": <id>, "text": "from <source> by <aws.events.rule-name>"}',
      },
    },
  ])
  const { Entries } = await put({ Source: 'a', Resources: ['arn:aws:s3:::bucket'] })
  expect(await bodies(sqs, whole, 1)).toEqual([
    {
      version: '0',
      id: Entries?.[0]?.EventId,
      'detail-type': 'made',
      source: 'a',
      account: ACCOUNTS.source,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string,
      region: 'us-east-1',
      resources: ['arn:aws:s3:::bucket'],
      detail: { id: 7 },
    },
  ])
  expect(await bodies(sqs, parts, 3)).toEqual(
    expect.arrayContaining([{ id: 7 }, { constant: true }, { number: 7, text: 'from a by a' }]),
  )
  await put({ Source: 'b' })
  expect(await attributesOf(sqs, whole)).toMatchObject({ ApproximateNumberOfMessages: '0' })
})

test('a function is invoked once its policy lets the rule in; before, the event goes to the dead-letter queue', async () => {
  const dead = await openQueue('dead', 'invoking')
  const seen = await createQueue(sqs, 'seen')
  const role = await createRole(iamOf(cloud, 'source'), 'listener', {
    allow: { Action: 'sqs:SendMessage', Resource: '*' },
  })
  const lambda = lambdaOf(cloud, 'source')
  const code = `const { SQSClient, SendMessageCommand } = require('@aws-sdk/client-sqs')
    exports.handler = async (event) => {
      await new SQSClient({}).send(new SendMessageCommand({ QueueUrl: '${seen}', MessageBody: JSON.stringify(event) }))
    }`
  await deploy(lambda, 'listener', { Role: role, code, Timeout: 20 })
  const Arn = arnOf('source', 'listener')
  await rule('invoking', [{ Id: '1', Arn, DeadLetterConfig: { Arn: queueArn('dead') } }])
  await put({ Source: 'invoking', DetailType: 'too early' })
  const [letter] = await drain(sqs, dead, 1)
  expect(JSON.parse(letter?.Body ?? '')).toMatchObject({ 'detail-type': 'too early' })
  expect(letter?.MessageAttributes).toMatchObject({
    RULE_ARN: { StringValue: ruleArn('invoking') },
    TARGET_ARN: { StringValue: Arn },
    ERROR_CODE: { StringValue: 'NO_PERMISSIONS' },
  })
  await lambda.send(
    new AddPermissionCommand({
      FunctionName: 'listener',
      StatementId: 'rule',
      Action: 'lambda:InvokeFunction',
      Principal: 'events.amazonaws.com',
      SourceArn: ruleArn('invoking'),
    }),
  )
  await put({ Source: 'invoking', DetailType: 'in time' })
  expect(await bodies(sqs, seen, 1)).toMatchObject([{ 'detail-type': 'in time', detail: { id: 7 } }])
})

test('a log group gets events once a resource policy lets EventBridge write', async () => {
  const logs = cloud.client(CloudWatchLogsClient, 'source')
  const logGroupName = '/aws/events/all'
  await logs.send(new CreateLogGroupCommand({ logGroupName }))
  const Arn = `arn:aws:logs:us-east-1:${ACCOUNTS.source}:log-group:${logGroupName}`
  await rule('logged', [{ Id: '1', Arn }])
  await put({ Source: 'logged', DetailType: 'too early' })
  const policyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Principal: { Service: ['events.amazonaws.com', 'delivery.logs.amazonaws.com'] },
      Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      Resource: `${Arn}:*`,
    },
  })
  await logs.send(new PutResourcePolicyCommand({ policyName: 'events', policyDocument }))
  await put({ Source: 'logged', DetailType: 'in time' })
  const messages = await eventually(async () => {
    const found = await logs.send(new FilterLogEventsCommand({ logGroupName }))
    return found.events?.length ? found.events : undefined
  })
  expect(messages.map(({ message = '' }) => JSON.parse(message) as object)).toMatchObject([
    { 'detail-type': 'in time' },
  ])
})

test('a bus of another account gets events through a role, and its rules see who sent them', async () => {
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  }
  const RoleArn = await createRole(iamOf(cloud, 'source'), 'forwarder', {
    trust,
    logs: false,
    allow: { Action: 'events:PutEvents', Resource: busArn('target') },
  })
  const them = cloud.client(EventBridgeClient, 'target')
  const inbox = await openQueue('inbox', 'across', 'target')
  await rule('across', [{ Id: '1', Arn: queueArn('inbox', 'target') }], them)
  await rule('across', [{ Id: '1', Arn: busArn('target'), RoleArn }])
  await put({ Source: 'across', DetailType: 'too early' })
  await them.send(
    new PutPermissionCommand({ StatementId: 'us', Action: 'events:PutEvents', Principal: ACCOUNTS.source }),
  )
  const { Entries } = await put({ Source: 'across', DetailType: 'in time' })
  expect(await bodies(cloud.client(SQSClient, 'target'), inbox, 1)).toMatchObject([
    { id: Entries?.[0]?.EventId, account: ACCOUNTS.source, 'detail-type': 'in time' },
  ])
})

test('a queue of another account gets events through a role that its policy knows', async () => {
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  }
  const RoleArn = await createRole(iamOf(cloud, 'source'), 'sender', {
    trust,
    logs: false,
    allow: { Action: 'sqs:SendMessage', Resource: queueArn('theirs', 'target') },
  })
  const them = cloud.client(SQSClient, 'target')
  const theirs = await createQueue(them, 'theirs')
  await rule('direct', [{ Id: '1', Arn: queueArn('theirs', 'target'), RoleArn }])
  await put({ Source: 'direct', DetailType: 'too early' })
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Principal: { AWS: RoleArn },
      Action: 'sqs:SendMessage',
      Resource: queueArn('theirs', 'target'),
    },
  })
  await them.send(new SetQueueAttributesCommand({ QueueUrl: theirs, Attributes: { Policy } }))
  await put({ Source: 'direct', DetailType: 'in time' })
  expect(await bodies(them, theirs, 1)).toMatchObject([{ 'detail-type': 'in time' }])
})

test('entries that are no events are told one by one', async () => {
  const { FailedEntryCount, Entries } = await events.send(
    new PutEventsCommand({
      Entries: [
        { Source: 's', DetailType: 't', Detail: '{}' },
        { DetailType: 't', Detail: '{}' },
        { Source: 's', DetailType: 't', Detail: '[1]' },
        { Source: 'aws.s3', DetailType: 't', Detail: '{}' },
        { Source: 's', DetailType: 't', Detail: '{}', EventBusName: 'missing' },
      ],
    }),
  )
  expect(FailedEntryCount).toBe(3)
  expect(Entries?.map(({ ErrorCode, EventId }) => ErrorCode ?? typeof EventId)).toEqual([
    'string',
    'InvalidArgument',
    'MalformedDetail',
    'NotAuthorizedForSourceException',
    'string',
  ])
})
