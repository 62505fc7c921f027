/**
 * `isthmus plan` as a process: each limit of Lambda is made to bind in a running cloud, predicted from a short load test, and then met by a load
 * test, which names it; what it reads of networks and templates; what it says of what it may not read.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam'
import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch'
import {
  LambdaClient,
  PutFunctionConcurrencyCommand,
  PutFunctionEventInvokeConfigCommand,
} from '@aws-sdk/client-lambda'
import { RequestServiceQuotaIncreaseCommand, ServiceQuotasClient } from '@aws-sdk/client-service-quotas'
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { parseRun, type RunData } from '../../src/crossing/load/run-data.ts'
import type { LoadSummary } from '../../src/crossing/load/summary.ts'
import type { LimitKind, LimitVerdict, Plan } from '../../src/crossing/plan/plan-data.ts'
import { eventually } from '../sdk/lambda/support.ts'
import { ALLOW_LOGS, createFunction, createRole } from './deployments.ts'
import { ACCOUNTS, createWorkplace, ROOT, type AccountName, type RunningCloud, type Workplace } from './isthmus.ts'

const SLEEP_MS = 300
const CODE = {
  slow: `exports.handler = () => new Promise((done) => setTimeout(done, ${SLEEP_MS}))`,
  quick: 'exports.handler = async () => 1',
}
const NAMED_SECONDS_APART = 1
const FEW_EVENTS = ['--type', 'async', '--rate', '12', '--duration', '1500ms', '--end-to-end']
/** Of all that is sent: concurrency counts from the admission, a duration from the handler. */
const THROTTLES_APART = 0.2
/** Two at a time, one of them after the other: what the machine adds to each adds up. */
const QUEUE_MS_APART = 1500

let place: Workplace
let cloud: RunningCloud

beforeAll(async () => {
  place = createWorkplace()
  cloud = await place.up()
  for (const account of ['management', 'source', 'target'] as const) {
    const role = await createRole(cloud, account, 'callee-role', { policies: { logs: ALLOW_LOGS } })
    const deploy = (name: string, code: string) => createFunction(cloud, account, name, { role, code })
    await Promise.all([
      deploy('slow', CODE.slow),
      ...(account === 'target' ? [deploy('quick', CODE.quick), deploy('queued', CODE.slow)] : []),
    ])
  }
  await reserve('slow', 4)
  await reserve('quick', 2)
  await reserve('queued', 2)
  await setQuota('source', 'L-B99A9384', 5)
  await setQuota('management', 'lambda-function-scaling', 4)
})

afterAll(async () => {
  await place.close()
})

async function reserve(name: string, ReservedConcurrentExecutions: number): Promise<void> {
  const lambda = cloud.client(LambdaClient, 'target')
  await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: name, ReservedConcurrentExecutions }))
}

async function setQuota(account: AccountName, QuotaCode: string, DesiredValue: number): Promise<void> {
  const quotas = cloud.client(ServiceQuotasClient, account)
  await quotas.send(new RequestServiceQuotaIncreaseCommand({ ServiceCode: 'lambda', QuotaCode, DesiredValue }))
}

async function load(
  account: AccountName,
  name: string,
  save: string,
  options: readonly string[],
): Promise<{ run: RunData; summary: LoadSummary }> {
  const ends = ['--from', account, '--to', `${account}:${name}`]
  const { stdout, stderr } = await place.run(['load', ...ends, ...options, '--save', save, '--json'])
  const summary = stdout.trimEnd().split('\n').at(-1) ?? ''
  if (!summary.startsWith('{')) throw new Error(stderr)
  return {
    run: parseRun(readFileSync(join(place.folder, save), 'utf8'), save),
    summary: JSON.parse(summary) as LoadSummary,
  }
}

async function plan(
  args: readonly string[],
  environment?: Readonly<Record<string, string>>,
): Promise<{ plan: Plan; exitCode: number | null }> {
  const { stdout, stderr, exitCode } = await place.run(['plan', ...args, '--json'], environment)
  if (!stdout.startsWith('{')) throw new Error(stderr)
  return { plan: JSON.parse(stdout) as Plan, exitCode }
}

function limit({ limits }: Plan, kind: LimitKind): LimitVerdict {
  const found = limits.find((row) => row.kind === kind)
  if (!found) throw new Error(`the plan has no ${kind}`)
  return found
}

/** Few, so that a busy machine is not kept busy by them: beyond 55 ms for each, concurrency comes first. */
const RATE = { offered: 36, limit: 20 }

/**
 * A busy machine takes longer for each invocation, so that concurrency refuses some before: they use none of the rate, which is met so much
 * later.
 */
function sparedSeconds({ seconds }: RunData, cause: string, first = 0): number {
  const before = seconds.filter(({ second }) => second <= first).flatMap(({ causes }) => causes)
  const spared = before.reduce((sum, { cause: { name }, count }) => sum + (name === cause ? 0 : count), 0)
  return spared / (RATE.offered - RATE.limit)
}

const RAMP = ['--stage', '4s:60']
/** A timer and a warm start, and what an environment of this cloud needs to start at most. */
const TIMES = {
  slow: ['--invocation-duration', `${SLEEP_MS + 5}ms`, '--init-duration', '50ms'],
  quick: ['--invocation-duration', '5ms', '--init-duration', '50ms'],
} as const

describe('a limit that is made to bind', () => {
  it.each([
    {
      kind: 'reserved-concurrency',
      account: 'target',
      name: 'slow',
      options: RAMP,
      cause: 'ReservedFunctionConcurrentInvocationLimitExceeded',
      value: 4,
    },
    {
      kind: 'account-concurrency',
      account: 'source',
      name: 'slow',
      options: RAMP,
      cause: 'ConcurrentInvocationLimitExceeded',
      value: 5,
    },
    {
      kind: 'scaling-rate',
      account: 'management',
      name: 'slow',
      options: RAMP,
      cause: 'ConcurrentInvocationLimitExceeded',
      value: 4,
    },
    {
      kind: 'request-rate',
      account: 'target',
      name: 'quick',
      options: ['--rate', String(RATE.offered), '--duration', '6s'],
      cause: 'ReservedFunctionInvocationRateLimitExceeded',
      value: RATE.limit,
    },
  ] as const)(
    '$kind: load names it, plan predicted the second, and the simulation refuses as many',
    async ({ kind, account, name, options, cause, value }) => {
      const predicted = await plan(['--to', `${account}:${name}`, ...TIMES[name], ...options])
      const row = limit(predicted.plan, kind)
      expect(row).toMatchObject({ holds: false, limit: value, source: 'read', cause })
      expect(predicted.exitCode).toBe(1)

      // Environments that start at once take a busy machine a while, in which concurrency comes first.
      if (kind === 'request-rate')
        await load(account, name, 'started.json', ['--vus', '2', '--think-time', '100ms', '--duration', '2s'])
      const { run, summary } = await load(account, name, `${account}-${name}.json`, options)
      expect(summary.causes.map((found) => found.cause)).toContain(cause)
      const first = run.seconds.find(({ causes }) => causes.some((found) => found.cause.name === cause))?.second
      // The simulation with all limits, each limit by itself, and the formula.
      const apart = NAMED_SECONDS_APART + (kind === 'request-rate' ? sparedSeconds(run, cause, first) : 0)
      for (const second of [row.firstSecond, row.aloneSecond, row.formula?.firstSecond]) {
        expect(Math.abs((second ?? Number.NaN) - (first ?? Number.NaN))).toBeLessThanOrEqual(apart)
      }
      // Where requests are many, a busy machine has other limits refuse some of them first.
      if (kind === 'request-rate') return
      const again = await plan(['--from-load', `${account}-${name}.json`])
      const refused = summary.causes.find((found) => found.cause === cause)?.count ?? 0
      expect(Math.abs(refused - (limit(again.plan, kind).refused ?? 0))).toBeLessThanOrEqual(
        THROTTLES_APART * summary.sent,
      )
    },
  )
})

describe('events that are throttled', () => {
  it('wait as long as the plan says that was made from what they took, and none is lost', async () => {
    const { summary } = await load('target', 'queued', 'async.json', FEW_EVENTS)
    expect(summary).toMatchObject({ sent: 18, unfinished: 0 })
    // Callees, types and profile are those of the test.
    const { plan: predicted, exitCode } = await plan(['--from-load', 'async.json'])
    const [fn] = predicted.functions
    expect(fn).toMatchObject({ arrived: 18, served: 18, duration: { source: 'measured' }, queue: { expired: 0 } })
    const atMostMs = (fn?.queue?.oldestSeconds ?? 0) * 1000 + (fn?.duration.p99Ms ?? 0)
    expect(atMostMs).toBeGreaterThan(1000)
    expect(Math.abs(atMostMs - (summary.endToEndMs?.max ?? 0))).toBeLessThan(QUEUE_MS_APART)
    expect(limit(predicted, 'reserved-concurrency')).toMatchObject({ holds: false, limit: 2 })
    expect(exitCode).toBe(1)
  })
})

describe('what is read', () => {
  it('is, of a project, its templates: interfaces, addresses and gateways, and nothing is invoked', async () => {
    const { plan: made, exitCode } = await plan([join(ROOT, 'examples', 'cross-account'), '--rate', '20'])
    expect(made.functions.map(({ arn }) => arn)).toEqual([
      `arn:aws:lambda:us-east-1:${ACCOUNTS.target}:function:callee`,
    ])
    expect(limit(made, 'create-interface-requests')).toMatchObject({ needed: 3, limit: 100 })
    expect(limit(made, 'interfaces-per-vpc')).toMatchObject({
      needed: 2,
      limit: 500,
      raise: { quotaCode: 'L-9FEE3D26' },
    })
    expect(limit(made, 'subnet-addresses').remark).toMatch(/of 251 addresses of 10\.20\.[12]\.0\/24/)
    expect(made.notes.join('\n')).toContain('100 ms are assumed')
    expect(exitCode).toBe(0)
  })

  it('is, without permission for it, said and taken as AWS gives it to a new account', async () => {
    const iam = cloud.client(IAMClient, 'target')
    const UserName = 'planner'
    await iam.send(new CreateUserCommand({ UserName }))
    const Statement = [{ Effect: 'Allow', Action: 'lambda:GetFunctionConfiguration', Resource: '*' }]
    await iam.send(
      new PutUserPolicyCommand({
        UserName,
        PolicyName: 'little',
        PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement }),
      }),
    )
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }))
    const credentials = join(place.folder, 'planner-credentials')
    writeFileSync(
      credentials,
      `[planner]\naws_access_key_id=${AccessKey?.AccessKeyId}\naws_secret_access_key=${AccessKey?.SecretAccessKey}\n`,
    )
    const { plan: made } = await plan(
      ['--aws', '--profile', `${ACCOUNTS.target}=planner`, '--to', `${ACCOUNTS.target}:slow`, '--rate', '1'],
      { AWS_ENDPOINT_URL: cloud.ready.endpoint, AWS_SHARED_CREDENTIALS_FILE: credentials },
    )
    expect(limit(made, 'account-concurrency')).toMatchObject({ limit: 1000, source: 'default' })
    for (const what of ['its reserved concurrency', "its account's concurrency", 'how long its events may wait']) {
      expect(made.notes.join('\n')).toContain(
        `${what} could not be read: User: arn:aws:iam::${ACCOUNTS.target}:user/planner is not`,
      )
    }
  })
})

describe('a person', () => {
  it('sees every limit with its reason, and what breaks first', async () => {
    const args = ['--to', 'target:slow', '--rate', '60', '--invocation-duration', '290ms', '--init-duration', '0s']
    const { stdout, stderr, exitCode } = await place.run(['plan', ...args, '--report', 'plan.html'])
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 1 })
    expect(stdout).toMatch(/\n {2}✗ reserved concurrency +18 +4 +-14 {2}at 0 s\n/)
    expect(stdout).toContain("Little's law: 60/s × 290 ms = 17.4")
    expect(stdout).toContain('remedy: PutFunctionConcurrency')
    expect(stdout).toMatch(/\n {2}✗ 2 of \d limits break, first .* at 0 s\n {2}wrote plan\.html\n$/)
    expect(readFileSync(join(place.folder, 'plan.html'), 'utf8')).toContain('reserved concurrency 4')
  })

  it.concurrent.each([
    [['--to', 'target:nothing'], `Function not found: arn:aws:lambda:us-east-1:${ACCOUNTS.target}:function:nothing`],
    [['--to', 'target:slow', '--invocation-duration', '0s'], '`0s` is no time at all'],
    [['--to', 'target:slow', '--from-load', 'nowhere.json'], '`nowhere.json` cannot be read'],
    [['here', '--to', 'target:slow'], 'Either a folder or --to, not both'],
  ])('who asks %j is told what is wrong', async (args, message) => {
    const { stderr, exitCode } = await place.run(['plan', ...args])
    expect(stderr).toContain(message)
    expect(exitCode).toBe(2)
  })
})

describe('events of a function without any concurrency', () => {
  it('are given up at once, which the plan says and load names', async () => {
    const role = await createRole(cloud, 'target', 'shut-role', { policies: { logs: ALLOW_LOGS } })
    await createFunction(cloud, 'target', 'shut', { role, code: CODE.quick })
    await reserve('shut', 0)
    const { plan: predicted } = await plan(['--to', 'target:shut', ...TIMES.quick, ...AGEING])
    const row = limit(predicted, 'event-age')
    expect(row).toMatchObject({ holds: false, firstSecond: 0, refused: 4, cause: 'ZeroReservedConcurrency' })
    const { run, summary } = await load('target', 'shut', 'shut.json', [...AGEING, '--end-to-end'])
    expect(summary).toMatchObject({ sent: 4, succeeded: 0, unfinished: 0 })
    expect(summary.causes).toMatchObject([{ cause: row?.cause, kind: 'event-given-up', count: row?.refused }])
    expect(run.seconds.find(({ causes }) => causes.length > 0)?.second).toBe(row?.firstSecond)
  })
})

const EVENT_AGE_SECONDS = 60
/** The cloud's time is put forward by this, so that nobody waits for a minute; what is left is more than a slow machine needs to accept events. */
const AHEAD_MS = 52_000
/** Runs until every other event of its function has been given up. */
const STUCK_MS = 12_000
const AGEING = ['--type', 'async', '--rate', '4', '--duration', '1s']

// Afterwards the logs are ahead of this machine's time, so that no load finds its own there.
describe('events that become too old', () => {
  it('are given up in the second that the plan says, as many as it simulated, and load names them', async () => {
    const sqs = cloud.client(SQSClient, 'target')
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'given-up' }))
    const queueArn = `arn:aws:sqs:us-east-1:${ACCOUNTS.target}:given-up`
    const tells = { Statement: [{ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: queueArn }] }
    const policies = { logs: ALLOW_LOGS, tells: { Version: '2012-10-17', ...tells } }
    const role = await createRole(cloud, 'target', 'stuck-role', { policies })
    const code = CODE.slow.replace(String(SLEEP_MS), String(STUCK_MS))
    await createFunction(cloud, 'target', 'stuck', { role, code, timeoutSeconds: 120 })
    await reserve('stuck', 1)
    await cloud.client(LambdaClient, 'target').send(
      new PutFunctionEventInvokeConfigCommand({
        FunctionName: 'stuck',
        MaximumEventAgeInSeconds: EVENT_AGE_SECONDS,
        DestinationConfig: { OnFailure: { Destination: queueArn } },
      }),
    )

    const times = ['--invocation-duration', `${STUCK_MS + AHEAD_MS}ms`, '--init-duration', '50ms']
    const { plan: predicted } = await plan(['--to', 'target:stuck', ...times, ...AGEING])
    const row = limit(predicted, 'event-age')
    expect(row).toMatchObject({ holds: false, limit: EVENT_AGE_SECONDS, refused: 3, cause: 'EventAgeExceeded' })

    const loading = load('target', 'stuck', 'stuck.json', [...AGEING, '--end-to-end', '--drain', '12s'])
    await eventually(async () => (await accepted('stuck')) === 4 || undefined, 20_000)
    await fetch(`${cloud.ready.endpoint}/_isthmus/clock`, {
      method: 'POST',
      body: JSON.stringify({ advanceMs: AHEAD_MS }),
    })
    const { run, summary } = await loading
    expect(summary.causes).toMatchObject([{ cause: row?.cause, kind: 'event-given-up', count: row?.refused }])
    // The load counts an event in the second in which it was sent.
    const sentIn = run.seconds.find(({ causes }) => causes.length > 0)?.second ?? Number.NaN
    expect(Math.abs((row?.firstSecond ?? Number.NaN) - (sentIn + EVENT_AGE_SECONDS))).toBeLessThanOrEqual(
      NAMED_SECONDS_APART,
    )
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))
    const records = Messages.map(({ Body = '' }) => JSON.parse(Body) as InvocationRecord)
    expect(records.map(({ requestContext }) => requestContext.condition)).toEqual(records.map(() => row?.cause))
    const seconds = records.map(({ timestamp }) => (Date.parse(timestamp) - Date.parse(run.startedAt)) / 1000)
    expect(Math.abs(Math.floor(Math.min(...seconds)) - (row?.firstSecond ?? Number.NaN))).toBeLessThanOrEqual(
      NAMED_SECONDS_APART,
    )
  })
})

interface InvocationRecord {
  readonly timestamp: string
  readonly requestContext: { readonly condition: string }
}

async function accepted(name: string): Promise<number> {
  const { Datapoints = [] } = await cloud.client(CloudWatchClient, 'target').send(
    new GetMetricStatisticsCommand({
      Namespace: 'AWS/Lambda',
      MetricName: 'AsyncEventsReceived',
      Dimensions: [{ Name: 'FunctionName', Value: name }],
      StartTime: new Date(Date.now() - 600_000),
      EndTime: new Date(Date.now() + 60_000),
      Period: 60,
      Statistics: ['Sum'],
    }),
  )
  return Datapoints.reduce((sum, { Sum = 0 }) => sum + Sum, 0)
}
