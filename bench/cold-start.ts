/**
 * What a cold start costs, against starting a bare Node.js on the same machine in the same run. Budgets: a pooled cold start at most half
 * of the bare one (p50); a hundred at once all answered within 3 s on two cores. Run directly: `npx tsx bench/cold-start.ts`.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { type Compute, createCompute, type FunctionImage } from '../src/compute/compute.ts'
import { systemClock } from '../src/core/clock.ts'
import { randomIds } from '../src/core/ids.ts'

export interface ColdStartMeasurement {
  readonly name: string
  readonly valueMs: number
}

const ROUNDS = 15
const BURST = 100
/** Long enough for the pool to have filled again. */
const PAUSE_MS = 250
const WARM_INVOCATIONS = 2000

export async function run(): Promise<readonly ColdStartMeasurement[]> {
  const folder = await mkdtemp(join(tmpdir(), 'isthmus-bench-'))
  const codeDirectory = join(folder, 'code', 'echo')
  await cp(join(import.meta.dirname, '..', 'test', 'fixtures', 'trivial'), codeDirectory, { recursive: true })
  const compute = benchCompute(join(folder, 'work'))
  const image = (key: string) => ({ ...IMAGE, key, codeDirectory })
  try {
    compute.warmUp()
    await invoke(compute, image('first'))
    const bareMs: number[] = []
    const coldMs: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      await sleep(PAUSE_MS)
      bareMs.push(await timed(() => bareNode(join(codeDirectory, 'index.js'))))
      await sleep(PAUSE_MS)
      coldMs.push(await timed(() => invoke(compute, image(`cold ${round}`))))
    }
    const burstMs = await timed(() =>
      Promise.all(Array.from({ length: BURST }, (_, index) => invoke(compute, image(`burst ${index}`)))),
    )
    const warmMs: number[] = []
    for (let i = 0; i < WARM_INVOCATIONS; i++) warmMs.push(await timed(() => invoke(compute, image('first'))))
    return [
      { name: 'bare node, start to end, p50', valueMs: median(bareMs) },
      { name: 'cold invocation from the pool, p50', valueMs: median(coldMs) },
      { name: `${BURST} cold invocations at once, all of them`, valueMs: burstMs },
      { name: 'warm invocation, p50', valueMs: median(warmMs) },
    ]
  } finally {
    await compute.close()
    await rm(folder, { recursive: true, force: true })
  }
}

const IMAGE: Omit<FunctionImage, 'key' | 'codeDirectory'> = {
  account: '111122223333',
  region: 'us-east-1',
  functionName: 'trivial',
  version: '$LATEST',
  runtime: 'nodejs20.x',
  handler: 'index.handler',
  memoryMb: 128,
  timeoutMs: 30_000,
  ephemeralStorageMb: 512,
  environment: {},
  roleArn: 'arn:aws:iam::111122223333:role/trivial',
  logGroup: '/aws/lambda/trivial',
  logFormat: 'Text',
  initializationType: 'on-demand',
}

function benchCompute(workDirectory: string): Compute {
  const expiration = new Date(systemClock.now() + 3_600_000)
  return createCompute({
    clock: systemClock,
    ids: randomIds,
    workDirectory,
    host: {
      credentials: () => ({ accessKeyId: 'ASIA', secretAccessKey: 'secret', sessionToken: 'token', expiration }),
      log: () => {},
      awsEndpointUrl: () => 'http://127.0.0.1:4566',
      runtimeCommand: () => undefined,
      notice: () => {},
    },
  })
}

async function invoke(compute: Compute, image: FunctionImage): Promise<void> {
  const { functionError, payload } = await compute.invoke(image, {
    requestId: randomIds.uuid(),
    payload: Buffer.from('{}'),
    invokedFunctionArn: `arn:aws:lambda:us-east-1:111122223333:function:${image.functionName}`,
    traceId: 'Root=1-00000000-000000000000000000000000;Sampled=0',
  })
  if (functionError !== undefined) throw new Error(`the invocation failed: ${payload.toString()}`)
}

async function bareNode(file: string): Promise<void> {
  await once(spawn(process.execPath, [file], { stdio: 'ignore' }), 'exit')
}

async function timed(action: () => Promise<unknown>): Promise<number> {
  const begunMs = performance.now()
  await action()
  return performance.now() - begunMs
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const { name, valueMs } of await run()) console.log(`${name.padEnd(46)} ${valueMs.toFixed(2).padStart(9)} ms`)
}
