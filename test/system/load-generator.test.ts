/**
 * The load generator against servers whose behaviour is known: what it sends and when, what it makes of answers that are late, broken or never
 * come, and what it says of itself. Times are only ever bounded from below, by what the server did.
 */
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'

import { causeText } from '../../src/crossing/load/run-data.ts'
import { createGenerator, sharedNow, type GeneratorOrder } from '../../src/crossing/load/generator.ts'
import { Histogram } from '../../src/crossing/load/histogram.ts'
import type { LoadProfile } from '../../src/crossing/load/profile.ts'
import type { Batch } from '../../src/crossing/load/recorder.ts'

const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:444455556666:function:callee:prod'

function constantRate(rate: number, durationMs: number, warmUpMs = 0): LoadProfile {
  return { executor: 'constant-arrival-rate', start: rate, stages: [{ durationMs, target: rate }], warmUpMs }
}

function users(count: number, durationMs: number): LoadProfile {
  return { executor: 'constant-vus', start: count, stages: [{ durationMs, target: count }], warmUpMs: 0 }
}

function order(port: number, more: Partial<GeneratorOrder> & { readonly profile: LoadProfile }): GeneratorOrder {
  return {
    spacing: 'even',
    seed: 1,
    thinkTimeMs: 0,
    share: { index: 0, of: 1 },
    crossings: [
      {
        functionArn: FUNCTION_ARN,
        type: 'RequestResponse',
        payload: { kind: 'texts', texts: ['{"n":{{sequence}}}'] },
        weight: 1,
        keys: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'token' },
      },
    ],
    host: { hostname: '127.0.0.1', port, secure: false },
    isLocal: true,
    region: 'us-east-1',
    inFlightMax: 1000,
    timeoutMs: 10_000,
    invocationsMax: Number.MAX_SAFE_INTEGER,
    journalRowsMax: 1000,
    ...more,
  }
}

interface Outcome {
  readonly sent: number
  readonly succeeded: number
  readonly dropped: number
  readonly causes: readonly string[]
  readonly latency: Histogram
  readonly batch: Batch
}

async function run(given: GeneratorOrder, meanwhile?: (stop: () => void) => void): Promise<Outcome> {
  const generator = await createGenerator(given)
  const running = generator.run(sharedNow() + 5)
  meanwhile?.(() => generator.stop())
  await running
  const batch = generator.take()
  const measured = batch.seconds.filter(({ second }) => second >= 0)
  const sum = (of: (record: (typeof measured)[number]) => number) =>
    measured.reduce((total, record) => total + of(record), 0)
  return {
    sent: sum(({ sent }) => sent),
    succeeded: sum(({ succeeded }) => succeeded),
    dropped: sum(({ dropped }) => dropped),
    causes: [...new Set(measured.flatMap(({ causes }) => causes.map(({ cause }) => causeText(cause))))],
    latency: Histogram.of(...measured.map(({ latency }) => latency)),
    batch,
  }
}

function countAbove(histogram: Histogram, ms: number): number {
  let count = 0
  for (let rank = 1; rank <= histogram.count; rank++) if (histogram.percentile(rank / histogram.count) > ms) count++
  return count
}

async function withServer<T>(
  handle: (request: IncomingMessage, response: ServerResponse, body: string) => void,
  use: (port: number) => Promise<T>,
): Promise<T> {
  const server = createHttpServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text
    })
    request.on('end', () => handle(request, response, body))
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  try {
    return await use((server.address() as AddressInfo).port)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

async function withSocketServer<T>(handle: (socket: Socket) => void, use: (port: number) => Promise<T>): Promise<T> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    handle(socket)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  try {
    return await use((server.address() as AddressInfo).port)
  } finally {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
}

/** Answers at once, but nothing during one stall, after which everything is answered. */
function stallingServer(stallAfterMs: number, stallMs: number) {
  let beganMs: number | undefined
  return (_request: IncomingMessage, response: ServerResponse): void => {
    beganMs ??= performance.now()
    const sinceMs = performance.now() - beganMs
    const isStalled = sinceMs >= stallAfterMs && sinceMs < stallAfterMs + stallMs
    setTimeout(() => response.end('null'), isStalled ? stallAfterMs + stallMs - sinceMs : 0)
  }
}

describe.concurrent('a callee that stalls', () => {
  const RATE = 200
  const STALL_MS = 600

  it('is charged for every invocation that it kept waiting, and for how long', async () => {
    const { sent, succeeded, latency } = await withServer(stallingServer(400, STALL_MS), (port) =>
      run(order(port, { profile: constantRate(RATE, 1500) })),
    )
    expect({ sent, succeeded }).toEqual({ sent: 300, succeeded: 300 })
    // Arrivals are even, so half of those of the stall waited for longer than half of it.
    const waited = (RATE * STALL_MS) / 1000
    expect(countAbove(latency, STALL_MS / 2)).toBeGreaterThanOrEqual(waited / 2 - 5)
    expect(latency.maxMs).toBeGreaterThanOrEqual(STALL_MS - 20)
  })

  it('hides it from a user who waits: that is what the closed model is', async () => {
    const { latency } = await withServer(stallingServer(400, STALL_MS), (port) =>
      run(order(port, { profile: users(1, 1500), thinkTimeMs: 5 })),
    )
    expect(latency.maxMs).toBeGreaterThanOrEqual(STALL_MS / 2)
    expect(countAbove(latency, STALL_MS / 2)).toBeLessThan(10)
  })

  it('has invocations dropped once the most allowed are in flight, and they are counted apart', async () => {
    const { sent, succeeded, dropped, causes } = await withServer(stallingServer(0, 2500), (port) =>
      run(order(port, { profile: constantRate(RATE, 500), inFlightMax: 10 })),
    )
    expect(sent + dropped).toBe(100)
    expect({ sent, succeeded, causes }).toEqual({ sent: 10, succeeded: 10, causes: [] })
  })
})

describe.concurrent('a generator', () => {
  it('that is late itself says so, and does not put it on the callee', async () => {
    const { batch, latency } = await withServer(
      (_request, response) => response.end('null'),
      (port) =>
        run(order(port, { profile: constantRate(100, 600) }), () => {
          // Nothing in this thread goes on meanwhile, and the callee is not asked.
          setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300), 200)
        }),
    )
    expect(Histogram.of(batch.lateness).maxMs).toBeGreaterThanOrEqual(280)
    expect(latency.maxMs).toBeGreaterThanOrEqual(280)
    expect(Histogram.of(batch.service).percentile(0.5)).toBeLessThan(latency.maxMs)
  })

  it('sends every invocation of the profile once, whatever the number of threads', async () => {
    const seen: number[] = []
    await withServer(
      (_request, response, body) => {
        seen.push((JSON.parse(body) as { n: number }).n)
        response.end('null')
      },
      (port) =>
        Promise.all(
          [0, 1, 2].map((index) => run(order(port, { profile: constantRate(200, 500), share: { index, of: 3 } }))),
        ),
    )
    expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, index) => index))
  })

  it('counts the warm-up for nothing', async () => {
    let requests = 0
    const { sent, batch } = await withServer(
      (_request, response) => {
        requests++
        response.end('null')
      },
      (port) => run(order(port, { profile: constantRate(50, 400, 400) })),
    )
    expect({ requests, sent }).toEqual({ requests: 40, sent: 20 })
    expect([batch.service.count, batch.lateness.count]).toEqual([20, 20])
  })

  it('stops at the hard cap, and when it is told to', async () => {
    const [capped, stopped] = await withServer(
      (_request, response) => response.end('null'),
      (port) =>
        Promise.all([
          run(order(port, { profile: constantRate(100, 1000), invocationsMax: 7 })),
          run(order(port, { profile: constantRate(20, 60_000) }), (stop) => setTimeout(stop, 300)),
        ]),
    )
    expect(capped.sent).toBe(7)
    expect(stopped.sent).toBeGreaterThan(0)
    expect(stopped.succeeded).toBe(stopped.sent)
  })

  it('has as many users as the profile says, each with one invocation at a time', async () => {
    let [open, most] = [0, 0]
    const { sent, succeeded } = await withServer(
      (_request, response) => {
        most = Math.max(most, ++open)
        setTimeout(() => {
          open--
          response.end('null')
        }, 20)
      },
      (port) => run(order(port, { profile: users(5, 600) })),
    )
    expect(most).toBe(5)
    expect(sent).toBeGreaterThanOrEqual(5)
    expect(succeeded).toBe(sent)
  })

  it('keeps its connections, and opens others where a server does not', async () => {
    const sockets = new Set<Socket>()
    const connect = (keep: boolean) =>
      withServer(
        (request, response) => {
          sockets.add(request.socket)
          if (!keep) response.setHeader('connection', 'close')
          response.end('null')
        },
        (port) => run(order(port, { profile: users(1, 200), thinkTimeMs: 10 })),
      )
    const kept = await connect(true)
    expect([sockets.size, kept.causes]).toEqual([1, []])
    sockets.clear()
    const closed = await connect(false)
    expect([sockets.size, closed.causes]).toEqual([closed.sent, []])
  })
})

describe.concurrent('an answer that does not come', () => {
  const few = constantRate(50, 200)

  it('in time is given up, and is the client’s own timeout', async () => {
    const { sent, causes } = await withSocketServer(
      () => undefined,
      (port) => run(order(port, { profile: few, timeoutMs: 200 })),
    )
    expect({ sent, causes }).toEqual({ sent: 10, causes: ['ClientTimeout'] })
  })

  it.each([
    ['ECONNRESET', (socket: Socket) => socket.once('data', () => socket.destroy())],
    ['EPROTO', (socket: Socket) => socket.once('data', () => socket.write('this is no HTTP\r\n\r\n'))],
  ] as const)('because of the connection is called %s', async (name, handle) => {
    const { succeeded, causes, batch } = await withSocketServer(handle, (port) => run(order(port, { profile: few })))
    expect({ succeeded, causes }).toEqual({ succeeded: 0, causes: [name] })
    expect(batch.samples[0]?.message).toBe(`the connection failed: ${name}`)
  })

  it('because nobody listens is called ECONNREFUSED', async () => {
    const port = await withSocketServer(
      () => undefined,
      (free) => Promise.resolve(free),
    )
    expect((await run(order(port, { profile: few }))).causes).toEqual(['ECONNREFUSED'])
  })
})
