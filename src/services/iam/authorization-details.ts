/** GetAccountAuthorizationDetails: everything IAM knows of an account, in pages. */
import type * as sdk from '@aws-sdk/client-iam'

import { onAll } from './access.ts'
import { attachedPolicyShapes } from './attachments.ts'
import { boundaryShape } from './boundaries.ts'
import { groupShape } from './groups.ts'
import { inlinePolicyShapes } from './inline-policies.ts'
import { pageOf } from './paging.ts'
import { keyInList, policyShape } from './policies.ts'
import { countUsage, entitiesOf, type Usage } from './policy-usage.ts'
import { versionShape } from './policy-versions.ts'
import type { Entity, Group, ManagedPolicy, Role, User } from './records.ts'
import { roleShape } from './roles.ts'
import type { IamOperations, IamService } from './service.ts'
import { tagList } from './tag-set.ts'
import { userShape } from './users.ts'

type Item = Entity | ({ readonly kind: 'policy' } & ManagedPolicy)

export const authorizationDetails: IamOperations = {
  GetAccountAuthorizationDetails: {
    permissions: () => onAll('iam:GetAccountAuthorizationDetails'),
    handle(input, { account }, iam) {
      const filter = new Set<string>(input.Filter ?? [])
      const wants = (type: sdk.EntityType) => filter.size === 0 || filter.has(type)
      const usage = countUsage(iam, account)
      const all: Item[] = [
        ...entitiesOf(iam, account).filter(({ kind }) => wants(TYPES[kind])),
        ...(wants('LocalManagedPolicy') ? iam.store.in(account).policy.values() : []).map(asItem),
        // Of the AWS-managed policies only the ones in use.
        ...(wants('AWSManagedPolicy') ? [...iam.awsManaged.values()].filter(({ arn }) => usage.has(arn)) : []).map(
          asItem,
        ),
      ]
      const { items, end } = pageOf(all, keyOf, input)
      return { ...detailsOf(iam, items, usage), ...end }
    },
  },
}

const TYPES = { user: 'User', group: 'Group', role: 'Role' } as const
const ORDER = { user: 1, group: 2, role: 3, policy: 4 } as const

const asItem = (policy: ManagedPolicy): Item => ({ kind: 'policy', ...policy })

function keyOf(item: Item): string {
  return `${ORDER[item.kind]} ${item.kind === 'policy' ? keyInList(item) : item.name}`
}

function detailsOf(iam: IamService, items: readonly Item[], usage: ReadonlyMap<string, Usage>) {
  const UserDetailList: sdk.UserDetail[] = []
  const GroupDetailList: sdk.GroupDetail[] = []
  const RoleDetailList: sdk.RoleDetail[] = []
  const Policies: sdk.ManagedPolicyDetail[] = []
  for (const item of items) {
    switch (item.kind) {
      case 'user':
        UserDetailList.push(userDetail(iam, item))
        break
      case 'group':
        GroupDetailList.push(groupDetail(iam, item))
        break
      case 'role':
        RoleDetailList.push(roleDetail(iam, item))
        break
      case 'policy':
        Policies.push(policyDetail(item, usage.get(item.arn)))
        break
    }
  }
  return { UserDetailList, GroupDetailList, RoleDetailList, Policies }
}

function userDetail(iam: IamService, user: User): sdk.UserDetail {
  return {
    ...userShape(user),
    UserPolicyList: inlinePolicyShapes(user),
    GroupList: iam.groupsById(user.groupIds).map(({ name }) => name),
    AttachedManagedPolicies: attachedPolicyShapes(iam, user),
    ...boundaryShape(user),
    Tags: tagList(user.tags),
  }
}

function groupDetail(iam: IamService, group: Group): sdk.GroupDetail {
  return {
    ...groupShape(group),
    GroupPolicyList: inlinePolicyShapes(group),
    AttachedManagedPolicies: attachedPolicyShapes(iam, group),
  }
}

function roleDetail(iam: IamService, role: Role): sdk.RoleDetail {
  const { Description: _, MaxSessionDuration: __, ...shape } = roleShape(iam, role)
  return {
    ...shape,
    InstanceProfileList: [],
    RolePolicyList: inlinePolicyShapes(role),
    AttachedManagedPolicies: attachedPolicyShapes(iam, role),
    ...boundaryShape(role),
    Tags: tagList(role.tags),
    RoleLastUsed: {},
  }
}

function policyDetail(policy: ManagedPolicy, usage: Usage | undefined): sdk.ManagedPolicyDetail {
  return {
    ...policyShape(policy, usage),
    ...(policy.description !== undefined && { Description: policy.description }),
    PolicyVersionList: policy.versions.toReversed().map((version) => versionShape(policy, version)),
  }
}
