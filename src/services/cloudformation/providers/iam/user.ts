/** AWS::IAM::User. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-user.html */
import { formatArn } from '../../../../core/arn.ts'
import { unlessMissing } from '../handler-error.ts'
import { inlinePolicies, policyHolder, removePolicies, syncPolicies } from './identity-policies.ts'
import { list, object, refused, string, tags } from '../property-schema.ts'
import { textOf, textsOf } from '../property-values.ts'
import type { ResourceProvider } from '../provider.ts'
import { isEmpty, mergedTags, tagChanges, tagList } from '../tags.ts'

const USER_NAME_LENGTH_MAX = 64

export const user: ResourceProvider = {
  type: 'AWS::IAM::User',
  schema: object({
    Groups: list(string),
    LoginProfile: refused,
    ManagedPolicyArns: list(string),
    Path: string,
    PermissionsBoundary: string,
    Policies: inlinePolicies,
    Tags: tags,
    UserName: string,
  }),
  replacedBy: new Set(['UserName']),
  nameProperty: 'UserName',
  attributes: ['Arn'],
  taggable: true,

  async create(properties, { call, generateName, stackTags }, initiated) {
    const UserName = textOf(properties, 'UserName') ?? generateName(USER_NAME_LENGTH_MAX)
    const allTags = mergedTags(properties, stackTags)
    const { User: created } = await call('iam', 'CreateUser', {
      UserName,
      Path: textOf(properties, 'Path'),
      PermissionsBoundary: textOf(properties, 'PermissionsBoundary'),
      Tags: isEmpty(allTags) ? undefined : tagList(allTags),
    })
    initiated(UserName)
    for (const GroupName of textsOf(properties, 'Groups')) await call('iam', 'AddUserToGroup', { GroupName, UserName })
    await syncPolicies(policyHolder('user', UserName, call), {}, properties)
    return { physicalId: UserName, attributes: { Arn: created?.Arn ?? '' } }
  },

  async update(next, previous, resource, { account, call, stackTags }) {
    const UserName = resource.physicalId
    const before = previous.properties
    const path = textOf(next, 'Path') ?? '/'
    if (path !== (textOf(before, 'Path') ?? '/')) await call('iam', 'UpdateUser', { UserName, NewPath: path })
    const groups = { before: textsOf(before, 'Groups'), next: textsOf(next, 'Groups') }
    for (const GroupName of groups.next) {
      if (!groups.before.includes(GroupName)) await call('iam', 'AddUserToGroup', { GroupName, UserName })
    }
    for (const GroupName of groups.before) {
      if (!groups.next.includes(GroupName)) {
        await unlessMissing(call('iam', 'RemoveUserFromGroup', { GroupName, UserName }))
      }
    }
    const boundary = textOf(next, 'PermissionsBoundary')
    if (textOf(before, 'PermissionsBoundary') !== boundary) {
      if (boundary === undefined) await call('iam', 'DeleteUserPermissionsBoundary', { UserName })
      else await call('iam', 'PutUserPermissionsBoundary', { UserName, PermissionsBoundary: boundary })
    }
    await syncPolicies(policyHolder('user', UserName, call), before, next)
    const { set, removed } = tagChanges(mergedTags(before, previous.stackTags), mergedTags(next, stackTags))
    if (!isEmpty(set)) await call('iam', 'TagUser', { UserName, Tags: tagList(set) })
    if (removed.length > 0) await call('iam', 'UntagUser', { UserName, TagKeys: removed })
    const Arn = formatArn({ service: 'iam', region: '', account, resource: `user${path}${UserName}` })
    return { ...resource, attributes: { Arn } }
  },

  async delete(properties, { physicalId: UserName }, { call }) {
    for (const GroupName of textsOf(properties, 'Groups')) {
      await unlessMissing(call('iam', 'RemoveUserFromGroup', { GroupName, UserName }))
    }
    await removePolicies(policyHolder('user', UserName, call), properties)
    await unlessMissing(call('iam', 'DeleteUser', { UserName }))
  },
}
