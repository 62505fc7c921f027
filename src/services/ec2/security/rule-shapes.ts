/** Rules of security groups as AWS answers them: one by one, and grouped by their traffic. */
import type * as sdk from '@aws-sdk/client-ec2'

import { resourceArn } from '../access.ts'
import type { SecurityGroupRecord, SecurityGroupRuleRecord } from '../records.ts'
import { tagList } from '../requests/tag-set.ts'

export function ruleShape(group: SecurityGroupRecord, rule: SecurityGroupRuleRecord): sdk.SecurityGroupRule {
  const { peer } = rule
  return {
    SecurityGroupRuleId: rule.id,
    SecurityGroupRuleArn: resourceArn('security-group-rule', group, rule.id),
    GroupId: group.id,
    GroupOwnerId: group.account,
    IsEgress: rule.egress,
    IpProtocol: rule.protocol,
    FromPort: rule.fromPort,
    ToPort: rule.toPort,
    ...(peer.kind === 'ipv4' && { CidrIpv4: peer.cidr }),
    ...(peer.kind === 'ipv6' && { CidrIpv6: peer.cidr }),
    ...(peer.kind === 'prefix-list' && { PrefixListId: peer.id }),
    ...(peer.kind === 'group' && { ReferencedGroupInfo: { GroupId: peer.id, UserId: peer.account } }),
    ...(rule.description !== undefined && { Description: rule.description }),
    Tags: tagList(rule.tags),
  }
}

export function permissionShapes(rules: readonly SecurityGroupRuleRecord[]): sdk.IpPermission[] {
  const byTraffic = new Map<string, SecurityGroupRuleRecord[]>()
  for (const rule of rules) {
    const key = `${rule.protocol} ${rule.fromPort} ${rule.toPort}`
    const same = byTraffic.get(key)
    if (same) same.push(rule)
    else byTraffic.set(key, [rule])
  }
  return [...byTraffic.values()].map(permissionShape)
}

/** INVARIANT: the rules are about the same traffic, and there is one at least. */
function permissionShape(rules: readonly SecurityGroupRuleRecord[]): sdk.IpPermission {
  const [first] = rules
  return {
    IpProtocol: first?.protocol,
    ...(first?.protocol !== '-1' && { FromPort: first?.fromPort, ToPort: first?.toPort }),
    IpRanges: rules.flatMap(({ peer, description: Description }) =>
      peer.kind === 'ipv4' ? [{ CidrIp: peer.cidr, Description }] : [],
    ),
    Ipv6Ranges: rules.flatMap(({ peer, description: Description }) =>
      peer.kind === 'ipv6' ? [{ CidrIpv6: peer.cidr, Description }] : [],
    ),
    PrefixListIds: rules.flatMap(({ peer, description: Description }) =>
      peer.kind === 'prefix-list' ? [{ PrefixListId: peer.id, Description }] : [],
    ),
    UserIdGroupPairs: rules.flatMap(({ peer, description: Description }) =>
      peer.kind === 'group' ? [{ GroupId: peer.id, UserId: peer.account, Description }] : [],
    ),
  }
}
