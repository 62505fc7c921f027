/** Extensions: in every phase of an environment's life, well-behaved and not. Real processes throughout. */
import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'

import type { FunctionImage } from '../../src/compute/compute.ts'
import { createHarness, type Harness } from './compute-harness.ts'

const LAYER = join(import.meta.dirname, '..', 'fixtures', 'extension-layer')

let folder: string
let layer: string
const harnesses: Harness[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isthmus-extensions-'))
  layer = join(folder, 'layer')
  await cp(LAYER, layer, { recursive: true })
})
afterEach(async () => {
  for (const harness of harnesses.splice(0)) await harness.close()
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function harnessed(): Promise<Harness> {
  const harness = await createHarness()
  harnesses.push(harness)
  return harness
}

/** `behaviour`: see the extension's program. */
async function extended(
  harness: Harness,
  behaviour = '',
  changes: Partial<FunctionImage> = {},
): Promise<FunctionImage> {
  const environment = { HOST_NODE: process.execPath, ...(behaviour === '' ? {} : { EXTENSION: behaviour }) }
  return harness.image('extended', {
    layerDirectories: [layer],
    ...changes,
    environment: { ...environment, ...changes.environment },
  })
}

interface Noted {
  readonly name: string
  readonly event?: Record<string, unknown>
  readonly registered?: unknown
  readonly variables?: readonly string[]
}

const eventsOf = (answer: { readonly value: unknown }) => (answer.value as { events: readonly Noted[] }).events

describe('an external extension', () => {
  it('is started before the runtime, told of every invocation, and of the end', async () => {
    const harness = await harnessed()
    const image = await extended(harness)
    const first = await harness.invoke(image)
    expect(first.functionError).toBeUndefined()
    const second = await harness.invoke(image)
    // Of the third, the extension may not have taken note when the function looks.
    const [registration, ...events] = eventsOf(await harness.invoke(image)).slice(0, 3)
    expect(registration).toMatchObject({
      name: 'observer',
      registered: { functionName: 'extended', functionVersion: '$LATEST', handler: 'index.handler' },
    })
    expect(registration?.variables).toEqual(expect.arrayContaining(['AWS_REGION', 'AWS_SESSION_TOKEN', 'HOST_NODE']))
    expect(registration?.variables).not.toContain('LAMBDA_TASK_ROOT')
    expect(registration?.variables).not.toContain('AWS_LAMBDA_LOG_GROUP_NAME')
    expect(events.map(({ event }) => event)).toEqual(
      [first, second].map(({ requestId }) => ({
        eventType: 'INVOKE',
        deadlineMs: expect.any(Number),
        requestId,
        invokedFunctionArn: 'arn:aws:lambda:us-east-1:111122223333:function:extended',
        tracing: { type: 'X-Amzn-Trace-Id', value: 'Root=1-65a00000-000000000000000000000000;Sampled=0' },
      })),
    )
    await harness.compute.close()
    const messages = harness.messages().map((message) => message.split(' ms\t')[0]?.trimEnd())
    const shown = messages.filter((message) => /^(EXT|START|observer|REPORT)/.test(message ?? ''))
    expect([...shown.slice(0, 8), shown.at(-1)]).toEqual([
      'observer has registered',
      'EXTENSION\tName: observer\tState: Ready\tEvents: [INVOKE, SHUTDOWN]',
      `START RequestId: ${first.requestId} Version: $LATEST`,
      'observer INVOKE',
      expect.stringMatching(/^REPORT/),
      `START RequestId: ${second.requestId} Version: $LATEST`,
      'observer INVOKE',
      expect.stringMatching(/^REPORT/),
      'observer SHUTDOWN spindown',
    ])
  })
})

describe('an extension that fails', () => {
  it.each([
    ['crash-at-once', 'Extension.Crash', 'exit status 7', 'State: Started\tEvents: []'],
    [
      'init-error',
      'Extension.InitError',
      'exit code 0',
      'State: InitError\tEvents: [INVOKE, SHUTDOWN]\tError Type: Own.Reason',
    ],
  ])('in its init (%s) fails the init, and the invocation', async (behaviour, errorType, reason, state) => {
    const harness = await harnessed()
    const { value, requestId, functionError } = await harness.invoke(await extended(harness, behaviour))
    expect(functionError).toBe('Unhandled')
    expect(value).toEqual({ errorType, errorMessage: `RequestId: ${requestId} Error: ${reason}` })
    const messages = harness.messages()
    expect(messages).toContain(`EXTENSION\tName: observer\t${state}\n`)
    const reports = messages.filter((message) => message.startsWith('INIT_REPORT'))
    expect(reports.map((message) => message.split('\t').slice(1).join(' ').trimEnd())).toEqual([
      `Phase: init Status: error Error Type: ${errorType}`,
      `Phase: invoke Status: error Error Type: ${errorType}`,
    ])
    expect(messages.at(-1)).toContain(`Status: error\tError Type: ${errorType}\n`)
  })

  it.each([
    ['crash-in-invoke', 'Extension.Crash', 'signal: killed'],
    ['exit-error', 'Extension.ExitError', 'exit status 1'],
  ])('in an invocation (%s) ends it and the runtime', async (behaviour, errorType, reason) => {
    const harness = await harnessed()
    const image = await extended(harness, behaviour)
    const { value, requestId } = await harness.invoke(image, { hang: true })
    expect(value).toEqual({ errorType, errorMessage: `RequestId: ${requestId} Error: ${reason}` })
    expect(harness.messages().at(-1)).toContain(`Status: error\tError Type: ${errorType}\n`)
  })

  it('without the permission to be executed, or with too many others, is not launched', async () => {
    const harness = await harnessed()
    const broken = join(folder, 'broken')
    await cp(layer, broken, { recursive: true })
    await chmod(join(broken, 'extensions', 'observer'), 0o644)
    const denied = await harness.invoke(await extended(harness, '', { layerDirectories: [broken] }))
    expect(denied.value).toEqual({
      errorType: 'Extension.LaunchError',
      errorMessage: `RequestId: ${denied.requestId} Error: fork/exec /opt/extensions/observer: permission denied`,
    })
    expect(harness.messages()).toContain(
      'EXTENSION\tName: observer\tState: LaunchError\tEvents: []\tError Type: PermissionDenied\n',
    )
    const crowded = join(folder, 'crowded')
    await mkdir(join(crowded, 'extensions'), { recursive: true })
    for (let number = 0; number < 11; number++) {
      await writeFile(join(crowded, 'extensions', `idle-${number}`), '#!/bin/sh\nexec sleep 60\n', { mode: 0o755 })
    }
    const refused = await harness.invoke(await extended(harness, '', { layerDirectories: [crowded] }))
    expect(refused.value).toMatchObject({ errorType: 'Extension.LaunchError' })
    expect(refused.tail).toContain('ErrTooManyExtensions')
  })
})

describe('the shutdown', () => {
  it.each([
    ['timeout', { hang: true }, 'Sandbox.Timedout', 3000],
    ['failure', { exit: true }, 'Runtime.ExitError', 20_000],
  ])('after a %s says why, and the next runtime has extensions of its own', async (...row) => {
    const [reason, event, errorType, timeoutMs] = row
    const harness = await harnessed()
    // The next init is on the time of the next invocation.
    const image = await extended(harness, '', { timeoutMs })
    expect((await harness.invoke(image, event)).value).toMatchObject({ errorType })
    await harness.invoke(image)
    const events = eventsOf(await harness.invoke(image)).slice(0, 5)
    expect(events.map((noted) => noted.event?.['eventType'] ?? 'registered')).toEqual([
      'registered',
      'INVOKE',
      'SHUTDOWN',
      'registered',
      'INVOKE',
    ])
    expect(events[2]?.event).toEqual({ eventType: 'SHUTDOWN', shutdownReason: reason, deadlineMs: expect.any(Number) })
  })

  it('asks a runtime with extensions to end, and ends one without at once', async () => {
    const harness = await harnessed()
    const image = await extended(harness, '', { environment: { INTERNAL: 'yes' }, layerDirectories: [] })
    await harness.invoke(image)
    await harness.compute.close()
    expect(harness.messages().join('')).toContain('terminated')
    const other = await harnessed()
    await other.invoke(await extended(other, '', { layerDirectories: [] }))
    await other.compute.close()
    expect(other.messages().join('')).not.toContain('terminated')
  })
})

describe('an invocation', () => {
  it('ends when its extensions have asked for the next', async () => {
    const harness = await harnessed()
    const { tail } = await harness.invoke(await extended(harness, 'slow'))
    const [, durationMs] = /\tDuration: ([\d.]+) ms/.exec(tail) ?? []
    expect(Number(durationMs)).toBeGreaterThanOrEqual(300)
  })

  it('is answered before; when an extension never does, its report says that it timed out', async () => {
    const harness = await harnessed()
    const image = await extended(harness, 'never', { timeoutMs: 2000 })
    const { payload, functionError, logTail, ended } = await harness.compute.invoke(image, {
      requestId: '00000000-0000-4000-8000-000000000000',
      payload: Buffer.from('{}'),
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:111122223333:function:extended',
      traceId: 'Root=1-65a00000-000000000000000000000000;Sampled=0',
    })
    expect(functionError).toBeUndefined()
    expect(JSON.parse(payload.toString())).toHaveProperty('pid')
    expect(logTail.toString()).toContain('handled')
    expect(logTail.toString()).not.toContain('REPORT')
    const tail = (await ended)?.toString()
    expect(tail).toContain('Duration: 2000.00 ms')
    expect(tail).toContain('Status: timeout')
  })
})

describe('an internal extension', () => {
  it('takes part in invocations', async () => {
    const harness = await harnessed()
    const image = await extended(harness, '', { environment: { INTERNAL: 'yes' }, layerDirectories: [] })
    const { requestId } = await harness.invoke(image)
    expect(harness.messages()).toContain('EXTENSION\tName: inside\tState: Ready\tEvents: [INVOKE]\n')
    const told = harness.messages().find((message) => message.includes('internal {'))
    expect(told).toContain(`"requestId":"${requestId}"`)
    const late = (await harness.invoke(image, { late: true })).value
    expect(late).toMatchObject({
      status: 403,
      text: '{"errorMessage":"Extension registration closed already","errorType":"Extension.RegistrationClosed"}',
    })
  })

  it('is refused what AWS refuses, in its words', async () => {
    const harness = await harnessed()
    const image = await extended(harness, '', { environment: { INTERNAL: 'refused' }, layerDirectories: [] })
    const { value } = await harness.invoke(image, { refusals: true })
    const unknown = '00000000-0000-4000-8000-000000000000'
    const refusal = (errorType: string, errorMessage: string) => ({ status: 403, errorType, errorMessage })
    expect(value).toEqual([
      refusal('Extension.InvalidExtensionName', 'Empty extension name'),
      refusal('Extension.InvalidEventType', expect.stringMatching(/^SHUTDOWN: /) as string),
      refusal('InvalidRequestFormat', 'configurationKeys are deprecated; use environment variables instead'),
      refusal('Extension.MissingExtensionIdentifier', 'Missing Lambda-Extension-Identifier header'),
      refusal('Extension.InvalidExtensionIdentifier', 'Invalid Lambda-Extension-Identifier'),
      refusal('Extension.UnknownExtensionIdentifier', `Unknown extension ${unknown}`),
      refusal('Extension.InvalidExtensionState', 'Extension with this name already registered'),
      refusal('Extension.MissingHeader', 'Lambda-Extension-Function-Error-Type not found'),
      refusal('Extension.TooManyExtensions', 'Extension limit (10) reached'),
    ])
  })
})
