/** Log groups, their retention, protection and tags. */
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DeleteLogStreamCommand,
  DeleteRetentionPolicyCommand,
  DescribeLogGroupsCommand,
  type DescribeLogGroupsCommandInput,
  ListTagsForResourceCommand,
  ListTagsLogGroupCommand,
  paginateDescribeLogGroups,
  PutLogGroupDeletionProtectionCommand,
  PutRetentionPolicyCommand,
  TagLogGroupCommand,
  TagResourceCommand,
  UntagLogGroupCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'
import { expectRefusal, NO_GROUP } from './errors.ts'

const ARN = 'arn:aws:logs:us-east-1:111122223333:log-group:'

let cloud: TestCloud
let client: CloudWatchLogsClient

beforeAll(async () => {
  cloud = await startCloud()
  client = cloud.client(CloudWatchLogsClient, 'source')
})
afterAll(() => cloud.close())

const create = (logGroupName: string) => client.send(new CreateLogGroupCommand({ logGroupName }))

async function names(input: DescribeLogGroupsCommandInput): Promise<unknown[]> {
  const { logGroups = [] } = await client.send(new DescribeLogGroupsCommand(input))
  return logGroups.map(({ logGroupName }) => logGroupName)
}

describe('log groups', () => {
  it('are created, described and deleted', async () => {
    await create('made')
    const { logGroups } = await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: 'made' }))
    expect(logGroups).toEqual([
      {
        logGroupName: 'made',
        creationTime: expect.any(Number),
        metricFilterCount: 0,
        arn: `${ARN}made:*`,
        storedBytes: 0,
        logGroupClass: 'STANDARD',
        logGroupArn: `${ARN}made`,
        deletionProtectionEnabled: false,
      },
    ])
    await expectRefusal(create('made'), 'ResourceAlreadyExistsException', 'The specified log group already exists')
    await client.send(new DeleteLogGroupCommand({ logGroupName: 'made' }))
    await expectRefusal(client.send(new DeleteLogGroupCommand({ logGroupName: 'made' })), ...NO_GROUP)
  })

  it('belong to one account and one Region', async () => {
    await create('here')
    const elsewhere = cloud.client(CloudWatchLogsClient, 'source', 'eu-west-1')
    expect((await elsewhere.send(new DescribeLogGroupsCommand({}))).logGroups).toEqual([])
    const other = cloud.client(CloudWatchLogsClient, 'target')
    expect((await other.send(new DescribeLogGroupsCommand({}))).logGroups).toEqual([])
  })

  it('are found by prefix, by pattern, by class and by identifier, in the order of their names', async () => {
    for (const name of ['/find/c', '/find/a', '/find/b-x']) await create(name)
    await client.send(new CreateLogGroupCommand({ logGroupName: '/find/rare', logGroupClass: 'INFREQUENT_ACCESS' }))
    expect(await names({ logGroupNamePrefix: '/find/' })).toEqual(['/find/a', '/find/b-x', '/find/c', '/find/rare'])
    expect(await names({ logGroupNamePattern: 'd/b' })).toEqual(['/find/b-x'])
    expect(await names({ logGroupNamePrefix: '/find/', logGroupClass: 'INFREQUENT_ACCESS' })).toEqual(['/find/rare'])
    expect(await names({ logGroupIdentifiers: ['/find/c', `${ARN}/find/a`] })).toEqual(['/find/a', '/find/c'])
    const { logGroups } = await client.send(new DescribeLogGroupsCommand({ logGroupNamePattern: 'd/b' }))
    expect(logGroups?.[0]).not.toHaveProperty('storedBytes')
    await expectRefusal(
      client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: 'a', logGroupNamePattern: 'a' })),
      'InvalidParameterException',
      'LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.',
    )
  })

  it('come in pages', async () => {
    for (const name of ['page1', 'page2', 'page3']) await create(name)
    const pages: unknown[][] = []
    for await (const { logGroups } of paginateDescribeLogGroups(
      { client, pageSize: 2 },
      { logGroupNamePrefix: 'page' },
    )) {
      pages.push((logGroups ?? []).map(({ logGroupName }) => logGroupName))
    }
    expect(pages).toEqual([['page1', 'page2'], ['page3']])
    await expectRefusal(
      client.send(new DescribeLogGroupsCommand({ nextToken: 'nonsense' })),
      'InvalidParameterException',
      'The specified nextToken is invalid.',
    )
  })

  it('are refused where AWS refuses them, or by name', async () => {
    await expectRefusal(
      create('AWS/mine'),
      'InvalidParameterException',
      'Log groups starting with AWS/ are reserved for AWS.',
    )
    await expectRefusal(
      client.send(new CreateLogGroupCommand({ logGroupName: 'x', logGroupClass: 'DELIVERY' })),
      'InvalidParameterException',
      'Isthmus does not implement the log group class `DELIVERY`, expected STANDARD or INFREQUENT_ACCESS',
    )
    await expect(client.send(new CreateLogGroupCommand({ logGroupName: 'x', kmsKeyId: 'k' }))).rejects.toThrow(
      'kmsKeyId',
    )
    await expect(client.send(new DescribeLogGroupsCommand({ includeLinkedAccounts: true }))).rejects.toThrow(
      'linked accounts',
    )
  })
})

describe('retention', () => {
  it('is set and taken away', async () => {
    await create('kept')
    const days = async () => {
      const { logGroups } = await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: 'kept' }))
      return logGroups?.[0]?.retentionInDays
    }
    expect(await days()).toBeUndefined()
    await client.send(new PutRetentionPolicyCommand({ logGroupName: 'kept', retentionInDays: 7 }))
    expect(await days()).toBe(7)
    await client.send(new DeleteRetentionPolicyCommand({ logGroupName: 'kept' }))
    expect(await days()).toBeUndefined()
  })

  it('is one of AWS’s numbers, of a group that exists', async () => {
    await create('odd')
    await expect(
      client.send(new PutRetentionPolicyCommand({ logGroupName: 'odd', retentionInDays: 2 })),
    ).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: expect.stringContaining("Value '2' at 'retentionInDays'"),
    })
    const missing = { logGroupName: 'missing' }
    await expectRefusal(client.send(new PutRetentionPolicyCommand({ ...missing, retentionInDays: 1 })), ...NO_GROUP)
    await expectRefusal(client.send(new DeleteRetentionPolicyCommand(missing)), ...NO_GROUP)
  })
})

describe('deletion protection', () => {
  it('keeps a group and its streams until it is lifted', async () => {
    const group = { logGroupName: 'safe' }
    await client.send(new CreateLogGroupCommand({ ...group, deletionProtectionEnabled: true }))
    await client.send(new CreateLogStreamCommand({ ...group, logStreamName: 's' }))
    const refused = { name: 'ValidationException' }
    await expect(client.send(new DeleteLogGroupCommand(group))).rejects.toMatchObject(refused)
    await expect(client.send(new DeleteLogStreamCommand({ ...group, logStreamName: 's' }))).rejects.toMatchObject(
      refused,
    )
    await client.send(
      new PutLogGroupDeletionProtectionCommand({ logGroupIdentifier: `${ARN}safe`, deletionProtectionEnabled: false }),
    )
    await client.send(new DeleteLogGroupCommand(group))
  })
})

describe('tags', () => {
  it('are the same through the current and the former actions', async () => {
    const group = { logGroupName: 'tagged' }
    const resourceArn = `${ARN}tagged`
    await client.send(new CreateLogGroupCommand({ ...group, tags: { env: 'test' } }))
    await client.send(new TagResourceCommand({ resourceArn, tags: { a: '1', b: '2' } }))
    await client.send(new TagLogGroupCommand({ ...group, tags: { b: '3', c: '4' } }))
    const expected = { env: 'test', a: '1', b: '3', c: '4' }
    expect((await client.send(new ListTagsForResourceCommand({ resourceArn }))).tags).toEqual(expected)
    expect((await client.send(new ListTagsLogGroupCommand(group))).tags).toEqual(expected)
    await client.send(new UntagLogGroupCommand({ ...group, tags: ['c'] }))
    await client.send(new UntagResourceCommand({ resourceArn, tagKeys: ['env', 'a', 'absent'] }))
    expect((await client.send(new ListTagsForResourceCommand({ resourceArn }))).tags).toEqual({ b: '3' })
  })

  it('are refused where AWS refuses them', async () => {
    await create('full')
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`first${index}`, '']))
    const more = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`second${index}`, '']))
    await client.send(new TagResourceCommand({ resourceArn: `${ARN}full`, tags: many }))
    await expect(client.send(new TagResourceCommand({ resourceArn: `${ARN}full`, tags: more }))).rejects.toMatchObject({
      name: 'TooManyTagsException',
      resourceName: `${ARN}full`,
    })
    await expect(client.send(new TagLogGroupCommand({ logGroupName: 'full', tags: more }))).rejects.toMatchObject({
      name: 'InvalidParameterException',
    })
    await expect(
      client.send(new TagResourceCommand({ resourceArn: `${ARN}full`, tags: { 'aws:x': '' } })),
    ).rejects.toMatchObject({ name: 'InvalidParameterException' })
    await expectRefusal(client.send(new ListTagsForResourceCommand({ resourceArn: `${ARN}missing` })), ...NO_GROUP)
    await expectRefusal(client.send(new ListTagsLogGroupCommand({ logGroupName: 'missing' })), ...NO_GROUP)
    await expectRefusal(
      client.send(new ListTagsForResourceCommand({ resourceArn: 'arn:aws:logs:us-east-1:111122223333:destination:d' })),
      'ResourceNotFoundException',
      'The specified resource does not exist.',
    )
  })
})
