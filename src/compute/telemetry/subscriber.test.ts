/** A listener that is late, and one that is slow. */
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'

import { systemClock } from '../../core/clock.ts'
import { Subscriber } from './subscriber.ts'
import type { Subscription } from './subscription.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections()
})

interface Listener {
  readonly port: number
  readonly received: { readonly type: string; readonly record: unknown }[]
}

/** `answer`: when it has received a batch. */
async function listen(answer: (response: ServerResponse) => void, port = 0): Promise<Listener> {
  const received: Listener['received'] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      received.push(...(JSON.parse(body) as Listener['received']))
      answer(response)
    })
  })
  servers.push(server)
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, received }
}

function subscriber(port: number): Subscriber {
  const subscription: Subscription = {
    api: 'telemetry',
    schemaVersion: '2022-12-13',
    types: ['function'],
    destination: { protocol: 'HTTP', port, path: '/', method: 'POST' },
    buffering: { maxItems: 1000, maxBytes: 262_144, timeoutMs: 25 },
  }
  return new Subscriber('agent', subscription, { clock: systemClock, dial: (to) => connect(to, '127.0.0.1') })
}

function write(to: Subscriber, count: number): void {
  for (let number = 0; number < count; number++) {
    const json = JSON.stringify({ time: '', type: 'function', record: String(number) })
    to.take({ category: 'function', type: 'function', json })
    to.take({ category: 'platform', type: 'platform.start', json: '{}' })
  }
}

describe('a subscriber', () => {
  it('that listens late has lost nothing, and hears only what it wants', async () => {
    const { port } = await listen(() => {})
    for (const server of servers.splice(0)) server.close()
    const late = subscriber(port)
    write(late, 3)
    late.flush()
    const { received } = await listen((response) => response.end(), port)
    await late.delivered()
    expect(received.map(({ record }) => record)).toEqual(['0', '1', '2'])
    late.close()
  })

  it('that does not keep up is told how much it has missed', async () => {
    let isFirst = true
    let take: (response: ServerResponse) => void = () => {}
    const first = new Promise<ServerResponse>((resolve) => (take = resolve))
    const { port, received } = await listen((response) => {
      if (isFirst) take(response)
      else response.end()
      isFirst = false
    })
    const slow = subscriber(port)
    write(slow, 10)
    slow.flush()
    // One batch is with the listener, a full one waits, and the rest has no room.
    write(slow, 1005)
    ;(await first).end()
    await slow.delivered()
    expect(received).toHaveLength(1011)
    expect(received.at(-1)).toMatchObject({
      type: 'platform.logsDropped',
      record: { droppedRecords: 5, droppedBytes: expect.any(Number), reason: expect.stringMatching(/slower/) },
    })
    slow.close()
  })
})
