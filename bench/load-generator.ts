/**
 * What `isthmus load` itself costs: against a server that does nothing, at a given rate and as fast as it can, every invocation with a payload
 * and a signature of its own. Beside it, on as many connections: sockets that send the same bytes again and again, and autocannon and Artillery
 * where ISTHMUS_BENCH_AUTOCANNON and ISTHMUS_BENCH_ARTILLERY name folders that have them installed.
 * Run directly: `npx tsx bench/load-generator.ts`.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { formatTable } from '../src/cli/terminal/table.ts'
import { Histogram } from '../src/crossing/load/histogram.ts'
import type { LoadProfile } from '../src/crossing/load/profile.ts'
import { FUNCTION_ARN } from './scene.ts'
import { REGION } from './isthmus.ts'
import { startLoadGenerator } from './load/load.ts'
import { artilleryPerSecond, autocannonPerSecond } from './load/peers.ts'
import { median } from './median.ts'

export interface LoadGeneratorMeasurements {
  /** At `RATE`, on one thread. */
  readonly paced: {
    readonly rate: number
    readonly perSecond: number
    readonly dropped: number
    readonly latenessP50Ms: number
    readonly latenessP99Ms: number
    readonly p50Ms: number
    readonly p99Ms: number
    /** CPU time of the whole process for one invocation. */
    readonly cpuUs: number
  }
  /** As fast as it can on `CONNECTIONS` connections; medians. */
  readonly flatOut: {
    readonly perSecond: number
    readonly presignedPerSecond: number
    readonly autocannonPerSecond?: number
    readonly artilleryPerSecond?: number
    /** To the sockets that build and sign nothing, of the same rounds. */
    readonly ratio: number
  }
}

const RATE = 5000
const CONNECTIONS = 64
const ROUNDS = 3
const WARM_UP_MS = 1000
const MEASURE_MS = 3000
const PAYLOAD = '{"id":"{{uuid}}","n":{{sequence}}}'

export async function run(): Promise<LoadGeneratorMeasurements> {
  const server = fork(join(import.meta.dirname, 'bare', 'null.mjs'), { execArgv: [] })
  const [{ port }] = (await once(server, 'message')) as [{ readonly port: number }]
  const sockets = startLoadGenerator()
  try {
    const paced = await pacedRun(port)
    const rounds: { own: number; presigned: number; autocannon: number | undefined }[] = []
    for (let round = 0; round < ROUNDS; round++) {
      rounds.push({
        own: await flatOutRun(port),
        presigned: await presignedRun(sockets, port, server.pid ?? 0),
        autocannon: await autocannonPerSecond({ ...PEER, port }),
      })
    }
    const autocannon = rounds.flatMap((round) => round.autocannon ?? [])
    const artillery = await artilleryPerSecond({ ...PEER, port })
    return {
      paced,
      flatOut: {
        perSecond: median(rounds.map(({ own }) => own)),
        presignedPerSecond: median(rounds.map(({ presigned }) => presigned)),
        ...(autocannon.length > 0 && { autocannonPerSecond: median(autocannon) }),
        ...(artillery !== undefined && { artilleryPerSecond: artillery }),
        ratio: median(rounds.map(({ own, presigned }) => own / presigned)),
      },
    }
  } finally {
    await sockets.close()
    const exited = once(server, 'exit')
    server.disconnect()
    await exited
  }
}

/** As it is shipped: run from source, every function that is made on the way is given its name anew. */
async function builtEngine(): Promise<typeof import('../src/crossing/load/engine.ts')> {
  const path = join(import.meta.dirname, '..', 'dist', 'crossing', 'load', 'engine.js')
  return (await import(pathToFileURL(path).href)) as typeof import('../src/crossing/load/engine.ts')
}

async function load(port: number, profile: LoadProfile) {
  const { runLoad } = await builtEngine()
  const { seconds, lateness } = await runLoad({
    order: {
      profile,
      spacing: 'even',
      seed: 1,
      thinkTimeMs: 0,
      host: { hostname: '127.0.0.1', port, secure: false },
      isLocal: true,
      region: REGION,
      inFlightMax: 1000,
      timeoutMs: 10_000,
      invocationsMax: Number.MAX_SAFE_INTEGER,
      journalRowsMax: 1_000_000,
    },
    crossings: [
      {
        functionArn: FUNCTION_ARN,
        type: 'RequestResponse',
        payload: { kind: 'texts', texts: [PAYLOAD] },
        weight: 1,
        keys: () =>
          Promise.resolve({ accessKeyId: 'ASIAEXAMPLE', secretAccessKey: 'secret', sessionToken: 't'.repeat(300) }),
      },
    ],
    workers: 1,
    onSecond: () => undefined,
    signal: new AbortController().signal,
  })
  const measured = seconds.filter(({ second }) => second >= 0)
  const failed = measured.flatMap(({ causes }) => causes)
  if (failed.length > 0) throw new Error(`invocations failed: ${JSON.stringify(failed)}`)
  return {
    succeeded: measured.reduce((sum, { succeeded }) => sum + succeeded, 0),
    dropped: measured.reduce((sum, { dropped }) => sum + dropped, 0),
    latency: Histogram.of(...measured.map(({ latency }) => latency)),
    lateness: Histogram.of(lateness),
  }
}

async function pacedRun(port: number): Promise<LoadGeneratorMeasurements['paced']> {
  const stages = [{ durationMs: MEASURE_MS, target: RATE }]
  const cpu = process.cpuUsage()
  const result = await load(port, { executor: 'constant-arrival-rate', start: RATE, stages, warmUpMs: WARM_UP_MS })
  const { user, system } = process.cpuUsage(cpu)
  return {
    rate: RATE,
    perSecond: (result.succeeded / MEASURE_MS) * 1000,
    dropped: result.dropped,
    latenessP50Ms: result.lateness.percentile(0.5),
    latenessP99Ms: result.lateness.percentile(0.99),
    p50Ms: result.latency.percentile(0.5),
    p99Ms: result.latency.percentile(0.99),
    // The warm-up's invocations cost as much as those that are counted.
    cpuUs: (user + system) / (result.succeeded * (1 + WARM_UP_MS / MEASURE_MS)),
  }
}

async function flatOutRun(port: number): Promise<number> {
  const stages = [{ durationMs: MEASURE_MS, target: CONNECTIONS }]
  const result = await load(port, { executor: 'constant-vus', start: CONNECTIONS, stages, warmUpMs: WARM_UP_MS })
  return (result.succeeded / MEASURE_MS) * 1000
}

async function presignedRun(
  sockets: ReturnType<typeof startLoadGenerator>,
  port: number,
  serverPid: number,
): Promise<number> {
  const body = PAYLOAD
  const head = `POST /2015-03-31/functions/${encodeURIComponent(FUNCTION_ARN)}/invocations HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nauthorization: ${'x'.repeat(250)}\r\nx-amz-security-token: ${'t'.repeat(300)}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`
  const connections = Array.from({ length: CONNECTIONS }, () => [head + body])
  return (await sockets.run({ port, connections, warmUpMs: WARM_UP_MS, measureMs: MEASURE_MS }, serverPid)).perSecond
}

const PEER = {
  connections: CONNECTIONS,
  seconds: MEASURE_MS / 1000,
  path: '/2015-03-31/functions/callee/invocations',
  headers: {
    'content-type': 'application/json',
    authorization: 'x'.repeat(250),
    'x-amz-security-token': 't'.repeat(300),
  },
  body: PAYLOAD,
}

export function tableOf({ paced, flatOut }: LoadGeneratorMeasurements): string[] {
  const right = (title: string) => ({ title, align: 'right' as const })
  const rows: (readonly [string, number])[] = [
    ['isthmus load, every invocation signed', flatOut.perSecond],
    ['sockets that sign nothing', flatOut.presignedPerSecond],
  ]
  if (flatOut.autocannonPerSecond !== undefined) rows.push(['autocannon, signs nothing', flatOut.autocannonPerSecond])
  if (flatOut.artilleryPerSecond !== undefined) rows.push(['Artillery, signs nothing', flatOut.artilleryPerSecond])
  return [
    ...formatTable(
      ['AT /S', 'ANSWERED /S', 'DROPPED', 'LATE P50 MS', 'LATE P99 MS', 'P50 MS', 'P99 MS', 'CPU US EACH'].map(right),
      [
        [
          String(paced.rate),
          paced.perSecond.toFixed(0),
          String(paced.dropped),
          paced.latenessP50Ms.toFixed(2),
          paced.latenessP99Ms.toFixed(2),
          paced.p50Ms.toFixed(2),
          paced.p99Ms.toFixed(2),
          paced.cpuUs.toFixed(0),
        ],
      ],
    ),
    '',
    ...formatTable(
      [{ title: `AS FAST AS IT CAN, ${CONNECTIONS} CONNECTIONS` }, right('/S')],
      rows.map(([name, perSecond]) => [name, perSecond.toFixed(0)]),
    ),
  ]
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(tableOf(await run()).join('\n'))
