/** The namespaces of NAT gateways and of gateway endpoints, each at the end of a link to its VPC's router. */
import { AWS_SERVICE_PORTS, awsServiceAddress } from '../addresses.ts'
import { NEXT_HOP, onLoopback, ROUTER_LINK } from './layout.ts'
import type { NamespaceState, NftSet } from './state.ts'
import type { PlannedGatewayEndpoint, PlannedNatGateway } from './vpc.ts'

const KNOWN = 'ct state established,related accept'
const BACK = `default via ${NEXT_HOP.router} dev ${ROUTER_LINK} onlink`

/** Of a NAT gateway that counts its connections: where packets are counted that found no port. */
export const PORT_ALLOCATION_CHAIN = 'forward'

/** The destinations that there are connections to; the kernel counts those that are open. */
const IN_USE = 'in_use'
const DESTINATIONS = 'type ipv4_addr . inet_proto . inet_service; flags dynamic'

/** AWS drops what finds no port, and counts it in `ErrorPortAllocation`. A kernel is asked to count only where there is something to count. */
function portAllocation(max: number | undefined): readonly string[] {
  if (max === undefined) return []
  return [
    `ct state new meta l4proto { tcp, udp } add @${IN_USE} { ip daddr . meta l4proto . th dport ct count over ${max} } counter drop`,
  ]
}

/** Sends on under its own address, and accepts nothing for itself. */
export function natGatewayState({
  networkInterface: { address },
  natGateway: { connectionsPerDestination },
}: PlannedNatGateway): NamespaceState {
  return {
    addresses: [NEXT_HOP.natGateway, address].map(onLoopback),
    routes: [BACK],
    rules: [],
    ruleset: {
      sets: new Map<string, NftSet>(
        connectionsPerDestination === undefined
          ? []
          : [[IN_USE, { kind: 'set', declaration: DESTINATIONS, elements: [] }]],
      ),
      chains: new Map([
        [
          'translate',
          {
            hook: 'type nat hook postrouting priority 100; policy accept',
            rules: [`oifname "${ROUTER_LINK}" snat to ${address}`],
          },
        ],
        // An answer that went astray would leave as if it were a connection of its own.
        [
          PORT_ALLOCATION_CHAIN,
          {
            hook: 'type filter hook forward priority 0; policy accept',
            rules: ['ct state invalid drop', ...portAllocation(connectionsPerDestination)],
          },
        ],
        ['own', { hook: 'type filter hook input priority 0; policy drop', rules: [KNOWN] }],
      ]),
    },
  }
}

/** Has the address of its service, of all those that its route leads to. */
export function gatewayEndpointState({ endpoint }: PlannedGatewayEndpoint): NamespaceState {
  const address = awsServiceAddress(endpoint)
  return {
    addresses: [NEXT_HOP.gatewayEndpoint, ...(address === undefined ? [] : [address])].map(onLoopback),
    routes: [BACK],
    rules: [],
    ruleset: {
      sets: new Map(),
      chains: new Map([
        ['forward', { hook: 'type filter hook forward priority 0; policy drop', rules: [] }],
        [
          'service',
          {
            hook: 'type filter hook input priority 0; policy drop',
            rules: [
              KNOWN,
              ...(address === undefined
                ? []
                : [`ip daddr ${address} tcp dport { ${AWS_SERVICE_PORTS.join(', ')} } accept`]),
            ],
          },
        ],
      ]),
    },
  }
}
