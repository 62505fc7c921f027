/** A listener that is gone while it is being sent something, as when its environment ends. */
import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterEach, expect, it } from 'vitest'

import type { Place } from '../compute.ts'
import { createDelivery } from './delivery.ts'
import { createDial } from './dial.ts'

/** The machine's own network, entered as that of an environment is. */
const PLACE = { prefix: [] } as unknown as Place
let server: Server
afterEach(() => server.close())

it.each(['half-way', 'at once'])('refuses, and no more: %s', async (when) => {
  const end = (socket: Socket) =>
    when === 'half-way' ? socket.write('HTTP/1.1 200 OK\r\n') && socket.destroySoon() : socket.destroy()
  server = createServer((socket) => void socket.once('data', () => end(socket)).on('error', () => {}))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const delivery = createDelivery({ protocol: 'HTTP', port, path: '/', method: 'POST' }, createDial(PLACE))
  await expect(delivery.send(['{}'])).rejects.toThrow(/./)
  delivery.close()
  // What comes after the first error, nobody may die of.
  await new Promise((resolve) => setTimeout(resolve, 50))
})
