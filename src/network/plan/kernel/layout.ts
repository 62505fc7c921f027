/**
 * Names, numbers and link-local addresses inside the fabric. Every link is routed (a /32 on each side, the next hop `onlink`), so that each
 * packet passes the filters of a router, those between two addresses of one subnet too.
 */
import { formatIpv4, parseIpv4 } from '../../../core/cidr.ts'

/** The namespace that stands for everything outside of VPCs: AWS's public endpoints and the test internet. */
export const INTERNET = 'internet'

/** A router's links: to the hub, to the internet, to other VPCs, to NAT gateways. */
export const HUB_LINK = 'hub'
export const IGW_LINK = 'igw'
export const PEER_LINKS = 'p*'
export const NAT_LINKS = 't*'
/** The link of everybody else to a router. */
export const ROUTER_LINK = 'router'

/** The next hops: who has this address on its `lo`. */
export const NEXT_HOP = {
  hub: '169.254.1.1',
  router: '169.254.1.2',
  internet: '169.254.1.3',
  natGateway: '169.254.1.4',
  gatewayEndpoint: '169.254.1.5',
} as const

export function onLoopback(address: string): string {
  return `${address}/32 dev lo`
}

/** Two routers, one at each end of a peering connection, need next hops of their own: `169.254.8.0`–`169.254.63.255`. */
export const PEERINGS_MAX = 7_167
const FIRST_PEERING = parseIpv4('169.254.8.0') ?? 0

/** `number` from 1 on. */
export function peeringAddress(number: number, end: 'requester' | 'accepter'): string {
  return formatIpv4(FIRST_PEERING + number * 2 + (end === 'requester' ? 0 : 1))
}

/** Environments: `169.254.192.1`–`169.254.255.254`, on interfaces `x1`, `x2`, … of the hub. */
export const PLACES_MAX = 16_382
export const PLACE_LINKS = 'x*'
const FIRST_PLACE = parseIpv4('169.254.192.0') ?? 0

/** `number` from 1 on. */
export function placeAddress(number: number): string {
  return formatIpv4(FIRST_PLACE + number)
}

/**
 * What an attachment is to the hub: the mark of its packets. The upper half says which network they leave into (a routing table), the lower
 * half which interface they leave from (an address).
 */
export function attachmentMark(networkNumber: number, interfaceNumber: number): number {
  return networkNumber * 65_536 + interfaceNumber
}

export function networkMarkAndMask(networkNumber: number): string {
  return `0x${attachmentMark(networkNumber, 0).toString(16)}/0xffff0000`
}

/** Lambda's own network, as if it were a VPC with one interface. */
export const LAMBDA_SERVICE_NETWORK = 1
export const LAMBDA_SERVICE_MARK = attachmentMark(LAMBDA_SERVICE_NETWORK, 1)
/** VPCs are numbered from here on. */
export const FIRST_VPC_NUMBER = 2

/** The hub's routing table of a network. */
export function networkTable(networkNumber: number): number {
  return 100_000 + networkNumber
}

/** A router's routing table for one of its VPC's route tables. */
export function routeTableTable(number: number): number {
  return 1_000 + number
}

/** A router's routing table for what is in its VPC. */
export const VPC_TABLE = 900
/** Where nothing gets past: it is silent, as AWS is. */
const NOWHERE_TABLE = 901
export const NOWHERE = {
  rules: [`pref 40000 lookup ${NOWHERE_TABLE}`],
  routes: [`blackhole default table ${NOWHERE_TABLE}`],
}

/** Of the socket that stands for the real internet, the mark of packets that are given to it, and the table that brings them to it. */
export const EGRESS_PORT = 15_001
export const EGRESS_MARK = 1
export const EGRESS_TABLE = 902

/** Priorities of routing rules. `local` takes the place of the kernel's own, which would come before all. */
export const RULE = { linkLocal: 10, egress: 20, routeTable: 100, local: 200, vpc: 300, network: 400 } as const
