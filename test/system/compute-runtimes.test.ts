/** Python and custom runtimes, and the Runtime API as a program in any language meets it. */
import { chmod, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { createHarness, type Harness } from './compute-harness.ts'

let harness: Harness

beforeAll(async () => {
  harness = await createHarness()
})

afterAll(() => harness.close())

describe('a Python function', () => {
  const python = (handler: string) => harness.image('python', { runtime: 'python3.12', handler })

  it('receives the event and the context, and answers', async () => {
    const image = await python('app.echo')
    const { value, requestId } = await harness.invoke(image, { é: 1 }, { clientContext: '{"custom":{"k":"v"}}' })
    expect(value).toMatchObject({ event: { é: 1 }, request_id: requestId, name: 'python', custom: { k: 'v' } })
    const { variables } = value as { variables: Record<string, string> }
    expect(variables).toMatchObject({ AWS_EXECUTION_ENV: 'AWS_Lambda_python3.12', PYTHONPATH: '/var/runtime' })
    expect(variables).not.toHaveProperty('HOME')
    expect(variables).not.toHaveProperty('_LAMBDA_TELEMETRY_LOG_FD')
    expect((await harness.invoke(image, 2)).value).toMatchObject({ event: 2 })
  })

  it('logs with level, time and request id, a message of several lines as one', async () => {
    const own = await createHarness()
    const { requestId } = await own.invoke(await own.image('python', { runtime: 'python3.12', handler: 'app.echo' }))
    const logged = own.messages().filter((message) => /^(printed|\[INFO\])/.test(message))
    expect(logged.toSorted()).toEqual([
      expect.stringMatching(new RegExp(String.raw`^\[INFO\]\t\S+\.\d{3}Z\t${requestId}\ttwo\nlines\n$`)),
      'printed\n',
    ])
    await own.close()
  })

  it('answers an exception with its stack, and logs it with unbreakable indentation', async () => {
    const { value, requestId, tail, functionError } = await harness.invoke(await python('app.fails'))
    expect(functionError).toBe('Unhandled')
    expect(value).toEqual({
      errorMessage: 'bad value',
      errorType: 'ValueError',
      requestId,
      stackTrace: [
        expect.stringMatching(/^ {2}File ".*\/app\.py", line \d+, in fails\n {4}raise ValueError\("bad value"\)\n$/),
      ],
    })
    expect(tail).toMatch(
      /\[ERROR\] ValueError: bad value\nTraceback \(most recent call last\):\n\u00a0\u00a0File ".*", line \d+, in fails\n\u00a0\u00a0\u00a0\u00a0raise/,
    )
  })

  it.each([
    ['app.absent', 'Runtime.HandlerNotFound', "Handler 'absent' missing on module 'app'"],
    ['absent.handler', 'Runtime.ImportModuleError', "Unable to import module 'absent': No module named 'absent'"],
    [
      'broken.handler',
      'Runtime.ImportModuleError',
      "Unable to import module 'broken': No module named 'module_that_is_nowhere'",
    ],
    [
      'nothing',
      'Runtime.MalformedHandlerName',
      "Bad handler 'nothing': not enough values to unpack (expected 2, got 1)",
    ],
  ])('without a handler at %s is %s', async (handler, errorType, errorMessage) => {
    const { value } = await harness.invoke(await python(handler))
    expect(value).toEqual({ errorMessage, errorType, requestId: '', stackTrace: [] })
  })

  it('that cannot be serialized, exits or crashes says so', async () => {
    expect((await harness.invoke(await python('app.unserializable'))).value).toMatchObject({
      errorType: 'Runtime.MarshalError',
      errorMessage: 'Unable to marshal response: Object of type set is not JSON serializable',
    })
    expect((await harness.invoke(await python('app.exits'), { code: 0 })).text).toContain('without providing a reason')
    expect((await harness.invoke(await python('app.exits'), { code: 5 })).text).toContain('exit status 5')
    expect((await harness.invoke(await python('app.segfaults'))).text).toContain('signal: segmentation fault')
  })
})

describe('a custom runtime', () => {
  const custom = () => harness.image('custom', { runtime: 'provided.al2023' })

  it('is served by the Runtime API', async () => {
    const image = await custom()
    const { value, requestId, tail } = await harness.invoke(image, { n: 1 })
    expect(value).toMatchObject({
      event: { n: 1 },
      headers: {
        'content-type': 'application/json',
        'lambda-runtime-aws-request-id': requestId,
        'lambda-runtime-deadline-ms': expect.stringMatching(/^\d{13}$/),
        'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:us-east-1:111122223333:function:custom',
        'lambda-runtime-trace-id': 'Root=1-65a00000-000000000000000000000000;Sampled=0',
      },
    })
    expect(tail).toContain('event {"n":1}\n')
    expect((await harness.invoke(image, { n: 2 })).value).toMatchObject({ event: { n: 2 } })
  })

  it('may report an error or stream its answer', async () => {
    const image = await custom()
    const failed = await harness.invoke(image, { fail: true })
    expect(failed.functionError).toBe('Unhandled')
    expect(failed.text).toBe('{"errorType":"Custom","errorMessage":"on purpose"}')
    expect((await harness.invoke(image, { stream: '"piece by piece"' })).value).toBe('piece by piece')
  })

  it('that breaks the protocol is refused in AWS’s words, and the invocation is none the worse', async () => {
    const image = await custom()
    const { value, functionError } = await harness.invoke(image, { misbehave: true })
    expect(functionError).toBeUndefined()
    expect(value).toEqual([
      { status: 400, body: { errorMessage: 'Invalid request ID', errorType: 'InvalidRequestID' } },
      { status: 403, body: illegal('Running', 'Ready') },
      { status: 403, body: illegal('Running', 'InitError') },
      { status: 400, body: { errorMessage: 'Invalid invocation ID', errorType: 'InvalidInvocationId' } },
      {
        status: 400,
        body: { errorMessage: 'Invalid function response mode', errorType: 'InvalidFunctionResponseMode' },
      },
    ])
    expect((await harness.invoke(image, { n: 3 })).value).toMatchObject({ event: { n: 3 } })
  })

  it.each([250, 400])('whose request was cut off may ask again, %i ms later', async (pauseMs) => {
    const image = await custom()
    await harness.invoke(image, { hangUp: true })
    await sleep(pauseMs)
    expect((await harness.invoke(image, { n: 2 })).value).toMatchObject({ event: { n: 2 } })
  })

  it('without something to execute is an invalid entrypoint', async () => {
    const image = await custom()
    let attempt = 0
    const bootstrap = join(image.codeDirectory, 'bootstrap')
    const reasonNow = async () => {
      const { value, requestId } = await harness.invoke({ ...image, key: `${image.key} ${(attempt += 1)}` })
      const { errorType, errorMessage } = value as { errorType: string; errorMessage: string }
      expect(errorType).toBe('Runtime.InvalidEntrypoint')
      return errorMessage.replace(`RequestId: ${requestId} Error: `, '')
    }
    await chmod(bootstrap, 0o644)
    expect(await reasonNow()).toBe('fork/exec /var/task/bootstrap: permission denied')
    await writeFile(bootstrap, 'echo no interpreter line')
    await chmod(bootstrap, 0o755)
    expect(await reasonNow()).toBe('fork/exec /var/task/bootstrap: exec format error')
    await rm(bootstrap)
    expect(await reasonNow()).toBe("Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]")
  })
})

describe('a runtime of another kind', () => {
  it('is refused by name, with what it would need', async () => {
    await expect(harness.invoke(await harness.image('echo', { runtime: 'java21' }))).rejects.toThrow(
      /^the runtime `java21` needs a Java runtime and a Runtime API client for it/,
    )
  })

  it('runs by the command that the project names', async () => {
    const own = await createHarness({
      hostChanges: {
        runtimeCommand: (runtime) =>
          runtime === 'ruby3.4' ? { command: process.execPath, args: ['runtime.cjs'] } : undefined,
      },
    })
    const image = await own.image('custom', { runtime: 'ruby3.4' })
    expect((await own.invoke(image, 1)).value).toMatchObject({ event: 1 })
    await own.close()
  })
})

function illegal(from: string, to: string) {
  return {
    errorMessage: `State transition from ${from} to ${to} failed for runtime. Error: State transition is not allowed`,
    errorType: 'InvalidStateTransition',
  }
}
