/** Everything outside of VPCs in one namespace: AWS's public endpoints, the test internet, and the way to every public address of a VPC. */
import { AWS_ADDRESSES, AWS_SERVICE_PORTS, LAMBDA_SERVICE_ADDRESS, TEST_INTERNET_HOST } from '../addresses.ts'
import { NEXT_HOP, NOWHERE } from './layout.ts'
import type { NamespaceState } from './state.ts'

/** A VPC with an internet gateway. */
export interface InternetNeighbour {
  /** The link that leads to its router. */
  readonly link: string
  readonly publicAddresses: readonly string[]
}

export const HUB_LINK = 'hub'

export function internetState(neighbours: readonly InternetNeighbour[]): NamespaceState {
  return {
    addresses: [`${NEXT_HOP.internet}/32`, `${TEST_INTERNET_HOST.address}/32`],
    routes: [
      ...NOWHERE.routes,
      `local ${AWS_ADDRESSES} dev lo table local`,
      `${LAMBDA_SERVICE_ADDRESS}/32 via ${NEXT_HOP.hub} dev ${HUB_LINK} onlink`,
      ...neighbours.flatMap(({ link, publicAddresses }) =>
        publicAddresses.map((address) => `${address}/32 via ${NEXT_HOP.router} dev ${link} onlink`),
      ),
    ],
    rules: NOWHERE.rules,
    ruleset: {
      sets: new Map(),
      chains: new Map([
        [
          'endpoints',
          {
            hook: 'type filter hook input priority 0; policy accept',
            rules: [
              `ip daddr ${TEST_INTERNET_HOST.address} tcp dport != ${TEST_INTERNET_HOST.port} reject with tcp reset`,
              `ip daddr ${AWS_ADDRESSES} tcp dport { ${AWS_SERVICE_PORTS.join(', ')} } accept`,
              `ip daddr ${AWS_ADDRESSES} drop`,
            ],
          },
        ],
      ]),
    },
  }
}
