/** The sockets that listen inside: opened and closed as the plan says, and what becomes of a connection to each. */
import type { Socket as UdpSocket } from 'node:dgram'
import type { Socket } from 'node:net'

import type { SocketRole, WantedSocket } from '../plan/kernel/sockets.ts'
import type { Fabric } from './fabric.ts'

export interface Receivers {
  onConnection(socket: Socket, role: SocketRole): void
  onDatagram(socket: UdpSocket, message: Buffer, from: { address: string; port: number }): void
}

export interface Sockets {
  /** Opens what is missing and closes what is no longer wanted. INVARIANT: the namespaces are there. */
  follow(wanted: readonly WantedSocket[]): Promise<void>
  /** Closes those whose namespaces are about to go: a listening socket keeps its namespace alive. */
  closeExcept(wanted: readonly WantedSocket[]): void
}

interface OpenSocket {
  close(): void
}

export function createSockets(fabric: Pick<Fabric, 'listen' | 'bind'>, receivers: Receivers): Sockets {
  const open = new Map<string, OpenSocket>()

  async function listen(wanted: WantedSocket): Promise<OpenSocket> {
    if (wanted.protocol === 'udp') {
      const socket = await fabric.bind(wanted)
      socket.on('message', (message, from) => receivers.onDatagram(socket, message, from))
      // A datagram that could not be sent is lost, as datagrams are.
      socket.on('error', () => {})
      socket.unref()
      return { close: () => socket.close() }
    }
    const server = await fabric.listen(wanted)
    // Who has said all may still hear an answer.
    Object.assign(server, { allowHalfOpen: true })
    const connections = new Set<Socket>()
    server.on('connection', (socket) => {
      connections.add(socket)
      socket.once('close', () => connections.delete(socket))
      socket.setNoDelay(true)
      receivers.onConnection(socket, wanted.role)
    })
    server.unref()
    return {
      close() {
        server.close()
        // Who was connected to what has gone is connected to nothing; an open socket would keep its namespace, too.
        for (const socket of connections) socket.destroy()
      },
    }
  }

  function closeExcept(wanted: readonly WantedSocket[]): void {
    const keys = new Set(wanted.map(keyOf))
    for (const [key, socket] of open) {
      if (keys.has(key)) continue
      open.delete(key)
      socket.close()
    }
  }

  return {
    closeExcept,
    async follow(wanted) {
      closeExcept(wanted)
      await Promise.all(
        wanted
          .filter((socket) => !open.has(keyOf(socket)))
          .map(async (socket) => open.set(keyOf(socket), await listen(socket))),
      )
    },
  }
}

function keyOf({ namespace, protocol, address, port, role }: WantedSocket): string {
  return JSON.stringify([namespace, protocol, address, port, role])
}
