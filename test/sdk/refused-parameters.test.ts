/** Parameters that are not honoured are refused by name, whatever else is wrong with the request. */
import { CloudFormationClient, ContinueUpdateRollbackCommand } from '@aws-sdk/client-cloudformation'
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { AssumeRoleCommand, GetFederationTokenCommand, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { startCloud, type TestCloud } from './cloud.ts'
import { createQueue } from './sqs/support.ts'

let cloud: TestCloud

beforeAll(async () => {
  cloud = await startCloud()
})
afterAll(() => cloud.close())

const MinimumSessionTokenSize = 1024
const RoleArn = 'arn:aws:iam::111122223333:role/any'

test.each([
  [STSClient, new GetSessionTokenCommand({ MinimumSessionTokenSize }), 'MinimumSessionTokenSize of GetSessionToken'],
  [
    STSClient,
    new GetFederationTokenCommand({ Name: 'guest', MinimumSessionTokenSize }),
    'MinimumSessionTokenSize of GetFederationToken',
  ],
  [
    STSClient,
    new AssumeRoleCommand({ RoleArn, RoleSessionName: 'session', MinimumSessionTokenSize }),
    'MinimumSessionTokenSize of AssumeRole',
  ],
  [
    CloudFormationClient,
    new ContinueUpdateRollbackCommand({ StackName: 'none', ForceRollback: true }),
    'ForceRollback of ContinueUpdateRollback',
  ],
  [
    CloudWatchLogsClient,
    new FilterLogEventsCommand({ logGroupName: 'none', startFromHead: false }),
    'startFromHead false of FilterLogEvents',
  ],
] as const)('by name (%#)', async (constructor, command, parameter) => {
  const client = cloud.client<{ send(command: object): Promise<unknown> }>(constructor, 'source')
  await expect(client.send(command)).rejects.toMatchObject({
    name: 'NotImplemented',
    message: `Isthmus does not implement the parameter ${parameter}`,
  })
})

test('lists among the attributes of a message, in the words of SQS', async () => {
  const sqs = cloud.client(SQSClient, 'source')
  const QueueUrl = await createQueue(sqs, 'queue')
  const MessageAttributes = { names: { DataType: 'String', StringListValues: ['a'] } }
  const message = { MessageBody: 'text', MessageAttributes }
  await expect(sqs.send(new SendMessageCommand({ QueueUrl, ...message }))).rejects.toMatchObject({
    name: 'UnsupportedOperation',
    message: 'Message attribute list values in SendMessage operation are not supported.',
  })
  await expect(
    sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: [{ Id: '1', ...message }] })),
  ).rejects.toMatchObject({
    name: 'UnsupportedOperation',
    message: 'Message attribute list values in SendMessageBatch operation are not supported.',
  })
})
