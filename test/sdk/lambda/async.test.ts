/** Asynchronous invocations: delivered once, with the code of the day, also after a restart. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { IAMClient } from '@aws-sdk/client-iam'
import {
  CreateAliasCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  PutFunctionEventInvokeConfigCommand,
  DeleteFunctionConcurrencyCommand,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda'
import { SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'
import { attributesOf, bodies, createQueue } from '../sqs/support.ts'
import { startCloudProcess } from './cloud-process.ts'
import { startGate } from './gate.ts'
import { arnOf, create, createRole, deploy, eventually, lambdaOf, untilActive, untilUpdated, zipOf } from './support.ts'

const folder = mkdtempSync(join(tmpdir(), 'isthmus-async-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Answers what it was called as; what it answers is told to a queue. */
const recorder = (mark = '') => `exports.handler = async (event, { awsRequestId, invokedFunctionArn }) => {
    if (event.sleepMs) await new Promise((resolve) => setTimeout(resolve, event.sleepMs))
    if (event.gate) await fetch(event.gate)
    return { event, awsRequestId, invokedFunctionArn, mark: '${mark}' }
  }`

const TELL = { Action: 'sqs:SendMessage', Resource: '*' }

interface Line {
  readonly event: Readonly<Record<string, unknown>>
  readonly awsRequestId: string
  readonly invokedFunctionArn: string
  readonly mark: string
}

/** A queue that is told of every event the function has processed. Answers its URL. */
async function record(lambda: LambdaClient, sqs: SQSClient, name: string, qualifier?: string): Promise<string> {
  const QueueUrl = await createQueue(sqs, name)
  const Destination = (await attributesOf(sqs, QueueUrl))['QueueArn']
  await lambda.send(
    new PutFunctionEventInvokeConfigCommand({
      FunctionName: name,
      Qualifier: qualifier,
      DestinationConfig: { OnSuccess: { Destination } },
    }),
  )
  return QueueUrl
}

async function untilLines(sqs: SQSClient, QueueUrl: string, count: number): Promise<Line[]> {
  const records = (await bodies(sqs, QueueUrl, count)) as { readonly responsePayload: Line }[]
  return records.map(({ responsePayload }) => responsePayload)
}
const send = (lambda: LambdaClient, FunctionName: string, event: object) =>
  lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload: Buffer.from(JSON.stringify(event)) }))

describe('an event', () => {
  let cloud: TestCloud
  let lambda: LambdaClient
  let sqs: SQSClient
  let role: string

  beforeAll(async () => {
    cloud = await startCloud()
    lambda = lambdaOf(cloud, 'target')
    sqs = cloud.client(SQSClient, 'target')
    role = await createRole(cloud.client(IAMClient, 'target'), 'execution', { allow: TELL })
  })
  afterAll(() => cloud.close())

  test('is delivered once, under the id of the request that brought it', async () => {
    await deploy(lambda, 'once', { Role: role, code: recorder() })
    await lambda.send(new PublishVersionCommand({ FunctionName: 'once' }))
    await lambda.send(new CreateAliasCommand({ FunctionName: 'once', Name: 'live', FunctionVersion: '1' }))
    const queue = await record(lambda, sqs, 'once', 'live')
    const answer = await send(lambda, 'once:live', { n: 1 })
    expect(answer.StatusCode).toBe(202)
    expect(answer.$metadata.httpStatusCode).toBe(202)
    expect(answer.ExecutedVersion).toBeUndefined()
    expect(answer.Payload?.length ?? 0).toBe(0)
    const [line] = await untilLines(sqs, queue, 1)
    expect(line).toEqual({
      event: { n: 1 },
      awsRequestId: answer.$metadata.requestId,
      invokedFunctionArn: arnOf('target', 'once', 'live'),
      mark: '',
    })
  })

  test('among many is not lost', async () => {
    await deploy(lambda, 'many', { Role: role, code: recorder() })
    const queue = await record(lambda, sqs, 'many')
    await Promise.all(Array.from({ length: 100 }, (_, n) => send(lambda, 'many', { n })))
    const lines = await untilLines(sqs, queue, 100)
    expect(new Set(lines.map(({ event }) => event['n'])).size).toBe(100)
    expect(lines).toHaveLength(100)
  })

  test('waits while the function has no room for it', async () => {
    await deploy(lambda, 'narrow', { Role: role, code: recorder(), Timeout: 10 })
    await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: 'narrow', ReservedConcurrentExecutions: 1 }))
    const queue = await record(lambda, sqs, 'narrow')
    await Promise.all([1, 2].map((n) => send(lambda, 'narrow', { n, sleepMs: 200 })))
    expect(await untilLines(sqs, queue, 2)).toHaveLength(2)
  })

  test('goes nowhere while the function is stopped', async () => {
    await deploy(lambda, 'stopped', { Role: role, code: recorder() })
    await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: 'stopped', ReservedConcurrentExecutions: 0 }))
    const queue = await record(lambda, sqs, 'stopped')
    await send(lambda, 'stopped', { n: 1 })
    await lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName: 'stopped' }))
    await send(lambda, 'stopped', { n: 2 })
    expect((await untilLines(sqs, queue, 1)).map(({ event }) => event['n'])).toEqual([2])
  })

  test('that was sent before an update of the code and could not run runs the new code', async () => {
    const gate = await startGate()
    await deploy(lambda, 'renewed', { Role: role, code: recorder('old'), Timeout: 60 })
    await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: 'renewed', ReservedConcurrentExecutions: 1 }))
    const queue = await record(lambda, sqs, 'renewed')
    await send(lambda, 'renewed', { n: 1, gate: gate.url })
    await gate.reached(1)
    await send(lambda, 'renewed', { n: 2 })
    await lambda.send(
      new UpdateFunctionCodeCommand({
        FunctionName: 'renewed',
        ZipFile: await zipOf({ 'index.js': recorder('new') }),
      }),
    )
    await untilUpdated(lambda, 'renewed')
    gate.open()
    const lines = await untilLines(sqs, queue, 2)
    expect(lines.map(({ event, mark }) => [event['n'], mark])).toEqual([
      [1, 'old'],
      [2, 'new'],
    ])
    gate.close()
  })
})

describe('after the process was killed', () => {
  test('functions that were pending become active, versions and events are where they were', async () => {
    const stateDirectory = join(folder, 'state')
    const before = await startCloudProcess(stateDirectory)
    const first = before.client(LambdaClient)
    const role = await createRole(before.client(IAMClient), 'execution', { allow: TELL })
    await deploy(first, 'kept', { Role: role, code: recorder(), Timeout: 20 })
    await first.send(new PublishVersionCommand({ FunctionName: 'kept' }))
    const queue = await record(first, before.client(SQSClient), 'kept')
    // The first delivery takes longer than the cloud lives.
    const answer = await send(first, 'kept', { n: 1, sleepMs: 3000 })
    await create(first, 'young', { Role: role })
    await before.kill()

    const after = await startCloudProcess(stateDirectory)
    const second = after.client(LambdaClient)
    const [line] = await untilLines(after.client(SQSClient), queue, 1)
    expect(line).toMatchObject({ event: { n: 1 }, awsRequestId: answer.$metadata.requestId })
    await untilActive(second, 'young')
    const version = await second.send(new GetFunctionConfigurationCommand({ FunctionName: 'kept:1' }))
    expect(version).toMatchObject({ State: 'Active', FunctionArn: arnOf('target', 'kept', '1') })
    const again = await second.send(new InvokeCommand({ FunctionName: 'kept:1', Payload: Buffer.from('{"n":2}') }))
    expect(again).toMatchObject({ StatusCode: 200, ExecutedVersion: '1' })
    await after.kill()
  })

  test('no acknowledged event is lost', async () => {
    const stateDirectory = join(folder, 'state-under-load')
    const before = await startCloudProcess(stateDirectory)
    const first = before.client(LambdaClient)
    await deploy(first, 'busy', {
      Role: await createRole(before.client(IAMClient), 'execution', { allow: TELL }),
      code: recorder(),
      Timeout: 20,
    })
    const queue = await record(first, before.client(SQSClient), 'busy')
    const acknowledged: number[] = []
    const senders = Array.from({ length: 4 }, async (_, sender) => {
      for (let n = sender; ; n += 4) {
        try {
          await send(first, 'busy', { n, sleepMs: 5 })
        } catch {
          return
        }
        acknowledged.push(n)
      }
    })
    await eventually(async () => acknowledged.length > 20 || undefined)
    await before.kill()
    await Promise.all(senders)

    const after = await startCloudProcess(stateDirectory)
    const seen = new Set<unknown>()
    await eventually(async () => {
      for (const { event } of await untilLines(after.client(SQSClient), queue, 1)) seen.add(event['n'])
      return acknowledged.every((n) => seen.has(n)) || undefined
    })
    expect(seen.size).toBeGreaterThanOrEqual(acknowledged.length)
    await after.kill()
  })
})
