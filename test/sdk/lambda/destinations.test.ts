/** What becomes of asynchronous events: retries after a minute and after two, and what destinations and dead-letter queues are told. */
import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge'
import {
  AddPermissionCommand,
  DeleteFunctionConcurrencyCommand,
  InvokeCommand,
  LambdaClient,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  PutFunctionEventInvokeConfigCommand,
  PutFunctionRecursionConfigCommand,
} from '@aws-sdk/client-lambda'
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns'
import { SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { ACCOUNTS, startCloud, type AccountName, type TestCloud } from '../cloud.ts'
import { advance, attributesOf, bodies, createQueue, drain } from '../sqs/support.ts'
import { startGate } from './gate.ts'
import { arnOf, createRole, deploy, eventually, failureOf, iamOf, lambdaOf, payloadOf } from './support.ts'

let cloud: TestCloud
let lambda: LambdaClient
let sqs: SQSClient
let role: string
let attempts: string

/** Tells a queue of every attempt, then fails or answers as the event says. */
const code = (url: string) => `const { SQSClient, SendMessageCommand } = require('@aws-sdk/client-sqs')
  exports.handler = async (event, { awsRequestId }) => {
    await new SQSClient({}).send(new SendMessageCommand({ QueueUrl: '${url}', MessageBody: JSON.stringify({ n: event.n, awsRequestId }) }))
    if (event.fail) throw new Error('as asked')
    return { answer: event.n }
  }`

const queueArn = (name: string, account: AccountName = 'source') => `arn:aws:sqs:us-east-1:${ACCOUNTS[account]}:${name}`

beforeAll(async () => {
  cloud = await startCloud()
  lambda = lambdaOf(cloud, 'source')
  sqs = cloud.client(SQSClient, 'source')
  attempts = await createQueue(sqs, 'attempts')
  const allow = {
    Action: ['sqs:SendMessage', 'sns:Publish', 'lambda:InvokeFunction', 'events:PutEvents'],
    Resource: '*',
  }
  role = await createRole(iamOf(cloud, 'source'), 'worker', { allow })
})
afterAll(() => cloud.close())

async function worker(name: string, settings: object = {}): Promise<void> {
  await deploy(lambda, name, { Role: role, code: code(attempts), Timeout: 30, ...settings })
}

const send = async (FunctionName: string, event: object): Promise<string> => {
  const Payload = Buffer.from(JSON.stringify(event))
  const answer = await lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload }))
  return answer.$metadata.requestId ?? ''
}

const configure = (FunctionName: string, config: object) =>
  lambda.send(new PutFunctionEventInvokeConfigCommand({ FunctionName, ...config }))

const onFailure = (Destination: string) => ({ DestinationConfig: { OnFailure: { Destination } } })
const onSuccess = (Destination: string) => ({ DestinationConfig: { OnSuccess: { Destination } } })

describe('a failing event', () => {
  test('is tried again after one minute and after two more, under the same id, and then told as exhausted', async () => {
    const failures = await createQueue(sqs, 'failures')
    await worker('failing')
    await configure('failing', onFailure(queueArn('failures')))
    const id = await send('failing', { n: 1, fail: true })
    expect(await bodies(sqs, attempts, 1)).toEqual([{ n: 1, awsRequestId: id }])
    await eventually(async () => (await snapshotOf(id))?.notBeforeMs !== undefined || undefined)
    await advance(cloud, 50_000)
    expect(await attributesOf(sqs, attempts)).toMatchObject({ ApproximateNumberOfMessages: '0' })
    await advance(cloud, 10_000)
    expect(await bodies(sqs, attempts, 1)).toEqual([{ n: 1, awsRequestId: id }])
    await eventually(async () => (await snapshotOf(id))?.attempts === 2 || undefined)
    await advance(cloud, 60_000)
    expect(await attributesOf(sqs, attempts)).toMatchObject({ ApproximateNumberOfMessages: '0' })
    await advance(cloud, 60_000)
    expect(await bodies(sqs, attempts, 1)).toEqual([{ n: 1, awsRequestId: id }])
    const [message] = await drain(sqs, failures, 1)
    expect(message?.Attributes?.AWSTraceHeader).toMatch(/^Root=1-.*;Lineage=/)
    expect(message?.Attributes?.SenderId).toMatch(/^AROA[A-Z0-9]+:failing$/)
    expect(JSON.parse(message?.Body ?? '')).toEqual({
      version: '1.0',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
      requestContext: {
        requestId: id,
        functionArn: arnOf('source', 'failing', '$LATEST'),
        condition: 'RetriesExhausted',
        approximateInvokeCount: 3,
      },
      requestPayload: { n: 1, fail: true },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      responsePayload: expect.objectContaining({ errorType: 'Error', errorMessage: 'as asked' }) as object,
    })
    await untilGone(id)
  })

  test('is not tried again where no retries are wanted; its dead letter is the event itself', async () => {
    const letters = await createQueue(sqs, 'letters')
    await worker('lettered', { DeadLetterConfig: { TargetArn: queueArn('letters') } })
    await configure('lettered', { MaximumRetryAttempts: 0 })
    const id = await send('lettered', { n: 2, fail: true })
    const [letter] = await drain(sqs, letters, 1)
    expect(letter?.Body).toBe('{"n":2,"fail":true}')
    expect(letter?.MessageAttributes).toEqual({
      RequestID: { DataType: 'String', StringValue: id },
      ErrorCode: { DataType: 'Number', StringValue: '200' },
      ErrorMessage: { DataType: 'String', StringValue: 'as asked' },
    })
    await drain(sqs, attempts, 1)
  })

  test('is given up when it is older than its maximum age, with what the last attempt said', async () => {
    const aged = await createQueue(sqs, 'aged')
    await worker('ageing')
    await configure('ageing', { MaximumEventAgeInSeconds: 90, ...onFailure(queueArn('aged')) })
    const id = await send('ageing', { n: 3, fail: true })
    await drain(sqs, attempts, 1)
    await eventually(async () => (await snapshotOf(id))?.attempts === 1 || undefined)
    await advance(cloud, 60_000)
    await drain(sqs, attempts, 1)
    await eventually(async () => (await snapshotOf(id))?.attempts === 2 || undefined)
    await advance(cloud, 30_000)
    expect(await bodies(sqs, aged, 1)).toMatchObject([
      {
        requestContext: { requestId: id, condition: 'EventAgeExceeded', approximateInvokeCount: 2 },
        responseContext: { functionError: 'Unhandled' },
      },
    ])
    await advance(cloud, 300_000)
    expect(await attributesOf(sqs, attempts)).toMatchObject({ ApproximateNumberOfMessages: '0' })
  })

  test('has the configuration of the qualifier it was invoked as', async () => {
    const versioned = await createQueue(sqs, 'versioned')
    await worker('versioned')
    await lambda.send(new PublishVersionCommand({ FunctionName: 'versioned' }))
    await configure('versioned:1', { MaximumRetryAttempts: 0, ...onFailure(queueArn('versioned')) })
    await send('versioned', { n: 4, fail: true })
    await send('versioned:1', { n: 5, fail: true })
    expect(await bodies(sqs, versioned, 1)).toMatchObject([
      {
        requestContext: { functionArn: arnOf('source', 'versioned', '1'), approximateInvokeCount: 1 },
        requestPayload: { n: 5 },
        responseContext: { executedVersion: '1' },
      },
    ])
    await drain(sqs, attempts, 2)
  })
})

describe('an event that cannot start', () => {
  test('waits for those before it, and runs when there is room', async () => {
    const gate = await startGate()
    const slow = `exports.handler = () => fetch('${gate.url}')`
    await deploy(lambda, 'slow', { Role: role, code: slow, Timeout: 60 })
    await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: 'slow', ReservedConcurrentExecutions: 1 }))
    const running = lambda.send(new InvokeCommand({ FunctionName: 'slow' }))
    await gate.reached(1)
    const ids = [await send('slow', {}), await send('slow', {})]
    expect(await Promise.all(ids.map(snapshotOf))).toMatchObject([{ attempts: 0 }, { attempts: 0 }])
    gate.open()
    await running
    await advance(cloud, 300_000)
    // Nobody puts the clock forward for the second.
    for (const id of ids) await untilGone(id)
    gate.close()
  })

  test('does not wait longer than there is something to do: a burst keeps its reservation busy', async () => {
    const finished = await createQueue(sqs, 'finished')
    await worker('crowded')
    await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: 'crowded', ReservedConcurrentExecutions: 1 }))
    await configure('crowded', onSuccess(queueArn('finished')))
    const burst = Array.from({ length: 12 }, (_, n) => n)
    await Promise.all(burst.map((n) => send('crowded', { n })))
    // With pauses of 1, 2, 4 … seconds for each event it would take hours.
    const records = (await bodies(sqs, finished, burst.length)) as { requestPayload: { n: number } }[]
    expect(records.map(({ requestPayload }) => requestPayload.n).sort((a, b) => a - b)).toEqual(burst)
    await drain(sqs, attempts, burst.length)
  })

  test('because the function is stopped is told at once', async () => {
    const stopped = await createQueue(sqs, 'stopped')
    await worker('stopped')
    await configure('stopped', onFailure(queueArn('stopped')))
    await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: 'stopped', ReservedConcurrentExecutions: 0 }))
    const requestId = await send('stopped', { n: 6 })
    const [record] = await bodies(sqs, stopped, 1)
    expect(record).toEqual({
      version: '1.0',
      timestamp: expect.any(String) as string,
      requestContext: {
        requestId,
        functionArn: arnOf('source', 'stopped', '$LATEST'),
        condition: 'ZeroReservedConcurrency',
        approximateInvokeCount: 0,
      },
      requestPayload: { n: 6 },
    })
    await lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName: 'stopped' }))
  })
})

describe('a success is told', () => {
  test('to a topic, from which it goes on', async () => {
    const sns = cloud.client(SNSClient, 'source')
    const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'successes' }))
    const inbox = await createQueue(sqs, 'inbox', {
      Policy: JSON.stringify({
        Version: '2012-10-17',
        Statement: {
          Effect: 'Allow',
          Principal: { Service: 'sns.amazonaws.com' },
          Action: 'sqs:SendMessage',
          Resource: queueArn('inbox'),
        },
      }),
    })
    await sns.send(
      new SubscribeCommand({
        TopicArn,
        Protocol: 'sqs',
        Endpoint: queueArn('inbox'),
        Attributes: { RawMessageDelivery: 'true' },
      }),
    )
    await worker('announcing')
    await configure('announcing', onSuccess(TopicArn))
    await send('announcing', { n: 7 })
    const [record] = await bodies(sqs, inbox, 1)
    expect(record).toMatchObject({
      requestContext: { condition: 'Success', approximateInvokeCount: 1 },
      responsePayload: { answer: 7 },
    })
    expect((record as { responseContext: object }).responseContext).toEqual({
      statusCode: 200,
      executedVersion: '$LATEST',
    })
    await drain(sqs, attempts, 1)
  })

  test('to an event bus, in an envelope of its own', async () => {
    const events = cloud.client(EventBridgeClient, 'source')
    const bus = (await events.send(new CreateEventBusCommand({ Name: 'results' }))).EventBusArn ?? ''
    const results = await createQueue(sqs, 'results', {
      Policy: JSON.stringify({
        Version: '2012-10-17',
        Statement: {
          Effect: 'Allow',
          Principal: { Service: 'events.amazonaws.com' },
          Action: 'sqs:SendMessage',
          Resource: queueArn('results'),
        },
      }),
    })
    await events.send(
      new PutRuleCommand({ EventBusName: 'results', Name: 'all', EventPattern: '{"source": ["lambda"]}' }),
    )
    await events.send(
      new PutTargetsCommand({ EventBusName: 'results', Rule: 'all', Targets: [{ Id: '1', Arn: queueArn('results') }] }),
    )
    await worker('bussed')
    await configure('bussed', onSuccess(bus))
    await send('bussed', { n: 8 })
    expect(await bodies(sqs, results, 1)).toMatchObject([
      {
        source: 'lambda',
        'detail-type': 'Lambda Function Invocation Result - Success',
        account: ACCOUNTS.source,
        resources: [bus, arnOf('source', 'bussed', '$LATEST')],
        detail: { version: '1.0', responsePayload: { answer: 8 } },
      },
    ])
    await drain(sqs, attempts, 1)
  })

  test('to a function of another account, which lets the role in', async () => {
    const them = lambdaOf(cloud, 'target')
    const seen = await createQueue(cloud.client(SQSClient, 'target'), 'seen')
    const theirRole = await createRole(iamOf(cloud, 'target'), 'listener', {
      allow: { Action: 'sqs:SendMessage', Resource: '*' },
    })
    const listen = `const { SQSClient, SendMessageCommand } = require('@aws-sdk/client-sqs')
      exports.handler = async (event) => {
        await new SQSClient({}).send(new SendMessageCommand({ QueueUrl: '${seen}', MessageBody: JSON.stringify(event) }))
      }`
    await deploy(them, 'listener', { Role: theirRole, code: listen, Timeout: 30 })
    await them.send(
      new AddPermissionCommand({
        FunctionName: 'listener',
        StatementId: 'us',
        Action: 'lambda:InvokeFunction',
        Principal: role,
      }),
    )
    await worker('crossing')
    await configure('crossing', onSuccess(arnOf('target', 'listener')))
    await send('crossing', { n: 9 })
    expect(await bodies(cloud.client(SQSClient, 'target'), seen, 1)).toMatchObject([
      { requestContext: { functionArn: arnOf('source', 'crossing', '$LATEST') }, responsePayload: { answer: 9 } },
    ])
    await drain(sqs, attempts, 1)
  })

  test('to nobody when the destination no longer lets the role in', async () => {
    const shut = await createQueue(sqs, 'shut')
    await worker('refused')
    await configure('refused', onSuccess(queueArn('shut')))
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Deny', Principal: '*', Action: 'sqs:SendMessage', Resource: queueArn('shut') },
    })
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl: shut, Attributes: { Policy } }))
    const id = await send('refused', { n: 10 })
    await drain(sqs, attempts, 1)
    await untilGone(id)
    expect(cloud.notices.some((notice) => notice.includes('could not be delivered to ' + queueArn('shut')))).toBe(true)
  })
})

describe('a recursive loop', () => {
  const looping = `const { LambdaClient, InvokeCommand } = require('@aws-sdk/client-lambda')
    const { SQSClient, SendMessageCommand } = require('@aws-sdk/client-sqs')
    exports.handler = async (event, { functionName }) => {
      await new SQSClient({}).send(new SendMessageCommand({ QueueUrl: process.env.COUNT, MessageBody: '1' }))
      await new LambdaClient({}).send(new InvokeCommand({ FunctionName: functionName, InvocationType: 'Event' }))
    }`

  test('of events ends at the failure destination', async () => {
    const stopped = await createQueue(sqs, 'loops')
    const count = await createQueue(sqs, 'rounds')
    await deploy(lambda, 'spiral', {
      Role: role,
      code: looping,
      Timeout: 60,
      Environment: { Variables: { COUNT: count } },
    })
    await configure('spiral', onFailure(queueArn('loops')))
    await send('spiral', {})
    expect(await bodies(sqs, stopped, 1)).toMatchObject([
      { requestContext: { condition: 'RecursiveInvocation', approximateInvokeCount: 0 } },
    ])
    expect(await attributesOf(sqs, count)).toMatchObject({ ApproximateNumberOfMessages: '16' })
  })

  test('of synchronous calls is refused after sixteen, unless the function allows it', async () => {
    await worker('headed')
    const client = lambdaOf(cloud, 'source')
    const { $metadata } = await client.send(
      new InvokeCommand({ FunctionName: 'headed', Payload: Buffer.from('{"n":1}') }),
    )
    expect($metadata.httpStatusCode).toBe(200)
    const { withInvocation } = await import('../../../src/services/lambda/invocation/lineage.ts')
    let header = 'Root=1-65a00000-000000000000000000000000;Parent=0000000000000000;Sampled=0'
    for (let round = 0; round < 16; round++) header = withInvocation(header, arnOf('source', 'headed'))
    client.middlewareStack.add(
      (next) => (args) => {
        Object.assign((args.request as { headers: object }).headers, { 'X-Amzn-Trace-Id': header })
        return next(args)
      },
      { step: 'build', name: 'lineage' },
    )
    expect(await failureOf(client.send(new InvokeCommand({ FunctionName: 'headed' })))).toMatchObject({
      name: 'RecursiveInvocationException',
      status: 400,
    })
    await lambda.send(new PutFunctionRecursionConfigCommand({ FunctionName: 'headed', RecursiveLoop: 'Allow' }))
    expect(payloadOf(await client.send(new InvokeCommand({ FunctionName: 'headed' })))).toEqual({})
  })
})

interface KeptEvent {
  readonly attempts: number
  readonly refusals: number
  readonly acceptedAtMs: number
  readonly notBeforeMs?: number
}

async function untilGone(id: string): Promise<void> {
  await eventually(async () => (await snapshotOf(id)) === undefined || undefined)
}

/** The event as the state keeps it. */
async function snapshotOf(id: string): Promise<KeptEvent | undefined> {
  const snapshot = (await (await fetch(`${cloud.endpoint}/_isthmus/snapshot`)).json()) as Record<
    string,
    Record<string, Record<string, KeptEvent>>
  >
  return snapshot['lambda.async-events']?.[`${ACCOUNTS.source}/us-east-1`]?.[id]
}
