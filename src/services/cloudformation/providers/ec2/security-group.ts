/** AWS::EC2::SecurityGroup. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html */
import { isDeepStrictEqual } from 'node:util'

import type { JsonObject } from '../../template/json.ts'
import { EGRESS, INGRESS, permissionOf } from './rule-properties.ts'
import { tagSpecifications, updateTags } from './tags.ts'
import { unlessMissing } from '../handler-error.ts'
import { list, object, string, tags } from '../property-schema.ts'
import { objectsOf, textOf } from '../property-values.ts'
import type { ResourceContext, ResourceProvider } from '../provider.ts'

const GROUP_NAME_LENGTH_MAX = 255
/** What a group without rules of its own lets out. */
const EVERYTHING: JsonObject = { IpProtocol: '-1', CidrIp: '0.0.0.0/0' }

export const securityGroup: ResourceProvider = {
  type: 'AWS::EC2::SecurityGroup',
  schema: object(
    {
      GroupDescription: string,
      GroupName: string,
      SecurityGroupEgress: list(object(EGRESS, ['IpProtocol'])),
      SecurityGroupIngress: list(object(INGRESS, ['IpProtocol'])),
      Tags: tags,
      VpcId: string,
    },
    ['GroupDescription'],
  ),
  replacedBy: new Set(['GroupDescription', 'GroupName', 'VpcId']),
  nameProperty: 'GroupName',
  attributes: ['GroupId', 'Id', 'VpcId'],
  taggable: true,

  async create(properties, { call, generateName, stackTags }, initiated) {
    const { GroupId = '' } = await call('ec2', 'CreateSecurityGroup', {
      GroupName: textOf(properties, 'GroupName') ?? generateName(GROUP_NAME_LENGTH_MAX),
      Description: textOf(properties, 'GroupDescription') ?? '',
      VpcId: textOf(properties, 'VpcId'),
      TagSpecifications: tagSpecifications('security-group', properties, stackTags),
    })
    initiated(GroupId)
    await exchange(GroupId, 'Ingress', [], ingressOf(properties), call)
    await exchange(GroupId, 'Egress', [EVERYTHING], egressOf(properties), call)
    const { SecurityGroups } = await call('ec2', 'DescribeSecurityGroups', { GroupIds: [GroupId] })
    const VpcId = SecurityGroups?.[0]?.VpcId ?? ''
    return { physicalId: GroupId, attributes: { GroupId, Id: GroupId, VpcId } }
  },

  async update(next, previous, resource, context) {
    const GroupId = resource.physicalId
    const { properties } = previous
    await exchange(GroupId, 'Ingress', ingressOf(properties), ingressOf(next), context.call)
    await exchange(GroupId, 'Egress', egressOf(properties), egressOf(next), context.call)
    await updateTags(GroupId, next, previous, context)
    return resource
  },

  async delete(_properties, { physicalId: GroupId }, { call }) {
    await unlessMissing(call('ec2', 'DeleteSecurityGroup', { GroupId }))
  },
}

function ingressOf(properties: JsonObject): readonly JsonObject[] {
  return objectsOf(properties, 'SecurityGroupIngress')
}

function egressOf(properties: JsonObject): readonly JsonObject[] {
  const rules = objectsOf(properties, 'SecurityGroupEgress')
  return rules.length === 0 ? [EVERYTHING] : rules
}

/** Takes away what is no longer wanted, then adds what is new: a rule with another description is both. */
async function exchange(
  GroupId: string,
  direction: 'Ingress' | 'Egress',
  before: readonly JsonObject[],
  after: readonly JsonObject[],
  call: ResourceContext['call'],
): Promise<void> {
  const missingFrom = (rules: readonly JsonObject[]) => (rule: JsonObject) =>
    !rules.some((other) => isDeepStrictEqual(rule, other))
  const removed = before.filter(missingFrom(after)).map(permissionOf)
  const added = after.filter(missingFrom(before)).map(permissionOf)
  if (removed.length > 0) {
    await unlessMissing(call('ec2', `RevokeSecurityGroup${direction}`, { GroupId, IpPermissions: removed }))
  }
  if (added.length > 0) {
    await call('ec2', `AuthorizeSecurityGroup${direction}`, { GroupId, IpPermissions: added })
  }
}
