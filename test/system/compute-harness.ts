/** A data plane with a host that remembers, and fixture functions unpacked as a zip would be. */
import { chmod, cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import {
  type Compute,
  type ComputeHost,
  type ComputeOptions,
  createCompute,
  type FunctionImage,
  type Invocation,
  type LogEvent,
} from '../../src/compute/compute.ts'
import { systemClock } from '../../src/core/clock.ts'
import { randomIds } from '../../src/core/ids.ts'

const FIXTURES = join(import.meta.dirname, '..', 'fixtures')

export interface Answer {
  readonly requestId: string
  /** The payload, parsed. */
  readonly value: unknown
  readonly text: string
  readonly functionError: string | undefined
  readonly tail: string
}

export interface Harness {
  readonly compute: Compute
  readonly notices: string[]
  /** Every log event so far, per stream. */
  readonly streams: Map<string, LogEvent[]>
  /** Whether functions have a root of their own here; known once one has run. */
  hasSandbox(): boolean
  /** The folder of the package, as its function sees it. */
  taskRoot(image: FunctionImage): string
  /** All messages of the only stream there is. */
  messages(): string[]
  image(fixture: string, changes?: Partial<FunctionImage>): Promise<FunctionImage>
  invoke(image: FunctionImage, event?: unknown, changes?: Partial<Invocation>): Promise<Answer>
  close(): Promise<void>
}

export interface HarnessOptions extends Partial<ComputeOptions> {
  readonly hostChanges?: Partial<ComputeHost>
}

export async function createHarness({ hostChanges, ...options }: HarnessOptions = {}): Promise<Harness> {
  const folder = await mkdtemp(join(tmpdir(), 'isthmus-compute-'))
  const notices: string[] = []
  const streams = new Map<string, LogEvent[]>()
  const host: ComputeHost = {
    credentials: () => ({
      accessKeyId: 'ASIAEXAMPLE',
      secretAccessKey: 'secret',
      sessionToken: 'token',
      expiration: new Date(systemClock.now() + 3_600_000),
    }),
    log(_image, stream, events) {
      streams.set(stream, [...(streams.get(stream) ?? []), ...events])
    },
    awsEndpointUrl: () => 'http://127.0.0.1:4566',
    runtimeCommand: () => undefined,
    notice: (message) => void notices.push(message),
    ...hostChanges,
  }
  const compute = createCompute({
    host,
    clock: systemClock,
    ids: randomIds,
    workDirectory: join(folder, 'work'),
    ...options,
  })
  const hasSandbox = () => !notices.some((notice) => notice.includes('allows no sandbox'))
  return {
    compute,
    notices,
    streams,
    hasSandbox,
    taskRoot: (image) => (hasSandbox() ? '/var/task' : image.codeDirectory),
    messages: () => [...streams.values()].flat().map(({ message }) => message),
    async image(fixture, changes = {}) {
      const key = `${fixture}-${randomIds.hex(8)}`
      const codeDirectory = join(folder, 'code', key)
      await cp(join(FIXTURES, fixture), codeDirectory, { recursive: true })
      if (fixture === 'custom') await makeBootstrap(codeDirectory)
      return { ...DEFAULTS, key, functionName: fixture, logGroup: `/aws/lambda/${fixture}`, codeDirectory, ...changes }
    },
    async invoke(image, event = {}, changes = {}) {
      const requestId = randomIds.uuid()
      const result = await compute.invoke(image, {
        requestId,
        payload: Buffer.from(JSON.stringify(event)),
        invokedFunctionArn: `arn:aws:lambda:us-east-1:111122223333:function:${image.functionName}`,
        traceId: 'Root=1-65a00000-000000000000000000000000;Sampled=0',
        ...changes,
      })
      const text = result.payload.toString()
      return {
        requestId,
        text,
        value: JSON.parse(text) as unknown,
        functionError: result.functionError,
        tail: (await (result.ended ?? result.logTail)).toString(),
      }
    },
    async close() {
      await compute.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const DEFAULTS = {
  account: '111122223333',
  region: 'us-east-1',
  version: '$LATEST',
  runtime: 'nodejs20.x',
  handler: 'index.handler',
  layerDirectories: [],
  network: { kind: 'lambda-service' },
  memoryMb: 128,
  timeoutMs: 20_000,
  ephemeralStorageMb: 512,
  environment: {},
  roleArn: 'arn:aws:iam::111122223333:role/fixture',
  logFormat: 'Text',
  initializationType: 'on-demand',
} as const

/** The interpreter's place differs between machines, and in a sandbox it is another still. */
async function makeBootstrap(codeDirectory: string): Promise<void> {
  const script = `#!/bin/sh\nfor node in /var/lang/bin/node ${process.execPath}; do [ -x $node ] && exec $node "$\{0%/*}/runtime.cjs"; done\n`
  await writeFile(join(codeDirectory, 'bootstrap'), script)
  await chmod(join(codeDirectory, 'bootstrap'), 0o755)
}
