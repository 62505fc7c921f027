/**
 * Warm synchronous Invoke through the real program, from another account, signed and authorized, beside the same two hops in bare node:http:
 * client → server → long-polling child → back, with as many children as connections and the same bytes from the client. Rounds alternate.
 * At 256 connections the two take turns in having the machine, for their processes would not all fit into it.
 * Run directly: `npx tsx bench/invoke.ts`.
 */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { formatTable } from '../src/cli/terminal/table.ts'
import { startBareExchange } from './bare/bare-exchange.ts'
import { startIsthmus } from './isthmus.ts'
import { type LoadFigures, startLoadGenerator } from './load/load.ts'
import { median } from './median.ts'
import { createCallee, createCaller, FUNCTION_ARN } from './scene.ts'
import { signedRequest } from './signed-request.ts'

export interface InvokeMeasurement {
  readonly concurrency: number
  readonly isthmus: LoadFigures
  /** The children are loops on node:http. */
  readonly bare: LoadFigures
  /** The children are Isthmus's own runtime client: what is left is the price of AWS. */
  readonly bareWithRuntimeClient?: LoadFigures
  /** Requests a second of Isthmus to those of `bare`; the median of the rounds' own ratios. */
  readonly ratio: number
  readonly ratioWithRuntimeClient?: number
}

const CONCURRENCIES = [1, 8, 64]
const CROWD = 256
const ROUNDS = 3
const MEASURE_MS = 1500
const WARM_UP_MS = 300
/** Long enough for every environment and child to have started. */
const FIRST_WARM_UP_MS = 5000
/** Two cores start 256 processes in about 20 s. */
const CROWD_WARM_UP_MS = 25_000
const INVOKE = new InvokeCommand({ FunctionName: FUNCTION_ARN, Payload: Buffer.from('{"greeting":"hello"}') })
const RUNTIME_CLIENT = join(import.meta.dirname, '..', 'dist', 'compute', 'runtimes', 'node', 'client', 'main.cjs')

export async function run(): Promise<readonly InvokeMeasurement[]> {
  return [...(await runTogether()), await runCrowd()]
}

async function runTogether(): Promise<readonly InvokeMeasurement[]> {
  const children = Math.max(...CONCURRENCIES)
  const taskRoot = await mkdtemp(join(tmpdir(), 'isthmus-bench-'))
  await writeFile(join(taskRoot, 'index.js'), 'exports.handler = async () => null')
  const isthmus = await startIsthmus()
  const bare = await startBareExchange({ children })
  const withClient = await startBareExchange({ children, runtimeClient: { program: RUNTIME_CLIENT, taskRoot } })
  const load = startLoadGenerator()
  try {
    const caller = await createCaller(isthmus, await createCallee(isthmus))
    const request = await signedRequest(isthmus, caller, LambdaClient, INVOKE)
    const servers = { isthmus, bare, bareWithRuntimeClient: withClient }
    const loaded = (server: { port: number; pid: number }, concurrency: number, warmUpMs: number) => {
      const connections = Array.from({ length: concurrency }, () => [request])
      return load.run({ port: server.port, connections, warmUpMs, measureMs: MEASURE_MS }, server.pid)
    }
    for (const server of Object.values(servers)) await loaded(server, children, FIRST_WARM_UP_MS)
    const measurements: InvokeMeasurement[] = []
    for (const concurrency of CONCURRENCIES) {
      const rounds: Record<keyof typeof servers, LoadFigures>[] = []
      for (let round = 0; round < ROUNDS; round++) {
        rounds.push({
          isthmus: await loaded(isthmus, concurrency, WARM_UP_MS),
          bare: await loaded(bare, concurrency, WARM_UP_MS),
          bareWithRuntimeClient: await loaded(withClient, concurrency, WARM_UP_MS),
        })
      }
      measurements.push({
        concurrency,
        isthmus: medianFigures(rounds.map((round) => round.isthmus)),
        bare: medianFigures(rounds.map((round) => round.bare)),
        bareWithRuntimeClient: medianFigures(rounds.map((round) => round.bareWithRuntimeClient)),
        ratio: median(rounds.map((round) => round.isthmus.perSecond / round.bare.perSecond)),
        ratioWithRuntimeClient: median(
          rounds.map((round) => round.isthmus.perSecond / round.bareWithRuntimeClient.perSecond),
        ),
      })
    }
    return measurements
  } finally {
    await Promise.all([load.close(), isthmus.close(), bare.close(), withClient.close()])
    await rm(taskRoot, { recursive: true, force: true })
  }
}

async function runCrowd(): Promise<InvokeMeasurement> {
  const load = startLoadGenerator()
  const loaded = async (server: { port: number; pid: number; close(): Promise<void> }, request: string) => {
    const connections = Array.from({ length: CROWD }, () => [request])
    const order = { port: server.port, connections, warmUpMs: CROWD_WARM_UP_MS, measureMs: MEASURE_MS }
    try {
      return await load.run(order, server.pid)
    } finally {
      await server.close()
    }
  }
  try {
    const cloud = await startIsthmus()
    const caller = await createCaller(cloud, await createCallee(cloud))
    const request = await signedRequest(cloud, caller, LambdaClient, INVOKE)
    const isthmus = await loaded(cloud, request)
    const bare = await loaded(await startBareExchange({ children: CROWD }), request)
    return { concurrency: CROWD, isthmus, bare, ratio: isthmus.perSecond / bare.perSecond }
  } finally {
    await load.close()
  }
}

function medianFigures(figures: readonly LoadFigures[]): LoadFigures {
  return {
    perSecond: median(figures.map(({ perSecond }) => perSecond)),
    p50Ms: median(figures.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(figures.map(({ p99Ms }) => p99Ms)),
    serverCpuUs: median(figures.map(({ serverCpuUs }) => serverCpuUs)),
  }
}

export function tableOf(measurements: readonly InvokeMeasurement[]): string[] {
  const row = (concurrency: number, name: string, figures: LoadFigures, ratio?: number) => [
    String(concurrency),
    name,
    figures.perSecond.toFixed(0),
    figures.p50Ms.toFixed(2),
    figures.p99Ms.toFixed(2),
    figures.serverCpuUs.toFixed(0),
    ratio === undefined ? '' : ratio.toFixed(2),
  ]
  return formatTable(
    [
      { title: 'CONNECTIONS', align: 'right' },
      { title: 'WHAT' },
      { title: 'REQ/S', align: 'right' },
      { title: 'P50 MS', align: 'right' },
      { title: 'P99 MS', align: 'right' },
      { title: 'SERVER CPU US', align: 'right' },
      { title: 'ISTHMUS TO IT', align: 'right' },
    ],
    measurements.flatMap(({ concurrency, isthmus, bare, bareWithRuntimeClient, ratio, ratioWithRuntimeClient }) => [
      row(concurrency, 'Isthmus', isthmus),
      row(concurrency, 'bare node:http', bare, ratio),
      ...(bareWithRuntimeClient === undefined
        ? []
        : [row(concurrency, "bare, with Isthmus's runtime client", bareWithRuntimeClient, ratioWithRuntimeClient)]),
    ]),
  )
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(tableOf(await run()).join('\n'))
