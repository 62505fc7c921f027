/** The real data plane: the model made of namespaces, routes and filters. The fabric starts when it is first needed. */
import type { Socket } from 'node:net'

import type { Clock } from '../../core/clock.ts'
import type { Attachment, Network, NetworkHost, Place } from '../network.ts'
import { TEST_INTERNET_HOST } from '../plan/addresses.ts'
import { LAMBDA_SERVICE_MARK } from '../plan/kernel/layout.ts'
import type { SocketRole } from '../plan/kernel/sockets.ts'
import { EMPTY_MODEL, type NetworkModel } from '../plan/model.ts'
import { type Answer, resolveName, type Resolver } from '../plan/names.ts'
import { type Egress, leaveThrough } from './egress.ts'
import { startFabric } from './fabric.ts'
import { createFlowReader } from './flow-reader.ts'
import { forwardToHost } from './host-service.ts'
import { createKernelDriver, type KernelDriver } from './kernel-driver.ts'
import { createPlaces, type LinkedPlace, type Places } from './places.ts'
import { createPortReader } from './port-reader.ts'
import { createResolver } from './resolver.ts'
import { createSockets } from './sockets.ts'
import { createTestInternet } from './test-internet.ts'

export interface LinuxNetworkOptions {
  readonly host: NetworkHost
  readonly clock: Clock
  /** Where programs are looked for, besides the folders of the system. */
  readonly path: string
  /** The real internet, for those whose VPC lets them out. Absent: the test internet is all there is. */
  readonly egress?: Egress
}

export interface LinuxNetwork extends Network {
  /** Starts the fabric now. Rejects with `FabricRefusal` where the machine does not let us. */
  start(): Promise<void>
}

interface Running {
  readonly driver: KernelDriver
  readonly places: Places
  close(): Promise<void>
}

/** Its calls reject with `FabricRefusal` where the machine does not let us; `detect` says so beforehand. */
export function createLinuxNetwork({ host, clock, path, egress }: LinuxNetworkOptions): LinuxNetwork {
  let model = EMPTY_MODEL
  let running: Promise<Running> | undefined
  let closed = false
  /** By the address of the place. */
  const attachments = new Map<string, Attachment>()
  const testInternet = createTestInternet()
  const answerFor = (placeAddress: string, name: string): Answer => {
    const whose = resolverOf(model, attachments.get(placeAddress))
    return whose === undefined ? { kind: 'silence' } : resolveName(model, whose, name)
  }
  const resolver = createResolver({ answerFor, clock, ...(egress === undefined ? {} : { egress }) })

  function receive(socket: Socket, role: SocketRole): void {
    const sourceIp = socket.remoteAddress
    // It has gone before we looked.
    if (sourceIp === undefined) return void socket.destroy()
    switch (role.kind) {
      case 'runtime-api':
        return host.onRuntimeConnection(socket, sourceIp)
      case 'resolver':
        return resolver.onConnection(socket)
      case 'internet':
        if (socket.localAddress === TEST_INTERNET_HOST.address) return void testInternet.emit('connection', socket)
        return host.onAwsConnection(socket, { sourceIp })
      case 'outside':
        return egress === undefined ? void socket.destroy() : leaveThrough(egress, socket)
      case 'vpc-endpoint': {
        const { vpcEndpointId, vpcId } = role
        return host.onAwsConnection(socket, { endpoint: { vpcEndpointId, vpcId, sourceIp } })
      }
      case 'host':
        return forwardToHost(socket, role.hostPort)
    }
  }

  async function start(): Promise<Running> {
    const fabric = await startFabric(path)
    try {
      const sockets = createSockets(fabric, { onConnection: receive, onDatagram: resolver.onDatagram })
      const flows = createFlowReader({ shell: fabric.shell, clock, report: (record) => host.onFlow?.(record) })
      const ports = createPortReader({
        shell: fabric.shell,
        clock,
        report: (natGatewayId, packets) => host.onPortErrors?.(natGatewayId, packets),
      })
      const driver = createKernelDriver({ shell: fabric.shell, sockets, flows, ports, isOpen: egress !== undefined })
      const places = createPlaces(fabric, fabric.startShell(), fabric.startNft())
      void fabric.ended.then(() => {
        if (!closed)
          host.notice('the process that holds the network has ended: functions reach nothing until a restart')
      })
      return {
        driver,
        places,
        async close() {
          flows.close()
          ports.close()
          sockets.closeExcept([])
          await fabric.close()
        },
      }
    } catch (error) {
      await fabric.close()
      throw error
    }
  }

  const ready = async (): Promise<Running> => {
    if (closed) throw new Error('the network is closed')
    running ??= start().then(async (it) => {
      await it.driver.apply(model)
      return it
    })
    return running
  }

  async function markOf(attachment: Attachment): Promise<number> {
    if (attachment.kind === 'lambda-service') return LAMBDA_SERVICE_MARK
    const { driver } = await ready()
    const mark = await driver.markOf(attachment.networkInterfaceId)
    if (mark === undefined) throw new Error(`there is no Lambda interface ${attachment.networkInterfaceId}`)
    return mark
  }

  const placeOf = (linked: LinkedPlace): Place => ({
    address: linked.address,
    prefix: linked.prefix,
    async attach(attachment) {
      await linked.mark(await markOf(attachment))
      attachments.set(linked.address, attachment)
    },
    async remove() {
      attachments.delete(linked.address)
      await linked.remove()
    },
  })

  return {
    dataPlane: { kind: 'real' },
    async start() {
      await ready()
    },
    async apply(wanted) {
      model = wanted
      // Nobody is there to send anything: the fabric can wait.
      if (running === undefined && wanted.networkInterfaces.length === 0) return
      const { driver } = await ready()
      await driver.apply(wanted)
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

/** Undefined for a place that is attached to nothing, or to what has gone. */
function resolverOf(model: NetworkModel, attachment: Attachment | undefined): Resolver | undefined {
  if (attachment === undefined || attachment.kind === 'lambda-service') return attachment
  const { networkInterfaceId } = attachment
  const networkInterface = model.networkInterfaces.find(({ id }) => id === networkInterfaceId)
  const subnet = model.subnets.find(({ id }) => id === networkInterface?.subnetId)
  return subnet && { kind: 'vpc', vpcId: subnet.vpcId }
}
