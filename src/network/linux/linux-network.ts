/** The real data plane: the model made of namespaces, routes and filters. The fabric starts when it is first needed. */
import type { Socket } from 'node:net'

import type { Attachment, Network, NetworkHost, Place } from '../network.ts'
import { TEST_INTERNET_HOST } from '../plan/addresses.ts'
import { LAMBDA_SERVICE_MARK } from '../plan/kernel/layout.ts'
import { planKernel, type SocketRole } from '../plan/kernel/plan.ts'
import { startEmptyFabric } from './detect.ts'
import { createPlaces, type LinkedPlace, type Places } from './places.ts'
import { createSockets } from './sockets.ts'
import { createTestInternet } from './test-internet.ts'

export interface LinuxNetworkOptions {
  readonly host: NetworkHost
  /** Where programs are looked for, besides the folders of the system. */
  readonly path: string
}

interface Running {
  readonly places: Places
  close(): Promise<void>
}

/** Its calls reject with `FabricRefusal` where the machine does not let us; `detect` says so beforehand. */
export function createLinuxNetwork({ host, path }: LinuxNetworkOptions): Network {
  let running: Promise<Running> | undefined
  let closed = false
  const testInternet = createTestInternet()

  function receive(socket: Socket, role: SocketRole): void {
    switch (role.kind) {
      case 'runtime-api':
        return host.onRuntimeConnection(socket, socket.remoteAddress ?? '')
      case 'internet':
        if (socket.localAddress === TEST_INTERNET_HOST.address) return void testInternet.emit('connection', socket)
        return host.onAwsConnection(socket, { sourceIp: socket.remoteAddress ?? '' })
      case 'resolver':
        return void socket.destroy()
    }
  }

  async function start(): Promise<Running> {
    const fabric = await startEmptyFabric(path)
    try {
      const { sockets } = planKernel()
      await createSockets(fabric, { onConnection: receive, onDatagram: () => {} }).follow(sockets)
      return { places: createPlaces(fabric, fabric.startShell(), fabric.startNft()), close: () => fabric.close() }
    } catch (error) {
      await fabric.close()
      throw error
    }
  }

  const ready = (): Promise<Running> => {
    if (closed) return Promise.reject(new Error('the network is closed'))
    return (running ??= start())
  }

  return {
    dataPlane: { kind: 'real' },
    async apply() {
      await ready()
    },
    async createPlace() {
      const { places } = await ready()
      return placeOf(await places.create())
    },
    async close() {
      closed = true
      testInternet.close()
      await running?.then(
        (it) => it.close(),
        () => {},
      )
    },
  }
}

function placeOf(linked: LinkedPlace): Place {
  return {
    address: linked.address,
    prefix: linked.prefix,
    attach: (attachment) => linked.mark(markOf(attachment)),
    remove: () => linked.remove(),
  }
}

function markOf(attachment: Attachment): number {
  switch (attachment.kind) {
    case 'lambda-service':
      return LAMBDA_SERVICE_MARK
    case 'vpc':
      throw new Error(`there is no network interface ${attachment.networkInterfaceId}`)
  }
}
