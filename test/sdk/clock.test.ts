/** `/_isthmus/clock`: the cloud's time is put forward; signatures, functions and the machine's time stay where they are. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { IAMClient, ListUsersCommand } from '@aws-sdk/client-iam'
import { InvokeCommand } from '@aws-sdk/client-lambda'
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { ACCOUNTS, startCloud, type TestCloud } from './cloud.ts'
import { createRole, deploy, eventually, failureOf, iamOf, lambdaOf, payloadOf } from './lambda/support.ts'

const folder = mkdtempSync(join(tmpdir(), 'isthmus-clock-'))
let cloud: TestCloud

beforeAll(async () => {
  cloud = await startCloud()
})
afterAll(async () => {
  await cloud.close()
  rmSync(folder, { recursive: true, force: true })
})

interface Clock {
  readonly now: string
  readonly nowMs: number
  readonly aheadMs: number
}

async function advance(endpoint: string, advanceMs: unknown): Promise<Clock> {
  const answer = await fetch(`${endpoint}/_isthmus/clock`, { method: 'POST', body: JSON.stringify({ advanceMs }) })
  expect(answer.status).toBe(200)
  return (await answer.json()) as Clock
}

async function read(endpoint: string): Promise<Clock> {
  return (await (await fetch(`${endpoint}/_isthmus/clock`)).json()) as Clock
}

it('is told, and goes forward by what is asked', async () => {
  const before = await read(cloud.endpoint)
  expect(before).toMatchObject({ aheadMs: 0, now: new Date(before.nowMs).toISOString() })
  const after = await advance(cloud.endpoint, 60_000)
  expect(after.aheadMs).toBe(60_000)
  expect(after.nowMs - before.nowMs).toBeGreaterThanOrEqual(60_000)
})

it.each([-1, 1.5, '60000', null, undefined, 1e15])('refuses %s as a duration', async (advanceMs) => {
  const answer = await fetch(`${cloud.endpoint}/_isthmus/clock`, {
    method: 'POST',
    body: JSON.stringify({ advanceMs }),
  })
  expect(answer.status).toBe(400)
  expect(await answer.json()).toMatchObject({ code: 'ValidationError' })
})

it('ends sessions, while keys and their signatures stay good', async () => {
  const trust = {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNTS.source}:root` }, Action: 'sts:AssumeRole' },
    ],
  }
  const RoleArn = await createRole(iamOf(cloud, 'source'), 'session', { trust, logs: false })
  const sts = cloud.client(STSClient, 'source')
  const { Credentials: session } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'short' }))
  const asRole = cloud.client(STSClient, {
    accessKeyId: session?.AccessKeyId ?? '',
    secretAccessKey: session?.SecretAccessKey ?? '',
    sessionToken: session?.SessionToken ?? '',
  })
  await asRole.send(new GetCallerIdentityCommand({}))
  await advance(cloud.endpoint, 3_600_000)
  expect(await failureOf(asRole.send(new GetCallerIdentityCommand({})))).toMatchObject({ name: 'ExpiredToken' })
  await iamOf(cloud, 'source').send(new ListUsersCommand({}))
})

it('leaves functions alone, whose credentials are good and whose logs are of the new time', async () => {
  const role = await createRole(iamOf(cloud, 'source'), 'timely')
  const lambda = lambdaOf(cloud, 'source')
  const code = `const { STSClient, GetCallerIdentityCommand } = require('@aws-sdk/client-sts')
    exports.handler = async () => {
      console.log('the time')
      return (await new STSClient({}).send(new GetCallerIdentityCommand({}))).Arn
    }`
  await deploy(lambda, 'timely', { Role: role, code, Timeout: 20 })
  const invoke = async () => payloadOf(await lambda.send(new InvokeCommand({ FunctionName: 'timely' })))
  expect(await invoke()).toContain('timely')
  // Longer than a session of an execution environment, and than Logs takes events from the past.
  const { nowMs } = await advance(cloud.endpoint, 20 * 86_400_000)
  expect(await invoke()).toContain('timely')
  const logs = cloud.client(CloudWatchLogsClient, 'source')
  const startTime = nowMs - 60_000
  const events = await eventually(async () => {
    const found = await logs.send(
      new FilterLogEventsCommand({ logGroupName: '/aws/lambda/timely', startTime, filterPattern: '"the time"' }),
    )
    return found.events?.length ? found.events : undefined
  })
  expect(events).toHaveLength(1)
  // The same in steps of which none lets an environment idle for too long.
  for (let step = 0; step < 13 * 15; step++) await advance(cloud.endpoint, 240_000)
  expect(await invoke()).toContain('timely')
})

it('is where it was after a restart, and with the machine’s after a reset', async () => {
  const first = await startCloud({ stateDirectory: join(folder, 'state') })
  const { nowMs } = await advance(first.endpoint, 86_400_000)
  await first.close()
  const second = await startCloud({ stateDirectory: join(folder, 'state') })
  try {
    expect((await read(second.endpoint)).nowMs).toBeGreaterThanOrEqual(nowMs)
    await second.client(IAMClient, 'source').send(new ListUsersCommand({}))
    await fetch(`${second.endpoint}/_isthmus/reset`, { method: 'POST' })
    expect((await read(second.endpoint)).aheadMs).toBe(0)
  } finally {
    await second.close()
  }
})
