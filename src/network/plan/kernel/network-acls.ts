/**
 * Network ACLs in a router: for every packet that crosses the border of a subnet, without regard to connections. They come first of all
 * filters; a chain per ACL and direction returns what it allows.
 */
import type { NetworkAcl, Subnet } from '../model.ts'
import { orderedEntries } from '../network-acls.ts'
import type { NetworkIndex } from '../network-index.ts'
import { HUB_LINK } from './layout.ts'
import type { Numbers } from './numbers.ts'
import type { NftChain, NftSet, Ruleset } from './state.ts'
import { addressMatch, trafficMatch } from './traffic-match.ts'
import type { PlannedNatGateway, PlannedVpc } from './vpc.ts'

type Direction = 'ingress' | 'egress'

/** Jumps to the ACL of a subnet, which a subnet without one lacks. */
type Jump = (subnet: Subnet, direction: Direction) => readonly string[]

export function networkAclRules(index: NetworkIndex, numbers: Numbers, planned: PlannedVpc): Ruleset {
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
        (['ingress', 'egress'] as const).map((direction): [string, NftChain] => [
          chainName(numbers, acl, direction),
          { rules: entries(acl, direction) },
        ]),
      ),
      ['acl_forward', { hook: hook('forward'), rules: forwarded(natGateways, jump) }],
      ['acl_input', { hook: hook('input'), rules: delivered(natGateways, jump) }],
      ['acl_output', { hook: hook('output'), rules: answered(natGateways, jump) }],
    ]),
  }
}

function hook(name: string): string {
  return `type filter hook ${name} priority -20; policy accept`
}

function chainName(numbers: Numbers, acl: NetworkAcl, direction: Direction): string {
  return `acl${numbers.networkAcls.numberOf(acl.id)}_${direction}`
}

/** https://docs.aws.amazon.com/vpc/latest/userguide/nacl-basics.html */
function entries(acl: NetworkAcl, direction: Direction): readonly string[] {
  const side = direction === 'ingress' ? 'saddr' : 'daddr'
  const rules = orderedEntries(acl, direction).map(({ cidr, traffic, action }) =>
    [...(addressMatch(side, [cidr]) ?? []), ...trafficMatch(traffic), action === 'allow' ? 'return' : 'drop'].join(' '),
  )
  return [...rules, 'drop']
}

/** From environments to NAT gateways, other VPCs and the internet, and back. What enters the hub came from a subnet of the VPC or beyond. */
function forwarded(natGateways: readonly PlannedNatGateway[], jump: Jump): readonly string[] {
  return [
    ...natGateways.flatMap(({ name, subnet: { cidr } }) => [
      `iifname "${HUB_LINK}" oifname "${name}" ip saddr ${cidr} accept`,
      `iifname "${name}" oifname "${HUB_LINK}" ip daddr ${cidr} accept`,
    ]),
    `iifname "${HUB_LINK}" ip saddr . ip daddr vmap @acl_egress`,
    ...natGateways.flatMap(({ name, subnet }) =>
      jump(subnet, 'egress').map((verdict) => `iifname "${name}" ${verdict}`),
    ),
    `oifname "${HUB_LINK}" ip daddr . ip saddr vmap @acl_ingress`,
    ...natGateways.flatMap(({ name, subnet }) =>
      jump(subnet, 'ingress').map((verdict) => `oifname "${name}" ${verdict}`),
    ),
  ]
}

/** To addresses of the router itself. */
function delivered(natGateways: readonly PlannedNatGateway[], jump: Jump): readonly string[] {
  return [
    `iifname "${HUB_LINK}" ip saddr . ip daddr @same_subnet accept`,
    ...natGateways.map(({ name, subnet: { cidr } }) => `iifname "${name}" ip daddr ${cidr} accept`),
    `iifname "${HUB_LINK}" ip saddr . ip daddr vmap @acl_egress`,
    ...natGateways.flatMap(({ name, subnet }) =>
      jump(subnet, 'egress').map((verdict) => `iifname "${name}" ${verdict}`),
    ),
    'ip daddr . ip saddr vmap @acl_ingress',
  ]
}

/** From addresses of the router itself. */
function answered(natGateways: readonly PlannedNatGateway[], jump: Jump): readonly string[] {
  return [
    `oifname "${HUB_LINK}" ip saddr . ip daddr @same_subnet accept`,
    ...natGateways.map(({ name, subnet: { cidr } }) => `oifname "${name}" ip saddr ${cidr} accept`),
    'ip saddr . ip daddr vmap @acl_egress',
    `oifname "${HUB_LINK}" ip daddr . ip saddr vmap @acl_ingress`,
    ...natGateways.flatMap(({ name, subnet }) =>
      jump(subnet, 'ingress').map((verdict) => `oifname "${name}" ${verdict}`),
    ),
  ]
}
