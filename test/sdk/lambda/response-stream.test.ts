/** InvokeWithResponseStream: the response as the function writes it, in the event stream of the real SDK, and its end. */
import {
  AddPermissionCommand,
  InvokeCommand,
  InvokeWithResponseStreamCommand,
  PutFunctionConcurrencyCommand,
  type InvokeWithResponseStreamCommandInput,
  type InvokeWithResponseStreamCompleteEvent,
  type LambdaClient,
} from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'
import { startGate } from './gate.ts'
import { arnOf, createRole, deploy, eventually, failure, failureOf, iamOf, lambdaOf, notFound } from './support.ts'

const CODE = `
const finished = (stream) => new Promise((resolve) => stream.on('finish', resolve))
exports.handler = awslambda.streamifyResponse(async (event, stream, context) => {
  if (event.failEarly) throw new TypeError('before a byte')
  stream.setContentType('text/plain')
  for (let piece = 0; piece < event.pieces; piece++) {
    if (!stream.write(String(piece % 10).repeat(event.bytes))) await new Promise((resolve) => stream.once('drain', resolve))
    if (event.pauseMs) await new Promise((resolve) => setTimeout(resolve, event.pauseMs))
  }
  if (event.failLate) throw new RangeError('half-way')
  console.log('wrote it all')
  if (event.gate) await fetch(event.gate)
  stream.end()
  await finished(stream)
})
exports.buffered = async (event, context) => ({ event, arn: context.invokedFunctionArn })
`

let cloud: TestCloud
let lambda: LambdaClient

beforeAll(async () => {
  cloud = await startCloud()
  lambda = lambdaOf(cloud, 'target')
  const Role = await createRole(iamOf(cloud, 'target'), 'streaming-role')
  await deploy(lambda, 'streaming', { Role, code: CODE, Timeout: 20 })
  await deploy(lambda, 'buffered', { Role, code: CODE, Handler: 'index.buffered' })
})
afterAll(() => cloud.close())

interface Streamed {
  readonly text: string
  readonly chunks: number
  readonly end: InvokeWithResponseStreamCompleteEvent | undefined
}

function invoke(event: object, more: Partial<InvokeWithResponseStreamCommandInput> = {}, client = lambda) {
  const Payload = Buffer.from(JSON.stringify(event))
  return client.send(new InvokeWithResponseStreamCommand({ FunctionName: 'streaming', Payload, ...more }))
}

async function streamed(answer: Awaited<ReturnType<typeof invoke>>): Promise<Streamed> {
  const parts: Buffer[] = []
  let end: InvokeWithResponseStreamCompleteEvent | undefined
  for await (const { PayloadChunk, InvokeComplete } of answer.EventStream ?? []) {
    if (PayloadChunk) parts.push(Buffer.from(PayloadChunk.Payload ?? []))
    if (InvokeComplete) end = InvokeComplete
  }
  return { text: Buffer.concat(parts).toString(), chunks: parts.length, end }
}

describe('a streamed response', () => {
  test('comes in several chunks, and ends with an event of its own', async () => {
    const answer = await invoke({ pieces: 4, bytes: 50_000, pauseMs: 10 })
    expect(answer).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' })
    const { text, chunks, end } = await streamed(answer)
    expect(text).toBe([0, 1, 2, 3].map((piece) => String(piece).repeat(50_000)).join(''))
    expect(chunks).toBeGreaterThan(1)
    expect(end).toEqual({})
  })

  test('has the log in its last event where it is asked for', async () => {
    const { end } = await streamed(await invoke({ pieces: 1, bytes: 1 }, { LogType: 'Tail' }))
    const log = Buffer.from(end?.LogResult ?? '', 'base64').toString()
    expect(log).toMatch(/^START RequestId: [^]*wrote it all[^]*REPORT RequestId: /)
  })

  test('may be larger than one payload', async () => {
    const { text, end } = await streamed(await invoke({ pieces: 220, bytes: 100_000 }))
    expect(text).toHaveLength(22_000_000)
    expect(end).toEqual({})
  })

  test('of a function that does not stream is what it returned', async () => {
    const { text, end } = await streamed(await invoke({ some: 'event' }, { FunctionName: 'buffered' }))
    expect(JSON.parse(text)).toEqual({ event: { some: 'event' }, arn: arnOf('target', 'buffered') })
    expect(end).toEqual({})
  })

  test('that breaks off ends with the error, as one that does not begin', async () => {
    const late = await streamed(await invoke({ pieces: 1, bytes: 10, failLate: true }))
    expect(late.text).toBe('0'.repeat(10))
    expect(late.end?.ErrorCode).toBe('Unhandled')
    expect(JSON.parse(late.end?.ErrorDetails ?? '')).toMatchObject({
      errorType: 'RangeError',
      errorMessage: 'half-way',
    })
    const early = await streamed(await invoke({ failEarly: true }))
    expect(early).toMatchObject({ text: '', chunks: 0, end: { ErrorCode: 'Unhandled' } })
    expect(JSON.parse(early.end?.ErrorDetails ?? '')).toMatchObject({ errorMessage: 'before a byte' })
  })

  test('is written to its end when the client goes away, and the function takes the next', async () => {
    const gate = await startGate()
    await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: 'streaming', ReservedConcurrentExecutions: 1 }))
    const leaving = lambdaOf(cloud, 'target')
    const answer = await invoke({ pieces: 60, bytes: 100_000, pauseMs: 2, gate: gate.url }, {}, leaving)
    for await (const event of answer.EventStream ?? []) {
      expect(event.PayloadChunk).toBeDefined()
      break
    }
    leaving.destroy()
    await gate.reached(1)
    const next = async () => (await streamed(await invoke({ pieces: 1, bytes: 2 }))).text
    // All of it was written; until the function has ended it takes no other.
    await expect(next()).rejects.toMatchObject({ name: 'TooManyRequestsException' })
    gate.open()
    const text = await eventually(() =>
      next().catch((error: Error) => {
        if (error.name === 'TooManyRequestsException') return undefined
        throw error
      }),
    )
    expect(text).toBe('00')
    gate.close()
  })
})

describe('before it begins', () => {
  test('what AWS refuses is an ordinary error', async () => {
    expect(await failureOf(invoke({}, { FunctionName: 'nobody' }))).toEqual(
      notFound(`Function not found: ${arnOf('target', 'nobody', '$LATEST')}`),
    )
    expect(await failureOf(invoke({}, { Payload: Buffer.from('no JSON') }))).toMatchObject({
      name: 'InvalidRequestContentException',
      status: 400,
    })
    expect(await failureOf(invoke({}, { Payload: Buffer.alloc(6_291_457, ' ') }))).toMatchObject({
      status: 413,
      message: 'Request must be smaller than 6291456 bytes for the InvokeWithResponseStream operation',
    })
    await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: 'buffered', ReservedConcurrentExecutions: 0 }))
    expect(await failureOf(invoke({}, { FunctionName: 'buffered' }))).toEqual({
      ...failure('TooManyRequestsException', 429, 'Rate Exceeded.', 'User'),
      Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
    })
  })

  test('a dry run says whether it may', async () => {
    expect((await invoke({}, { InvocationType: 'DryRun' })).StatusCode).toBe(204)
  })

  test('another account needs InvokeFunction from both, and gets no log', async () => {
    const caller = lambdaOf(cloud, 'source')
    const FunctionName = arnOf('target', 'streaming')
    const event = { pieces: 1, bytes: 2 }
    expect((await failureOf(invoke(event, { FunctionName }, caller))).message).toContain(
      `is not authorized to perform: lambda:InvokeFunction on resource: ${FunctionName} because no resource-based policy allows the lambda:InvokeFunction action`,
    )
    await lambda.send(
      new AddPermissionCommand({
        FunctionName: 'streaming',
        StatementId: 'source',
        Action: 'lambda:InvokeFunction',
        Principal: '111122223333',
      }),
    )
    expect((await streamed(await invoke(event, { FunctionName }, caller))).text).toBe('00')
    expect((await failureOf(invoke(event, { FunctionName, LogType: 'Tail' }, caller))).message).toBe(
      'Cross-account log access is not allowed',
    )
  })

  test('Invoke answers the same function in one piece', async () => {
    const Payload = Buffer.from(JSON.stringify({ pieces: 2, bytes: 2 }))
    const answer = await lambda.send(new InvokeCommand({ FunctionName: 'streaming', Payload }))
    expect(Buffer.from(answer.Payload ?? []).toString()).toBe('0011')
  })
})
