/**
 * A flow's way is cut where an address is translated: into segments from one interface to the next, or between an interface and what lies
 * beyond its VPC. Within a segment the packet stays the same, so its answer is the same packet turned round.
 */
import { blockContains } from './blocks.ts'
import { EPHEMERAL_PORTS, replyTo, translated, type Packet } from './flow.ts'
import { aclHops, drop, groupHops, pass, returnHop, routeHop } from './hops.ts'
import type { NetworkIndex, Place } from './network-index.ts'
import { effectiveRoutes, peerVpc, routeFor, type EffectiveRoute } from './routes.ts'
import type { Hop } from './verdict.ts'

export interface Segment {
  readonly hops: readonly Hop[]
  readonly end: SegmentEnd
  /** The hops of an answer on its way back through this segment. */
  answer(outcome: 'answer' | 'refusal'): readonly Hop[]
}

export type SegmentEnd =
  /** Nothing comes out: the last hop says why. */
  | { readonly kind: 'lost' }
  /** `from` is where it was sent from, where that is an interface. */
  | { readonly kind: 'interface'; readonly at: Place; readonly from?: Place; readonly packet: Packet }
  /** A NAT gateway sends it on under its own address. */
  | { readonly kind: 'nat-gateway'; readonly id: string; readonly at: Place; readonly packet: Packet }
  | { readonly kind: 'gateway-endpoint'; readonly id: string; readonly packet: Packet }
  | { readonly kind: 'internet'; readonly packet: Packet }

/** A packet about to leave an interface, and what was decided until its route is taken. */
interface Outset {
  readonly index: NetworkIndex
  readonly from: Place
  readonly packet: Packet
  /** The interface that the route leads to, where it leads to one. */
  readonly to: Place | undefined
  readonly hops: readonly Hop[]
}

/** From an interface to wherever its subnet's route table sends the packet. */
export function leave(index: NetworkIndex, from: Place, packet: Packet): Segment {
  const route = routeFor(effectiveRoutes(index, from.subnet.routeTableId), packet.destination)
  const to = route === undefined ? undefined : receiverOf(index, from, route, packet)
  const hops = [
    ...groupHops(index, from, 'egress', packet, to?.vpc),
    ...aclHops(index, { from, to }, 'egress', packet, 'request'),
    routeHop(from, packet, route, 'request'),
  ]
  return route === undefined ? lost(hops) : follow({ index, from, packet, to, hops }, route)
}

function follow(outset: Outset, { target }: EffectiveRoute): Segment {
  switch (target.kind) {
    case 'local':
      return arrive(outset, outset.from.vpc.id)
    case 'network-interface':
      return divert(outset)
    case 'nat-gateway':
      return translate(outset, target.id)
    case 'vpc-peering':
      return crossPeering(outset, target.id)
    case 'internet-gateway':
      return goOut(outset, target.id)
    case 'gateway-endpoint': {
      const { hops, packet } = outset
      return { hops, end: { kind: 'gateway-endpoint', id: target.id, packet }, answer: answerFromOutside(outset) }
    }
    case 'blackhole':
      return lost(outset.hops)
  }
}

/** From the internet to an interface's elastic or public address. */
export function enter(index: NetworkIndex, to: Place, packet: Packet): Segment {
  const { internetGatewayId } = to.vpc
  if (internetGatewayId === undefined) {
    return lost([drop('vpc', to.vpc.id, 'has no internet gateway for what comes from the internet')])
  }
  const inside: Packet = { ...packet, destination: to.networkInterface.address }
  const shown = `translates ${packet.destination} to ${inside.destination}`
  return {
    hops: [pass('internet-gateway', internetGatewayId, shown), ...aclHops(index, { to }, 'ingress', inside, 'request')],
    end: { kind: 'interface', at: to, packet: inside },
    answer(outcome) {
      const reply = replyTo(inside, outcome)
      const route = routeFor(effectiveRoutes(index, to.subnet.routeTableId), reply.destination)
      return [
        ...aclHops(index, { from: to }, 'egress', reply, 'reply'),
        returnHop(to, reply, route, route?.target.kind === 'internet-gateway' ? undefined : internetGatewayId),
      ]
    },
  }
}

/** Where in the network the route leads, as far as that is an interface. */
function receiverOf(index: NetworkIndex, from: Place, { target }: EffectiveRoute, packet: Packet): Place | undefined {
  switch (target.kind) {
    case 'local':
      return index.interfaceAt(from.vpc.id, packet.destination)
    case 'network-interface':
      return placeOf(index, target.id)
    case 'nat-gateway':
      return placeOf(index, index.natGateways.get(target.id)?.networkInterfaceId)
    case 'vpc-peering': {
      const connection = index.peeringConnections.get(target.id)
      const peer = connection === undefined ? undefined : peerVpc(index, connection, from.vpc.id)
      return peer === undefined ? undefined : index.interfaceAt(peer.id, packet.destination)
    }
    case 'internet-gateway':
    case 'gateway-endpoint':
    case 'blackhole':
      return undefined
  }
}

function placeOf(index: NetworkIndex, networkInterfaceId: string | undefined): Place | undefined {
  const networkInterface = index.networkInterfaces.get(networkInterfaceId ?? '')
  return networkInterface === undefined ? undefined : index.placeOf(networkInterface)
}

function arrive({ index, from, packet, to, hops }: Outset, vpcId: string, peeringId?: string): Segment {
  if (to === undefined) {
    return lost([...hops, drop('vpc', vpcId, `no network interface has the address ${packet.destination}`)])
  }
  return {
    hops: [...hops, ...aclHops(index, { from, to }, 'ingress', packet, 'request')],
    end: { kind: 'interface', at: to, from, packet },
    answer: (outcome) => answerBetween(index, { asker: from, answerer: to }, replyTo(packet, outcome), peeringId),
  }
}

/** A route names an interface: what is not for that interface's own address needs an appliance there that forwards. */
function divert(outset: Outset): Segment {
  const { index, from, packet, to, hops } = outset
  if (to === undefined || to.networkInterface.address === packet.destination) return arrive(outset, from.vpc.id)
  const reason = to.networkInterface.sourceDestCheck
    ? `the source/destination check drops what is for ${packet.destination}`
    : `what stands behind it does not forward to ${packet.destination}`
  return lost([
    ...hops,
    ...aclHops(index, { from, to }, 'ingress', packet, 'request'),
    drop('network-interface', to.networkInterface.id, reason),
  ])
}

function translate({ index, from, packet, to, hops }: Outset, natGatewayId: string): Segment {
  if (to === undefined) return lost([...hops, drop('nat-gateway', natGatewayId, 'has no network interface')])
  const { address } = to.networkInterface
  return {
    hops: [
      ...hops,
      ...aclHops(index, { from, to }, 'ingress', packet, 'request'),
      pass('nat-gateway', natGatewayId, `translates ${packet.source} to ${address}`),
    ],
    end: { kind: 'nat-gateway', id: natGatewayId, at: to, packet: translated(packet, address, EPHEMERAL_PORTS) },
    answer: (outcome) => answerBetween(index, { asker: from, answerer: to }, replyTo(packet, outcome)),
  }
}

/** Nobody passes through a peered VPC. https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html#vpc-peering-limitations */
function crossPeering(outset: Outset, connectionId: string): Segment {
  const { index, from, packet, hops } = outset
  const connection = index.peeringConnections.get(connectionId)
  const peer = connection === undefined ? undefined : peerVpc(index, connection, from.vpc.id)
  if (peer === undefined) return lost([...hops, drop('vpc-peering', connectionId, 'is not active')])
  if (!peer.cidrs.some((cidr) => blockContains(cidr, packet.destination))) {
    const reason = `leads to ${peer.id} (${peer.cidrs.join(', ')}) and not through it to ${packet.destination}`
    return lost([...hops, drop('vpc-peering', connectionId, reason)])
  }
  const crossed = pass('vpc-peering', connectionId, `leads to ${peer.id} of account ${peer.account}`)
  return arrive({ ...outset, hops: [...hops, crossed] }, peer.id, connectionId)
}

/** An internet gateway translates only for interfaces with an address of the internet. */
function goOut(outset: Outset, gatewayId: string): Segment {
  const { from, packet, hops } = outset
  const { id, publicAddress, kind } = from.networkInterface
  if (publicAddress === undefined) {
    const why = kind.kind === 'lambda' ? 'as no interface of a Lambda function has' : 'so nothing could come back'
    return lost([...hops, drop('internet-gateway', gatewayId, `${id} has no public address, ${why}`)])
  }
  return {
    hops: [...hops, pass('internet-gateway', gatewayId, `translates ${packet.source} to ${publicAddress}`)],
    end: { kind: 'internet', packet: translated(packet, publicAddress) },
    answer: answerFromOutside(outset),
  }
}

/** Gateways know the way back to an interface by themselves. */
function answerFromOutside({ index, from, packet }: Outset): Segment['answer'] {
  return (outcome) => aclHops(index, { to: from }, 'ingress', replyTo(packet, outcome), 'reply')
}

/** An answer from one interface to another: its own subnet's routes have to lead back. */
function answerBetween(
  index: NetworkIndex,
  { asker, answerer }: { readonly asker: Place; readonly answerer: Place },
  reply: Packet,
  peeringId?: string,
): readonly Hop[] {
  const route = routeFor(effectiveRoutes(index, answerer.subnet.routeTableId), reply.destination)
  const leadsBack =
    peeringId === undefined
      ? route?.target.kind === 'local' || isAt(route, asker)
      : route?.target.kind === 'vpc-peering' && route.target.id === peeringId
  const ends = { from: answerer, to: asker }
  return [
    ...aclHops(index, ends, 'egress', reply, 'reply'),
    returnHop(answerer, reply, route, leadsBack ? undefined : (peeringId ?? asker.networkInterface.id)),
    ...aclHops(index, ends, 'ingress', reply, 'reply'),
  ]
}

function isAt(route: EffectiveRoute | undefined, place: Place): boolean {
  return route?.target.kind === 'network-interface' && route.target.id === place.networkInterface.id
}

function lost(hops: readonly Hop[]): Segment {
  return { hops, end: { kind: 'lost' }, answer: () => [] }
}
