/** Node.js functions that work: how they are found, how they answer, what they see and what they log. Real processes throughout. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { FunctionImage } from '../../src/compute/compute.ts'
import { randomIds } from '../../src/core/ids.ts'
import { createHarness, type Harness } from './compute-harness.ts'

let harness: Harness

beforeAll(async () => {
  process.env['ISTHMUS_TEST_SECRET'] = 'of the host alone'
  harness = await createHarness()
  harness.compute.warmUp()
})

afterAll(async () => {
  await harness.close()
  delete process.env['ISTHMUS_TEST_SECRET']
})

async function call(fixture: string, handler: string, event?: unknown) {
  return harness.invoke(await harness.image(fixture, { handler }), event)
}

/** The payload as it is: a streamed one need not be JSON. */
async function payload(image: FunctionImage): Promise<string> {
  const result = await harness.compute.invoke(image, {
    requestId: randomIds.uuid(),
    payload: Buffer.from('{}'),
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:111122223333:function:streaming',
    traceId: 'Root=1-65a00000-000000000000000000000000;Sampled=0',
  })
  return result.payload.toString()
}

describe('a Node.js handler', () => {
  it('receives the event and the context', async () => {
    const image = await harness.image('echo', { version: '7' })
    const { value, requestId, functionError } = await harness.invoke(
      image,
      { text: 'häß “€” 🎈' },
      {
        clientContext: '{"custom":{"name":"grün 🎈"}}',
      },
    )
    expect(functionError).toBeUndefined()
    expect(value).toMatchObject({
      event: { text: 'häß “€” 🎈' },
      context: {
        awsRequestId: requestId,
        functionName: 'echo',
        functionVersion: '7',
        invokedFunctionArn: 'arn:aws:lambda:us-east-1:111122223333:function:echo',
        memoryLimitInMB: '128',
        logGroupName: '/aws/lambda/echo',
        logStreamName: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[7\][0-9a-f]{32}$/),
        callbackWaitsForEmptyEventLoop: true,
        clientContext: { custom: { name: 'grün 🎈' } },
      },
      cwd: harness.taskRoot(image),
      argv: 2,
    })
    const { remainingMs } = value as { remainingMs: number }
    expect(remainingMs).toBeGreaterThan(10_000)
    expect(remainingMs).toBeLessThanOrEqual(20_000)
  })

  it.each([
    ['index.returnsNothing', null],
    ['index.synchronous', null],
    ['index.callback', 'called back'],
    ['index.callbackTwice', 'first'],
    ['index.succeeds', 'succeeded'],
    ['index.done', 'done'],
    ['index.forgetsCallback', null],
    ['index.neverSettles', null],
  ])('%s answers %j', async (handler, expected) => {
    const { value, functionError } = await call('handlers', handler)
    expect({ value, functionError }).toEqual({ value: expected, functionError: undefined })
  })

  it('is found in modules of every kind and below folders and objects', async () => {
    expect((await call('module-echo', 'index.handler', 5)).value).toEqual({ module: true, event: 5 })
    expect((await call('type-module', 'index.handler')).value).toBe('undefined')
    expect((await call('nested', 'src/app.api.v1.handler')).value).toBe('nested')
    expect((await call('nested', 'main.handler')).value).toBe('cjs')
  })

  it('is not the main module, and no other is', async () => {
    const value = { isMain: false, main: null, mainModule: null }
    expect((await call('nested', 'main-module.handler')).value).toEqual(value)
  })

  it('answers a callback when the event loop is empty, or at once when it says so', async () => {
    const waiting = await call('handlers', 'index.waits')
    expect(waiting.value).toBe('answered')
    expect(waiting.tail).toContain('after the callback')
    expect((await call('handlers', 'index.doesNotWait')).value).toBe('at once')
  })

  it('loses callbacks with Node.js 24', async () => {
    const runtime = 'nodejs24.x'
    const refused = await harness.invoke(await harness.image('handlers', { handler: 'index.callback', runtime }))
    expect(refused.value).toMatchObject({ errorType: 'Runtime.CallbackHandlerDeprecated' })
    const image = await harness.image('handlers', { handler: 'index.twoArguments', runtime })
    expect((await harness.invoke(image)).value).toBe('undefined')
    const returns = await harness.image('handlers', { handler: 'index.synchronous', runtime })
    expect((await harness.invoke(returns)).value).toBe('returned, not promised')
    expect(harness.notices).toContain(`nodejs24.x is served by Node ${process.version}`)
  })

  it('has the AWS SDK without bundling it, and nothing else of ours', async () => {
    const required = await call('sdk', 'index.handler')
    expect(required.value).toEqual({ client: 'LambdaClient', accessKeyId: 'ASIAEXAMPLE', region: 'us-east-1' })
    expect((await call('sdk', 'module.handler')).value).toBe('LambdaClient')
    expect((await call('sdk', 'zod.handler')).value).toMatchObject({ errorMessage: expect.stringContaining('zod') })
  })

  it('takes and gives payloads up to the limit', async () => {
    const large = await harness.image('large')
    expect((await harness.invoke(large, { bytes: 6_291_556 })).text).toHaveLength(6_291_556)
    const tooLarge = await harness.invoke(large, { bytes: 6_291_557 })
    expect(tooLarge.functionError).toBe('Unhandled')
    expect(tooLarge.value).toEqual({
      errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
      errorType: 'Function.ResponseSizeTooLarge',
    })
    // The environment has survived.
    expect((await harness.invoke(large, { bytes: 10 })).text).toBe('"xxxxxxxx"')
    const event = 'é'.repeat(3_000_000)
    expect((await call('large', 'index.length', event)).value).toBe(3_000_000)
  })
})

describe('a streaming handler', () => {
  it('writes its response piece by piece', async () => {
    const image = await harness.image('streaming', { handler: 'index.pieces' })
    for (const _ of [1, 2]) expect(await payload(image)).toBe('one two thrée')
  })

  it('may describe the HTTP response it is to become', async () => {
    const image = await harness.image('streaming', { handler: 'index.http' })
    expect(await payload(image)).toBe(`{"statusCode":201,"headers":{"x-own":"yes"}}${'\0'.repeat(8)}created`)
  })

  it('need not wait until all of it has been sent', async () => {
    const image = await harness.image('streaming', { handler: 'index.doesNotWait' })
    for (const _ of [1, 2]) expect(await payload(image)).toHaveLength(2_000_000)
  })

  it('that never ends its response runs into its timeout', async () => {
    const image = await harness.image('streaming', { handler: 'index.forgetsEnd', timeoutMs: 300 })
    expect(await harness.invoke(image)).toMatchObject({ value: { errorType: 'Sandbox.Timedout' } })
  })

  it.each([
    ['index.failsEarly', 'Error', 'before a byte'],
    ['index.failsLate', 'RangeError', 'half-way'],
    ['index.synchronous', 'Error', 'Streaming does not support non-async handlers.'],
  ])('%s fails with %s: %s', async (handler, errorType, errorMessage) => {
    const { value, functionError } = await call('streaming', handler)
    expect(functionError).toBe('Unhandled')
    expect(value).toMatchObject({ errorType, errorMessage })
  })
})

describe('the environment variables', () => {
  it('are those of Lambda and of the function, and nothing of the host', async () => {
    const image = await harness.image('environment', { environment: { OWN: 'yes', TZ: 'Europe/Rome' } })
    const { value } = await harness.invoke(image)
    const { variables, initial } = value as { variables: Record<string, string>; initial: string[] }
    expect(Object.keys(variables).toSorted()).toEqual(
      [
        'AWS_ACCESS_KEY_ID',
        'AWS_DEFAULT_REGION',
        'AWS_ENDPOINT_URL',
        'AWS_EXECUTION_ENV',
        'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
        'AWS_LAMBDA_FUNCTION_NAME',
        'AWS_LAMBDA_FUNCTION_VERSION',
        'AWS_LAMBDA_INITIALIZATION_TYPE',
        'AWS_LAMBDA_LOG_GROUP_NAME',
        'AWS_LAMBDA_LOG_STREAM_NAME',
        'AWS_LAMBDA_RUNTIME_API',
        'AWS_REGION',
        'AWS_SECRET_ACCESS_KEY',
        'AWS_SESSION_TOKEN',
        'AWS_XRAY_CONTEXT_MISSING',
        'AWS_XRAY_DAEMON_ADDRESS',
        'LAMBDA_RUNTIME_DIR',
        'LAMBDA_TASK_ROOT',
        'LANG',
        'LD_LIBRARY_PATH',
        'NODE_PATH',
        'OWN',
        'PATH',
        'PWD',
        'SHLVL',
        ...(harness.hasSandbox() ? [] : ['TMPDIR']),
        'TZ',
        '_AWS_XRAY_DAEMON_ADDRESS',
        '_AWS_XRAY_DAEMON_PORT',
        '_HANDLER',
        '_X_AMZN_TRACE_ID',
      ].toSorted(),
    )
    expect(variables).toMatchObject({
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
      AWS_LAMBDA_RUNTIME_API: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      OWN: 'yes',
      PATH: '/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin',
      _X_AMZN_TRACE_ID: 'Root=1-65a00000-000000000000000000000000;Sampled=0',
    })
    expect(JSON.stringify([variables, initial])).not.toContain('of the host alone')
    expect((value as { time: number }).time).toBe(-60)
  })

  it('that Node.js reads when it starts reach it', async () => {
    const image = await harness.image('environment', { environment: { NODE_OPTIONS: '--no-deprecation' } })
    const { value } = await harness.invoke(image)
    expect((value as { initial: string[] }).initial).toContain('NODE_OPTIONS=--no-deprecation')
    expect((value as { variables: object }).variables).not.toHaveProperty('_LAMBDA_TELEMETRY_LOG_FD')
  })
})

describe('a wrapper script', () => {
  it('starts the runtime in its place', async () => {
    const environment = { AWS_LAMBDA_EXEC_WRAPPER: '/var/task/wrapper' }
    const image = await harness.image('environment', { environment })
    await writeFile(join(image.codeDirectory, 'wrapper'), '#!/bin/sh\nexport WRAPPED=yes\nexec "$@"\n', { mode: 0o755 })
    expect((await harness.invoke(image)).value).toMatchObject({ variables: { WRAPPED: 'yes' } })
    const absent = await harness.image('environment', { environment })
    expect((await harness.invoke(absent)).text).toContain('Runtime exited with error: exit status 127')
  })
})

describe('the log', () => {
  it('has the lines of the platform and of the function in order', async () => {
    const own = await createHarness()
    const image = await own.image('logging')
    const { requestId, tail } = await own.invoke(image, 1)
    const time = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`
    const patterns = [
      String.raw`INIT_START Runtime Version: nodejs:20\.v1\tRuntime Version ARN: arn:aws:lambda:us-east-1::runtime:[0-9a-f]{64}\n`,
      String.raw`START RequestId: ${requestId} Version: \$LATEST\n`,
      String.raw`${time}\t${requestId}\tINFO\tplain text \{ a: 1 \}\n`,
      String.raw`${time}\t${requestId}\tWARN\ttwo\nlines\n`,
      String.raw`${time}\t${requestId}\tERROR\tError: shown\n    at exports\.handler [^]*\n`,
      String.raw`raw line\n`,
      String.raw`and no end`,
      String.raw`END RequestId: ${requestId}\n`,
      String.raw`REPORT RequestId: ${requestId}\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\t` +
        String.raw`Max Memory Used: \d+ MB\tInit Duration: \d+\.\d\d ms\t\n`,
    ]
    const messages = own.messages()
    expect(messages).toHaveLength(patterns.length)
    for (const [index, pattern] of patterns.entries()) expect(messages[index]).toMatch(new RegExp(`^${pattern}$`))
    expect(tail).toMatch(/^START [^]*REPORT .*\t\n$/)
    const warm = await own.invoke(image, 2)
    expect(warm.tail).not.toContain('Init Duration')
    expect(own.streams.size).toBe(1)
    await own.close()
  })

  it('ends with its last 4 KB in the tail', async () => {
    const { tail } = await call('logging', 'index.much')
    expect(tail).toHaveLength(4096)
    expect(tail).toContain('line 199')
    expect(tail).not.toContain('line 100')
  })

  it('is JSON when the function wants it', async () => {
    const own = await createHarness()
    const image = await own.image('logging', { logFormat: 'JSON', logGroup: '/mine' })
    const { requestId } = await own.invoke(image, 1)
    const events = own
      .messages()
      .filter((message) => message.startsWith('{'))
      .map((message) => JSON.parse(message) as Record<string, unknown>)
    expect(events.map(({ type, level }) => type ?? level)).toEqual([
      'platform.initStart',
      'platform.start',
      'INFO',
      'WARN',
      'ERROR',
      'platform.report',
    ])
    expect(events[2]).toMatchObject({ requestId, message: 'plain text { a: 1 }' })
    expect(events[4]).toMatchObject({ requestId, message: { errorType: 'Error', errorMessage: 'shown' } })
    expect(events[5]).toMatchObject({
      record: { requestId, status: 'success', metrics: { memorySizeMB: 128, initDurationMs: expect.any(Number) } },
    })
    expect([...own.streams.keys()][0]).toMatch(/^\d{4}\/\d\d\/\d\d\/logging\[\$LATEST\][0-9a-f]{32}$/)
    await own.close()
  })

  it.each([
    ['WARN', 'WARN', ['WARN', 'ERROR']],
    ['FATAL', 'INFO', ['platform.initStart', 'platform.start', 'platform.report']],
    [
      'ERROR',
      'DEBUG',
      [
        'platform.initStart',
        'platform.initRuntimeDone',
        'platform.initReport',
        'platform.start',
        'ERROR',
        'platform.runtimeDone',
        'platform.report',
      ],
    ],
  ] as const)('leaves out what is less than %s of the function, and less than %s of the platform', async (...row) => {
    const [applicationLogLevel, systemLogLevel, expected] = row
    const own = await createHarness()
    await own.invoke(await own.image('logging', { logFormat: 'JSON', applicationLogLevel, systemLogLevel }), 1)
    const events = own.messages().filter((message) => message.startsWith('{'))
    const names = events
      .map((message) => JSON.parse(message) as Record<string, unknown>)
      .map(({ type, level }) => type ?? level)
    expect(names).toEqual(expected)
    // A line that names no level is INFO.
    expect(own.messages().join('')).not.toContain('raw line')
    await own.close()
  })
})
