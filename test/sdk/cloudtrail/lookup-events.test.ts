/** LookupEvents: the management events of an account, by attribute, time and page; what is secret is not among them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import {
  CloudTrailClient,
  DescribeTrailsCommand,
  LookupEventsCommand,
  type Event,
  type LookupEventsCommandInput,
} from '@aws-sdk/client-cloudtrail'
import { CreateAccessKeyCommand, CreateUserCommand, GetUserCommand, TagUserCommand } from '@aws-sdk/client-iam'
import { GetFunctionCommand } from '@aws-sdk/client-lambda'
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { ACCOUNTS, startCloud, type AccountName, type TestCloud } from '../cloud.ts'
import { create, createRole, failureOf, iamOf, lambdaOf, untilActive } from '../lambda/support.ts'

const folder = mkdtempSync(join(tmpdir(), 'isthmus-history-'))
let cloud: TestCloud
let secretAccessKey: string | undefined

beforeAll(async () => {
  cloud = await startCloud({ stateDirectory: folder })
  const iam = iamOf(cloud, 'source')
  await iam.send(new CreateUserCommand({ UserName: 'alice', Tags: [{ Key: 'Team', Value: 'a' }] }))
  await iam.send(new TagUserCommand({ UserName: 'alice', Tags: [{ Key: 'Team', Value: 'b' }] }))
  ;({ SecretAccessKey: secretAccessKey } =
    (await iam.send(new CreateAccessKeyCommand({ UserName: 'alice' }))).AccessKey ?? {})
  await failureOf(iam.send(new GetUserCommand({ UserName: 'nobody' })))
  const role = await createRole(iam, 'role', { logs: false })
  const lambda = lambdaOf(cloud, 'source')
  await create(lambda, 'fn', {
    Role: role,
    code: 'exports.handler = async () => "source text"',
    Environment: { Variables: { PASSWORD: 'hunter2' } },
    Tags: { Team: 'a' },
  })
  await untilActive(lambda, 'fn')
})
afterAll(async () => {
  await cloud.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Waits where LookupEvents may not be asked more often. */
async function lookup(input: LookupEventsCommandInput, account: AccountName = 'source', region?: string) {
  const client = cloud.client(CloudTrailClient, account, region)
  for (;;) {
    try {
      return await client.send(new LookupEventsCommand(input))
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'ThrottlingException') throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

async function by(AttributeKey: 'EventName' | 'Username' | 'ResourceName', AttributeValue: string): Promise<Event[]> {
  return (await lookup({ LookupAttributes: [{ AttributeKey, AttributeValue }] })).Events ?? []
}

function recordOf(event: Event | undefined): Record<string, unknown> {
  return JSON.parse(event?.CloudTrailEvent ?? '{}') as Record<string, unknown>
}

it('finds an event, and its record says what was asked and answered', async () => {
  const [event, ...others] = await by('EventName', 'CreateUser')
  expect(others).toEqual([])
  expect(event).toMatchObject({
    EventName: 'CreateUser',
    ReadOnly: 'false',
    Username: 'administrator',
    EventSource: 'iam.amazonaws.com',
    AccessKeyId: cloud.administrator('source').accessKeyId,
    Resources: [{ ResourceType: 'AWS::IAM::User', ResourceName: 'alice' }],
  })
  const record = recordOf(event)
  expect(record).toMatchObject({
    eventID: event?.EventId,
    requestParameters: { userName: 'alice', tags: [{ key: 'Team', value: 'a' }] },
    responseElements: { user: { userName: 'alice', arn: `arn:aws:iam::${ACCOUNTS.source}:user/alice` } },
    awsRegion: 'us-east-1',
    managementEvent: true,
    eventCategory: 'Management',
  })
})

it('says what failed, and nothing of what was read', async () => {
  const [failed] = await by('EventName', 'GetUser')
  expect(recordOf(failed)).toMatchObject({
    errorCode: 'NoSuchEntityException',
    errorMessage: 'The user with name nobody cannot be found.',
    responseElements: null,
    readOnly: true,
  })
  await lambdaOf(cloud, 'source').send(new GetFunctionCommand({ FunctionName: 'fn' }))
  const [read] = await by('EventName', 'GetFunction20150331v2')
  expect(recordOf(read)).toMatchObject({ requestParameters: { functionName: 'fn' }, responseElements: null })
})

it('leaves out secrets, code and environments', async () => {
  const [key] = await by('EventName', 'CreateAccessKey')
  expect(recordOf(key)['responseElements']).toMatchObject({
    accessKey: { userName: 'alice', status: 'Active', accessKeyId: expect.stringMatching(/^AKIA/) },
  })
  expect(key?.CloudTrailEvent).not.toContain(secretAccessKey)
  const [created] = await by('EventName', 'CreateFunction20150331')
  expect(recordOf(created)).toMatchObject({
    requestParameters: { functionName: 'fn', code: {}, tags: { Team: 'a' } },
    responseElements: { functionName: 'fn', state: 'Pending' },
  })
  expect(created?.CloudTrailEvent).not.toMatch(/hunter2|PASSWORD|zipFile|UEsDB/)
})

it('gives the newest first, page by page, and by time', async () => {
  const all = (await lookup({ LookupAttributes: [{ AttributeKey: 'Username', AttributeValue: 'administrator' }] }))
    .Events
  const names = all?.map(({ EventName }) => EventName) ?? []
  expect(names.indexOf('CreateAccessKey')).toBeLessThan(names.indexOf('CreateUser'))
  const ids: (string | undefined)[] = []
  let token: string | undefined
  const changes = { LookupAttributes: [{ AttributeKey: 'ReadOnly' as const, AttributeValue: 'false' }], MaxResults: 2 }
  do {
    const page = await lookup({ ...changes, ...(token !== undefined && { NextToken: token }) })
    ids.push(...(page.Events ?? []).map(({ EventId }) => EventId))
    token = page.NextToken
  } while (token !== undefined)
  expect(ids).toEqual(all?.filter(({ ReadOnly }) => ReadOnly === 'false').map(({ EventId }) => EventId))
  const future = new Date(Date.now() + 3_600_000)
  expect((await lookup({ StartTime: future })).Events).toEqual([])
  expect((await lookup({ EndTime: new Date(0) })).Events).toEqual([])
  expect(await failureOf(lookup({ StartTime: future, EndTime: new Date(0) }))).toMatchObject({
    name: 'InvalidTimeRangeException',
    status: 400,
  })
})

it('keeps accounts and Regions apart', async () => {
  const create = { LookupAttributes: [{ AttributeKey: 'EventName' as const, AttributeValue: 'CreateUser' }] }
  expect((await lookup(create, 'target')).Events).toEqual([])
  expect((await lookup(create, 'source', 'eu-west-1')).Events).toEqual([])
})

it('has no data events', async () => {
  const sqs = cloud.client(SQSClient, 'source')
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'q' }))
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello' }))
  expect(await by('EventName', 'CreateQueue')).toHaveLength(1)
  expect(await by('EventName', 'SendMessage')).toEqual([])
})

it('is answered twice a second', async () => {
  const client = cloud.client(CloudTrailClient, 'management')
  const answers = await Promise.allSettled(Array.from({ length: 20 }, () => client.send(new LookupEventsCommand({}))))
  const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as Error] : []))
  expect(refused.length).toBeGreaterThan(0)
  expect(refused[0]).toMatchObject({ name: 'ThrottlingException', message: 'Rate exceeded' })
})

it('refuses what it does not have by name', async () => {
  const client = cloud.client(CloudTrailClient, 'source')
  const { name, message } = await failureOf(client.send(new DescribeTrailsCommand({})))
  expect({ name, message }).toEqual({
    name: 'UnknownOperationException',
    message: 'The operation DescribeTrails is not implemented by Isthmus',
  })
  expect((await failureOf(lookup({ EventCategory: 'insight' }))).message).toBe(
    'Isthmus does not implement the parameter EventCategory of LookupEvents',
  )
})

it('is what it was after a restart, and empty after a reset', async () => {
  const [before] = await by('EventName', 'CreateUser')
  await cloud.close()
  cloud = await startCloud({ stateDirectory: folder })
  expect(await by('EventName', 'CreateUser')).toEqual([before])
  await fetch(`${cloud.endpoint}/_isthmus/reset`, { method: 'POST' })
  expect(await by('EventName', 'CreateUser')).toEqual([])
})
