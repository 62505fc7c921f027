/** The router of a VPC: its routes, its filters, and its internet gateway. */
import type { NetworkIndex } from '../network-index.ts'
import { flowLogging } from './flow-logs.ts'
import { IGW_LINK } from './layout.ts'
import { networkAclRules } from './network-acls.ts'
import type { Numbers } from './numbers.ts'
import { routerRoutes } from './router-routes.ts'
import { securityGroupRules } from './security-groups.ts'
import type { NamespaceState, NftChain, NftSet, Ruleset } from './state.ts'
import type { PlannedInterface, PlannedVpc } from './vpc.ts'

export function routerState(index: NetworkIndex, numbers: Numbers, planned: PlannedVpc): NamespaceState {
  const { ruleset, reject } = flowLogging(index, planned)
  const rulesets = [
    networkAclRules(index, numbers, planned, reject),
    securityGroupRules(index, numbers, planned, reject),
    ruleset,
    ...(planned.vpc.internetGatewayId === undefined ? [] : [internetGatewayRules(publicInterfaces(planned))]),
  ]
  return {
    ...routerRoutes(index, numbers, planned),
    ruleset: {
      sets: new Map(rulesets.flatMap(({ sets }) => [...sets])),
      chains: new Map(rulesets.flatMap(({ chains }) => [...chains])),
    },
  }
}

/** What the internet reaches through the VPC's gateway. */
export function publicInterfaces({
  natGateways,
  localInterfaces,
  lambdaInterfaces,
}: PlannedVpc): readonly { readonly address: string; readonly publicAddress: string }[] {
  const candidates: readonly Pick<PlannedInterface, 'networkInterface'>[] = [
    ...natGateways,
    ...localInterfaces,
    ...lambdaInterfaces,
  ]
  return candidates.flatMap(({ networkInterface: { address, publicAddress } }) =>
    publicAddress === undefined ? [] : [{ address, publicAddress }],
  )
}

/** Translates one to one, and only for interfaces that have a public address. */
function internetGatewayRules(interfaces: ReturnType<typeof publicInterfaces>): Ruleset {
  const pairs = (from: 'address' | 'publicAddress', to: 'address' | 'publicAddress'): NftSet => ({
    kind: 'map',
    declaration: 'type ipv4_addr : ipv4_addr',
    elements: interfaces.map((it) => `${it[from]} : ${it[to]}`),
  })
  const withoutAddress = [`oifname "${IGW_LINK}" ip saddr != @has_public drop`]
  return {
    sets: new Map<string, NftSet>([
      ['public_of', pairs('address', 'publicAddress')],
      ['private_of', pairs('publicAddress', 'address')],
      [
        'has_public',
        { kind: 'set', declaration: 'type ipv4_addr', elements: interfaces.map(({ address }) => address) },
      ],
    ]),
    chains: new Map<string, NftChain>([
      [
        'igw_in',
        {
          hook: 'type nat hook prerouting priority -100; policy accept',
          rules: [`iifname "${IGW_LINK}" dnat to ip daddr map @private_of`],
        },
      ],
      [
        'igw_out',
        {
          hook: 'type nat hook postrouting priority 100; policy accept',
          rules: [`oifname "${IGW_LINK}" snat to ip saddr map @public_of`],
        },
      ],
      ['igw_forward', { hook: 'type filter hook forward priority 20; policy accept', rules: withoutAddress }],
      ['igw_output', { hook: 'type filter hook output priority 20; policy accept', rules: withoutAddress }],
    ]),
  }
}
