/**
 * The hub: where the links of all environments end. It knows by a mark which network and interface an environment is attached to, gives its
 * packets that interface's address, and answers for the Runtime API and the resolver itself.
 *
 * FIDELITY: on AWS an interface has 65,000 connections, and Lambda adds interfaces where functions need more; here one has as many as the kernel
 * has ports, for each destination, and none is added.
 */
import {
  LAMBDA_SERVICE_ADDRESS,
  LINK_LOCAL_ADDRESSES,
  LINK_LOCAL_RESOLVER,
  RESOLVER_PORT,
  RUNTIME_API,
} from '../addresses.ts'
import {
  INTERNET,
  LAMBDA_SERVICE_MARK,
  LAMBDA_SERVICE_NETWORK,
  networkMarkAndMask,
  networkTable,
  NEXT_HOP,
  NOWHERE,
  onLoopback,
  PLACE_LINKS,
  RULE,
} from './layout.ts'
import type { NamespaceState } from './state.ts'

/** A VPC as the hub sees it. */
export interface HubNetwork {
  readonly number: number
  /** The link that leads to its router. */
  readonly link: string
  /** VPC+2; undefined where the VPC's resolver is off. */
  readonly resolver: string | undefined
  readonly interfaces: readonly HubInterface[]
}

/** A Lambda interface. */
export interface HubInterface {
  readonly mark: number
  readonly address: string
}

/** Its elements are attachments: `"x7" . 169.254.192.7 : 0x20001`. */
export const ATTACHED = 'attached'

export function hubState(networks: readonly HubNetwork[]): NamespaceState {
  const interfaces = networks.flatMap((network) => network.interfaces)
  const resolvers = networks.flatMap(({ resolver, interfaces }) =>
    resolver === undefined ? [] : interfaces.map(({ mark }) => `${mark} . ${resolver}`),
  )
  const forAnswers = `iifname "${PLACE_LINKS}" ip daddr`
  return {
    addresses: [RUNTIME_API.address, LINK_LOCAL_RESOLVER, NEXT_HOP.hub].map(onLoopback),
    routes: [
      ...NOWHERE.routes,
      exit(LAMBDA_SERVICE_NETWORK, INTERNET, NEXT_HOP.internet),
      ...networks.map(({ number, link }) => exit(number, link, NEXT_HOP.router)),
    ],
    rules: [
      ...NOWHERE.rules,
      ...[LAMBDA_SERVICE_NETWORK, ...networks.map(({ number }) => number)].map(
        (number) => `pref ${RULE.network} fwmark ${networkMarkAndMask(number)} lookup ${networkTable(number)}`,
      ),
    ],
    ruleset: {
      sets: new Map([
        [ATTACHED, { kind: 'map', declaration: 'type ifname . ipv4_addr : mark', elements: [] }],
        [
          'source',
          {
            kind: 'map',
            declaration: 'type mark : ipv4_addr',
            elements: [
              `${LAMBDA_SERVICE_MARK} : ${LAMBDA_SERVICE_ADDRESS}`,
              ...interfaces.map(({ mark, address }) => `${mark} : ${address}`),
            ],
          },
        ],
        ['resolvers', { kind: 'set', declaration: 'type mark . ipv4_addr', elements: resolvers }],
        [
          'resolving',
          {
            kind: 'set',
            declaration: 'type mark',
            elements: [
              LAMBDA_SERVICE_MARK,
              ...networks.flatMap(({ resolver, interfaces }) =>
                resolver === undefined ? [] : interfaces.map(({ mark }) => mark),
              ),
            ].map(String),
          },
        ],
      ]),
      chains: new Map([
        [
          'mark_attachment',
          {
            hook: 'type filter hook prerouting priority -150; policy accept',
            rules: [`iifname "${PLACE_LINKS}" meta mark set iifname . ip saddr map @${ATTACHED}`],
          },
        ],
        [
          'resolve',
          {
            hook: 'type nat hook prerouting priority -100; policy accept',
            rules: [
              `meta mark . ip daddr @resolvers meta l4proto { tcp, udp } th dport ${RESOLVER_PORT} dnat to ${LINK_LOCAL_RESOLVER}`,
            ],
          },
        ],
        [
          'environments',
          {
            hook: 'type filter hook forward priority 0; policy drop',
            rules: [
              'ct state established,related accept',
              // Environments do not see each other.
              `ip daddr ${LINK_LOCAL_ADDRESSES} drop`,
              `iifname "${PLACE_LINKS}" oifname != "${PLACE_LINKS}" meta mark != 0 accept`,
            ],
          },
        ],
        [
          'leave_from_interface',
          {
            hook: 'type nat hook postrouting priority 100; policy accept',
            rules: ['snat to meta mark map @source'],
          },
        ],
        [
          'own_services',
          {
            hook: 'type filter hook input priority 0; policy drop',
            rules: [
              'ct state established,related accept',
              `${forAnswers} ${RUNTIME_API.address} tcp dport ${RUNTIME_API.port} accept`,
              `meta mark @resolving ${forAnswers} ${LINK_LOCAL_RESOLVER} meta l4proto { tcp, udp } th dport ${RESOLVER_PORT} accept`,
            ],
          },
        ],
      ]),
    },
  }
}

function exit(networkNumber: number, link: string, nextHop: string): string {
  return `default via ${nextHop} dev ${link} onlink table ${networkTable(networkNumber)}`
}
