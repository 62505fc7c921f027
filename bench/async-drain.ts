/**
 * From the first of ten thousand asynchronous events to the end of the last one's invocation, kept in memory and on disk before the 202, as
 * CloudWatch counts invocations. Beside it, as many synchronous exchanges in bare node:http. Run directly: `npx tsx bench/async-drain.ts`.
 */
import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { formatTable } from '../src/cli/terminal/table.ts'
import { startBareExchange } from './bare/bare-exchange.ts'
import { clientSettings, type Isthmus, startIsthmus } from './isthmus.ts'
import { createCallee, createCaller, FUNCTION_ARN, FUNCTION_NAME } from './scene.ts'
import { signedRequest } from './signed-request.ts'

export interface DrainMeasurement {
  /** To the last 202. */
  readonly acceptedMs: number
  readonly drainedMs: number
}

export interface DrainMeasurements {
  readonly ephemeral: DrainMeasurement
  readonly durable: DrainMeasurement
  readonly bareMs: number
}

const EVENTS = 10_000
const CONNECTIONS = 64
const POLL_MS = 50
const DRAIN_MS_MAX = 120_000
const INVOKE = new InvokeCommand({ FunctionName: FUNCTION_ARN, InvocationType: 'Event', Payload: Buffer.from('{}') })

export async function run(): Promise<DrainMeasurements> {
  return {
    ephemeral: await drain({ durable: false }),
    durable: await drain({ durable: true }),
    bareMs: await bareMs(),
  }
}

async function drain(options: { readonly durable: boolean }): Promise<DrainMeasurement> {
  const isthmus = await startIsthmus(options)
  try {
    const caller = await createCaller(isthmus, await createCallee(isthmus))
    const request = await signedRequest(isthmus, caller, LambdaClient, INVOKE)
    // Environments are started beforehand, as the bare children are.
    await sendAll(isthmus.port, request, CONNECTIONS)
    await untilInvoked(isthmus, CONNECTIONS)
    const begunMs = performance.now()
    await sendAll(isthmus.port, request, EVENTS)
    const acceptedMs = performance.now() - begunMs
    await untilInvoked(isthmus, CONNECTIONS + EVENTS)
    return { acceptedMs, drainedMs: performance.now() - begunMs }
  } finally {
    await isthmus.close()
  }
}

async function bareMs(): Promise<number> {
  const server = await startBareExchange({ children: CONNECTIONS })
  try {
    const request = 'POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 2\r\n\r\n{}'
    await sendAll(server.port, request, CONNECTIONS * 10)
    const begunMs = performance.now()
    await sendAll(server.port, request, EVENTS)
    return performance.now() - begunMs
  } finally {
    await server.close()
  }
}

/** On all connections at once, on each one after the other. */
async function sendAll(port: number, request: string, count: number): Promise<void> {
  let left = count
  const bytes = Buffer.from(request, 'latin1')
  const sendInTurn = async (): Promise<void> => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true })
    try {
      while (left-- > 0) {
        socket.write(bytes)
        // The answers are small enough to come in one piece.
        const [answer] = (await once(socket, 'data')) as [Buffer]
        if (!answer.toString('latin1').startsWith('HTTP/1.1 2')) throw new Error(`answered ${answer.toString()}`)
      }
    } finally {
      socket.destroy()
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, sendInTurn))
}

async function untilInvoked(isthmus: Isthmus, count: number): Promise<void> {
  const client = new CloudWatchClient(clientSettings(isthmus, isthmus.administrator('target')))
  const untilMs = performance.now() + DRAIN_MS_MAX
  for (;;) {
    const nowMs = Date.now()
    const { Datapoints = [] } = await client.send(
      new GetMetricStatisticsCommand({
        Namespace: 'AWS/Lambda',
        MetricName: 'Invocations',
        Dimensions: [{ Name: 'FunctionName', Value: FUNCTION_NAME }],
        Statistics: ['Sum'],
        Period: 3600,
        StartTime: new Date(nowMs - 2 * 3_600_000),
        EndTime: new Date(nowMs + 3_600_000),
      }),
    )
    const invoked = Datapoints.reduce((total, { Sum = 0 }) => total + Sum, 0)
    if (invoked >= count) return
    if (performance.now() > untilMs) throw new Error(`${invoked} of ${count} events were delivered`)
    await sleep(POLL_MS)
  }
}

export function tableOf({ ephemeral, durable, bareMs: bare }: DrainMeasurements): string[] {
  const row = (name: string, { acceptedMs, drainedMs }: DrainMeasurement) => [
    name,
    acceptedMs.toFixed(0),
    drainedMs.toFixed(0),
    ((EVENTS / drainedMs) * 1000).toFixed(0),
    `${(bare / drainedMs).toFixed(2)} ×`,
  ]
  return formatTable(
    [
      { title: `${EVENTS} EVENTS` },
      { title: 'ACCEPTED MS', align: 'right' },
      { title: 'DRAINED MS', align: 'right' },
      { title: 'PER S', align: 'right' },
      { title: 'TO BARE', align: 'right' },
    ],
    [
      row('in memory (--ephemeral)', ephemeral),
      row('on disk before the 202 (--state)', durable),
      row('bare node:http, synchronous', { acceptedMs: bare, drainedMs: bare }),
    ],
  )
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(tableOf(await run()).join('\n'))
