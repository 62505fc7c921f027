/** AWS::IAM::Group. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-group.html */
import { formatArn } from '../../../../core/arn.ts'
import { unlessMissing } from '../handler-error.ts'
import { inlinePolicies, policyHolder, removePolicies, syncPolicies } from './identity-policies.ts'
import { list, object, string } from '../property-schema.ts'
import { textOf } from '../property-values.ts'
import type { ResourceProvider } from '../provider.ts'

const GROUP_NAME_LENGTH_MAX = 128

export const group: ResourceProvider = {
  type: 'AWS::IAM::Group',
  schema: object({ GroupName: string, ManagedPolicyArns: list(string), Path: string, Policies: inlinePolicies }),
  replacedBy: new Set(['GroupName']),
  nameProperty: 'GroupName',
  attributes: ['Arn'],
  taggable: false,

  async create(properties, { call, generateName }, initiated) {
    const GroupName = textOf(properties, 'GroupName') ?? generateName(GROUP_NAME_LENGTH_MAX)
    const { Group: created } = await call('iam', 'CreateGroup', { GroupName, Path: textOf(properties, 'Path') })
    initiated(GroupName)
    await syncPolicies(policyHolder('group', GroupName, call), {}, properties)
    return { physicalId: GroupName, attributes: { Arn: created?.Arn ?? '' } }
  },

  async update(next, previous, resource, { account, call }) {
    const GroupName = resource.physicalId
    const path = textOf(next, 'Path') ?? '/'
    if (path !== (textOf(previous.properties, 'Path') ?? '/')) {
      await call('iam', 'UpdateGroup', { GroupName, NewPath: path })
    }
    await syncPolicies(policyHolder('group', GroupName, call), previous.properties, next)
    const Arn = formatArn({ service: 'iam', region: '', account, resource: `group${path}${GroupName}` })
    return { ...resource, attributes: { Arn } }
  },

  async delete(properties, { physicalId: GroupName }, { call }) {
    await removePolicies(policyHolder('group', GroupName, call), properties)
    await unlessMissing(call('iam', 'DeleteGroup', { GroupName }))
  },
}
