/** From what a request says about a security group's rules to records, checked as AWS checks it. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html */
import { isIPv6 } from 'node:net'

import type * as sdk from '@aws-sdk/client-ec2'

import { AwsError } from '../../../core/aws-error.ts'
import { formatCidr, parseCidr } from '../../../core/cidr.ts'
import { checkId } from '../kinds.ts'
import { invalidParameterValue } from '../errors.ts'
import { peeredVpcIds } from '../peering/peerings.ts'
import { findPrefixList } from '../prefix-lists/prefix-lists.ts'
import type { RulePeer, SecurityGroupRecord, SecurityGroupRuleRecord, VpcRecord } from '../records.ts'
import type { Ec2Service } from '../service.ts'

/** A rule without what only a record has. */
export type WantedRule = Omit<SecurityGroupRuleRecord, 'id' | 'tags'>

const PORT_MAX = 65_535
const ICMP_TYPE_MAX = 255
const PROTOCOL_MAX = 255
const NAMED_PROTOCOLS: Readonly<Record<string, string>> = {
  '1': 'icmp',
  '6': 'tcp',
  '17': 'udp',
  '58': 'icmpv6',
  all: '-1',
}
const NAMES = new Set(['-1', 'tcp', 'udp', 'icmp', 'icmpv6'])
const DESCRIPTION = /^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]{0,255}$/

/** The single rule that older requests spell out in parameters of their own. */
export interface FlatRule {
  readonly IpProtocol?: string | undefined
  readonly FromPort?: number | undefined
  readonly ToPort?: number | undefined
  readonly CidrIp?: string | undefined
  readonly IpPermissions?: readonly sdk.IpPermission[] | undefined
}

/** Throws where the request says nothing, or both forms. */
export function permissionsFrom(input: FlatRule): readonly sdk.IpPermission[] {
  const { CidrIp, FromPort, IpPermissions, IpProtocol, ToPort } = input
  if (IpPermissions && IpPermissions.length > 0) {
    if (IpProtocol === undefined && CidrIp === undefined) return IpPermissions
    throw new AwsError(
      'InvalidParameterCombination',
      'The parameter ipPermissions cannot be used with the parameter ipProtocol or cidrIp',
    )
  }
  if (IpProtocol === undefined) {
    throw new AwsError('MissingParameter', 'The request must contain the parameter ipPermissions')
  }
  return [{ IpProtocol, FromPort, ToPort, ...(CidrIp !== undefined && { IpRanges: [{ CidrIp }] }) }]
}

/** One rule for every peer of every permission. */
export function rulesFrom(
  ec2: Ec2Service,
  group: SecurityGroupRecord,
  egress: boolean,
  permissions: readonly sdk.IpPermission[],
): readonly WantedRule[] {
  return permissions.flatMap((permission) => {
    const traffic = trafficFrom(permission)
    const peers = peersFrom(ec2, group, permission)
    if (peers.length === 0) {
      throw invalidParameterValue('A CIDR block, a security group ID or a prefix list has to be specified')
    }
    return peers.map(({ peer, description }) => ({
      egress,
      ...traffic,
      peer,
      ...(description !== undefined && { description: checkedDescription(description) }),
    }))
  })
}

type Traffic = Pick<SecurityGroupRuleRecord, 'protocol' | 'fromPort' | 'toPort'>

export function trafficFrom(input: Pick<sdk.IpPermission, 'IpProtocol' | 'FromPort' | 'ToPort'>): Traffic {
  const protocol = protocolFrom(input.IpProtocol)
  const { FromPort: fromPort = -1, ToPort: toPort = -1 } = input
  switch (protocol) {
    case 'tcp':
    case 'udp':
      if (input.FromPort === undefined || input.ToPort === undefined) {
        throw invalidParameterValue("Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.")
      }
      for (const port of [fromPort, toPort]) {
        if (port < 0 || port > PORT_MAX) throw invalidParameterValue(`TCP/UDP port (${port}) out of range`)
      }
      if (fromPort > toPort) throw invalidParameterValue(`Invalid TCP/UDP port range (${fromPort}:${toPort})`)
      return { protocol, fromPort, toPort }
    case 'icmp':
    case 'icmpv6':
      if (fromPort < -1 || fromPort > ICMP_TYPE_MAX) throw invalidParameterValue(`ICMP type (${fromPort}) out of range`)
      if (toPort < -1 || toPort > ICMP_TYPE_MAX) throw invalidParameterValue(`ICMP code (${toPort}) out of range`)
      return { protocol, fromPort, toPort }
    default:
      // Of other protocols there are no ports, whatever the request says.
      return { protocol, fromPort: -1, toPort: -1 }
  }
}

function protocolFrom(text: string | undefined): string {
  if (text === undefined) throw new AwsError('MissingParameter', 'The request must contain the parameter ipProtocol')
  const lower = text.toLowerCase()
  const protocol = NAMED_PROTOCOLS[lower] ?? lower
  if (NAMES.has(protocol) || (/^\d{1,3}$/.test(protocol) && Number(protocol) <= PROTOCOL_MAX)) return protocol
  throw invalidParameterValue(`Invalid value '${text}' for IP protocol. Unknown protocol.`)
}

interface DescribedPeer {
  readonly peer: RulePeer
  readonly description: string | undefined
}

function peersFrom(
  ec2: Ec2Service,
  group: SecurityGroupRecord,
  permission: sdk.IpPermission,
): readonly DescribedPeer[] {
  const { IpRanges = [], Ipv6Ranges = [], PrefixListIds = [], UserIdGroupPairs = [] } = permission
  return [
    ...IpRanges.map(({ CidrIp, Description: description }) => ({ peer: ipv4Peer(CidrIp), description })),
    ...Ipv6Ranges.map(({ CidrIpv6, Description: description }) => ({ peer: ipv6Peer(CidrIpv6), description })),
    ...PrefixListIds.map(({ PrefixListId, Description: description }) => ({
      peer: prefixListPeer(ec2, group, PrefixListId),
      description,
    })),
    ...UserIdGroupPairs.map((pair) => ({ peer: groupPeer(ec2, group, pair), description: pair.Description })),
  ]
}

export function ipv4Peer(text = ''): RulePeer {
  const cidr = parseCidr(text)
  if (!cidr) throw invalidParameterValue(`CIDR block ${text} is malformed`)
  return { kind: 'ipv4', cidr: formatCidr(cidr) }
}

export function ipv6Peer(text = ''): RulePeer {
  const [address = '', length = ''] = text.split('/')
  if (!isIPv6(address) || !/^\d{1,3}$/.test(length) || Number(length) > 128) {
    throw invalidParameterValue(`CIDR block ${text} is malformed`)
  }
  return { kind: 'ipv6', cidr: text.toLowerCase() }
}

export function prefixListPeer(ec2: Ec2Service, group: SecurityGroupRecord, id = ''): RulePeer {
  if (findPrefixList(ec2, group, id)) return { kind: 'prefix-list', id }
  throw new AwsError('InvalidPrefixListId.NotFound', `The prefix list ID '${id}' does not exist`)
}

/** A group of the same VPC, or of one that is peered with it, in whichever account. */
export function groupPeer(
  ec2: Ec2Service,
  group: SecurityGroupRecord,
  { GroupId, GroupName, UserId }: Pick<sdk.UserIdGroupPair, 'GroupId' | 'GroupName' | 'UserId'>,
): RulePeer {
  if (GroupId === undefined) {
    const named = ec2
      .list('security-group', group)
      .find(({ name, vpcId }) => name === GroupName && vpcId === group.vpcId)
    if (!named) throw new AwsError('InvalidGroup.NotFound', `The security group '${GroupName ?? ''}' does not exist`)
    return { kind: 'group', id: named.id, account: named.account }
  }
  checkId('security-group', GroupId)
  const found = ec2.findIn('security-group', group.region, GroupId)
  const isReachable = found !== undefined && reachableVpcIds(ec2, group.vpcId).has(found.vpcId)
  // Another account's group is told of only where the VPCs are peered.
  if (!found || found.account !== (UserId ?? found.account) || (found.account !== group.account && !isReachable)) {
    throw new AwsError('InvalidGroup.NotFound', `The security group '${GroupId}' does not exist`)
  }
  if (!isReachable) {
    throw new AwsError('InvalidGroup.NotFound', 'You have specified two resources that belong to different networks.')
  }
  return { kind: 'group', id: found.id, account: found.account }
}

/** The VPCs whose groups a rule of a VPC may name. */
export function reachableVpcIds(ec2: Ec2Service, vpcId: VpcRecord['id']): ReadonlySet<string> {
  return new Set([vpcId, ...peeredVpcIds(ec2, vpcId)])
}

export function checkedDescription(text: string): string {
  if (DESCRIPTION.test(text)) return text
  throw invalidParameterValue(
    'Invalid rule description. Valid descriptions are strings less than 256 characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*',
  )
}

/** Whether two rules let the same traffic pass: descriptions and tags do not count. */
export function isSameRule(a: WantedRule, b: WantedRule): boolean {
  return a.egress === b.egress && ruleText(a) === ruleText(b)
}

/** As AWS prints a rule: `peer: 10.0.0.0/16, TCP, from port: 3306, to port: 3306, ALLOW`. */
export function ruleText({ protocol, fromPort, toPort, peer }: WantedRule): string {
  const name = protocol === '-1' ? 'ALL' : protocol.toUpperCase()
  const isIcmp = protocol === 'icmp' || protocol === 'icmpv6'
  const range =
    protocol === 'tcp' || protocol === 'udp'
      ? `, from port: ${fromPort}, to port: ${toPort}`
      : isIcmp
        ? `, type: ${fromPort}, code: ${toPort}`
        : ''
  return `peer: ${peer.kind === 'ipv4' || peer.kind === 'ipv6' ? peer.cidr : peer.id}, ${name}${range}, ALLOW`
}
