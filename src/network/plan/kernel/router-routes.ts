/**
 * Routes in a router. A packet is first looked up in the route table of the subnet it comes from, by the longest prefix; where that says
 * `local`, in what is in the VPC.
 */
import { formatCidr } from '../../../core/cidr.ts'
import { blockContains } from '../blocks.ts'
import type { NetworkIndex } from '../network-index.ts'
import { type EffectiveRoute, effectiveRoutes, routeFor } from '../routes.ts'
import {
  HUB_LINK,
  IGW_LINK,
  NEXT_HOP,
  NOWHERE,
  onLoopback,
  peeringAddress,
  routeTableTable,
  RULE,
  VPC_TABLE,
} from './layout.ts'
import type { Numbers } from './numbers.ts'
import type { PlannedPeer, PlannedVpc } from './vpc.ts'

export interface RouterRoutes {
  readonly addresses: readonly string[]
  readonly routes: readonly string[]
  readonly rules: readonly string[]
}

export function routerRoutes(index: NetworkIndex, numbers: Numbers, planned: PlannedVpc): RouterRoutes {
  const { vpc, subnets, natGateways, localInterfaces, peers } = planned
  const tableOf = (routeTableId: string) => routeTableTable(numbers.routeTables.numberOf(routeTableId))
  return {
    addresses: [
      ...[NEXT_HOP.router, ...localInterfaces.map((it) => it.networkInterface.address)].map(onLoopback),
      // On the link itself, or the two routers would ask each other for it in the name of an address they both have.
      ...peers.map((peer) => `${peeringAddress(peer.number, endOf(planned, peer))}/32 dev ${peer.name}`),
    ],
    routes: [
      ...NOWHERE.routes,
      // What has no interface is dropped on its way to the hub, as new connections to functions are.
      ...vpc.cidrs.map((cidr) => `${cidr} via ${NEXT_HOP.hub} dev ${HUB_LINK} onlink table ${VPC_TABLE}`),
      ...natGateways.map(
        ({ name, networkInterface: { address } }) =>
          `${address}/32 via ${NEXT_HOP.natGateway} dev ${name} onlink table ${VPC_TABLE}`,
      ),
      ...[...new Set(subnets.map(({ routeTableId }) => routeTableId))].flatMap((id) =>
        routeTable(index, planned, effectiveRoutes(index, id)).map((route) => `${route} table ${tableOf(id)}`),
      ),
    ],
    rules: [
      `pref ${RULE.linkLocal} to 169.254.0.0/16 lookup local`,
      ...natGateways.map(
        ({ name, subnet }) => `pref ${RULE.routeTable} iif ${name} lookup ${tableOf(subnet.routeTableId)}`,
      ),
      // From functions, and from addresses of the router itself.
      ...subnets.flatMap(({ cidr, routeTableId }) =>
        [HUB_LINK, 'lo'].map(
          (link) => `pref ${RULE.routeTable} iif ${link} from ${cidr} lookup ${tableOf(routeTableId)}`,
        ),
      ),
      `pref ${RULE.local} lookup local`,
      `pref ${RULE.vpc} lookup ${VPC_TABLE}`,
      ...NOWHERE.rules,
    ],
  }
}

/** `throw`: on to the next rule. */
function routeTable(index: NetworkIndex, planned: PlannedVpc, routes: readonly EffectiveRoute[]): readonly string[] {
  const taken = new Set<string>()
  const lines = routes.flatMap((route) => {
    const cidr = formatCidr(route.destination)
    // Of equal prefixes the first one counts.
    if (taken.has(cidr)) return []
    taken.add(cidr)
    const own = interfaceAddress(index, route)
    const isOwnWay = own !== undefined && blockContains(cidr, own) && routeFor(routes, own) === route
    return [...(isOwnWay && cidr !== `${own}/32` ? [`throw ${own}/32`] : []), kernelRoute(planned, route, cidr, own)]
  })
  return [...lines, 'blackhole default metric 4294967295']
}

/** Of the interface that a route names. */
function interfaceAddress(index: NetworkIndex, { target }: EffectiveRoute): string | undefined {
  return target.kind === 'network-interface' ? index.networkInterfaces.get(target.id)?.address : undefined
}

function kernelRoute(planned: PlannedVpc, { target }: EffectiveRoute, cidr: string, own: string | undefined): string {
  const via = (nextHop: string, link: string) => `${cidr} via ${nextHop} dev ${link} onlink`
  const nowhere = `blackhole ${cidr}`
  switch (target.kind) {
    case 'local':
      return `throw ${cidr}`
    case 'blackhole':
      return nowhere
    case 'internet-gateway':
      return via(NEXT_HOP.internet, IGW_LINK)
    case 'nat-gateway': {
      const natGateway = planned.natGateways.find((candidate) => candidate.natGateway.id === target.id)
      return natGateway === undefined ? nowhere : via(NEXT_HOP.natGateway, natGateway.name)
    }
    case 'gateway-endpoint': {
      const gateway = planned.gatewayEndpoints.find(({ endpoint }) => endpoint.id === target.id)
      return gateway === undefined ? nowhere : via(NEXT_HOP.gatewayEndpoint, gateway.name)
    }
    case 'vpc-peering': {
      const peer = planned.peers.find(({ connection }) => connection.id === target.id)
      return peer === undefined ? nowhere : via(otherAddress(planned, peer), peer.name)
    }
    // Nobody behind an interface forwards what is for others.
    case 'network-interface':
      return cidr === `${own}/32` ? `throw ${cidr}` : nowhere
  }
}

function endOf({ vpc }: PlannedVpc, { connection }: PlannedPeer): 'requester' | 'accepter' {
  return connection.requesterVpcId === vpc.id ? 'requester' : 'accepter'
}

function otherAddress(planned: PlannedVpc, peer: PlannedPeer): string {
  return peeringAddress(peer.number, endOf(planned, peer) === 'requester' ? 'accepter' : 'requester')
}
