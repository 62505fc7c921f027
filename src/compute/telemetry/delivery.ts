/** Sends batches of events to a listener inside the environment: HTTP one request each, TCP one line for each event. */
import { Agent, request } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Dial } from './dial.ts'
import type { Destination } from './subscription.ts'

export interface Delivery {
  /** Events are JSON. Rejects when the listener has not taken them. */
  send(events: readonly string[]): Promise<void>
  close(): void
}

export function createDelivery(destination: Destination, dial: Dial): Delivery {
  return destination.protocol === 'TCP' ? overTcp(destination.port, dial) : overHttp(destination, dial)
}

function overHttp({ port, path, method }: Extract<Destination, { protocol: 'HTTP' }>, dial: Dial): Delivery {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  // Whatever carries the bytes, to the agent it is a socket; but only a socket has what these two would ask for.
  agent.createConnection = () => dial(port)
  agent.keepSocketAlive = () => true
  agent.reuseSocket = () => {}
  const send = (body: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const headers = {
        host: `sandbox.localdomain:${port}`,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      }
      const sent = request({ agent, method, path, headers }, (response) => {
        response.resume()
        response.on('error', reject)
        response.once('end', () => {
          const status = response.statusCode ?? 0
          if (status >= 200 && status < 300) resolve()
          else reject(new Error(`the listener answered ${status}`))
        })
      })
      // An environment that ends meanwhile may be noticed more than once.
      sent.on('error', reject)
      sent.end(body)
    })
  return { send: (events) => send(`[${events.join(',')}]`), close: () => agent.destroy() }
}

function overTcp(port: number, dial: Dial): Delivery {
  let open: Duplex | undefined
  const connection = (): Duplex => {
    if (open !== undefined && !open.destroyed) return open
    open = dial(port)
    open.on('error', () => {})
    open.resume()
    return open
  }
  return {
    send: (events) =>
      new Promise((resolve, reject) => {
        connection().write(`${events.join('\n')}\n`, (error) => (error ? reject(error) : resolve()))
      }),
    close: () => void open?.destroy(),
  }
}
