/** Functions that fail: thrown errors, dead processes, timeouts and inits that come to nothing, each with AWS's payload and log. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { FunctionImage } from '../../src/compute/compute.ts'
import { createHarness, type Harness } from './compute-harness.ts'

let harness: Harness

beforeAll(async () => {
  harness = await createHarness()
  harness.compute.warmUp()
})

afterAll(() => harness.close())

async function call(fixture: string, handler: string, event?: unknown) {
  return harness.invoke(await harness.image(fixture, { handler }), event)
}

describe('an error of the function', () => {
  it.each([
    ['crashing', 'index.throws', 'TypeError', 'boom'],
    ['crashing', 'index.throwsSynchronously', 'TeapotError', 'short and stout'],
    ['crashing', 'index.rejectsUnhandled', 'Runtime.UnhandledPromiseRejection', 'Error: nobody listens'],
    ['crashing', 'index.throwsLater', 'Error', 'too late to catch'],
    ['handlers', 'index.callbackError', 'RangeError', 'called back'],
    ['handlers', 'index.fails', 'Error', 'failed'],
    ['handlers', 'index.circular', 'Error', 'Unable to stringify response body'],
    ['crashing', 'index.absent', 'Runtime.HandlerNotFound', 'index.absent is undefined or not exported'],
    ['nested', 'src/app.number', 'Runtime.HandlerNotFound', 'src/app.number is not a function'],
    ['crashing', 'handler', 'Runtime.MalformedHandlerName', 'Bad handler'],
  ])('%s/%s is %s: %s', async (fixture, handler, errorType, errorMessage) => {
    const { value, functionError } = await call(fixture, handler)
    expect(functionError).toBe('Unhandled')
    expect(value).toMatchObject({
      errorType,
      errorMessage,
      trace: [`${errorType}: ${errorMessage}`, expect.any(String), ...expectRest(value)],
    })
  })

  it('of syntax keeps the function from loading', async () => {
    const image = await harness.image('echo', { handler: 'broken.handler' })
    await writeFile(join(image.codeDirectory, 'broken.js'), 'exports.handler = async () => {{')
    expect((await harness.invoke(image)).value).toMatchObject({
      errorType: 'Runtime.UserCodeSyntaxError',
      errorMessage: 'SyntaxError: Unexpected end of input',
    })
  })

  it('that is no Error has no trace', async () => {
    expect((await call('crashing', 'index.throwsString')).value).toEqual({
      errorType: 'string',
      errorMessage: 'just text',
      trace: [],
    })
  })

  it('is logged with everything known of it', async () => {
    const { tail, requestId } = await call('crashing', 'index.throwsSynchronously')
    expect(tail).toMatch(
      new RegExp(
        String.raw`Z\t${requestId}\tERROR\tInvoke Error \t\{"errorType":"TeapotError","errorMessage":"short and stout","code":418,` +
          String.raw`"name":"TeapotError","stack":\["TeapotError: short and stout","    at `,
      ),
    )
  })

  it('names the module that is missing and who asked for it', async () => {
    const image = await harness.image('init', { environment: { MODE: 'missing' } })
    const { value } = await harness.invoke(image)
    expect(value).toMatchObject({
      errorType: 'Runtime.ImportModuleError',
      errorMessage: `Error: Cannot find module 'package-that-is-nowhere'\nRequire stack:\n- ${harness.taskRoot(image)}/index.js\n- ${loader(value)}`,
    })
  })

  it('is a promise that never settles, when an async function returned it', async () => {
    expect((await call('handlers', 'index.neverSettlesAsync')).value).toMatchObject({
      errorType: 'Runtime.NodeJsExit',
      errorMessage: expect.stringMatching(/^The Lambda runtime client detected an unexpected Node\.js exit code\./),
    })
  })

  it('does not cost the environment, but an uncaught one does', async () => {
    const image = await harness.image('crashing', { handler: 'index.throws' })
    await harness.invoke(image)
    expect((await harness.invoke(image)).tail).not.toContain('Init Duration')
    const uncaught = await harness.image('crashing', { handler: 'index.rejectsUnhandled' })
    await harness.invoke(uncaught)
    const again = await harness.invoke(uncaught)
    expect(again.value).toMatchObject({ errorType: 'Runtime.UnhandledPromiseRejection' })
  })
})

describe('a runtime that ends', () => {
  it.each([
    [0, 'Runtime exited without providing a reason'],
    [3, 'Runtime exited with error: exit status 3'],
    [129, 'Runtime exited with error: exit status 129'],
  ])('with exit code %i is reported as: %s', async (code, reason) => {
    const { value, requestId, functionError, tail } = await call('crashing', 'index.exits', { code })
    expect(functionError).toBe('Unhandled')
    expect(value).toEqual({ errorType: 'Runtime.ExitError', errorMessage: `RequestId: ${requestId} Error: ${reason}` })
    expect(tail).toContain(`\tINFO\tleaving with ${code}\n`)
    expect(tail).toContain(`RequestId: ${requestId} Error: ${reason}\nRuntime.ExitError\nEND RequestId: ${requestId}\n`)
    expect(tail).toMatch(/Init Duration: [\d.]+ ms\tStatus: error\tError Type: Runtime\.ExitError\n$/)
  })

  it('by a signal names it', async () => {
    const { value, requestId, tail } = await call('crashing', 'index.kills')
    expect(value).toEqual({
      errorType: 'Runtime.ExitError',
      errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: signal: killed`,
    })
    expect(tail).not.toContain('Killed')
  })

  it('is started again for the next invocation, in the same environment', async () => {
    const own = await createHarness()
    const image = await own.image('crashing', { handler: 'index.exits' })
    await own.invoke(image, { code: 1 })
    const { tail } = await own.invoke(image, { code: 2 })
    expect(tail).toContain('exit status 2')
    // What is done on the invocation's own time is no init phase.
    expect(tail).not.toContain('Init Duration')
    expect(own.streams.size).toBe(1)
    await own.close()
  })
})

describe('a function that takes more memory than it has', () => {
  it('is stopped', async ({ skip }) => {
    skip(process.platform !== 'linux', 'the platform does not tell what a process uses')
    const image = await harness.image('large', { handler: 'index.hoards' })
    const { value, requestId, tail } = await harness.invoke(image)
    expect(value).toEqual({
      errorType: 'Runtime.OutOfMemory',
      errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: signal: killed`,
    })
    expect(tail).toMatch(
      /Memory Size: 128 MB\tMax Memory Used: 128 MB\t.*Status: error\tError Type: Runtime\.OutOfMemory\n$/,
    )
  })
})

describe('a timeout', () => {
  it('ends the invocation on time, and the process with it', async () => {
    const image = await harness.image('slow', { timeoutMs: 2000 })
    const begunMs = performance.now()
    const { value, requestId, functionError, tail } = await harness.invoke(image, { busy: true })
    // It would go on for ever.
    expect(performance.now() - begunMs).toBeLessThan(20_000)
    expect(functionError).toBe('Unhandled')
    expect(value).toEqual({
      errorType: 'Sandbox.Timedout',
      errorMessage: `RequestId: ${requestId} Error: Task timed out after 2.00 seconds`,
    })
    expect(tail).toMatch(
      new RegExp(String.raw`\tINFO\tstarted\n\S+Z ${requestId} Task timed out after 2\.00 seconds\n\nEND`),
    )
    expect(tail).toMatch(/\tDuration: 2000\.00 ms\t.*\tStatus: timeout\n$/)
    // Globals are new, the folder for temporary files is kept.
    expect((await harness.invoke(image, {})).value).toEqual({ calls: 1, marked: true })
  })
})

describe('an init', () => {
  const init = async (mode: string, changes: Partial<FunctionImage> = {}) => {
    const own = await createHarness()
    const image = await own.image('init', { environment: { MODE: mode }, ...changes })
    const answer = await own.invoke(image)
    const messages = own.messages()
    await own.close()
    return { ...answer, messages }
  }

  it('that fails is tried again within the invocation, and reported both times', async () => {
    const { value, messages, requestId } = await init('throws')
    expect(value).toMatchObject({ errorType: 'Error', errorMessage: 'no init' })
    const shapes = messages.map((message) =>
      message
        .replace(/^\S+Z\t/, '')
        .replace(/\d+\.\d\d ms/g, '# ms')
        .replace(/\{.*\}/, '{}')
        .replace(/ARN: .*/, 'ARN'),
    )
    expect(shapes).toEqual([
      'INIT_START Runtime Version: nodejs:20.v1\tRuntime Version ARN\n',
      'undefined\tINFO\tinit throws\n',
      'undefined\tERROR\tUncaught Exception \t{}\n',
      'INIT_REPORT Init Duration: # ms\tPhase: init\tStatus: error\tError Type: Error\n',
      'undefined\tINFO\tinit throws\n',
      'undefined\tERROR\tUncaught Exception \t{}\n',
      'INIT_REPORT Init Duration: # ms\tPhase: invoke\tStatus: error\tError Type: Error\n',
      `START RequestId: ${requestId} Version: $LATEST\n`,
      `END RequestId: ${requestId}\n`,
      expect.stringMatching(/^REPORT RequestId: .*Max Memory Used: [1-9]\d* MB\t\n$/),
    ])
  })

  it('that succeeds the second time serves the invocation', async () => {
    const { value, functionError } = await init('once')
    expect({ value, functionError }).toEqual({ value: 'once', functionError: undefined })
  })

  it('that exits is a runtime that exited', async () => {
    const { value, requestId, messages } = await init('exits')
    expect(value).toEqual({
      errorType: 'Runtime.ExitError',
      errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: exit status 4`,
    })
    expect(messages.filter((message) => message.startsWith('INIT_REPORT'))).toHaveLength(2)
  })

  it('that waits for what never comes is a runtime that exited', async () => {
    const { value, requestId } = await init('waits', { handler: 'unsettled.handler' })
    expect(value).toEqual({
      errorType: 'Runtime.ExitError',
      errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: exit status 13`,
    })
  })

  it('that hangs is cut off after ten seconds, then again by the function’s timeout', async () => {
    const begunMs = performance.now()
    const { value, messages } = await init('hangs', { timeoutMs: 1000 })
    const tookMs = performance.now() - begunMs
    expect(value).toMatchObject({ errorType: 'Sandbox.Timedout' })
    expect(tookMs).toBeGreaterThan(11_000)
    expect(tookMs).toBeLessThan(40_000)
    expect(messages.find((message) => message.startsWith('INIT_REPORT'))).toMatch(/Phase: init\tStatus: timeout\n$/)
  })
})

/** The rest of a trace, whatever it is. */
function expectRest(value: unknown): unknown[] {
  const { trace } = value as { trace: string[] }
  return trace.slice(2)
}

/** The last line of a require stack is the runtime's own file. */
function loader(value: unknown): string {
  const { errorMessage } = value as { errorMessage: string }
  return errorMessage.slice(errorMessage.lastIndexOf('- ') + 2)
}
