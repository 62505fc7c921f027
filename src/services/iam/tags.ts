/** Tagging users, roles and policies. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html */
import type * as sdk from '@aws-sdk/client-iam'

import { onEntity, onPolicy } from './access.ts'
import { pageOf, type PageRequest } from './paging.ts'
import { refuseAwsManaged } from './policies.ts'
import type { Tags } from './records.ts'
import type { IamOperations } from './service.ts'
import { requestedTags, tagList, withoutTags, withTags } from './tag-set.ts'

export const tags: IamOperations = {
  TagUser: {
    permissions: ({ UserName, Tags }, caller, iam) => [
      onEntity(iam, caller, 'iam:TagUser', ['user', UserName], { requestTags: requestedTags(Tags) }),
    ],
    handle({ UserName, Tags }, { account }, iam) {
      const user = iam.user(account, UserName)
      iam.store.put({ ...user, tags: withTags(user.tags, Tags, 'User') })
      return {}
    },
  },
  UntagUser: {
    permissions: ({ UserName, TagKeys }, caller, iam) => [
      onEntity(iam, caller, 'iam:UntagUser', ['user', UserName], tagKeys(TagKeys)),
    ],
    handle({ UserName, TagKeys }, { account }, iam) {
      const user = iam.user(account, UserName)
      iam.store.put({ ...user, tags: withoutTags(user.tags, TagKeys) })
      return {}
    },
  },
  ListUserTags: {
    permissions: ({ UserName }, caller, iam) => [onEntity(iam, caller, 'iam:ListUserTags', ['user', UserName])],
    handle: (input, { account }, iam) => tagPage(iam.user(account, input.UserName).tags, input),
  },

  TagRole: {
    permissions: ({ RoleName, Tags }, caller, iam) => [
      onEntity(iam, caller, 'iam:TagRole', ['role', RoleName], { requestTags: requestedTags(Tags) }),
    ],
    handle({ RoleName, Tags }, { account }, iam) {
      const role = iam.ownRole(account, RoleName)
      iam.store.put({ ...role, tags: withTags(role.tags, Tags, 'Role') })
      return {}
    },
  },
  UntagRole: {
    permissions: ({ RoleName, TagKeys }, caller, iam) => [
      onEntity(iam, caller, 'iam:UntagRole', ['role', RoleName], tagKeys(TagKeys)),
    ],
    handle({ RoleName, TagKeys }, { account }, iam) {
      const role = iam.ownRole(account, RoleName)
      iam.store.put({ ...role, tags: withoutTags(role.tags, TagKeys) })
      return {}
    },
  },
  ListRoleTags: {
    permissions: ({ RoleName }, caller, iam) => [onEntity(iam, caller, 'iam:ListRoleTags', ['role', RoleName])],
    handle: (input, { account }, iam) => tagPage(iam.role(account, input.RoleName).tags, input),
  },

  TagPolicy: {
    permissions: ({ PolicyArn, Tags }, _caller, iam) => [
      onPolicy(iam, 'iam:TagPolicy', PolicyArn, { requestTags: requestedTags(Tags) }),
    ],
    handle({ PolicyArn, Tags }, { account }, iam) {
      const policy = iam.policy(account, PolicyArn)
      refuseAwsManaged(policy)
      iam.store.putPolicy({ ...policy, tags: withTags(policy.tags, Tags, 'Policy') })
      return {}
    },
  },
  UntagPolicy: {
    permissions: ({ PolicyArn, TagKeys }, _caller, iam) => [
      onPolicy(iam, 'iam:UntagPolicy', PolicyArn, tagKeys(TagKeys)),
    ],
    handle({ PolicyArn, TagKeys }, { account }, iam) {
      const policy = iam.policy(account, PolicyArn)
      refuseAwsManaged(policy)
      iam.store.putPolicy({ ...policy, tags: withoutTags(policy.tags, TagKeys) })
      return {}
    },
  },
  ListPolicyTags: {
    permissions: ({ PolicyArn }, _caller, iam) => [onPolicy(iam, 'iam:ListPolicyTags', PolicyArn)],
    handle: (input, { account }, iam) => tagPage(iam.policy(account, input.PolicyArn).tags, input),
  },
}

/** Untagging names keys, not tags. */
function tagKeys(keys: readonly string[]) {
  return { context: { 'aws:tagkeys': keys } }
}

function tagPage(all: Tags, request: PageRequest): { Tags: sdk.Tag[]; IsTruncated: boolean; Marker?: string } {
  const { items, end } = pageOf(tagList(all), ({ Key }) => Key.toLowerCase(), request)
  return { Tags: [...items], ...end }
}
