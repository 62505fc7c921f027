/** AWS::IAM::Role. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-role.html */
import type { JsonObject } from '../../template/json.ts'
import { unlessMissing } from '../handler-error.ts'
import { inlinePolicies, policyHolder, removePolicies, syncPolicies } from './identity-policies.ts'
import { document, integer, list, object, string, tags } from '../property-schema.ts'
import { documentOf, numberOf, textOf } from '../property-values.ts'
import type { ResourceProvider } from '../provider.ts'
import { isEmpty, mergedTags, tagChanges, tagList } from '../tags.ts'

const ROLE_NAME_LENGTH_MAX = 64

export const role: ResourceProvider = {
  type: 'AWS::IAM::Role',
  schema: object(
    {
      AssumeRolePolicyDocument: document,
      Description: string,
      ManagedPolicyArns: list(string),
      MaxSessionDuration: integer,
      Path: string,
      PermissionsBoundary: string,
      Policies: inlinePolicies,
      RoleName: string,
      Tags: tags,
    },
    ['AssumeRolePolicyDocument'],
  ),
  replacedBy: new Set(['Path', 'RoleName']),
  nameProperty: 'RoleName',
  attributes: ['Arn', 'RoleId'],
  taggable: true,

  async create(properties, { call, generateName, stackTags }, initiated) {
    const name = textOf(properties, 'RoleName') ?? generateName(ROLE_NAME_LENGTH_MAX)
    const allTags = mergedTags(properties, stackTags)
    const { Role: created } = await call('iam', 'CreateRole', {
      RoleName: name,
      AssumeRolePolicyDocument: trustOf(properties),
      Path: textOf(properties, 'Path'),
      Description: textOf(properties, 'Description'),
      MaxSessionDuration: numberOf(properties, 'MaxSessionDuration'),
      PermissionsBoundary: textOf(properties, 'PermissionsBoundary'),
      Tags: isEmpty(allTags) ? undefined : tagList(allTags),
    })
    initiated(name)
    await syncPolicies(policyHolder('role', name, call), {}, properties)
    return { physicalId: name, attributes: { Arn: created?.Arn ?? '', RoleId: created?.RoleId ?? '' } }
  },

  async update(next, previous, resource, { call, stackTags }) {
    const RoleName = resource.physicalId
    const before = previous.properties
    const changed = (name: string) => textOf(before, name) !== textOf(next, name)
    if (trustOf(before) !== trustOf(next)) {
      await call('iam', 'UpdateAssumeRolePolicy', { RoleName, PolicyDocument: trustOf(next) })
    }
    if (changed('Description') || numberOf(before, 'MaxSessionDuration') !== numberOf(next, 'MaxSessionDuration')) {
      await call('iam', 'UpdateRole', {
        RoleName,
        Description: textOf(next, 'Description') ?? '',
        MaxSessionDuration: numberOf(next, 'MaxSessionDuration') ?? 3600,
      })
    }
    const boundary = textOf(next, 'PermissionsBoundary')
    if (changed('PermissionsBoundary')) {
      if (boundary === undefined) await call('iam', 'DeleteRolePermissionsBoundary', { RoleName })
      else await call('iam', 'PutRolePermissionsBoundary', { RoleName, PermissionsBoundary: boundary })
    }
    await syncPolicies(policyHolder('role', RoleName, call), before, next)
    const { set, removed } = tagChanges(mergedTags(before, previous.stackTags), mergedTags(next, stackTags))
    if (!isEmpty(set)) await call('iam', 'TagRole', { RoleName, Tags: tagList(set) })
    if (removed.length > 0) await call('iam', 'UntagRole', { RoleName, TagKeys: removed })
    return resource
  },

  async delete(properties, { physicalId: RoleName }, { call }) {
    await removePolicies(policyHolder('role', RoleName, call), properties)
    await unlessMissing(call('iam', 'DeleteRole', { RoleName }))
  },
}

function trustOf(properties: JsonObject): string {
  return documentOf(properties, 'AssumeRolePolicyDocument') ?? ''
}
