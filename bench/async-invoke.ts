/**
 * How fast asynchronous events are accepted while they are also being delivered: kept in memory, and on disk before the 202. Beside it, how
 * often this disk writes and syncs at all. Run directly: `npx tsx bench/async-invoke.ts`.
 */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { formatTable } from '../src/cli/terminal/table.ts'
import { startIsthmus } from './isthmus.ts'
import { type LoadFigures, startLoadGenerator } from './load/load.ts'
import { createCallee, createCaller, FUNCTION_ARN } from './scene.ts'
import { signedRequest } from './signed-request.ts'

export interface AsyncMeasurements {
  readonly ephemeral: LoadFigures
  readonly durable: LoadFigures
  /** One process that appends a page and syncs it, again and again. */
  readonly diskSyncsPerSecond: number
}

const CONNECTIONS = 64
const MEASURE_MS = 3000
const WARM_UP_MS = 3000
const SYNC_MS = 500
const PAGE = Buffer.alloc(4096)

export async function run(): Promise<AsyncMeasurements> {
  return {
    ephemeral: await acceptEvents({ durable: false }),
    durable: await acceptEvents({ durable: true }),
    diskSyncsPerSecond: diskSyncsPerSecond(),
  }
}

async function acceptEvents(options: { readonly durable: boolean }): Promise<LoadFigures> {
  const isthmus = await startIsthmus(options)
  const load = startLoadGenerator()
  try {
    const caller = await createCaller(isthmus, await createCallee(isthmus))
    const event = { FunctionName: FUNCTION_ARN, InvocationType: 'Event', Payload: Buffer.from('{}') } as const
    const request = await signedRequest(isthmus, caller, LambdaClient, new InvokeCommand(event))
    const connections = Array.from({ length: CONNECTIONS }, () => [request])
    return await load.run({ port: isthmus.port, connections, warmUpMs: WARM_UP_MS, measureMs: MEASURE_MS }, isthmus.pid)
  } finally {
    await load.close()
    await isthmus.close()
  }
}

function diskSyncsPerSecond(): number {
  const path = join(tmpdir(), `isthmus-bench-${process.pid}-sync`)
  const file = openSync(path, 'w')
  try {
    const begunMs = performance.now()
    let syncs = 0
    for (; performance.now() - begunMs < SYNC_MS; syncs++) {
      writeSync(file, PAGE)
      fdatasyncSync(file)
    }
    return (syncs / (performance.now() - begunMs)) * 1000
  } finally {
    closeSync(file)
    rmSync(path)
  }
}

export function tableOf({ ephemeral, durable, diskSyncsPerSecond }: AsyncMeasurements): string[] {
  const row = (name: string, { perSecond, p50Ms, p99Ms, serverCpuUs }: LoadFigures) => [
    name,
    perSecond.toFixed(0),
    p50Ms.toFixed(2),
    p99Ms.toFixed(2),
    serverCpuUs.toFixed(0),
  ]
  return formatTable(
    [
      { title: `EVENTS ACCEPTED, ${CONNECTIONS} CONNECTIONS` },
      { title: 'PER S', align: 'right' },
      { title: 'P50 MS', align: 'right' },
      { title: 'P99 MS', align: 'right' },
      { title: 'SERVER CPU US', align: 'right' },
    ],
    [
      row('in memory (--ephemeral)', ephemeral),
      row('on disk before the 202 (--state)', durable),
      ['one sync after the other, this disk', diskSyncsPerSecond.toFixed(0)],
    ],
  )
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(tableOf(await run()).join('\n'))
