/** What a function writes is in CloudWatch Logs when its role may put it there, and nowhere when it may not. */
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'
import { createRole, deploy, eventually, lambdaOf, iamOf } from './support.ts'

const TALKING = 'exports.handler = async () => { console.log("hello from here"); return 1 }'

let cloud: TestCloud
let lambda: LambdaClient
let logs: CloudWatchLogsClient
let role: string

beforeAll(async () => {
  cloud = await startCloud()
  lambda = lambdaOf(cloud, 'target')
  logs = cloud.client(CloudWatchLogsClient, 'target')
  role = await createRole(iamOf(cloud, 'target'), 'execution')
})
afterAll(() => cloud.close())

const invoke = (FunctionName: string) => lambda.send(new InvokeCommand({ FunctionName }))

async function messagesOf(logGroupName: string): Promise<string[] | undefined> {
  try {
    const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName }))
    return events.some(({ message }) => message?.startsWith('REPORT'))
      ? events.map(({ message }) => message ?? '')
      : undefined
  } catch {
    return undefined
  }
}

test('an invocation leaves its lines in the function’s group, in a stream of the environment', async () => {
  await deploy(lambda, 'talking', { Role: role, code: TALKING })
  const { $metadata } = await invoke('talking')
  const messages = await eventually(() => messagesOf('/aws/lambda/talking'))
  const id = $metadata.requestId
  expect(messages.map((message) => message.split('\t')[0]?.trimEnd())).toEqual([
    expect.stringMatching(/^INIT_START Runtime Version: nodejs:22/),
    `START RequestId: ${id} Version: $LATEST`,
    expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    `END RequestId: ${id}`,
    `REPORT RequestId: ${id}`,
  ])
  expect(messages[2]).toMatch(new RegExp(`\t${id}\tINFO\thello from here\n$`))
  const { logStreams = [] } = await logs.send(new DescribeLogStreamsCommand({ logGroupName: '/aws/lambda/talking' }))
  expect(logStreams.map(({ logStreamName }) => logStreamName)).toEqual([
    expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/),
  ])
})

test('a role that may not write logs has none, and its function works', async () => {
  const silent = await createRole(iamOf(cloud, 'target'), 'silent', { logs: false })
  await deploy(lambda, 'unheard', { Role: silent, code: TALKING })
  expect((await invoke('unheard')).StatusCode).toBe(200)
  await eventually(async () => cloud.notices.find((notice) => notice.includes('unheard')))
  await invoke('unheard')
  const { logGroups = [] } = await logs.send(
    new DescribeLogGroupsCommand({ logGroupNamePrefix: '/aws/lambda/unheard' }),
  )
  expect(logGroups).toEqual([])
  expect(cloud.notices.filter((notice) => notice.includes('unheard'))).toHaveLength(1)
})

test('a role need not be allowed to create a group that exists', async () => {
  const group = '/aws/lambda/prepared'
  await logs.send(new CreateLogGroupCommand({ logGroupName: group }))
  const narrow = await createRole(iamOf(cloud, 'target'), 'narrow', {
    logs: false,
    allow: {
      Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      Resource: `arn:aws:logs:us-east-1:444455556666:log-group:${group}:*`,
    },
  })
  await deploy(lambda, 'prepared', { Role: narrow, code: TALKING })
  await invoke('prepared')
  expect(await eventually(() => messagesOf(group))).toHaveLength(5)
})

test('a group that was deleted is made anew', async () => {
  await deploy(lambda, 'persistent', { Role: role, code: TALKING })
  await invoke('persistent')
  await eventually(() => messagesOf('/aws/lambda/persistent'))
  await logs.send(new DeleteLogGroupCommand({ logGroupName: '/aws/lambda/persistent' }))
  await invoke('persistent')
  expect(await eventually(() => messagesOf('/aws/lambda/persistent'))).toHaveLength(4)
})

test('a function may have another group', async () => {
  await deploy(lambda, 'elsewhere', { Role: role, code: TALKING, LoggingConfig: { LogGroup: '/team/shared' } })
  await invoke('elsewhere')
  expect(await eventually(() => messagesOf('/team/shared'))).toHaveLength(5)
  const { logStreams = [] } = await logs.send(new DescribeLogStreamsCommand({ logGroupName: '/team/shared' }))
  expect(logStreams[0]?.logStreamName).toMatch(/^\d{4}\/\d\d\/\d\d\/elsewhere\[\$LATEST\][0-9a-f]{32}$/)
})
