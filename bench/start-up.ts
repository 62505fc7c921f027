/**
 * From starting the program to its ready line and its first answers, beside a Node.js that does nothing; and the memory it takes when idle.
 * Run directly: `npx tsx bench/start-up.ts`.
 */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { formatTable } from '../src/cli/terminal/table.ts'
import { bareNodeMs } from './bare-node.ts'
import { clientSettings, type Isthmus, startIsthmus } from './isthmus.ts'
import { residentMb } from './load/process.ts'
import { exchange } from './load/exchange.ts'
import { median } from './median.ts'
import { createCallee, createCaller, FUNCTION_ARN } from './scene.ts'
import { signedRequest } from './signed-request.ts'

/** Milliseconds and megabytes, medians. */
export interface StartUpMeasurements {
  /** `node -e 0`, start to end. */
  readonly bareNodeMs: number
  readonly readyMs: number
  /** From the start to the answer of sts:GetCallerIdentity, asked at the ready line. */
  readonly firstAnswerMs: number
  /** The server alone, some time after its first invocation. */
  readonly idleMb: number
}

const ROUNDS = 7
const MEMORY_ROUNDS = 3
const IDLE_MS = 2000

export async function run(): Promise<StartUpMeasurements> {
  const bareMsEach: number[] = []
  const readyMs: number[] = []
  const firstAnswerMs: number[] = []
  const idleMb: number[] = []
  // The first round loads the SDK, and counts for nothing.
  for (let round = -1; round < ROUNDS; round++) {
    const bareMs = await bareNodeMs()
    const isthmus = await startIsthmus()
    try {
      const answerMs = await firstAnswer(isthmus)
      if (round < 0) continue
      bareMsEach.push(bareMs)
      readyMs.push(isthmus.readyMs)
      firstAnswerMs.push(isthmus.readyMs + answerMs)
      if (round < MEMORY_ROUNDS) idleMb.push(await idleMemory(isthmus))
    } finally {
      await isthmus.close()
    }
  }
  return {
    bareNodeMs: median(bareMsEach),
    readyMs: median(readyMs),
    firstAnswerMs: median(firstAnswerMs),
    idleMb: median(idleMb),
  }
}

/** With the signing, which is quick once the SDK is loaded. */
async function firstAnswer(isthmus: Isthmus): Promise<number> {
  const begunMs = performance.now()
  const keys = isthmus.administrator('source')
  await exchange(isthmus.port, await signedRequest(isthmus, keys, STSClient, new GetCallerIdentityCommand({})))
  return performance.now() - begunMs
}

async function idleMemory(isthmus: Isthmus): Promise<number> {
  const caller = await createCaller(isthmus, await createCallee(isthmus))
  await new LambdaClient(clientSettings(isthmus, caller)).send(new InvokeCommand({ FunctionName: FUNCTION_ARN }))
  await sleep(IDLE_MS)
  return residentMb(isthmus.pid)
}

export function tableOf({ bareNodeMs, readyMs, firstAnswerMs, idleMb }: StartUpMeasurements): string[] {
  return formatTable(
    [{ title: 'START-UP' }, { title: 'MEDIAN', align: 'right' }],
    [
      ['bare node, start to end', `${bareNodeMs.toFixed(0)} ms`],
      ['isthmus up, to the ready line', `${readyMs.toFixed(0)} ms`],
      ['isthmus up, to the first answered call', `${firstAnswerMs.toFixed(0)} ms`],
      ['memory of the server, idle after an invocation', `${idleMb.toFixed(0)} MB`],
    ],
  )
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(tableOf(await run()).join('\n'))
