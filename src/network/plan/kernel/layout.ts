/**
 * Names, numbers and link-local addresses inside the fabric. Every link is routed (a /32 on each side, the next hop `onlink`), so that each
 * packet passes the filters of a router, those between two addresses of one subnet too.
 */
import { formatIpv4, parseIpv4 } from '../../../core/cidr.ts'

/** The namespace that stands for everything outside of VPCs: AWS's public endpoints and the test internet. */
export const INTERNET = 'internet'

/** The next hops: who has this address on its `lo`. */
export const NEXT_HOP = {
  hub: '169.254.1.1',
  router: '169.254.1.2',
  internet: '169.254.1.3',
  natGateway: '169.254.1.4',
  gatewayEndpoint: '169.254.1.5',
} as const

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

/** Priorities of routing rules, after the local addresses (0). Nothing gets past `nowhere`: it is silent, as AWS is. */
export const RULE = { vpc: 100, subnet: 200, network: 300, nowhere: 40_000 } as const
/** Where `nowhere` looks. */
export const NOWHERE_TABLE = 90_000
export const NOWHERE = {
  rules: [`pref ${RULE.nowhere} lookup ${NOWHERE_TABLE}`],
  routes: [`blackhole default table ${NOWHERE_TABLE}`],
}
