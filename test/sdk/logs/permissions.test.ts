/** What AWS checks: a group is `…:log-group:NAME:log-stream:`, so `…:log-group:NAME:*` covers it and `…:log-group:NAME` does not. */
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DescribeLogGroupsCommand,
  GetLogEventsCommand,
  ListTagsForResourceCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam'
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { ACCOUNTS, startCloud, type TestCloud } from '../cloud.ts'
import { expectRefusal } from './errors.ts'

const GROUP = `arn:aws:logs:us-east-1:${ACCOUNTS.source}:log-group:/aws/lambda/caller`

let cloud: TestCloud

beforeAll(async () => {
  cloud = await startCloud()
})
afterAll(() => cloud.close())

/** A session of a role of the source account that may do just this. */
async function clientAllowed(roleName: string, action: string, resource: string): Promise<CloudWatchLogsClient> {
  const iam = cloud.client(IAMClient, 'source')
  const document = (statement: object) =>
    JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] })
  await iam.send(
    new CreateRoleCommand({
      RoleName: roleName,
      AssumeRolePolicyDocument: document({ Principal: { AWS: ACCOUNTS.source }, Action: 'sts:AssumeRole' }),
    }),
  )
  await iam.send(
    new PutRolePolicyCommand({
      RoleName: roleName,
      PolicyName: 'p',
      PolicyDocument: document({ Action: action, Resource: resource }),
    }),
  )
  const { Credentials } = await cloud.client(STSClient, 'source').send(
    new AssumeRoleCommand({
      RoleArn: `arn:aws:iam::${ACCOUNTS.source}:role/${roleName}`,
      RoleSessionName: 'session',
    }),
  )
  return cloud.client(CloudWatchLogsClient, {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  })
}

const denial = (role: string, action: string, resource: string) =>
  [
    'AccessDeniedException',
    `User: arn:aws:sts::${ACCOUNTS.source}:assumed-role/${role}/session is not authorized to perform: logs:${action} on resource: ${resource} because no identity-based policy allows the logs:${action} action`,
  ] as const

const logGroupName = '/aws/lambda/caller'
const logStreamName = '2026/01/12/[$LATEST]ab'

it('is satisfied by what AWS documents for a function’s log group', async () => {
  const client = await clientAllowed('writer', 'logs:*', `${GROUP}:*`)
  await client.send(new CreateLogGroupCommand({ logGroupName }))
  await client.send(new CreateLogStreamCommand({ logGroupName, logStreamName }))
  const logEvents = [{ timestamp: Date.now(), message: 'x' }]
  await client.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }))
  expect((await client.send(new GetLogEventsCommand({ logGroupName, logStreamName }))).events).toHaveLength(1)
  await expectRefusal(
    client.send(new DescribeLogGroupsCommand({})),
    ...denial('writer', 'DescribeLogGroups', `arn:aws:logs:us-east-1:${ACCOUNTS.source}:log-group::log-stream:`),
  )
  await expectRefusal(
    client.send(new ListTagsForResourceCommand({ resourceArn: GROUP })),
    ...denial('writer', 'ListTagsForResource', GROUP),
  )
})

it('is not satisfied by the bare ARN, but for tags', async () => {
  const client = await clientAllowed('bare', 'logs:*', GROUP)
  await expectRefusal(
    client.send(new CreateLogGroupCommand({ logGroupName })),
    ...denial('bare', 'CreateLogGroup', `${GROUP}:log-stream:`),
  )
  const logEvents = [{ timestamp: Date.now(), message: 'x' }]
  await expectRefusal(
    client.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents })),
    ...denial('bare', 'PutLogEvents', `${GROUP}:log-stream:${logStreamName}`),
  )
  expect((await client.send(new ListTagsForResourceCommand({ resourceArn: GROUP }))).tags).toEqual({})
})

it('asks for TagResource when a group is created with tags', async () => {
  const client = await clientAllowed('untagged', 'logs:CreateLogGroup', '*')
  await client.send(new CreateLogGroupCommand({ logGroupName: 'plain' }))
  await expectRefusal(
    client.send(new CreateLogGroupCommand({ logGroupName: 'tagged', tags: { a: 'b' } })),
    ...denial('untagged', 'TagResource', `arn:aws:logs:us-east-1:${ACCOUNTS.source}:log-group:tagged`),
  )
})

it('ends at the account', async () => {
  const client = cloud.client(CloudWatchLogsClient, 'target')
  await expect(
    client.send(new GetLogEventsCommand({ logGroupIdentifier: GROUP, logStreamName })),
  ).rejects.toMatchObject({ name: 'AccessDeniedException' })
})
