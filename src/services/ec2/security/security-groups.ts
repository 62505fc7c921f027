/** Security groups. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroup.html */
import type * as sdk from '@aws-sdk/client-ec2'

import { AwsError } from '../../../core/aws-error.ts'
import { onAll, onCreation, onResource, resourceArn } from '../access.ts'
import { defaultVpcOf } from '../vpcs/default-vpc.ts'
import {
  dependencyViolation,
  invalidCombination,
  invalidParameterValue,
  invalidValue,
  missingParameter,
} from '../errors.ts'
import { applyFilters, type Filters } from '../requests/filters.ts'
import { pageOf } from '../requests/paging.ts'
import { checkQuota, QUOTAS } from '../quotas.ts'
import type { SecurityGroupRecord, SecurityGroupRuleRecord } from '../records.ts'
import { permissionShapes } from './rule-shapes.ts'
import type { Ec2Operations, Ec2Service, Place } from '../service.ts'
import { specifiedTags, tagList } from '../requests/tag-set.ts'
import { egressToAll } from '../vpcs/vpc-creation.ts'

const NAME_LENGTH_MAX = 255
const ALLOWED = /^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]*$/

export const securityGroups: Ec2Operations = {
  CreateSecurityGroup: {
    permissions: ({ TagSpecifications, VpcId }, caller, ec2) => [
      ...onCreation(caller, 'CreateSecurityGroup', 'security-group', TagSpecifications, {
        ...(VpcId !== undefined && { 'ec2:vpc': resourceArn('vpc', caller, VpcId) }),
      }),
      ...(VpcId === undefined ? [] : [onResource(ec2, caller, 'CreateSecurityGroup', 'vpc', VpcId)]),
    ],
    handle({ Description, GroupName, TagSpecifications, VpcId }, caller, ec2) {
      if (GroupName === undefined) throw missingParameter('GroupName')
      if (Description === undefined) throw missingParameter('GroupDescription')
      const vpc = VpcId === undefined ? defaultVpcOf(ec2, caller) : ec2.get('vpc', caller, VpcId)
      checkName(GroupName)
      checkDescription(Description)
      const groups = ec2.list('security-group', caller)
      if (groups.some(({ name, vpcId }) => name === GroupName && vpcId === vpc.id)) {
        throw new AwsError(
          'InvalidGroup.Duplicate',
          `The security group '${GroupName}' already exists for VPC '${vpc.id}'`,
        )
      }
      checkQuota(ec2, caller, QUOTAS.securityGroupsPerRegion, groups.length, {
        code: 'SecurityGroupLimitExceeded',
        message: 'The maximum number of security groups has been reached.',
      })
      const group: SecurityGroupRecord = {
        id: ec2.newId('sg'),
        account: vpc.account,
        region: vpc.region,
        vpcId: vpc.id,
        name: GroupName,
        description: Description,
        rules: [egressToAll(ec2)],
        tags: specifiedTags(TagSpecifications, 'security-group'),
      }
      ec2.put('security-group', group)
      return {
        GroupId: group.id,
        SecurityGroupArn: resourceArn('security-group', group, group.id),
        Tags: tagList(group.tags),
      }
    },
  },

  DescribeSecurityGroups: {
    permissions: (_input, caller) => [onAll(caller, 'DescribeSecurityGroups')],
    handle(input, caller, ec2) {
      const { Filters: filters, GroupIds, GroupNames } = input
      const asked =
        GroupNames && GroupNames.length > 0
          ? GroupNames.map((name) => groupNamed(ec2, caller, name))
          : ec2.asked('security-group', caller, GroupIds)
      const idsParameter = GroupIds ? 'groupIds' : GroupNames && 'groupNames'
      const { items, NextToken } = pageOf(applyFilters(asked, filters, FILTERS), ({ id }) => id, input, {
        idsParameter,
      })
      return { SecurityGroups: items.map((group) => groupShape(group)), NextToken }
    },
  },

  DeleteSecurityGroup: {
    permissions: (input, caller, ec2) => [
      onResource(ec2, caller, 'DeleteSecurityGroup', 'security-group', groupIdOf(ec2, caller, input)),
    ],
    handle(input, caller, ec2) {
      const group = askedGroup(ec2, caller, input)
      if (group.name === 'default') {
        throw new AwsError(
          'CannotDelete',
          `the specified group: "${group.id}" name: "default" cannot be deleted by a user`,
        )
      }
      if (isInUse(ec2, group)) throw dependencyViolation(`resource ${group.id} has a dependent object`)
      ec2.delete('security-group', group)
      return { Return: true, GroupId: group.id }
    },
  },
}

interface GroupReference {
  readonly GroupId?: string | undefined
  readonly GroupName?: string | undefined
}

/** The group a request names, by its id or, in the default VPC, by its name. */
export function askedGroup(ec2: Ec2Service, place: Place, { GroupId, GroupName }: GroupReference): SecurityGroupRecord {
  if (GroupId !== undefined && GroupName !== undefined) {
    throw invalidCombination('The parameter groupName cannot be used with the parameter groupId')
  }
  if (GroupId !== undefined) return ec2.get('security-group', place, GroupId)
  if (GroupName === undefined) {
    throw new AwsError('MissingParameter', 'The request must contain the parameter groupName or groupId')
  }
  return groupNamed(ec2, place, GroupName)
}

/** For permissions, which are asked for whether the group exists or not. */
export function groupIdOf(ec2: Ec2Service, place: Place, { GroupId, GroupName }: GroupReference): string | undefined {
  return GroupId ?? findNamed(ec2, place, GroupName)?.id
}

function groupNamed(ec2: Ec2Service, place: Place, name: string): SecurityGroupRecord {
  const found = findNamed(ec2, place, name)
  if (found) return found
  const vpc = defaultVpcOf(ec2, place)
  throw new AwsError('InvalidGroup.NotFound', `The security group '${name}' does not exist in default VPC '${vpc.id}'`)
}

function findNamed(ec2: Ec2Service, place: Place, name: string | undefined): SecurityGroupRecord | undefined {
  const vpc = ec2.list('vpc', place).find(({ isDefault }) => isDefault)
  return ec2.list('security-group', place).find((group) => group.name === name && group.vpcId === vpc?.id)
}

function checkName(name: string): void {
  if (name.startsWith('sg-')) {
    throw invalidValue('GroupName', name, 'Group names may not be in the format sg-*.')
  }
  if (name === 'default') throw invalidParameterValue('Cannot use reserved security group name: default')
  if (name === '' || name.length > NAME_LENGTH_MAX || !ALLOWED.test(name)) {
    throw invalidValue('GroupName', name, 'Character sets beyond ASCII are not supported.')
  }
}

function checkDescription(description: string): void {
  if (description.length <= NAME_LENGTH_MAX && ALLOWED.test(description)) return
  throw invalidValue('GroupDescription', description, 'Character sets beyond ASCII are not supported.')
}

/** By an interface, or by a rule of another group. */
function isInUse(ec2: Ec2Service, { id, ...place }: SecurityGroupRecord): boolean {
  return (
    ec2.list('network-interface', place).some(({ groupIds }) => groupIds.includes(id)) ||
    ec2
      .list('security-group', place)
      .some((other) => other.id !== id && other.rules.some(({ peer }) => peer.kind === 'group' && peer.id === id))
  )
}

const rulesOf = (group: SecurityGroupRecord, egress: boolean) => group.rules.filter((rule) => rule.egress === egress)

/** The filters on rules come once for each direction. */
function ruleFilters(prefix: string, egress: boolean): Filters<SecurityGroupRecord> {
  const values =
    (read: (rule: SecurityGroupRuleRecord) => string | number | undefined) => (group: SecurityGroupRecord) =>
      rulesOf(group, egress).map(read)
  return {
    [`${prefix}.cidr`]: values(({ peer }) => (peer.kind === 'ipv4' ? peer.cidr : undefined)),
    [`${prefix}.ipv6-cidr`]: values(({ peer }) => (peer.kind === 'ipv6' ? peer.cidr : undefined)),
    [`${prefix}.group-id`]: values(({ peer }) => (peer.kind === 'group' ? peer.id : undefined)),
    [`${prefix}.user-id`]: values(({ peer }) => (peer.kind === 'group' ? peer.account : undefined)),
    [`${prefix}.prefix-list-id`]: values(({ peer }) => (peer.kind === 'prefix-list' ? peer.id : undefined)),
    [`${prefix}.protocol`]: values(({ protocol }) => protocol),
    [`${prefix}.from-port`]: values(({ fromPort }) => fromPort),
    [`${prefix}.to-port`]: values(({ toPort }) => toPort),
  }
}

const FILTERS: Filters<SecurityGroupRecord> = {
  ...ruleFilters('ip-permission', false),
  ...ruleFilters('egress.ip-permission', true),
  description: ({ description }) => description,
  'group-id': ({ id }) => id,
  'group-name': ({ name }) => name,
  'vpc-id': ({ vpcId }) => vpcId,
}

function groupShape(group: SecurityGroupRecord): sdk.SecurityGroup {
  return {
    GroupId: group.id,
    SecurityGroupArn: resourceArn('security-group', group, group.id),
    GroupName: group.name,
    Description: group.description,
    OwnerId: group.account,
    VpcId: group.vpcId,
    IpPermissions: permissionShapes(rulesOf(group, false)),
    IpPermissionsEgress: permissionShapes(rulesOf(group, true)),
    ...(Object.keys(group.tags).length > 0 && { Tags: tagList(group.tags) }),
  }
}
