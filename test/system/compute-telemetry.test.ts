/** The Telemetry API and the Logs API: what extensions are sent, by every way it can reach them. Real processes throughout. */
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { FunctionImage } from '../../src/compute/compute.ts'
import { createHarness, type Harness } from './compute-harness.ts'

const LAYER = join(import.meta.dirname, '..', 'fixtures', 'extension-layer')

let folder: string
let harness: Harness

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isthmus-telemetry-'))
  await cp(LAYER, folder, { recursive: true })
  harness = await createHarness()
})
afterAll(async () => {
  await harness.close()
  await rm(folder, { recursive: true, force: true })
})

interface Event {
  readonly time: string
  readonly type: string
  readonly record: unknown
}

/** What the extension has been sent of two invocations, once the report of the first is there. */
async function heard(subscription: string, changes: Partial<FunctionImage> = {}) {
  const environment = { HOST_NODE: process.execPath, EXTENSION: subscription }
  const image = await harness.image('extended', { layerDirectories: [folder], environment, ...changes })
  const { requestId, value } = await harness.invoke(image, {}, { traceId: TRACE, segmentId: SEGMENT })
  const second = await harness.invoke(image, { until: 'platform.report' })
  return { image, requestId, noted: (value as { events: unknown[] }).events, events: second.value as readonly Event[] }
}

const SEGMENT = '0123456789abcdef'
const TRACE = `Root=1-65a00000-000000000000000000000000;Parent=${SEGMENT};Sampled=1`

const typesOf = (events: readonly Event[]) => events.map(({ type }) => type).slice(0, events.findIndex(isReport) + 1)
const isReport = ({ type }: Event) => type === 'platform.report'
const ofType = (events: readonly Event[], type: string) => events.find((event) => event.type === type)

describe('the Telemetry API', () => {
  it.each(['HTTP', 'TCP'])('sends everything since the begin of the init by %s', async (protocol) => {
    const { requestId, events, noted } = await heard(`telemetry:${protocol}`)
    expect(noted).toContainEqual({
      name: 'observer',
      wrong: {
        status: 400,
        errorType: 'ValidationError',
        errorMessage: 'URI port is not provided; types should not be empty',
      },
      right: [200, '"OK"'],
    })
    expect(events, JSON.stringify(events)).toBeInstanceOf(Array)
    // An extension may subscribe before the runtime has initialised, or after.
    const types = typesOf(events).filter((type) => type !== 'platform.telemetrySubscription')
    expect(types.filter((type) => type.startsWith('platform'))).toEqual([
      'platform.initStart',
      'platform.initRuntimeDone',
      'platform.extension',
      'platform.initReport',
      'platform.start',
      'platform.runtimeDone',
      'platform.report',
    ])
    const tracing = { spanId: SEGMENT, type: 'X-Amzn-Trace-Id', value: TRACE }
    const metrics = { durationMs: expect.any(Number) as number }
    expect(ofType(events, 'platform.telemetrySubscription')?.record).toEqual({
      name: 'observer',
      state: 'Subscribed',
      types: ['platform', 'function', 'extension'],
    })
    expect(ofType(events, 'platform.extension')?.record).toEqual({
      name: 'observer',
      state: 'Ready',
      events: ['INVOKE', 'SHUTDOWN'],
    })
    expect(ofType(events, 'platform.start')?.record).toEqual({ requestId, version: '$LATEST', tracing })
    expect(ofType(events, 'platform.runtimeDone')?.record).toMatchObject({ requestId, status: 'success', metrics })
    expect(ofType(events, 'platform.report')?.record).toMatchObject({ requestId, status: 'success', metrics, tracing })
    expect(ofType(events, 'extension')?.record).toBe('observer has registered')
    expect(ofType(events, 'function')?.record).toMatch(new RegExp(`^\\S+Z\t${requestId}\tINFO\thandled\n$`))
    expect(harness.messages()).toContain(
      'TELEMETRY\tName: observer\tState: Subscribed\tTypes: [Platform, Function, Extension]\n',
    )
  })

  it('sends what a function logs as JSON as objects, and more than its log has', async () => {
    const { requestId, events } = await heard('telemetry', { logFormat: 'JSON', systemLogLevel: 'WARN' })
    expect(ofType(events, 'function')?.record).toMatchObject({ requestId, level: 'INFO', message: 'handled' })
    expect(typesOf(events)).toContain('platform.start')
  })

  it('tells that the runtime is done to an extension that waits for it', async () => {
    const { requestId, events } = await heard('telemetry:HTTP:waits')
    expect(ofType(events, 'platform.report')?.record).toMatchObject({ requestId, status: 'success' })
  })

  it('has an extension start before runtimes that are not pre-booted as well', async () => {
    const image = await harness.image('python', {
      runtime: 'python3.12',
      handler: 'app.echo',
      layerDirectories: [folder],
      environment: { HOST_NODE: process.execPath },
    })
    expect((await harness.invoke(image, 1)).value).toMatchObject({ event: 1 })
    const { tail } = await harness.invoke(image, 2)
    expect(tail).toContain('observer INVOKE')
  })
})

describe('the Logs API', () => {
  it('sends what it always has', async () => {
    const { requestId, events } = await heard('telemetry:HTTP:logs')
    expect(typesOf(events).filter((type) => type.startsWith('platform'))).toEqual([
      'platform.logsSubscription',
      'platform.extension',
      'platform.start',
      'platform.runtimeDone',
      'platform.end',
      'platform.report',
    ])
    expect(ofType(events, 'platform.end')?.record).toEqual({ requestId })
  })
})
