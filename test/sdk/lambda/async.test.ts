/** Asynchronous invocations: delivered once, with the code of the day, also after a restart. */
import { mkdtempSync, readFileSync, rmSync, existsSync } from 'node:fs'
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
import { arnOf, create, createRole, deploy, eventually, lambdaOf, untilActive, zipOf } from './support.ts'

const folder = mkdtempSync(join(tmpdir(), 'isthmus-async-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A function that appends a line to a file for every event. */
const recorder = (file: string, mark = '') => `const { appendFileSync } = require('node:fs')
  exports.handler = async (event, { awsRequestId, invokedFunctionArn }) => {
    if (event.sleepMs) await new Promise((resolve) => setTimeout(resolve, event.sleepMs))
    appendFileSync(${JSON.stringify(file)}, JSON.stringify({ event, awsRequestId, invokedFunctionArn, mark: '${mark}' }) + '\\n')
    if (event.fail) throw new Error('as asked')
  }`

interface Line {
  readonly event: Readonly<Record<string, unknown>>
  readonly awsRequestId: string
  readonly invokedFunctionArn: string
  readonly mark: string
}

/** Whole lines only: the last one may still be on its way. */
const linesOf = (file: string): Line[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Line)
    : []
const untilLines = (file: string, count: number) =>
  eventually(async () => {
    const lines = linesOf(file)
    return lines.length >= count ? lines : undefined
  })
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
    const file = join(folder, 'once')
    await deploy(lambda, 'once', { Role: role, code: recorder(file) })
    await lambda.send(new PublishVersionCommand({ FunctionName: 'once' }))
    await lambda.send(new CreateAliasCommand({ FunctionName: 'once', Name: 'live', FunctionVersion: '1' }))
    const answer = await send(lambda, 'once:live', { n: 1 })
    expect(answer.StatusCode).toBe(202)
    expect(answer.$metadata.httpStatusCode).toBe(202)
    expect(answer.ExecutedVersion).toBeUndefined()
    expect(answer.Payload?.length ?? 0).toBe(0)
    const [line] = await untilLines(file, 1)
    expect(line).toEqual({
      event: { n: 1 },
      awsRequestId: answer.$metadata.requestId,
      invokedFunctionArn: arnOf('target', 'once', 'live'),
      mark: '',
    })
  })

  test('among many is not lost', async () => {
    const file = join(folder, 'many')
    await deploy(lambda, 'many', { Role: role, code: recorder(file) })
    await Promise.all(Array.from({ length: 100 }, (_, n) => send(lambda, 'many', { n })))
    const lines = await untilLines(file, 100)
    expect(new Set(lines.map(({ event }) => event['n'])).size).toBe(100)
    expect(lines).toHaveLength(100)
  })

  test('waits while the function has no room for it', async () => {
    const file = join(folder, 'narrow')
    await deploy(lambda, 'narrow', { Role: role, code: recorder(file), Timeout: 10 })
    await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: 'narrow', ReservedConcurrentExecutions: 1 }))
    await Promise.all([1, 2].map((n) => send(lambda, 'narrow', { n, sleepMs: 200 })))
    expect(await untilLines(file, 2)).toHaveLength(2)
  })

  test('goes nowhere while the function is stopped', async () => {
    const file = join(folder, 'stopped')
    await deploy(lambda, 'stopped', { Role: role, code: recorder(file) })
    await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: 'stopped', ReservedConcurrentExecutions: 0 }))
    await send(lambda, 'stopped', { n: 1 })
    await lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName: 'stopped' }))
    await send(lambda, 'stopped', { n: 2 })
    expect((await untilLines(file, 1)).map(({ event }) => event['n'])).toEqual([2])
  })

  test('that was sent before an update of the code and could not run runs the new code', async () => {
    const file = join(folder, 'renewed')
    await deploy(lambda, 'renewed', { Role: role, code: recorder(file, 'old'), Timeout: 10 })
    await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: 'renewed', ReservedConcurrentExecutions: 1 }))
    await send(lambda, 'renewed', { n: 1, sleepMs: 300 })
    await send(lambda, 'renewed', { n: 2 })
    await lambda.send(
      new UpdateFunctionCodeCommand({
        FunctionName: 'renewed',
        ZipFile: await zipOf({ 'index.js': recorder(file, 'new') }),
      }),
    )
    const lines = await untilLines(file, 2)
    expect(lines.map(({ event, mark }) => [event['n'], mark])).toEqual([
      [1, 'old'],
      [2, 'new'],
    ])
  })
})

describe('after the process was killed', () => {
  test('functions that were pending become active, versions and events are where they were', async () => {
    const stateDirectory = join(folder, 'state')
    const file = join(folder, 'restarted')
    const before = await startCloudProcess(stateDirectory)
    const first = before.client(LambdaClient)
    const role = await createRole(before.client(IAMClient), 'execution')
    // The first delivery takes longer than the cloud lives.
    const code = `${recorder(file)}
      const record = exports.handler
      exports.handler = async (event, context) => {
        const { existsSync, writeFileSync } = require('node:fs')
        if (event.n === 1 && !existsSync('${file}.begun')) {
          writeFileSync('${file}.begun', '')
          await new Promise((resolve) => setTimeout(resolve, 15_000))
        }
        return record(event, context)
      }`
    await deploy(first, 'kept', { Role: role, code, Timeout: 20 })
    await first.send(new PublishVersionCommand({ FunctionName: 'kept' }))
    const answer = await send(first, 'kept', { n: 1 })
    await eventually(async () => existsSync(`${file}.begun`) || undefined)
    await create(first, 'young', { Role: role })
    await before.kill()
    expect(linesOf(file)).toEqual([])

    const after = await startCloudProcess(stateDirectory)
    const second = after.client(LambdaClient)
    const [line] = await untilLines(file, 1)
    expect(line).toMatchObject({ event: { n: 1 }, awsRequestId: answer.$metadata.requestId })
    await untilActive(second, 'young')
    const version = await second.send(new GetFunctionConfigurationCommand({ FunctionName: 'kept:1' }))
    expect(version).toMatchObject({ State: 'Active', FunctionArn: arnOf('target', 'kept', '1') })
    const again = await second.send(new InvokeCommand({ FunctionName: 'kept:1', Payload: Buffer.from('{"n":2}') }))
    expect(again).toMatchObject({ StatusCode: 200, ExecutedVersion: '1' })
    expect(linesOf(file).map(({ event }) => event['n'])).toEqual([1, 2])
    await after.kill()
  })

  test('no acknowledged event is lost', async () => {
    const stateDirectory = join(folder, 'state-under-load')
    const file = join(folder, 'under-load')
    const before = await startCloudProcess(stateDirectory)
    const first = before.client(LambdaClient)
    await deploy(first, 'busy', {
      Role: await createRole(before.client(IAMClient), 'execution'),
      code: recorder(file),
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
      const seen = new Set(linesOf(file).map(({ event }) => event['n']))
      return acknowledged.every((n) => seen.has(n)) ? seen : undefined
    }, 20_000)
    expect(arrived.size).toBeGreaterThanOrEqual(acknowledged.length)
    await after.kill()
  })
})
