/** What a packet meets at the end of a segment: another segment, somebody who answers or refuses, or nobody. */
import { INTERFACE_ENDPOINT_PORTS } from './addresses.ts'
import type { Packet } from './flow.ts'
import { drop, groupHops, pass, refuse } from './hops.ts'
import type { Internet } from './internet.ts'
import type { VpcEndpoint } from './model.ts'
import type { NetworkIndex, Place } from './network-index.ts'
import { enter, leave, type Segment } from './segment.ts'
import type { Destination, Hop } from './verdict.ts'

export type Next =
  | { readonly kind: 'segment'; readonly segment: Segment }
  | {
      readonly kind: 'arrived'
      /** One that refuses where nobody listens. */
      readonly hops: readonly Hop[]
      readonly destination: Destination
      readonly sourceAddress: string
    }
  /** One of the hops drops, or one before did. */
  | { readonly kind: 'lost'; readonly hops: readonly Hop[] }

export function proceed(index: NetworkIndex, internet: Internet, { end }: Segment): Next {
  switch (end.kind) {
    case 'lost':
      return { kind: 'lost', hops: [] }
    case 'internet':
      return beyond(index, internet, end.packet)
    case 'nat-gateway':
      return { kind: 'segment', segment: leave(index, end.at, end.packet) }
    case 'gateway-endpoint':
      return atGatewayEndpoint(index, internet, end.id, end.packet)
    case 'interface':
      return atInterface(index, end.at, end.from, end.packet)
  }
}

/** On the internet: a host of it, or an interface with a public address. */
export function beyond(index: NetworkIndex, internet: Internet, packet: Packet): Next {
  const { destination } = packet
  const place = index.interfaceBehind(destination)
  if (place !== undefined) return { kind: 'segment', segment: enter(index, place, packet) }
  const host = internet.hostAt(destination)
  const response = host?.response(packet.content)
  if (host === undefined) return lostAt('internet', 'internet', `nobody has the address ${destination}`)
  if (response === 'silent') return lostAt('internet', 'internet', `${destination} is silent on this port`)
  const last =
    response === 'answers'
      ? pass('internet', 'internet', `${destination} answers`)
      : refuse('internet', 'internet', `${destination} has nobody listening on this port`)
  return { kind: 'arrived', hops: [last], destination: host.destination, sourceAddress: packet.source }
}

/** At an operating system: it answers pings, and refuses where nobody listens. */
export function atDevice({ networkInterface: { id, kind } }: Place, packet: Packet, filters: readonly Hop[]): Next {
  const { content } = packet
  const listener =
    kind.kind === 'host' && content.protocol === 'tcp'
      ? kind.listeners.find(({ port }) => port === content.destinationPorts.from)
      : undefined
  const last =
    listener !== undefined || content.protocol === 'icmp'
      ? pass('network-interface', id, 'answers')
      : refuse('network-interface', id, 'nobody listens on this port')
  return {
    kind: 'arrived',
    hops: [...filters, last],
    destination: { kind: 'network-interface', id, ...(listener === undefined ? {} : { listener }) },
    sourceAddress: packet.source,
  }
}

export function lostAt(kind: Hop['kind'], resourceId: string, reason: string): Next {
  return { kind: 'lost', hops: [drop(kind, resourceId, reason)] }
}

/** At an interface's door: nobody enters a function or a NAT gateway, whatever the rules allow. */
function atInterface(index: NetworkIndex, place: Place, from: Place | undefined, packet: Packet): Next {
  const { id, kind } = place.networkInterface
  if (kind.kind === 'lambda')
    return lostAt('network-interface', id, 'nothing enters the interface of a Lambda function')
  if (kind.kind === 'nat-gateway')
    return lostAt('nat-gateway', kind.natGatewayId, 'only translates: it accepts nothing')
  const filters = groupHops(index, place, 'ingress', packet, from?.vpc)
  if (kind.kind === 'host') return atDevice(place, packet, filters)
  if (kind.kind === 'interface') {
    return { kind: 'lost', hops: [...filters, drop('network-interface', id, 'is attached to nothing')] }
  }
  return atInterfaceEndpoint(index.vpcEndpoints.get(kind.vpcEndpointId), kind.vpcEndpointId, packet, filters)
}

function atInterfaceEndpoint(
  endpoint: VpcEndpoint | undefined,
  id: string,
  packet: Packet,
  filters: readonly Hop[],
): Next {
  const { content } = packet
  const isServed = content.protocol === 'tcp' && INTERFACE_ENDPOINT_PORTS.includes(content.destinationPorts.from)
  if (endpoint === undefined || !isServed) {
    const reason = endpoint === undefined ? 'is gone' : `answers on tcp ${INTERFACE_ENDPOINT_PORTS.join(', ')} only`
    return { kind: 'lost', hops: [...filters, drop('vpc-endpoint', id, reason)] }
  }
  return throughEndpoint(endpoint, packet, [...filters, pass('vpc-endpoint', id, `leads to ${endpoint.service}`)])
}

/** Its route takes a whole range; only the service itself is there. */
function atGatewayEndpoint(index: NetworkIndex, internet: Internet, id: string, packet: Packet): Next {
  const endpoint = index.vpcEndpoints.get(id)
  const host = internet.hostAt(packet.destination)
  const there = host?.destination.kind === 'aws-service' ? host.destination : undefined
  const isServed = there !== undefined && there.service === endpoint?.service && there.region === endpoint.region
  if (endpoint === undefined || !isServed || host?.response(packet.content) !== 'answers') {
    return lostAt('vpc-endpoint', id, `nobody answers at ${packet.destination}`)
  }
  return throughEndpoint(endpoint, packet, [pass('vpc-endpoint', id, `leads to ${endpoint.service}`)])
}

function throughEndpoint(endpoint: VpcEndpoint, packet: Packet, hops: readonly Hop[]): Next {
  const { id, vpcId, service, region } = endpoint
  return {
    kind: 'arrived',
    hops,
    destination: { kind: 'vpc-endpoint', id, vpcId, service, region },
    sourceAddress: packet.source,
  }
}
