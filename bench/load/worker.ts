/**
 * The load generator's own process: connections on raw sockets, each of which sends its requests one after the other and waits for every
 * answer. It builds no request and reads no more of an answer than its status and length, so that the server is what limits the rate.
 */
import { connect } from 'node:net'
import type { LoadOrder, LoadReport } from './load.ts'

const HEAD_END = Buffer.from('\r\n\r\n')
const CONTENT_LENGTH = '\r\ncontent-length: '

interface Connection {
  readonly requests: readonly Buffer[]
  send(): void
  end(): void
}

/** What is being counted; undefined during the warm-up. */
interface Count {
  readonly latenciesMs: number[]
  failures: number
  firstFailure: string | undefined
}

process.on('message', (order: LoadOrder) => {
  void run(order).then((report) => process.send?.(report))
})

async function run({ port, connections, warmUpMs, measureMs }: LoadOrder): Promise<LoadReport> {
  let count: Count | undefined
  let stopping = false
  const open = await Promise.all(
    connections.map((requests) =>
      openConnection(
        port,
        requests.map((text) => Buffer.from(text, 'latin1')),
        {
          answered(latencyMs, failure) {
            count?.latenciesMs.push(latencyMs)
            if (failure === undefined || !count) return
            count.failures++
            count.firstFailure ??= failure
          },
          goesOn: () => !stopping,
        },
      ),
    ),
  )
  for (const connection of open) connection.send()
  await pause(warmUpMs)
  const counted: Count = (count = { latenciesMs: [], failures: 0, firstFailure: undefined })
  const cpu = process.cpuUsage()
  const begunMs = performance.now()
  process.send?.({ kind: 'measuring' })
  await pause(measureMs)
  count = undefined
  const elapsedMs = performance.now() - begunMs
  const { user, system } = process.cpuUsage(cpu)
  process.send?.({ kind: 'measured' })
  stopping = true
  for (const connection of open) connection.end()
  const sorted = Float64Array.from(counted.latenciesMs).sort()
  return {
    kind: 'report',
    requests: sorted.length,
    failures: counted.failures,
    ...(counted.firstFailure !== undefined && { firstFailure: counted.firstFailure }),
    elapsedMs,
    p50Ms: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
    generatorCpuMs: (user + system) / 1000,
  }
}

function openConnection(
  port: number,
  requests: readonly Buffer[],
  owner: { answered(latencyMs: number, failure: string | undefined): void; goesOn(): boolean },
): Promise<Connection> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  let received: Buffer = Buffer.alloc(0)
  let sentMs = 0
  let turn = 0
  const send = (): void => {
    const request = requests[turn++ % requests.length]
    if (!request) return
    sentMs = performance.now()
    socket.write(request)
  }
  socket.on('data', (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
    const length = answerLength(received)
    if (length === undefined || received.length < length) return
    const status = received.toString('latin1', 9, 12)
    owner.answered(performance.now() - sentMs, status.startsWith('2') ? undefined : received.toString())
    received = received.subarray(length)
    if (owner.goesOn()) send()
    else socket.destroy()
  })
  return new Promise((resolve, reject) => {
    socket.once('connect', () => {
      socket.off('error', reject)
      // A server that goes away shows in the count.
      socket.on('error', (error) => owner.answered(Number.NaN, error.message))
      resolve({ requests, send, end: () => setTimeout(() => socket.destroy(), 1000).unref() })
    })
    socket.once('error', reject)
  })
}

/** Undefined while the head is incomplete. */
function answerLength(received: Buffer): number | undefined {
  const headEnd = received.indexOf(HEAD_END)
  if (headEnd < 0) return undefined
  const head = received.toString('latin1', 0, headEnd).toLowerCase()
  const start = head.indexOf(CONTENT_LENGTH)
  const bodyLength = start < 0 ? 0 : Number.parseInt(head.slice(start + CONTENT_LENGTH.length), 10)
  return headEnd + HEAD_END.length + bodyLength
}

function quantile(sorted: Float64Array, part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}
