/**
 * What a cold start costs, against starting a bare Node.js on the same machine in the same run. Budgets: a pooled cold start at most half
 * of the bare one (p50); a hundred at once all answered within 3 s on two cores. Run directly: `npx tsx bench/cold-start.ts`.
 */
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { formatTable } from '../src/cli/terminal/table.ts'
import type { Compute, FunctionImage } from '../src/compute/compute.ts'
import { systemClock } from '../src/core/clock.ts'
import { randomIds } from '../src/core/ids.ts'
import { bareNodeMs } from './bare-node.ts'
import { median, quantile } from './median.ts'

export interface ColdStartMeasurements {
  /** A Node.js that loads the same module, start to end; p50. */
  readonly bareNodeMs: number
  /** From the pool; p50, and what one in a hundred takes. */
  readonly coldMs: number
  readonly coldP99Ms: number
  /** To the last answer of a hundred cold starts at once. */
  readonly burstMs: number
  /** To the end of the last of twenty such bare Node.js at once: what this machine has left while the run lasts. */
  readonly bareBurstMs: number
  /** In this process, without HTTP in front of it; p50. */
  readonly warmMs: number
}

const ROUNDS = 100
const BURST = 100
const BARE_BURST = 20
/** Long enough for the pool to have filled again. */
const PAUSE_MS = 150
const WARM_INVOCATIONS = 2000

export async function run(): Promise<ColdStartMeasurements> {
  const folder = await mkdtemp(join(tmpdir(), 'isthmus-bench-'))
  const codeDirectory = join(folder, 'code', 'echo')
  await cp(join(import.meta.dirname, '..', 'test', 'fixtures', 'trivial'), codeDirectory, { recursive: true })
  const compute = await benchCompute(join(folder, 'work'))
  const image = (key: string) => ({ ...IMAGE, key, codeDirectory })
  try {
    compute.warmUp()
    await invoke(compute, image('first'))
    const bareMs: number[] = []
    const coldMs: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      await sleep(PAUSE_MS)
      bareMs.push(await bareNodeMs([join(codeDirectory, 'index.js')]))
      await sleep(PAUSE_MS)
      coldMs.push(await timed(() => invoke(compute, image(`cold ${round}`))))
    }
    const burstMs = await timed(() =>
      Promise.all(Array.from({ length: BURST }, (_, index) => invoke(compute, image(`burst ${index}`)))),
    )
    const bareBurstMs = await timed(() =>
      Promise.all(Array.from({ length: BARE_BURST }, () => bareNodeMs([join(codeDirectory, 'index.js')]))),
    )
    const warmMs: number[] = []
    for (let i = 0; i < WARM_INVOCATIONS; i++) warmMs.push(await timed(() => invoke(compute, image('first'))))
    return {
      bareNodeMs: median(bareMs),
      coldMs: median(coldMs),
      coldP99Ms: quantile(coldMs, 0.99),
      burstMs,
      bareBurstMs,
      warmMs: median(warmMs),
    }
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
  layerDirectories: [],
  network: { kind: 'lambda-service' },
  memoryMb: 128,
  timeoutMs: 30_000,
  ephemeralStorageMb: 512,
  environment: {},
  roleArn: 'arn:aws:iam::111122223333:role/trivial',
  logGroup: '/aws/lambda/trivial',
  logFormat: 'Text',
  initializationType: 'on-demand',
}

/** As it is shipped. */
async function benchCompute(workDirectory: string): Promise<Compute> {
  const built = pathToFileURL(join(import.meta.dirname, '..', 'dist', 'compute', 'compute.js')).href
  const { createCompute } = (await import(built)) as typeof import('../src/compute/compute.ts')
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

async function timed(action: () => Promise<unknown>): Promise<number> {
  const begunMs = performance.now()
  await action()
  return performance.now() - begunMs
}

export function tableOf({
  bareNodeMs,
  coldMs,
  coldP99Ms,
  burstMs,
  bareBurstMs,
  warmMs,
}: ColdStartMeasurements): string[] {
  return formatTable(
    [{ title: 'COLD START' }, { title: 'MS', align: 'right' }],
    [
      ['bare node, start to end, p50', bareNodeMs.toFixed(1)],
      ['cold invocation from the pool, p50', coldMs.toFixed(1)],
      ['cold invocation from the pool, p99', coldP99Ms.toFixed(1)],
      [`${BARE_BURST} bare nodes at once, all of them`, bareBurstMs.toFixed(0)],
      [`${BURST} cold invocations at once, all of them`, burstMs.toFixed(0)],
      ['warm invocation, p50', warmMs.toFixed(2)],
    ],
  )
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(tableOf(await run()).join('\n'))
