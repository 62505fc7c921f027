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
  DeleteFunctionConcurrencyCommand,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'
import { startCloudProcess } from './cloud-process.ts'
import { startRecorder, type Recorder } from './recorder.ts'
import { arnOf, create, createRole, deploy, eventually, lambdaOf, untilActive, zipOf } from './support.ts'

const folder = mkdtempSync(join(tmpdir(), 'isthmus-async-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let recorder: Recorder
beforeAll(async () => {
  recorder = await startRecorder()
})
afterAll(() => recorder.close())

/** A burst of cold starts, on a busy machine. */
const BURST_MS = 50_000
const TIMEOUT_MS = 60_000

const untilRecorded = (name: string, count: number) =>
  eventually(async () => {
    const lines = recorder.of(name)
    return lines.length >= count ? lines : undefined
  }, BURST_MS)
const send = (lambda: LambdaClient, FunctionName: string, event: object) =>
  lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload: Buffer.from(JSON.stringify(event)) }))

describe('an event', () => {
  let cloud: TestCloud
  let lambda: LambdaClient
  let role: string

  beforeAll(async () => {
    cloud = await startCloud()
    lambda = lambdaOf(cloud, 'target')
    role = await createRole(cloud.client(IAMClient, 'target'), 'execution')
  })
  afterAll(() => cloud.close())

  test('is delivered once, under the id of the request that brought it', async () => {
    const name = 'once'
    await deploy(lambda, 'once', { Role: role, code: recorder.codeOf(name) })
    await lambda.send(new PublishVersionCommand({ FunctionName: 'once' }))
    await lambda.send(new CreateAliasCommand({ FunctionName: 'once', Name: 'live', FunctionVersion: '1' }))
    const answer = await send(lambda, 'once:live', { n: 1 })
    expect(answer.StatusCode).toBe(202)
    expect(answer.$metadata.httpStatusCode).toBe(202)
    expect(answer.ExecutedVersion).toBeUndefined()
    expect(answer.Payload?.length ?? 0).toBe(0)
    const [line] = await untilRecorded(name, 1)
    expect(line).toEqual({
      event: { n: 1 },
      awsRequestId: answer.$metadata.requestId,
      invokedFunctionArn: arnOf('target', 'once', 'live'),
      mark: '',
    })
  })

  test('among many is not lost', { timeout: TIMEOUT_MS }, async () => {
    const name = 'many'
    await deploy(lambda, 'many', { Role: role, code: recorder.codeOf(name), Timeout: 20 })
    await Promise.all(Array.from({ length: 100 }, (_, n) => send(lambda, 'many', { n })))
    const lines = await untilRecorded(name, 100)
    expect(new Set(lines.map(({ event }) => event['n'])).size).toBe(100)
    expect(lines).toHaveLength(100)
  })

  test('waits while the function has no room for it', async () => {
    const name = 'narrow'
    await deploy(lambda, 'narrow', { Role: role, code: recorder.codeOf(name), Timeout: 10 })
    await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: 'narrow', ReservedConcurrentExecutions: 1 }))
    await Promise.all([1, 2].map((n) => send(lambda, 'narrow', { n, sleepMs: 200 })))
    expect(await untilRecorded(name, 2)).toHaveLength(2)
  })

  test('goes nowhere while the function is stopped', async () => {
    const name = 'stopped'
    await deploy(lambda, 'stopped', { Role: role, code: recorder.codeOf(name) })
    await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: 'stopped', ReservedConcurrentExecutions: 0 }))
    await send(lambda, 'stopped', { n: 1 })
    await lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName: 'stopped' }))
    await send(lambda, 'stopped', { n: 2 })
    expect((await untilRecorded(name, 1)).map(({ event }) => event['n'])).toEqual([2])
  })

  test('that was sent before an update of the code and could not run runs the new code', async () => {
    const name = 'renewed'
    await deploy(lambda, 'renewed', { Role: role, code: recorder.codeOf(name, 'old'), Timeout: 10 })
    await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: 'renewed', ReservedConcurrentExecutions: 1 }))
    await send(lambda, 'renewed', { n: 1, sleepMs: 300 })
    await send(lambda, 'renewed', { n: 2 })
    await lambda.send(
      new UpdateFunctionCodeCommand({
        FunctionName: 'renewed',
        ZipFile: await zipOf({ 'index.js': recorder.codeOf(name, 'new') }),
      }),
    )
    const lines = await untilRecorded(name, 2)
    expect(lines.map(({ event, mark }) => [event['n'], mark])).toEqual([
      [1, 'old'],
      [2, 'new'],
    ])
  })
})

describe('after the process was killed', () => {
  test('functions that were pending become active, versions and events are where they were', async () => {
    const stateDirectory = join(folder, 'state')
    const name = 'restarted'
    const before = await startCloudProcess(stateDirectory)
    const first = before.client(LambdaClient)
    const role = await createRole(before.client(IAMClient), 'execution')
    // The first delivery takes longer than the cloud lives.
    await deploy(first, 'kept', { Role: role, code: recorder.codeOf(name), Timeout: 20 })
    await first.send(new PublishVersionCommand({ FunctionName: 'kept' }))
    const answer = await send(first, 'kept', { n: 1, hangOnce: true })
    await untilRecorded(`${name}.begun`, 1)
    await create(first, 'young', { Role: role })
    await before.kill()
    expect(recorder.of(name)).toEqual([])

    const after = await startCloudProcess(stateDirectory)
    const second = after.client(LambdaClient)
    const [line] = await untilRecorded(name, 1)
    expect(line).toMatchObject({ event: { n: 1 }, awsRequestId: answer.$metadata.requestId })
    await untilActive(second, 'young')
    const version = await second.send(new GetFunctionConfigurationCommand({ FunctionName: 'kept:1' }))
    expect(version).toMatchObject({ State: 'Active', FunctionArn: arnOf('target', 'kept', '1') })
    const again = await second.send(new InvokeCommand({ FunctionName: 'kept:1', Payload: Buffer.from('{"n":2}') }))
    expect(again).toMatchObject({ StatusCode: 200, ExecutedVersion: '1' })
    expect(recorder.of(name).map(({ event }) => event['n'])).toEqual([1, 2])
    await after.kill()
  })

  test('no acknowledged event is lost', { timeout: TIMEOUT_MS }, async () => {
    const stateDirectory = join(folder, 'state-under-load')
    const name = 'under-load'
    const before = await startCloudProcess(stateDirectory)
    const first = before.client(LambdaClient)
    await deploy(first, 'busy', {
      Role: await createRole(before.client(IAMClient), 'execution'),
      code: recorder.codeOf(name),
      Timeout: 20,
    })
    const acknowledged: number[] = []
    const senders = Array.from({ length: 8 }, async (_, sender) => {
      for (let n = sender; ; n += 8) {
        try {
          await send(first, 'busy', { n, sleepMs: 5 })
        } catch {
          return
        }
        acknowledged.push(n)
      }
    })
    await eventually(async () => acknowledged.length > 50 || undefined)
    await before.kill()
    await Promise.all(senders)

    const after = await startCloudProcess(stateDirectory)
    const arrived = await eventually(async () => {
      const seen = new Set(recorder.of(name).map(({ event }) => event['n']))
      return acknowledged.every((n) => seen.has(n)) ? seen : undefined
    }, BURST_MS)
    expect(arrived.size).toBeGreaterThanOrEqual(acknowledged.length)
    await after.kill()
  })
})
