/** What CloudWatch knows of functions: in the account that owns them, by function, qualifier and version. */
import {
  CloudWatchClient,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  type Datapoint,
} from '@aws-sdk/client-cloudwatch'
import {
  AddPermissionCommand,
  CreateAliasCommand,
  CreateFunctionUrlConfigCommand,
  GetProvisionedConcurrencyConfigCommand,
  InvokeCommand,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  PutFunctionEventInvokeConfigCommand,
  PutProvisionedConcurrencyConfigCommand,
  type LambdaClient,
} from '@aws-sdk/client-lambda'
import { CreateQueueCommand, DeleteQueueCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { ACCOUNTS, startCloud, type TestCloud } from '../cloud.ts'
import { invokeAtOnce, startGate } from '../lambda/gate.ts'
import { arnOf, createRole, deploy, eventually, failureOf, iamOf, lambdaOf } from '../lambda/support.ts'

const gate = await startGate()
const AT_GATE = Buffer.from('{"atGate":true}')
const CODE = `exports.handler = async ({ fail, ms = 0, atGate }) => {
  await new Promise((resolve) => setTimeout(resolve, ms))
  if (atGate) await fetch('${gate.url}')
  if (fail) throw new Error('as asked')
}`
let cloud: TestCloud
let lambda: LambdaClient
let startedMs: number

beforeAll(async () => {
  cloud = await startCloud()
  startedMs = Date.now()
  lambda = lambdaOf(cloud, 'target')
  const role = await createRole(iamOf(cloud, 'target'), 'measured', { allow: { Action: 'sqs:*', Resource: '*' } })
  await deploy(lambda, 'measured', { Role: role, code: CODE, Timeout: 60 })
  await lambda.send(new PublishVersionCommand({ FunctionName: 'measured' }))
  await lambda.send(new CreateAliasCommand({ FunctionName: 'measured', Name: 'prod', FunctionVersion: '1' }))
  await lambda.send(
    new AddPermissionCommand({
      FunctionName: 'measured',
      StatementId: 'source',
      Action: 'lambda:InvokeFunction',
      Principal: ACCOUNTS.source,
      Qualifier: 'prod',
    }),
  )
  await deploy(lambda, 'closed', { Role: role, code: CODE })
  await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: 'closed', ReservedConcurrentExecutions: 0 }))
})
afterAll(async () => {
  gate.close()
  await cloud.close()
})

type Dimensions = Readonly<Record<string, string>>

/** All values of a metric since the cloud started. */
async function statistics(MetricName: string, dimensions: Dimensions, account: 'source' | 'target' = 'target') {
  const { Datapoints = [] } = await cloud.client(CloudWatchClient, account).send(
    new GetMetricStatisticsCommand({
      Namespace: 'AWS/Lambda',
      MetricName,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      StartTime: new Date(startedMs),
      EndTime: new Date(Date.now() + 3_600_000),
      Period: 86_400,
      Statistics: ['SampleCount', 'Sum', 'Minimum', 'Maximum'],
    }),
  )
  // Around midnight there are two days of them.
  return Datapoints.reduce<Datapoint | undefined>(
    (before, day) =>
      before
        ? {
            SampleCount: (before.SampleCount ?? 0) + (day.SampleCount ?? 0),
            Sum: (before.Sum ?? 0) + (day.Sum ?? 0),
            Minimum: Math.min(before.Minimum ?? 0, day.Minimum ?? 0),
            Maximum: Math.max(before.Maximum ?? 0, day.Maximum ?? 0),
          }
        : day,
    undefined,
  )
}

async function sumOf(name: string, dimensions: Dimensions, account?: 'source'): Promise<number | undefined> {
  return (await statistics(name, dimensions, account))?.Sum
}

it('counts invocations, errors and durations, by every set of dimensions', async () => {
  const invoke = (who: LambdaClient, FunctionName: string, event: object) =>
    who.send(new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(event)) }))
  await invoke(lambda, 'measured', { ms: 30 })
  await invoke(lambda, 'measured', { fail: true })
  await invoke(lambdaOf(cloud, 'source'), arnOf('target', 'measured', 'prod'), {})
  // A caller who may not is no invocation.
  await failureOf(invoke(lambdaOf(cloud, 'source'), arnOf('target', 'measured'), {}))
  const ofFunction = { FunctionName: 'measured' }
  const ofAlias = { ...ofFunction, Resource: 'measured:prod' }
  for (const [dimensions, invocations, errors] of [
    [{}, 3, 1],
    [ofFunction, 3, 1],
    [{ ...ofFunction, Resource: 'measured' }, 2, 1],
    [ofAlias, 1, 0],
    [{ ...ofAlias, ExecutedVersion: '1' }, 1, 0],
  ] as const) {
    expect(await sumOf('Invocations', dimensions)).toBe(invocations)
    expect(await sumOf('Errors', dimensions)).toBe(errors)
    expect(await sumOf('Throttles', dimensions)).toBe(0)
  }
  const duration = await statistics('Duration', ofFunction)
  expect(duration).toMatchObject({ SampleCount: 3, Unit: 'Milliseconds' })
  expect(duration?.Maximum).toBeGreaterThanOrEqual(29)
  // The caller's account owns nothing that was invoked.
  expect(await sumOf('Invocations', {}, 'source')).toBeUndefined()
})

it('tells how many run at once', async () => {
  const invoke = () => lambda.send(new InvokeCommand({ FunctionName: 'measured', Payload: AT_GATE }))
  expect(await invokeAtOnce(gate, invoke, { invoked: 3, refused: 0 })).toEqual(['ran', 'ran', 'ran'])
  expect((await statistics('ConcurrentExecutions', { FunctionName: 'measured' }))?.Maximum).toBe(3)
  expect((await statistics('ConcurrentExecutions', {}))?.Maximum).toBe(3)
  expect((await statistics('UnreservedConcurrentExecutions', {}))?.Maximum).toBe(3)
  expect((await statistics('ClaimedAccountConcurrency', {}))?.Minimum).toBe(1)
})

it('counts throttles, which are neither invocations nor errors', async () => {
  await failureOf(lambda.send(new InvokeCommand({ FunctionName: 'closed' })))
  expect(await statistics('Throttles', { FunctionName: 'closed' })).toMatchObject({ Sum: 1, SampleCount: 1 })
  expect(await sumOf('Invocations', { FunctionName: 'closed' })).toBeUndefined()
})

it('tells provisioned invocations from those that spill over', async () => {
  const at = { FunctionName: 'measured', Qualifier: '1' }
  await lambda.send(new PutProvisionedConcurrencyConfigCommand({ ...at, ProvisionedConcurrentExecutions: 1 }))
  await eventually(async () => {
    const { Status } = await lambda.send(new GetProvisionedConcurrencyConfigCommand(at))
    return Status === 'READY' ? Status : undefined
  })
  const invoke = () => lambda.send(new InvokeCommand({ ...at, Payload: AT_GATE }))
  expect(await invokeAtOnce(gate, invoke, { invoked: 2, refused: 0 })).toEqual(['ran', 'ran'])
  const ofVersion = { FunctionName: 'measured', Resource: 'measured:1' }
  expect(await sumOf('ProvisionedConcurrencyInvocations', ofVersion)).toBe(1)
  expect(await sumOf('ProvisionedConcurrencySpilloverInvocations', ofVersion)).toBe(1)
  expect((await statistics('ProvisionedConcurrentExecutions', ofVersion))?.Maximum).toBe(1)
  expect((await statistics('ProvisionedConcurrencyUtilization', ofVersion))?.Maximum).toBe(1)
})

it('follows asynchronous events, until they are dropped and nobody can be told', async () => {
  const sqs = cloud.client(SQSClient, 'target')
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'failures' }))
  await lambda.send(
    new PutFunctionEventInvokeConfigCommand({
      FunctionName: 'measured',
      MaximumRetryAttempts: 0,
      DestinationConfig: { OnFailure: { Destination: `arn:aws:sqs:us-east-1:${ACCOUNTS.target}:failures` } },
    }),
  )
  await sqs.send(new DeleteQueueCommand({ QueueUrl }))
  const failing = Buffer.from('{"fail":true}')
  await lambda.send(new InvokeCommand({ FunctionName: 'measured', InvocationType: 'Event', Payload: failing }))
  const ofFunction = { FunctionName: 'measured' }
  await eventually(() => sumOf('DestinationDeliveryFailures', ofFunction))
  expect(await sumOf('AsyncEventsReceived', ofFunction)).toBe(1)
  expect(await sumOf('AsyncEventsDropped', { ...ofFunction, Resource: 'measured' })).toBe(1)
  expect(await statistics('AsyncEventAge', ofFunction)).toMatchObject({ SampleCount: 1, Unit: 'Milliseconds' })
  // The event to a function without concurrency is dropped without an attempt.
  await lambda.send(new InvokeCommand({ FunctionName: 'closed', InvocationType: 'Event' }))
  await eventually(() => sumOf('AsyncEventsDropped', { FunctionName: 'closed' }))
  expect(await statistics('AsyncEventAge', { FunctionName: 'closed' })).toBeUndefined()
})

it('lists the metrics of a function', async () => {
  const { Metrics = [] } = await cloud.client(CloudWatchClient, 'target').send(
    new ListMetricsCommand({
      Namespace: 'AWS/Lambda',
      Dimensions: [{ Name: 'Resource', Value: 'measured:prod' }],
      RecentlyActive: 'PT3H',
    }),
  )
  const names = new Set(Metrics.map(({ MetricName }) => MetricName))
  expect(names).toEqual(new Set(['Duration', 'Errors', 'Invocations', 'Throttles']))
})

it('counts the requests to a function URL, those that are refused as well', async () => {
  const FunctionName = 'measured'
  const { FunctionUrl } = await lambda.send(new CreateFunctionUrlConfigCommand({ FunctionName, AuthType: 'NONE' }))
  const id = /[a-z0-9]{32}/.exec(FunctionUrl ?? '')?.[0]
  const statusOf = async () => (await fetch(`${cloud.endpoint}/lambda-url/${id}/`)).status
  expect(await statusOf()).toBe(403)
  const open = { FunctionName, Principal: '*' }
  await lambda.send(
    new AddPermissionCommand({
      ...open,
      StatementId: 'url',
      Action: 'lambda:InvokeFunctionUrl',
      FunctionUrlAuthType: 'NONE',
    }),
  )
  await lambda.send(
    new AddPermissionCommand({
      ...open,
      StatementId: 'via-url',
      Action: 'lambda:InvokeFunction',
      InvokedViaFunctionUrl: true,
    }),
  )
  expect(await statusOf()).toBe(200)
  const ofFunction = { FunctionName }
  expect(await sumOf('UrlRequestCount', ofFunction)).toBe(2)
  expect(await sumOf('Url4xxCount', ofFunction)).toBe(1)
  expect(await sumOf('Url5xxCount', ofFunction)).toBe(0)
  expect(await statistics('UrlRequestLatency', ofFunction)).toMatchObject({ SampleCount: 2 })
})
