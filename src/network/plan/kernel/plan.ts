/** The kernel's wanted state for a model: namespaces, links, routes, filters, and the sockets that have to listen. */
import { formatIpv4, parseCidr } from '../../../core/cidr.ts'
import { RESOLVER_OFFSET } from '../addresses.ts'
import type { NetworkModel, Vpc } from '../model.ts'
import { indexNetwork, type NetworkIndex } from '../network-index.ts'
import { flowLogging, type FlowMeter } from './flow-logs.ts'
import { gatewayEndpointState, natGatewayState } from './gateways.ts'
import { hubState } from './hub.ts'
import { internetState } from './internet.ts'
import { HUB_LINK, IGW_LINK, INTERNET, ROUTER_LINK } from './layout.ts'
import type { Numbers } from './numbers.ts'
import { publicInterfaces, routerState } from './router.ts'
import { EGRESS_SOCKET, FIXED_SOCKETS, vpcSockets, type WantedSocket } from './sockets.ts'
import { HUB, type KernelState, type Link, type NamespaceState } from './state.ts'
import { type PlannedVpc, planVpcs } from './vpc.ts'

export interface KernelPlan {
  readonly state: KernelState
  readonly sockets: readonly WantedSocket[]
  /** Of Lambda interfaces, by id: what an attachment to one is to the hub. */
  readonly marks: ReadonlyMap<string, number>
  /** Counters for flow logs. */
  readonly routers: readonly MeteredRouter[]
  /** Those with a limit of connections. */
  readonly natGateways: readonly CountingNatGateway[]
}

export interface CountingNatGateway {
  readonly namespace: string
  readonly natGatewayId: string
}

export interface MeteredRouter {
  readonly namespace: string
  readonly meters: readonly FlowMeter[]
}

export interface PlanOptions {
  /** Remembers between calls, so that what stays keeps its names. */
  readonly numbers: Numbers
  /** Whether what nobody in here has is taken for the real internet. */
  readonly isOpen: boolean
}

export function planKernel(model: NetworkModel, { numbers, isOpen }: PlanOptions): KernelPlan {
  const index = indexNetwork(model)
  const vpcs = planVpcs(index, numbers)
  return {
    state: {
      namespaces: new Map<string, NamespaceState>([
        [HUB, hubState(vpcs.map((planned) => hubNetwork(planned)))],
        [INTERNET, internetState(vpcs.filter(hasInternetGateway).map(internetNeighbour), isOpen)],
        ...vpcs.flatMap((planned) => namespacesOf(index, numbers, planned)),
      ]),
      links: new Map<string, Link>([[INTERNET, link(HUB, INTERNET, INTERNET, HUB_LINK)], ...vpcs.flatMap(linksOf)]),
    },
    sockets: [
      ...FIXED_SOCKETS,
      ...(isOpen ? [EGRESS_SOCKET] : []),
      ...vpcs.flatMap((planned) => vpcSockets(index, planned)),
    ],
    routers: vpcs.map((planned) => ({ namespace: planned.name, meters: flowLogging(index, planned).meters })),
    natGateways: vpcs
      .flatMap(({ natGateways }) => natGateways)
      .filter(({ natGateway }) => natGateway.connectionsPerDestination !== undefined)
      .map(({ name, natGateway }) => ({ namespace: name, natGatewayId: natGateway.id })),
    marks: new Map(
      vpcs.flatMap(({ lambdaInterfaces }) =>
        lambdaInterfaces.map(({ networkInterface, mark }) => [networkInterface.id, mark]),
      ),
    ),
  }
}

function hubNetwork({ number, name, vpc, lambdaInterfaces }: PlannedVpc) {
  return {
    number,
    link: name,
    resolver: vpc.enableDnsSupport ? resolverOf(vpc) : undefined,
    interfaces: lambdaInterfaces.map(({ mark, networkInterface: { address } }) => ({ mark, address })),
  }
}

/** https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html */
function resolverOf({ cidrs }: Vpc): string | undefined {
  const primary = parseCidr(cidrs[0] ?? '')
  return primary && formatIpv4(primary.first + RESOLVER_OFFSET)
}

function hasInternetGateway({ vpc }: PlannedVpc): boolean {
  return vpc.internetGatewayId !== undefined
}

function internetNeighbour(planned: PlannedVpc) {
  return {
    link: planned.name,
    publicAddresses: publicInterfaces(planned).map(({ publicAddress }) => publicAddress),
  }
}

function namespacesOf(index: NetworkIndex, numbers: Numbers, planned: PlannedVpc): readonly [string, NamespaceState][] {
  return [
    [planned.name, routerState(index, numbers, planned)],
    ...planned.natGateways.map((it): [string, NamespaceState] => [it.name, natGatewayState(it)]),
    ...planned.gatewayEndpoints.map((it): [string, NamespaceState] => [it.name, gatewayEndpointState(it)]),
  ]
}

function linksOf(planned: PlannedVpc): readonly [string, Link][] {
  const { name, vpc, natGateways, gatewayEndpoints, peers } = planned
  return [
    [name, link(HUB, name, name, HUB_LINK)],
    ...(hasInternetGateway(planned)
      ? [[`${name} ${IGW_LINK}`, link(INTERNET, name, name, IGW_LINK)] satisfies [string, Link]]
      : []),
    ...[...natGateways, ...gatewayEndpoints].map((it): [string, Link] => [
      it.name,
      link(name, it.name, it.name, ROUTER_LINK),
    ]),
    // Both ends plan the same link: the one that asked names it.
    ...peers
      .filter(({ connection }) => connection.requesterVpcId === vpc.id)
      .map((peer): [string, Link] => [peer.name, link(name, peer.name, peer.routerName, peer.name)]),
  ]
}

function link(namespace: string, name: string, otherNamespace: string, otherName: string): Link {
  return [
    { namespace, name },
    { namespace: otherNamespace, name: otherName },
  ]
}
