/** Sends flows of the evaluator's vocabulary as real packets, and tells what became of them in the same vocabulary. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { awsServiceAt } from '../../../src/network/plan/addresses.ts'
import { EPHEMERAL_PORTS, type Flow, type FlowSource } from '../../../src/network/plan/flow.ts'
import type { NetworkInterface, NetworkInterfaceKind, NetworkModel } from '../../../src/network/plan/model.ts'
import type { Network, Place } from '../../../src/network/network.ts'
import { probe, type Probe, type ProbeResult } from './probe.ts'

/** As `Expected` of the cases, but for what a sender cannot know: who dropped a packet, and the address a host saw. */
export type Observed =
  /** `destination`: absent where an answer does not say whose it is. */
  | { readonly outcome: 'connects'; readonly destination?: string; readonly sourceAddress?: string }
  | { readonly outcome: 'refused' | 'timeout' }

/** One flow per source port that might make a difference: they must agree, or it counts as timed out. */
interface Sending {
  readonly flow: Flow
  readonly probes: readonly Probe[]
}

/** Sends all flows at once. The model is applied first, with hosts that answer with their interface's id. */
export async function sendFlows(network: Network, model: NetworkModel, flows: readonly Flow[]): Promise<Observed[]> {
  const hosts: Server[] = []
  const bySource = groupBy(
    flows.map((flow): Sending => ({ flow, probes: probesOf(model, flow) })),
    ({ flow }) => JSON.stringify(flow.from),
  )
  const places: Place[] = []
  try {
    await network.apply(await withHosts(model, hosts))
    const observed = new Map<Flow, Observed>()
    await Promise.all(
      [...bySource.values()].map(async (sendings) => {
        const place = await network.createPlace()
        places.push(place)
        const prefix = await prefixOf(place, sendings[0]?.flow.from ?? { kind: 'internet' })
        const results = await probe(
          prefix,
          sendings.flatMap(({ probes }) => probes),
        )
        let position = 0
        for (const { flow, probes } of sendings) {
          observed.set(flow, observedOf(flow, results.slice(position, (position += probes.length))))
        }
      }),
    )
    return flows.map((flow) => observed.get(flow) ?? { outcome: 'timeout' })
  } finally {
    await Promise.all(places.map((place) => place.remove()))
    for (const host of hosts) host.close()
  }
}

export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item])
  return groups
}

export function flowKey({ from, protocol, to, port }: Flow): string {
  return `${from.kind === 'network-interface' ? from.id : from.kind} to ${protocol} ${to}:${port}`
}

/** The kernel has no way to send as anybody else: a host of the user is only ever called. */
export function canBeSent(model: NetworkModel, { from }: Flow): boolean {
  return from.kind !== 'network-interface' || kindOf(model, from.id) === 'lambda'
}

/** The same model in which a host's interface is a function's, so that it can send. */
export function asSender(model: NetworkModel, networkInterfaceId: string): NetworkModel {
  return replaceInterfaces(model, (it) => (it.id === networkInterfaceId ? { kind: 'lambda' } : it.kind))
}

export function kindOf(model: NetworkModel, networkInterfaceId: string): NetworkInterfaceKind['kind'] | undefined {
  return model.networkInterfaces.find(({ id }) => id === networkInterfaceId)?.kind.kind
}

function replaceInterfaces(
  model: NetworkModel,
  kindFor: (networkInterface: NetworkInterface) => NetworkInterfaceKind,
): NetworkModel {
  const networkInterfaces = model.networkInterfaces.map((it) => ({ ...it, kind: kindFor(it) }))
  return { ...model, networkInterfaces }
}

async function withHosts(model: NetworkModel, hosts: Server[]): Promise<NetworkModel> {
  const ports = new Map<string, number>()
  for (const { id, kind } of model.networkInterfaces) {
    if (kind.kind !== 'host') continue
    const server = createServer((_request, response) => response.end(JSON.stringify({ host: id })))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    hosts.push(server)
    ports.set(id, (server.address() as AddressInfo).port)
  }
  return replaceInterfaces(model, ({ id, kind }) =>
    kind.kind === 'host'
      ? { kind: 'host', listeners: kind.listeners.map(({ port }) => ({ port, hostPort: ports.get(id) ?? 0 })) }
      : kind,
  )
}

async function prefixOf(place: Place, from: FlowSource): Promise<Place['prefix']> {
  switch (from.kind) {
    case 'network-interface':
      await place.attach({ kind: 'vpc', networkInterfaceId: from.id })
      return place.prefix
    case 'lambda-service':
      await place.attach({ kind: 'lambda-service' })
      return place.prefix
    // The test internet is a namespace like a place.
    case 'internet':
      return place.prefix.map((part) => part.replace(/(?<=\/run\/netns\/)p\d+$/, 'internet'))
  }
}

/** Where the flow leaves its source port open: those at the edges of the network ACLs' rules, which tell ports apart. */
function probesOf(model: NetworkModel, { to, protocol, port, sourcePort }: Flow): readonly Probe[] {
  const target = { protocol, to, ...(port === undefined ? {} : { port }) }
  if (protocol === 'icmp') return [target]
  const ports = sourcePort === undefined ? edgePorts(model) : [sourcePort]
  return ports.map((edge) => ({ ...target, sourcePort: edge }))
}

function edgePorts(model: NetworkModel): readonly number[] {
  const { from, to } = EPHEMERAL_PORTS
  const edges = model.networkAcls
    .flatMap(({ entries }) => entries)
    .flatMap(({ traffic }) =>
      traffic.protocol === 'tcp' || traffic.protocol === 'udp'
        ? [traffic.fromPort - 1, traffic.fromPort, traffic.toPort, traffic.toPort + 1]
        : [],
    )
  return [...new Set([from, to, ...edges.filter((port) => from <= port && port <= to)])]
}

function observedOf(flow: Flow, results: readonly ProbeResult[]): Observed {
  const outcomes = new Set(results.map(({ outcome }) => outcome))
  if (outcomes.has('timeout')) return { outcome: 'timeout' }
  const [first] = results
  if (outcomes.size > 1 || first === undefined) throw new Error(`${JSON.stringify(flow)} ended in several ways`)
  return first.outcome === 'connects' ? { outcome: 'connects', ...whoAnswered(flow, first.answer) } : first
}

/** What hosts, AWS, the test internet and the Runtime API say of themselves and of their caller. */
function whoAnswered({ to }: Flow, text: string): { destination?: string; sourceAddress?: string } {
  if (text === '') return {}
  const answer = JSON.parse(text) as {
    host?: string
    place?: string
    clientAddress?: string
    aws?: { sourceIp?: string; endpoint?: { vpcEndpointId: string; sourceIp: string } }
  }
  if (answer.host !== undefined) return { destination: answer.host }
  if (answer.place !== undefined) return { destination: 'runtime-api' }
  if (answer.clientAddress !== undefined) return { destination: 'internet', sourceAddress: answer.clientAddress }
  const { sourceIp, endpoint } = answer.aws ?? {}
  if (endpoint !== undefined) return { destination: endpoint.vpcEndpointId, sourceAddress: endpoint.sourceIp }
  const service = awsServiceAt(to)
  return { destination: `${service?.service}.${service?.region}`, sourceAddress: sourceIp ?? '' }
}
