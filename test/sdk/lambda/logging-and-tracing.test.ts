/** LoggingConfig and TracingConfig: what is kept, what AWS refuses, and what an invocation shows of them. */
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import {
  GetFunctionConfigurationCommand,
  InvokeCommand,
  type LambdaClient,
  UpdateFunctionConfigurationCommand,
  type UpdateFunctionConfigurationCommandInput,
} from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'
import {
  create,
  createRole,
  deploy,
  eventually,
  failureOf,
  iamOf,
  invalidParameter,
  lambdaOf,
  payloadOf,
  untilUpdated,
} from './support.ts'

const LEVELS = `exports.handler = async () => {
  console.debug('debugged'); console.info('informed'); console.warn('warned')
}`
const TRACE = 'exports.handler = async () => process.env._X_AMZN_TRACE_ID'

let cloud: TestCloud
let lambda: LambdaClient
let role: string
let tracingRole: string

beforeAll(async () => {
  cloud = await startCloud()
  lambda = lambdaOf(cloud, 'target')
  const iam = iamOf(cloud, 'target')
  role = await createRole(iam, 'execution')
  tracingRole = await createRole(iam, 'tracing', {
    allow: { Action: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], Resource: '*' },
  })
})
afterAll(() => cloud.close())

async function update(FunctionName: string, change: Omit<UpdateFunctionConfigurationCommandInput, 'FunctionName'>) {
  const answer = await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, ...change }))
  await untilUpdated(lambda, FunctionName)
  return answer
}

const configurationOf = (FunctionName: string) => lambda.send(new GetFunctionConfigurationCommand({ FunctionName }))

describe('LoggingConfig', () => {
  const LEVEL_OF_TEXT = invalidParameter(
    'LogLevel is not supported when LogFormat is set to "Text". Remove LogLevel from your request or change the LogFormat to "JSON" and try again.',
  )

  test('keeps levels for JSON, and loses them with Text', async () => {
    const LoggingConfig = { LogFormat: 'JSON', ApplicationLogLevel: 'WARN', SystemLogLevel: 'DEBUG' } as const
    await deploy(lambda, 'levels', { Role: role, LoggingConfig })
    const LogGroup = '/aws/lambda/levels'
    expect((await configurationOf('levels')).LoggingConfig).toEqual({ ...LoggingConfig, LogGroup })
    await update('levels', { LoggingConfig: { ApplicationLogLevel: 'ERROR' } })
    const changed = { ...LoggingConfig, ApplicationLogLevel: 'ERROR', LogGroup }
    expect((await configurationOf('levels')).LoggingConfig).toEqual(changed)
    await update('levels', { LoggingConfig: { LogFormat: 'Text' } })
    expect((await configurationOf('levels')).LoggingConfig).toEqual({ LogFormat: 'Text', LogGroup })
    await update('levels', { LoggingConfig: { LogFormat: 'JSON' } })
    expect((await configurationOf('levels')).LoggingConfig).toMatchObject({
      ApplicationLogLevel: 'INFO',
      SystemLogLevel: 'INFO',
    })
  })

  test.each([
    [{ ApplicationLogLevel: 'INFO' }],
    [{ SystemLogLevel: 'WARN' }],
    [{ LogFormat: 'Text', ApplicationLogLevel: 'DEBUG' }],
  ] as const)('%j is refused: plain text has no levels', async (LoggingConfig) => {
    expect(await failureOf(create(lambda, 'refused', { Role: role, LoggingConfig }))).toEqual(LEVEL_OF_TEXT)
  })

  test('filters what is logged', async () => {
    const LoggingConfig = {
      LogFormat: 'JSON',
      ApplicationLogLevel: 'WARN',
      SystemLogLevel: 'DEBUG',
      LogGroup: '/team/filtered',
    } as const
    await deploy(lambda, 'filtered', { Role: role, code: LEVELS, LoggingConfig })
    await lambda.send(new InvokeCommand({ FunctionName: 'filtered' }))
    const logs = cloud.client(CloudWatchLogsClient, 'target')
    const names = await eventually(async () => {
      const found = await logs
        .send(new FilterLogEventsCommand({ logGroupName: '/team/filtered' }))
        .catch(() => undefined)
      const events = (found?.events ?? []).map(({ message = '' }) => JSON.parse(message) as Record<string, string>)
      return events.some(({ type }) => type === 'platform.report')
        ? events.map(({ type, message }) => type ?? message)
        : undefined
    })
    expect(names).toEqual([
      'platform.initStart',
      'platform.initRuntimeDone',
      'platform.initReport',
      'platform.start',
      'warned',
      'platform.runtimeDone',
      'platform.report',
    ])
  })
})

describe('TracingConfig', () => {
  test('Active needs a role that may send segments', async () => {
    const denied = invalidParameter(
      'The provided execution role does not have permissions to call PutTraceSegments on XRAY',
    )
    const TracingConfig = { Mode: 'Active' } as const
    expect(await failureOf(create(lambda, 'untraceable', { Role: role, TracingConfig }))).toEqual(denied)
    await deploy(lambda, 'untraced', { Role: role })
    expect(await failureOf(update('untraced', { TracingConfig }))).toEqual(denied)
    expect((await update('untraced', { TracingConfig, Role: tracingRole })).TracingConfig).toEqual(TracingConfig)
    await update('untraced', { TracingConfig: { Mode: 'PassThrough' } })
    expect((await configurationOf('untraced')).TracingConfig).toEqual({ Mode: 'PassThrough' })
  })

  test('shows the trace in REPORT, and the function its own segment as parent', async () => {
    await deploy(lambda, 'traced', { Role: tracingRole, code: TRACE, TracingConfig: { Mode: 'Active' } })
    const answer = await lambda.send(new InvokeCommand({ FunctionName: 'traced', LogType: 'Tail' }))
    const header = String(payloadOf(answer))
    const [, root, parent] = /^Root=([^;]+);Parent=([0-9a-f]{16});Sampled=1;Lineage=/.exec(header) ?? []
    const tail = Buffer.from(answer.LogResult ?? '', 'base64').toString()
    expect(tail).toMatch(new RegExp(`ms\t\nXRAY TraceId: ${root}\tSegmentId: ${parent}\tSampled: true\t\n$`))
  })

  test('without it a trace is passed on, and not reported', async () => {
    await deploy(lambda, 'passing', { Role: role, code: TRACE })
    const answer = await lambda.send(new InvokeCommand({ FunctionName: 'passing', LogType: 'Tail' }))
    expect(payloadOf(answer)).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0;Lineage=/)
    expect(Buffer.from(answer.LogResult ?? '', 'base64').toString()).not.toContain('XRAY')
  })
})
