/** The rules of security groups. https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html */
import type * as sdk from '@aws-sdk/client-ec2'

import { AwsError } from '../../../core/aws-error.ts'
import type { Caller } from '../../caller.ts'
import type { Permission } from '../../operation.ts'
import { onAll, onCreation, onResource } from '../access.ts'
import { invalidParameterValue, missingParameter } from '../errors.ts'
import { applyFilters, type Filters } from '../requests/filters.ts'
import { pageOf } from '../requests/paging.ts'
import { checkQuota, QUOTAS } from '../quotas.ts'
import type { RulePeer, SecurityGroupRecord, SecurityGroupRuleRecord } from '../records.ts'
import {
  checkedDescription,
  groupPeer,
  ipv4Peer,
  ipv6Peer,
  isSameRule,
  permissionsFrom,
  prefixListPeer,
  rulesFrom,
  ruleText,
  trafficFrom,
  type WantedRule,
} from './rule-input.ts'
import { ruleShape } from './rule-shapes.ts'
import { askedGroup, groupIdOf } from './security-groups.ts'
import type { Ec2Operations, Ec2Service, Place } from '../service.ts'
import { requestedTags, specifiedTags } from '../requests/tag-set.ts'

export const securityGroupRules: Ec2Operations = {
  AuthorizeSecurityGroupIngress: {
    permissions: (input, caller, ec2) => authorizing(ec2, caller, 'AuthorizeSecurityGroupIngress', input),
    refuses: ['SourceSecurityGroupName', 'SourceSecurityGroupOwnerId'],
    handle: (input, caller, ec2) => authorize(ec2, askedGroup(ec2, caller, input), false, input),
  },

  AuthorizeSecurityGroupEgress: {
    permissions: (input, caller, ec2) => authorizing(ec2, caller, 'AuthorizeSecurityGroupEgress', input),
    refuses: ['SourceSecurityGroupName', 'SourceSecurityGroupOwnerId'],
    handle: (input, caller, ec2) => authorize(ec2, askedGroup(ec2, caller, input), true, input),
  },

  RevokeSecurityGroupIngress: {
    permissions: (input, caller, ec2) => [onGroup(ec2, caller, 'RevokeSecurityGroupIngress', input)],
    refuses: ['SourceSecurityGroupName', 'SourceSecurityGroupOwnerId'],
    handle: (input, caller, ec2) => revoke(ec2, askedGroup(ec2, caller, input), false, input),
  },

  RevokeSecurityGroupEgress: {
    permissions: (input, caller, ec2) => [onGroup(ec2, caller, 'RevokeSecurityGroupEgress', input)],
    refuses: ['SourceSecurityGroupName', 'SourceSecurityGroupOwnerId'],
    handle: (input, caller, ec2) => revoke(ec2, askedGroup(ec2, caller, input), true, input),
  },

  UpdateSecurityGroupRuleDescriptionsIngress: {
    permissions: (input, caller, ec2) => [onGroup(ec2, caller, 'UpdateSecurityGroupRuleDescriptionsIngress', input)],
    handle: (input, caller, ec2) => describeAnew(ec2, askedGroup(ec2, caller, input), false, input),
  },

  UpdateSecurityGroupRuleDescriptionsEgress: {
    permissions: (input, caller, ec2) => [onGroup(ec2, caller, 'UpdateSecurityGroupRuleDescriptionsEgress', input)],
    handle: (input, caller, ec2) => describeAnew(ec2, askedGroup(ec2, caller, input), true, input),
  },

  ModifySecurityGroupRules: {
    permissions: ({ GroupId }, caller, ec2) => [
      onResource(ec2, caller, 'ModifySecurityGroupRules', 'security-group', GroupId),
    ],
    handle({ GroupId, SecurityGroupRules: updates }, caller, ec2) {
      let group = ec2.get('security-group', caller, GroupId)
      for (const { SecurityGroupRuleId: id = '', SecurityGroupRule: wanted } of updates) {
        const rule = ruleOf(group, id)
        if (!wanted) throw missingParameter('securityGroupRule')
        const { description: _old, ...kept } = rule
        const changed = {
          ...kept,
          ...trafficFrom(wanted),
          peer: peerOf(ec2, group, wanted),
          ...(wanted.Description !== undefined && { description: checkedDescription(wanted.Description) }),
        }
        const others = group.rules.filter((other) => other !== rule)
        refuseDuplicates(others, [changed])
        group = { ...group, rules: group.rules.map((other) => (other === rule ? changed : other)) }
      }
      ec2.put('security-group', group)
      return { Return: true }
    },
  },

  DescribeSecurityGroupRules: {
    permissions: (_input, caller) => [onAll(caller, 'DescribeSecurityGroupRules')],
    handle(input, caller, ec2) {
      const { Filters: filters, SecurityGroupRuleIds: ids } = input
      const all = allRules(ec2, caller)
      const asked =
        ids && ids.length > 0
          ? ids.map((id) => all.find(({ rule }) => rule.id === id) ?? throwError(ruleNotFound(id)))
          : all
      const { items, NextToken } = pageOf(applyFilters(asked, filters, FILTERS), ({ rule }) => rule.id, input, {
        idsParameter: ids && 'securityGroupRuleIds',
      })
      return { SecurityGroupRules: items.map(({ group, rule }) => ruleShape(group, rule)), NextToken }
    },
  },
}

interface RuleOfGroup {
  readonly group: SecurityGroupRecord
  readonly rule: SecurityGroupRuleRecord
  readonly tags: SecurityGroupRuleRecord['tags']
}

export function allRules(ec2: Ec2Service, place: Place): readonly RuleOfGroup[] {
  return ec2
    .list('security-group', place)
    .flatMap((group) => group.rules.map((rule) => ({ group, rule, tags: rule.tags })))
}

const FILTERS: Filters<RuleOfGroup> = {
  'group-id': ({ group }) => group.id,
  'security-group-rule-id': ({ rule }) => rule.id,
}

export function ruleNotFound(id: string): AwsError {
  return new AwsError('InvalidSecurityGroupRuleId.NotFound', `The security group rule ID '${id}' does not exist`)
}

function throwError(error: AwsError): never {
  throw error
}

function ruleOf(group: SecurityGroupRecord, id: string): SecurityGroupRuleRecord {
  return group.rules.find((rule) => rule.id === id) ?? throwError(ruleNotFound(id))
}

type GroupInput = Parameters<typeof groupIdOf>[2]

function onGroup(ec2: Ec2Service, caller: Caller, action: string, input: GroupInput): Permission {
  return onResource(ec2, caller, action, 'security-group', groupIdOf(ec2, caller, input))
}

/** Rules are asked about only where they get tags. */
function authorizing(
  ec2: Ec2Service,
  caller: Caller,
  action: string,
  input: GroupInput & { readonly TagSpecifications?: sdk.TagSpecification[] | undefined },
): readonly Permission[] {
  const tagged = requestedTags(input.TagSpecifications)
  return [
    onGroup(ec2, caller, action, input),
    ...(tagged ? onCreation(caller, action, 'security-group-rule', input.TagSpecifications) : []),
  ]
}

function authorize(
  ec2: Ec2Service,
  group: SecurityGroupRecord,
  egress: boolean,
  input: Parameters<typeof permissionsFrom>[0] & { readonly TagSpecifications?: sdk.TagSpecification[] | undefined },
): sdk.AuthorizeSecurityGroupIngressResult {
  const wanted = rulesFrom(ec2, group, egress, permissionsFrom(input))
  for (const [index, rule] of wanted.entries()) {
    if (wanted.slice(0, index).some((other) => isSameRule(rule, other))) {
      throw invalidParameterValue('The same permission must not appear multiple times')
    }
  }
  refuseDuplicates(group.rules, wanted)
  const tags = specifiedTags(input.TagSpecifications, 'security-group-rule')
  const added = wanted.map((rule): SecurityGroupRuleRecord => ({ ...rule, id: ec2.newId('sgr'), tags }))
  const rules = [...group.rules, ...added]
  checkRuleCount(ec2, group, rules, egress)
  ec2.put('security-group', { ...group, rules })
  return { Return: true, SecurityGroupRules: added.map((rule) => ruleShape(group, rule)) }
}

function refuseDuplicates(rules: readonly WantedRule[], wanted: readonly WantedRule[]): void {
  const duplicate = wanted.find((rule) => rules.some((other) => isSameRule(rule, other)))
  if (!duplicate) return
  throw new AwsError('InvalidPermission.Duplicate', `the specified rule "${ruleText(duplicate)}" already exists`)
}

/** IPv4 and IPv6 are counted apart, and a rule about a group or a prefix list counts for both. */
function checkRuleCount(
  ec2: Ec2Service,
  group: SecurityGroupRecord,
  rules: readonly SecurityGroupRuleRecord[],
  egress: boolean,
): void {
  for (const other of ['ipv4', 'ipv6'] as const) {
    const count = rules.filter((rule) => rule.egress === egress && rule.peer.kind !== other).length
    checkQuota(ec2, group, QUOTAS.rulesPerSecurityGroup, count - 1, {
      code: 'RulesPerSecurityGroupLimitExceeded',
      message: 'The maximum number of rules per security group has been reached.',
    })
  }
}

function revoke(
  ec2: Ec2Service,
  group: SecurityGroupRecord,
  egress: boolean,
  input: Parameters<typeof permissionsFrom>[0] & { readonly SecurityGroupRuleIds?: string[] | undefined },
): sdk.RevokeSecurityGroupIngressResult {
  const { SecurityGroupRuleIds: ids } = input
  const revoked =
    ids && ids.length > 0
      ? ids.map((id) => {
          const rule = ruleOf(group, id)
          return rule.egress === egress ? rule : throwError(ruleNotFound(id))
        })
      : matchingRules(ec2, group, egress, permissionsFrom(input))
  ec2.put('security-group', { ...group, rules: group.rules.filter((rule) => !revoked.includes(rule)) })
  return {
    Return: true,
    RevokedSecurityGroupRules: revoked.map((rule) => {
      const {
        GroupOwnerId: _owner,
        SecurityGroupRuleArn: _arn,
        ReferencedGroupInfo,
        Tags: _tags,
        ...shape
      } = ruleShape(group, rule)
      return { ...shape, ...(ReferencedGroupInfo && { ReferencedGroupId: ReferencedGroupInfo.GroupId }) }
    }),
  }
}

function matchingRules(
  ec2: Ec2Service,
  group: SecurityGroupRecord,
  egress: boolean,
  permissions: readonly sdk.IpPermission[],
): readonly SecurityGroupRuleRecord[] {
  return rulesFrom(ec2, group, egress, permissions).map((wanted) => {
    const rule = group.rules.find((candidate) => isSameRule(candidate, wanted))
    if (rule) return rule
    throw new AwsError('InvalidPermission.NotFound', 'The specified rule does not exist in this security group.')
  })
}

function describeAnew(
  ec2: Ec2Service,
  group: SecurityGroupRecord,
  egress: boolean,
  input: {
    readonly IpPermissions?: sdk.IpPermission[] | undefined
    readonly SecurityGroupRuleDescriptions?: sdk.SecurityGroupRuleDescription[] | undefined
  },
): { Return: boolean } {
  const { IpPermissions = [], SecurityGroupRuleDescriptions: byId = [] } = input
  if (IpPermissions.length === 0 && byId.length === 0) throw missingParameter('ipPermissions')
  const changes = new Map<SecurityGroupRuleRecord, string>()
  for (const { Description = '', SecurityGroupRuleId = '' } of byId) {
    changes.set(ruleOf(group, SecurityGroupRuleId), checkedDescription(Description))
  }
  const wanted = rulesFrom(ec2, group, egress, IpPermissions)
  for (const [index, rule] of matchingRules(ec2, group, egress, IpPermissions).entries()) {
    changes.set(rule, wanted[index]?.description ?? '')
  }
  const rules = group.rules.map((rule) => {
    const text = changes.get(rule)
    if (text === undefined) return rule
    const { description: _old, ...rest } = rule
    return text === '' ? rest : { ...rest, description: text }
  })
  ec2.put('security-group', { ...group, rules })
  return { Return: true }
}

function peerOf(ec2: Ec2Service, group: SecurityGroupRecord, wanted: sdk.SecurityGroupRuleRequest): RulePeer {
  const { CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupId: GroupId } = wanted
  if (CidrIpv4 !== undefined) return ipv4Peer(CidrIpv4)
  if (CidrIpv6 !== undefined) return ipv6Peer(CidrIpv6)
  if (PrefixListId !== undefined) return prefixListPeer(ec2, group, PrefixListId)
  if (GroupId !== undefined) return groupPeer(ec2, group, { GroupId })
  throw invalidParameterValue('A CIDR block, a security group ID or a prefix list has to be specified')
}
