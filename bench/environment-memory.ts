/**
 * What an execution environment that waits for its next invocation takes of the machine's memory, beside a bare Node.js that waits for the
 * end of its input. Run directly: `npx tsx bench/environment-memory.ts`.
 */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { formatTable } from '../src/cli/terminal/table.ts'
import { processVariables } from './bare-node.ts'
import { clientSettings, startIsthmus } from './isthmus.ts'
import { descendants, proportionalMb } from './load/process.ts'
import { createCallee, createCaller, FUNCTION_ARN } from './scene.ts'

/** Megabytes of each, shared memory divided among those who share it. */
export interface EnvironmentMemory {
  readonly environmentMb: number
  readonly bareNodeMb: number
}

const COUNT = 20
const SLOW = "exports.handler = () => new Promise((resolve) => setTimeout(resolve, 1000, 'done'))"
/** Until idle ones stand still and the pool has filled. */
const SETTLE_MS = 2000

export async function run(): Promise<EnvironmentMemory> {
  return { environmentMb: await environmentMb(), bareNodeMb: await bareNodeMb() }
}

async function environmentMb(): Promise<number> {
  const isthmus = await startIsthmus()
  try {
    const lambda = await createCallee(isthmus, { code: SLOW, timeoutS: 30 })
    const caller = new LambdaClient(clientSettings(isthmus, await createCaller(isthmus, lambda)))
    const invokeAtOnce = (count: number) =>
      Promise.all(Array.from({ length: count }, () => caller.send(new InvokeCommand({ FunctionName: FUNCTION_ARN }))))
    await invokeAtOnce(1)
    await sleep(SETTLE_MS)
    const before = totalMb(descendants(isthmus.pid))
    await invokeAtOnce(1 + COUNT)
    await sleep(SETTLE_MS)
    return (totalMb(descendants(isthmus.pid)) - before) / COUNT
  } finally {
    await isthmus.close()
  }
}

async function bareNodeMb(): Promise<number> {
  const start = () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume(); console.log()'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: processVariables(),
    })
    return { child, ready: once(child.stdout, 'data'), ended: once(child, 'exit') }
  }
  const nodes = Array.from({ length: COUNT }, start)
  await Promise.all(nodes.map(({ ready }) => ready))
  const mb = totalMb(nodes.map(({ child }) => child.pid ?? 0)) / COUNT
  for (const { child } of nodes) child.stdin.end()
  await Promise.all(nodes.map(({ ended }) => ended))
  return mb
}

function totalMb(pids: readonly number[]): number {
  return pids.map(proportionalMb).reduce((sum, mb) => sum + mb, 0)
}

export function tableOf({ environmentMb, bareNodeMb }: EnvironmentMemory): string[] {
  return formatTable(
    [{ title: `MEMORY OF ONE OF ${COUNT}` }, { title: 'MB', align: 'right' }],
    [
      ['idle environment, all its processes', environmentMb.toFixed(1)],
      ['bare node that waits', bareNodeMb.toFixed(1)],
    ],
  )
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(tableOf(await run()).join('\n'))
