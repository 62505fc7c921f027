/**
 * AWS::EC2::SecurityGroupIngress and AWS::EC2::SecurityGroupEgress: one rule of a group.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroupingress.html
 */
import { EGRESS, INGRESS, permissionOf } from './rule-properties.ts'
import { unlessMissing } from '../handler-error.ts'
import { object, string, type PropertyType } from '../property-schema.ts'
import { textOf } from '../property-values.ts'
import type { ResourceProvider } from '../provider.ts'

export const securityGroupIngress = createRuleProvider('Ingress', { ...INGRESS, GroupId: string, GroupName: string }, [
  'IpProtocol',
])
export const securityGroupEgress = createRuleProvider('Egress', { ...EGRESS, GroupId: string }, [
  'GroupId',
  'IpProtocol',
])

function createRuleProvider(
  direction: 'Ingress' | 'Egress',
  members: Readonly<Record<string, PropertyType>>,
  required: readonly string[],
): ResourceProvider {
  return {
    type: `AWS::EC2::SecurityGroup${direction}`,
    schema: object(members, required),
    replacedBy: new Set(Object.keys(members).filter((name) => name !== 'Description')),
    attributes: ['Id'],
    taggable: false,

    async create(properties, { call }, initiated) {
      const { SecurityGroupRules } = await call('ec2', `AuthorizeSecurityGroup${direction}`, {
        GroupId: textOf(properties, 'GroupId'),
        GroupName: textOf(properties, 'GroupName'),
        IpPermissions: [permissionOf(properties)],
      } as { GroupId: string })
      const Id = SecurityGroupRules?.[0]?.SecurityGroupRuleId ?? ''
      initiated(Id)
      return { physicalId: Id, attributes: { Id } }
    },

    async update(next, _previous, resource, { call }) {
      const SecurityGroupRuleDescriptions = [
        { SecurityGroupRuleId: resource.physicalId, Description: textOf(next, 'Description') ?? '' },
      ]
      await call('ec2', `UpdateSecurityGroupRuleDescriptions${direction}`, {
        GroupId: textOf(next, 'GroupId'),
        GroupName: textOf(next, 'GroupName'),
        SecurityGroupRuleDescriptions,
      })
      return resource
    },

    async delete(properties, { physicalId }, { call }) {
      await unlessMissing(
        call('ec2', `RevokeSecurityGroup${direction}`, {
          GroupId: textOf(properties, 'GroupId'),
          GroupName: textOf(properties, 'GroupName'),
          SecurityGroupRuleIds: [physicalId],
        } as { GroupId: string }),
      )
    },
  }
}
