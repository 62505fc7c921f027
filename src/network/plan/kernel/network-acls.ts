/**
 * Network ACLs in a router: for every packet that crosses the border of a subnet, without regard to connections. They come first of all
 * filters; a chain per ACL and direction returns what it allows.
 */
import type { NetworkAcl, Subnet } from '../model.ts'
import { orderedEntries } from '../network-acls.ts'
import type { NetworkIndex } from '../network-index.ts'
import type { Reject } from './flow-logs.ts'
import { HUB_LINK } from './layout.ts'
import type { Numbers } from './numbers.ts'
import type { NftChain, NftSet, Ruleset } from './state.ts'
import { addressMatch, trafficMatch } from './traffic-match.ts'
import type { PlannedNatGateway, PlannedVpc } from './vpc.ts'

type Direction = 'ingress' | 'egress'

const DIRECTIONS = ['egress', 'ingress'] as const
/** Before the security groups of the same side. */
const PRIORITY = { egress: -20, ingress: 8 } as const

/** Jumps to the ACL of a subnet, which a subnet without one lacks. */
type Jump = (subnet: Subnet, direction: Direction) => readonly string[]

export function networkAclRules(index: NetworkIndex, numbers: Numbers, planned: PlannedVpc, reject: Reject): Ruleset {
  const { subnets, natGateways } = planned
  const aclOf = (subnet: Subnet) => index.networkAcls.get(subnet.networkAclId)
  const jump: Jump = (subnet, direction) => {
    const acl = aclOf(subnet)
    return acl === undefined ? [] : [`jump ${chainName(numbers, acl, direction)}`]
  }
  // Of two fields, the second one without a meaning: `nft` 1.0.6 cannot fill a map of blocks alone with jumps to new chains.
  const bySubnet = (direction: Direction): NftSet => ({
    kind: 'map',
    declaration: 'type ipv4_addr . ipv4_addr : verdict; flags interval',
    elements: subnets.flatMap((subnet) =>
      jump(subnet, direction).map((verdict) => `${subnet.cidr} . 0.0.0.0/0 : ${verdict}`),
    ),
  })
  const acls = new Set(subnets.flatMap((subnet) => aclOf(subnet) ?? []))
  return {
    sets: new Map<string, NftSet>([
      ['acl_egress', bySubnet('egress')],
      ['acl_ingress', bySubnet('ingress')],
      [
        'same_subnet',
        {
          kind: 'set',
          declaration: 'type ipv4_addr . ipv4_addr; flags interval',
          elements: subnets.map(({ cidr }) => `${cidr} . ${cidr}`),
        },
      ],
    ]),
    chains: new Map<string, NftChain>([
      ...[...acls].flatMap((acl) =>
        DIRECTIONS.map((direction): [string, NftChain] => [
          chainName(numbers, acl, direction),
          { rules: entries(acl, direction, reject(direction)) },
        ]),
      ),
      ...DIRECTIONS.flatMap((direction) =>
        (['forward', 'input', 'output'] as const).map((hook): [string, NftChain] => [
          `acl_${direction}_${hook}`,
          {
            hook: `type filter hook ${hook} priority ${PRIORITY[direction]}; policy accept`,
            rules: [...WITHIN_SUBNET[hook](natGateways), ...BORDER[direction][hook](natGateways, jump)],
          },
        ]),
      ),
    ]),
  }
}

function chainName(numbers: Numbers, acl: NetworkAcl, direction: Direction): string {
  return `acl${numbers.networkAcls.numberOf(acl.id)}_${direction}`
}

/** https://docs.aws.amazon.com/vpc/latest/userguide/nacl-basics.html */
function entries(acl: NetworkAcl, direction: Direction, rejection: string): readonly string[] {
  const side = direction === 'ingress' ? 'saddr' : 'daddr'
  const rules = orderedEntries(acl, direction).map(({ cidr, traffic, action }) => {
    const verdict = action === 'allow' ? 'return' : rejection
    return [...(addressMatch(side, [cidr]) ?? []), ...trafficMatch(traffic), verdict].join(' ')
  })
  return [...rules, rejection]
}

type Hook = 'forward' | 'input' | 'output'
type NatGateways = readonly PlannedNatGateway[]

/**
 * Through the router, to an address of the router itself, and from one. What comes from the hub came from a subnet of this VPC; what comes
 * from elsewhere has passed the border of its own.
 */
const WITHIN_SUBNET: Readonly<Record<Hook, (natGateways: NatGateways) => readonly string[]>> = {
  forward: (natGateways) =>
    natGateways.flatMap(({ name, subnet: { cidr } }) => [
      `iifname "${HUB_LINK}" oifname "${name}" ip saddr ${cidr} accept`,
      `iifname "${name}" oifname "${HUB_LINK}" ip daddr ${cidr} accept`,
    ]),
  input: (natGateways) => [
    `iifname "${HUB_LINK}" ip saddr . ip daddr @same_subnet accept`,
    ...natGateways.map(({ name, subnet: { cidr } }) => `iifname "${name}" ip daddr ${cidr} accept`),
  ],
  output: (natGateways) => [
    `oifname "${HUB_LINK}" ip saddr . ip daddr @same_subnet accept`,
    ...natGateways.map(({ name, subnet: { cidr } }) => `oifname "${name}" ip saddr ${cidr} accept`),
  ],
}

const FROM_SUBNET = `ip saddr . ip daddr vmap @acl_egress`
const INTO_SUBNET = `ip daddr . ip saddr vmap @acl_ingress`

const fromNat = (natGateways: NatGateways, jump: Jump) =>
  natGateways.flatMap(({ name, subnet }) => jump(subnet, 'egress').map((verdict) => `iifname "${name}" ${verdict}`))
const intoNat = (natGateways: NatGateways, jump: Jump) =>
  natGateways.flatMap(({ name, subnet }) => jump(subnet, 'ingress').map((verdict) => `oifname "${name}" ${verdict}`))
const fromOutside = (natGateways: NatGateways, jump: Jump) => [
  `iifname "${HUB_LINK}" ${FROM_SUBNET}`,
  ...fromNat(natGateways, jump),
]
const toOutside = (natGateways: NatGateways, jump: Jump) => [
  `oifname "${HUB_LINK}" ${INTO_SUBNET}`,
  ...intoNat(natGateways, jump),
]

type Border = Readonly<Record<Hook, (natGateways: NatGateways, jump: Jump) => readonly string[]>>
const BORDER: Readonly<Record<Direction, Border>> = {
  egress: { forward: fromOutside, input: fromOutside, output: () => [FROM_SUBNET] },
  ingress: { forward: toOutside, input: () => [INTO_SUBNET], output: toOutside },
}
