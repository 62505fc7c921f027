/**
 * Security groups: what no rule of any of an interface's groups allows is dropped; an answer to what was allowed passes by itself.
 * https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
 */
import { blockContains } from './blocks.ts'
import type { Packet } from './flow.ts'
import type { NetworkInterface, SecurityGroup, SecurityGroupRule, Vpc } from './model.ts'
import type { NetworkIndex, Place } from './network-index.ts'
import { peerVpc } from './routes.ts'
import { coveredPorts, describeContent, describeTraffic } from './traffic.ts'

export interface GroupDecision {
  readonly allowed: boolean
  /** The group with the rule that allows; of a denial the first of the interface's groups. */
  readonly groupId: string
  readonly reason: string
}

/** Decides about the first packet of a flow at an interface. `remoteVpc` is where the other end is, where that is a VPC. */
export function decideByGroups(
  index: NetworkIndex,
  place: Place,
  direction: SecurityGroupRule['direction'],
  packet: Packet,
  remoteVpc: Vpc | undefined,
): GroupDecision {
  const remote = direction === 'ingress' ? packet.source : packet.destination
  const ids = place.networkInterface.securityGroupIds
  for (const group of groupsOf(index, place.networkInterface)) {
    const rule = group.rules.find(
      (candidate) =>
        candidate.direction === direction &&
        coveredPorts(candidate.traffic, packet.content) !== undefined &&
        isPeer(index, group, candidate, remote, remoteVpc),
    )
    if (rule !== undefined) return { allowed: true, groupId: group.id, reason: describeRule(rule) }
  }
  const who = ids.length === 1 ? `no rule of ${ids[0]}` : ids.length === 0 ? 'no group' : `no rule of ${ids.join(', ')}`
  return {
    allowed: false,
    groupId: ids[0] ?? place.networkInterface.id,
    reason: `${who} allows ${describeContent(packet.content)} ${direction === 'ingress' ? 'from' : 'to'} ${remote}`,
  }
}

/** NAT gateways have none: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html */
export function hasSecurityGroups({ kind }: NetworkInterface): boolean {
  return kind.kind !== 'nat-gateway'
}

/**
 * The interfaces that a rule of `group` means when it names another group: that group's members, where it is in the same VPC or in one of the
 * same Region that is peered with it. Elsewhere the reference is stale and means nobody.
 */
export function referencedInterfaces(
  index: NetworkIndex,
  group: SecurityGroup,
  referencedId: string,
): readonly NetworkInterface[] {
  const referenced = index.securityGroups.get(referencedId)
  if (referenced === undefined || !mayReference(index, group.vpcId, referenced.vpcId)) return []
  return index.model.networkInterfaces.filter(
    (candidate) =>
      candidate.securityGroupIds.includes(referencedId) && index.placeOf(candidate)?.vpc.id === referenced.vpcId,
  )
}

export function groupsOf(index: NetworkIndex, networkInterface: NetworkInterface): readonly SecurityGroup[] {
  return networkInterface.securityGroupIds.flatMap((id) => index.securityGroups.get(id) ?? [])
}

/** `sgr-1 allows tcp 443 from sg-2` */
function describeRule({ id, direction, traffic, peer }: SecurityGroupRule): string {
  const who = 'cidr' in peer ? peer.cidr : 'groupId' in peer ? peer.groupId : peer.prefixListId
  return `${id} allows ${describeTraffic(traffic)} ${direction === 'ingress' ? 'from' : 'to'} ${who}`
}

function isPeer(
  index: NetworkIndex,
  group: SecurityGroup,
  { peer }: SecurityGroupRule,
  remote: string,
  remoteVpc: Vpc | undefined,
): boolean {
  if ('cidr' in peer) return blockContains(peer.cidr, remote)
  if ('prefixListId' in peer) {
    return (index.prefixLists.get(peer.prefixListId)?.cidrs ?? []).some((cidr) => blockContains(cidr, remote))
  }
  const { groupId } = peer
  const referenced = index.securityGroups.get(groupId)
  // An address is a member's only where it comes from the member's own VPC: another may use it too.
  if (referenced === undefined || remoteVpc === undefined || referenced.vpcId !== remoteVpc.id) return false
  return (
    mayReference(index, group.vpcId, referenced.vpcId) &&
    index.interfaceAt(remoteVpc.id, remote)?.networkInterface.securityGroupIds.includes(groupId) === true
  )
}

/** https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-security-groups.html */
function mayReference(index: NetworkIndex, vpcId: string, referencedVpcId: string): boolean {
  if (vpcId === referencedVpcId) return true
  if (index.vpcs.get(vpcId)?.region !== index.vpcs.get(referencedVpcId)?.region) return false
  return index.model.peeringConnections.some((connection) => peerVpc(index, connection, vpcId)?.id === referencedVpcId)
}
