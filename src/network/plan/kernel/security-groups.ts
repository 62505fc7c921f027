/**
 * Security groups in a router: both filters, of the sender's groups and of the receiver's, have to accept a connection's first packet; what
 * follows passes. A chain per group and direction accepts; a chain per list of groups tries them all and drops.
 */
import { INTERFACE_ENDPOINT_PORTS } from '../addresses.ts'
import type { SecurityGroup, SecurityGroupRule } from '../model.ts'
import type { NetworkIndex } from '../network-index.ts'
import { groupsOf, referencedInterfaces } from '../security-groups.ts'
import type { Reject } from './flow-logs.ts'
import { HUB_LINK, IGW_LINK, PEER_LINKS } from './layout.ts'
import { groupListKey, type Numbers } from './numbers.ts'
import type { NftChain, NftSet, Ruleset } from './state.ts'
import { addressMatch, trafficMatch } from './traffic-match.ts'
import type { PlannedInterface, PlannedVpc } from './vpc.ts'

type Direction = SecurityGroupRule['direction']

export function securityGroupRules(
  index: NetworkIndex,
  numbers: Numbers,
  planned: PlannedVpc,
  reject: Reject,
): Ruleset {
  const { lambdaInterfaces, localInterfaces } = planned
  const all = [...lambdaInterfaces, ...localInterfaces]
  const groups = [...new Set(all.flatMap(({ networkInterface }) => groupsOf(index, networkInterface)))]
  const members = referencedGroups(index, groups).map((id): [string, NftSet] => [
    memberSet(numbers, id),
    {
      kind: 'set',
      declaration: 'type ipv4_addr',
      elements: [...membersOf(index, groups, id)],
    },
  ])
  return {
    sets: new Map<string, NftSet>([
      ...members,
      ['egress_of', verdicts(numbers, lambdaInterfaces, 'egress')],
      ['ingress_of', verdicts(numbers, localInterfaces, 'ingress')],
      ['endpoints', addresses(localInterfaces, 'vpc-endpoint')],
      ['unattached', addresses(localInterfaces, 'interface')],
    ]),
    chains: new Map<string, NftChain>([
      ...groups.flatMap((group) => groupChains(index, numbers, planned, group)),
      ...all.flatMap((it) => listChains(index, numbers, it, reject)),
      ['sender_forward', { hook: hook('forward', 0), rules: SENDER }],
      ['sender_input', { hook: hook('input', 0), rules: SENDER }],
      ['receiver_forward', { hook: hook('forward', 10), rules: receiverElsewhere(reject) }],
      ['receiver_input', { hook: hook('input', 10), rules: RECEIVER_HERE }],
      ['doors', { hook: hook('input', 20), rules: DOORS }],
    ]),
  }
}

function hook(name: string, priority: number): string {
  return `type filter hook ${name} priority ${priority}; policy accept`
}

const KNOWN = 'ct state established,related accept'

const SENDER = [
  KNOWN,
  'ct state invalid drop',
  `iifname "${HUB_LINK}" ip saddr vmap @egress_of`,
  // An interface that has gone.
  `iifname "${HUB_LINK}" drop`,
]

/** Nothing enters a function, and no way leads through the VPC. */
function receiverElsewhere(reject: Reject): readonly string[] {
  return [
    KNOWN,
    `oifname "${HUB_LINK}" ${reject('ingress')}`,
    ...[IGW_LINK, PEER_LINKS].map((link) => `iifname "${link}" drop`),
  ]
}

/** What security groups let through and nobody answers. */
const DOORS = [
  KNOWN,
  `ip daddr @endpoints tcp dport != { ${INTERFACE_ENDPOINT_PORTS.join(', ')} } drop`,
  'ip daddr @endpoints meta l4proto != tcp drop',
  'ip daddr @unattached drop',
]

const RECEIVER_HERE = [KNOWN, 'ip daddr vmap @ingress_of', 'drop']

function verdicts(numbers: Numbers, interfaces: readonly PlannedInterface[], direction: Direction): NftSet {
  return {
    kind: 'map',
    declaration: 'type ipv4_addr : verdict',
    elements: interfaces.map(
      ({ networkInterface: { address, securityGroupIds } }) =>
        `${address} : jump ${listChain(numbers, securityGroupIds, direction)}`,
    ),
  }
}

function addresses(interfaces: readonly PlannedInterface[], kind: 'vpc-endpoint' | 'interface'): NftSet {
  const those = interfaces.filter(({ networkInterface }) => networkInterface.kind.kind === kind)
  return {
    kind: 'set',
    declaration: 'type ipv4_addr',
    elements: those.map(({ networkInterface }) => networkInterface.address),
  }
}

function groupChains(
  index: NetworkIndex,
  numbers: Numbers,
  planned: PlannedVpc,
  group: SecurityGroup,
): readonly [string, NftChain][] {
  return (['ingress', 'egress'] as const).map((direction) => [
    groupChain(numbers, group.id, direction),
    {
      rules: group.rules
        .filter((rule) => rule.direction === direction)
        .flatMap((rule) => {
          const peer = peerMatch(index, numbers, planned, rule)
          return peer === undefined ? [] : [[...peer, ...trafficMatch(rule.traffic), 'accept'].join(' ')]
        }),
    },
  ])
}

function listChains(
  index: NetworkIndex,
  numbers: Numbers,
  { networkInterface }: PlannedInterface,
  reject: Reject,
): readonly [string, NftChain][] {
  const groups = groupsOf(index, networkInterface)
  return (['ingress', 'egress'] as const).map((direction) => [
    listChain(numbers, networkInterface.securityGroupIds, direction),
    { rules: [...groups.map(({ id }) => `jump ${groupChain(numbers, id, direction)}`), reject(direction)] },
  ])
}

/** Undefined: the rule is about nobody. */
function peerMatch(
  index: NetworkIndex,
  numbers: Numbers,
  { vpc, peers }: PlannedVpc,
  { direction, peer }: SecurityGroupRule,
): readonly string[] | undefined {
  const side = direction === 'ingress' ? 'saddr' : 'daddr'
  if ('cidr' in peer) return addressMatch(side, [peer.cidr])
  if ('prefixListId' in peer) return addressMatch(side, index.prefixLists.get(peer.prefixListId)?.cidrs ?? [])
  const groupVpcId = index.securityGroups.get(peer.groupId)?.vpcId
  if (groupVpcId === undefined) return undefined
  const members = `ip ${side} @${memberSet(numbers, peer.groupId)}`
  if (groupVpcId === vpc.id) return [members]
  // Two VPCs that are peered with this one may use the same addresses: a member is who is a member behind that very connection.
  const link = peers.find((candidate) => candidate.vpc.id === groupVpcId)
  return link && [`${direction === 'ingress' ? 'iifname' : 'oifname'} "${link.name}"`, members]
}

/** Those that are there: a rule may outlive the group of a peered VPC that it names. */
function referencedGroups(index: NetworkIndex, groups: readonly SecurityGroup[]): readonly string[] {
  const ids = groups.flatMap(({ rules }) => rules.flatMap(({ peer }) => ('groupId' in peer ? [peer.groupId] : [])))
  return [...new Set(ids)].filter((id) => index.securityGroups.has(id))
}

function membersOf(index: NetworkIndex, groups: readonly SecurityGroup[], referencedId: string): ReadonlySet<string> {
  const [anyOfTheVpc] = groups
  const members = anyOfTheVpc === undefined ? [] : referencedInterfaces(index, anyOfTheVpc, referencedId)
  return new Set(members.map(({ address }) => address))
}

function memberSet(numbers: Numbers, groupId: string): string {
  return `members${numbers.securityGroups.numberOf(groupId)}`
}

function groupChain(numbers: Numbers, groupId: string, direction: Direction): string {
  return `sg${numbers.securityGroups.numberOf(groupId)}_${direction}`
}

function listChain(numbers: Numbers, securityGroupIds: readonly string[], direction: Direction): string {
  return `groups${numbers.groupLists.numberOf(groupListKey(securityGroupIds))}_${direction}`
}
