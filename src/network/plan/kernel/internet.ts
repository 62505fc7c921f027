/** Everything outside of VPCs in one namespace: AWS's public endpoints, the test internet, and the way to every public address of a VPC. */
import { formatIpv4, parseIpv4 } from '../../../core/cidr.ts'
import {
  AWS_ADDRESSES,
  awsServiceAddress,
  awsServices,
  AWS_SERVICE_PORTS,
  LAMBDA_SERVICE_ADDRESS,
  TEST_INTERNET_HOST,
} from '../addresses.ts'
import { EGRESS_MARK, EGRESS_PORT, EGRESS_TABLE, HUB_LINK, NEXT_HOP, NOWHERE, onLoopback, RULE } from './layout.ts'
import { RESERVED_BLOCKS } from '../outside.ts'
import type { NamespaceState, NftChain } from './state.ts'

/** A VPC with an internet gateway. */
export interface InternetNeighbour {
  /** The link that leads to its router. */
  readonly link: string
  readonly publicAddresses: readonly string[]
}

/** `isOpen`: what nobody in here has is taken for the real internet. */
export function internetState(neighbours: readonly InternetNeighbour[], isOpen: boolean): NamespaceState {
  return {
    addresses: [NEXT_HOP.internet, TEST_INTERNET_HOST.address].map(onLoopback),
    routes: [
      ...NOWHERE.routes,
      ...(isOpen ? [`local 0.0.0.0/0 dev lo table ${EGRESS_TABLE}`] : []),
      `local ${AWS_ADDRESSES} dev lo src ${TEST_INTERNET_HOST.address} table local`,
      // Beside the block it lies in, of which it is the longer prefix.
      `${LAMBDA_SERVICE_ADDRESS}/32 via ${NEXT_HOP.hub} dev ${HUB_LINK} onlink table local`,
      ...neighbours.flatMap(({ link, publicAddresses }) =>
        publicAddresses.map(
          (address) => `${address}/32 via ${NEXT_HOP.router} dev ${link} onlink src ${TEST_INTERNET_HOST.address}`,
        ),
      ),
    ],
    rules: [...(isOpen ? [`pref ${RULE.egress} fwmark ${EGRESS_MARK} lookup ${EGRESS_TABLE}`] : []), ...NOWHERE.rules],
    ruleset: {
      sets: new Map([
        ['services', { kind: 'set', declaration: 'type ipv4_addr; flags interval', elements: serviceRanges() }],
      ]),
      chains: new Map<string, NftChain>([
        ...(isOpen ? [EGRESS_CHAIN] : []),
        [
          'endpoints',
          {
            hook: 'type filter hook input priority 0; policy accept',
            rules: [
              'ct state established,related accept',
              `ip daddr ${TEST_INTERNET_HOST.address} tcp dport != ${TEST_INTERNET_HOST.port} reject with tcp reset`,
              `ip daddr @services tcp dport { ${AWS_SERVICE_PORTS.join(', ')} } accept`,
              `ip daddr ${AWS_ADDRESSES} drop`,
            ],
          },
        ],
      ]),
    },
  }
}

const EGRESS_CHAIN: [string, NftChain] = [
  'egress',
  {
    hook: 'type filter hook prerouting priority -150; policy accept',
    rules: [
      `ip daddr { ${RESERVED_BLOCKS.join(', ')} } accept`,
      `iifname != "lo" meta l4proto tcp tproxy to :${EGRESS_PORT} meta mark set ${EGRESS_MARK} accept`,
    ],
  },
]

/** The addresses of AWS's public endpoints, neighbours together: `198.18.0.1-198.18.0.21`. */
function serviceRanges(): readonly string[] {
  const addresses = awsServices()
    .flatMap((service) => parseIpv4(awsServiceAddress(service) ?? '') ?? [])
    .toSorted((one, other) => one - other)
  const firsts = addresses.filter((address, position) => address - 1 !== addresses[position - 1])
  const lasts = addresses.filter((address, position) => address + 1 !== addresses[position + 1])
  return firsts.map((first, range) => `${formatIpv4(first)}-${formatIpv4(lasts[range] ?? first)}`)
}
