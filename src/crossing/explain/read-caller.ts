/** The caller as IAM knows it: the principal, its tags, its identity policies and its permissions boundary. */
import type { IAMClient, ManagedPolicyDetail, PolicyDetail, AttachedPolicy, Tag } from '@aws-sdk/client-iam'

import { loadPackage } from '../../core/load-package.ts'
import type { CallerName } from './caller-name.ts'
import {
  namedPolicy,
  type NamedPolicy,
  type OptionalPolicies,
  type PolicyList,
  type PolicyOwner,
} from './policy-sources.ts'
import { known, orMissing, type Read, type Reader } from './reading.ts'

const {
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  GetUserCommand,
  GetUserPolicyCommand,
  GetGroupPolicyCommand,
  paginateGetAccountAuthorizationDetails,
  paginateListAttachedGroupPolicies,
  paginateListAttachedRolePolicies,
  paginateListAttachedUserPolicies,
  paginateListGroupPolicies,
  paginateListGroupsForUser,
  paginateListRolePolicies,
  paginateListUserPolicies,
} = loadPackage('@aws-sdk/client-iam')

export interface CallerEntity {
  readonly arn: string
  /** AROA… or AIDA… */
  readonly id: string
  readonly tags: Readonly<Record<string, string>>
  readonly boundaryArn?: string
  /** Of a role: its trust policy, as text. */
  readonly trust?: string
}

export interface CallerPolicies {
  /** `value` is undefined when there is no such role or user. */
  readonly entity: Read<CallerEntity | undefined>
  readonly identity: PolicyList
  readonly boundary: OptionalPolicies
}

type Named = Extract<CallerName, { readonly kind: 'role' | 'user' }>

export async function readCaller(caller: CallerName, reader: Reader): Promise<CallerPolicies> {
  if (caller.kind !== 'role' && caller.kind !== 'user') {
    const why = `${WITHOUT_POLICIES[caller.kind]} has none`
    return { entity: known(undefined), identity: NO_POLICIES, boundary: { status: 'none', why } }
  }
  const unreadBefore = reader.unread.length
  const direct = await readDirectly(caller, reader)
  if (direct.entity.known && direct.identity.isComplete && direct.boundary.status !== 'unread') return direct
  const details = await readDetails(caller, reader)
  if (!details) return direct
  reader.forgetSince(unreadBefore)
  return details
}

const WITHOUT_POLICIES = {
  root: 'the root user',
  service: 'an AWS service',
  anonymous: 'an anonymous caller',
} as const
const NO_POLICIES: PolicyList = { policies: [], isComplete: true }

async function readDirectly(caller: Named, reader: Reader): Promise<CallerPolicies> {
  const { account } = caller
  const input = `${caller.kind} ${caller.name}`
  const entity = await reader.read({ account, input, leaves: 'its unique id, path, tags and boundary' }, ({ iam }) =>
    readEntity(iam, caller),
  )
  if (entity.known && entity.value === undefined) {
    return { entity, identity: NO_POLICIES, boundary: { status: 'none', why: 'there is no such principal' } }
  }
  const identity = await readIdentityPolicies(caller, reader)
  return { entity, identity, boundary: await readBoundary(entity, account, reader) }
}

async function readEntity(iam: IAMClient, { kind, name }: Named): Promise<CallerEntity | undefined> {
  if (kind === 'role') {
    const role = (await orMissing(iam.send(new GetRoleCommand({ RoleName: name }))))?.Role
    return (
      role && {
        arn: role.Arn ?? '',
        id: role.RoleId ?? '',
        tags: tagsOf(role.Tags),
        ...boundaryOf(role.PermissionsBoundary),
        trust: decodeURIComponent(role.AssumeRolePolicyDocument ?? '{}'),
      }
    )
  }
  const user = (await orMissing(iam.send(new GetUserCommand({ UserName: name }))))?.User
  return (
    user && {
      arn: user.Arn ?? '',
      id: user.UserId ?? '',
      tags: tagsOf(user.Tags),
      ...boundaryOf(user.PermissionsBoundary),
    }
  )
}

async function readIdentityPolicies(caller: Named, reader: Reader): Promise<PolicyList> {
  const { account, kind, name } = caller
  const leaves = 'what its identity policies allow and deny'
  const lists: PolicyList[] = []
  const inline = await reader.read({ account, input: `the inline policies of ${kind} ${name}`, leaves }, ({ iam }) =>
    inlinePolicies(iam, caller),
  )
  lists.push(listOf(inline))
  const attached = await reader.read({ account, input: `the managed policies of ${kind} ${name}`, leaves }, ({ iam }) =>
    attachedPolicies(iam, kind, name),
  )
  lists.push(attached.known ? await readManaged(attached.value, account, reader) : INCOMPLETE)
  if (kind === 'user') lists.push(await readGroups(caller, reader))
  return joined(lists)
}

async function inlinePolicies(iam: IAMClient, { account, kind, name }: Named): Promise<readonly NamedPolicy[]> {
  const owner: PolicyOwner = { kind, account, name }
  const policies: NamedPolicy[] = []
  if (kind === 'role') {
    for await (const { PolicyNames = [] } of paginateListRolePolicies({ client: iam }, { RoleName: name })) {
      for (const PolicyName of PolicyNames) {
        const { PolicyDocument } = await iam.send(new GetRolePolicyCommand({ RoleName: name, PolicyName }))
        policies.push(namedPolicy(decodeURIComponent(PolicyDocument ?? ''), 'identity', { name: PolicyName, owner }))
      }
    }
    return policies
  }
  for await (const { PolicyNames = [] } of paginateListUserPolicies({ client: iam }, { UserName: name })) {
    for (const PolicyName of PolicyNames) {
      const { PolicyDocument } = await iam.send(new GetUserPolicyCommand({ UserName: name, PolicyName }))
      policies.push(namedPolicy(decodeURIComponent(PolicyDocument ?? ''), 'identity', { name: PolicyName, owner }))
    }
  }
  return policies
}

async function readGroups({ account, name }: Named, reader: Reader): Promise<PolicyList> {
  const leaves = 'what the policies of its groups allow and deny'
  const groups = await reader.read({ account, input: `the groups of user ${name}`, leaves }, async ({ iam }) => {
    const names: string[] = []
    for await (const { Groups = [] } of paginateListGroupsForUser({ client: iam }, { UserName: name })) {
      names.push(...Groups.map(({ GroupName = '' }) => GroupName))
    }
    return names
  })
  if (!groups.known) return INCOMPLETE
  const lists: PolicyList[] = []
  for (const group of groups.value) {
    const owner: PolicyOwner = { kind: 'group', account, name: group }
    const input = `the policies of group ${group}`
    const inline = await reader.read({ account, input, leaves }, async ({ iam }) => {
      const policies: NamedPolicy[] = []
      for await (const { PolicyNames = [] } of paginateListGroupPolicies({ client: iam }, { GroupName: group })) {
        for (const PolicyName of PolicyNames) {
          const { PolicyDocument } = await iam.send(new GetGroupPolicyCommand({ GroupName: group, PolicyName }))
          policies.push(namedPolicy(decodeURIComponent(PolicyDocument ?? ''), 'identity', { name: PolicyName, owner }))
        }
      }
      return policies
    })
    lists.push(listOf(inline))
    const attached = await reader.read({ account, input, leaves }, ({ iam }) => attachedPolicies(iam, 'group', group))
    lists.push(attached.known ? await readManaged(attached.value, account, reader) : INCOMPLETE)
  }
  return joined(lists)
}

async function attachedPolicies(
  client: IAMClient,
  kind: 'role' | 'user' | 'group',
  name: string,
): Promise<readonly string[]> {
  const pages =
    kind === 'role'
      ? paginateListAttachedRolePolicies({ client }, { RoleName: name })
      : kind === 'user'
        ? paginateListAttachedUserPolicies({ client }, { UserName: name })
        : paginateListAttachedGroupPolicies({ client }, { GroupName: name })
  const arns: string[] = []
  for await (const { AttachedPolicies = [] } of pages) {
    arns.push(...AttachedPolicies.map(({ PolicyArn = '' }: AttachedPolicy) => PolicyArn))
  }
  return arns
}

async function readManaged(arns: readonly string[], account: string, reader: Reader): Promise<PolicyList> {
  const lists: PolicyList[] = []
  for (const arn of arns) {
    const policy = await reader.read(
      { account, input: `the managed policy ${arn}`, leaves: 'what it allows and denies' },
      async ({ iam }) => [await managedPolicy(iam, arn, account)],
    )
    lists.push(listOf(policy))
  }
  return joined(lists)
}

async function managedPolicy(iam: IAMClient, arn: string, account: string): Promise<NamedPolicy> {
  const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn: arn }))
  const { PolicyVersion } = await iam.send(
    new GetPolicyVersionCommand({ PolicyArn: arn, VersionId: Policy?.DefaultVersionId }),
  )
  const name = arn.slice(arn.lastIndexOf('/') + 1)
  return namedPolicy(decodeURIComponent(PolicyVersion?.Document ?? ''), 'managed', {
    name,
    arn,
    owner: { kind: 'managed', account },
  })
}

async function readBoundary(
  entity: Read<CallerEntity | undefined>,
  account: string,
  reader: Reader,
): Promise<OptionalPolicies> {
  if (!entity.known) return { status: 'unread' }
  const arn = entity.value?.boundaryArn
  if (arn === undefined) return { status: 'none', why: 'none set' }
  const list = await readManaged([arn], account, reader)
  return list.isComplete ? { status: 'read', policies: list.policies } : { status: 'unread' }
}

/** Everything at once, for a signer that may read only that. Undefined when it may not either. */
async function readDetails(caller: Named, reader: Reader): Promise<CallerPolicies | undefined> {
  const { account, kind, name } = caller
  const details = await reader.read({ account, input: 'the authorization details of the account' }, async ({ iam }) => {
    const found: Details = { managed: new Map(), groups: new Map() }
    const pages = paginateGetAccountAuthorizationDetails({ client: iam }, {})
    for await (const { RoleDetailList = [], UserDetailList = [], GroupDetailList = [], Policies = [] } of pages) {
      for (const policy of Policies) found.managed.set(policy.Arn ?? '', policy)
      for (const group of GroupDetailList) found.groups.set(group.GroupName ?? '', group)
      const role = kind === 'role' ? RoleDetailList.find(({ RoleName }) => RoleName === name) : undefined
      const user = kind === 'user' ? UserDetailList.find(({ UserName }) => UserName === name) : undefined
      if (role) {
        found.self = {
          entity: {
            arn: role.Arn ?? '',
            id: role.RoleId ?? '',
            tags: tagsOf(role.Tags),
            ...boundaryOf(role.PermissionsBoundary),
            trust: decodeURIComponent(role.AssumeRolePolicyDocument ?? '{}'),
          },
          inline: role.RolePolicyList ?? [],
          attached: role.AttachedManagedPolicies ?? [],
          groups: [],
        }
      }
      if (user) {
        found.self = {
          entity: {
            arn: user.Arn ?? '',
            id: user.UserId ?? '',
            tags: tagsOf(user.Tags),
            ...boundaryOf(user.PermissionsBoundary),
          },
          inline: user.UserPolicyList ?? [],
          attached: user.AttachedManagedPolicies ?? [],
          groups: user.GroupList ?? [],
        }
      }
    }
    return found
  })
  return details.known ? policiesOfDetails(details.value, caller, account) : undefined
}

interface Details {
  readonly managed: Map<string, ManagedPolicyDetail>
  readonly groups: Map<
    string,
    { GroupPolicyList?: PolicyDetail[] | undefined; AttachedManagedPolicies?: AttachedPolicy[] | undefined }
  >
  self?: {
    readonly entity: CallerEntity
    readonly inline: readonly PolicyDetail[]
    readonly attached: readonly AttachedPolicy[]
    readonly groups: readonly string[]
  }
}

function policiesOfDetails({ self, managed, groups }: Details, { kind, name }: Named, account: string): CallerPolicies {
  if (!self) {
    return {
      entity: known(undefined),
      identity: NO_POLICIES,
      boundary: { status: 'none', why: 'there is no such principal' },
    }
  }
  const inline = (details: readonly PolicyDetail[], owner: PolicyOwner): PolicyList => ({
    policies: details.map(({ PolicyName = '', PolicyDocument = '' }) =>
      namedPolicy(decodeURIComponent(PolicyDocument), 'identity', { name: PolicyName, owner }),
    ),
    isComplete: true,
  })
  const attached = (arns: readonly string[]): PolicyList => {
    const policies = arns.flatMap((arn) => {
      const versions = managed.get(arn)?.PolicyVersionList ?? []
      const text = versions.find(({ IsDefaultVersion }) => IsDefaultVersion)?.Document
      if (text === undefined) return []
      const named = { name: arn.slice(arn.lastIndexOf('/') + 1), arn, owner: { kind: 'managed', account } as const }
      return [namedPolicy(decodeURIComponent(text), 'managed', named)]
    })
    return { policies, isComplete: policies.length === arns.length }
  }
  const arnsOf = (list: readonly AttachedPolicy[] = []) => list.map(({ PolicyArn = '' }) => PolicyArn)
  const { boundaryArn } = self.entity
  const boundary = boundaryArn === undefined ? undefined : attached([boundaryArn])
  return {
    entity: known(self.entity),
    identity: joined([
      inline(self.inline, { kind, account, name }),
      attached(arnsOf(self.attached)),
      ...self.groups.flatMap((group) => [
        inline(groups.get(group)?.GroupPolicyList ?? [], { kind: 'group', account, name: group }),
        attached(arnsOf(groups.get(group)?.AttachedManagedPolicies)),
      ]),
    ]),
    boundary: !boundary
      ? { status: 'none', why: 'none set' }
      : boundary.isComplete
        ? { status: 'read', policies: boundary.policies }
        : { status: 'unread' },
  }
}

const INCOMPLETE: PolicyList = { policies: [], isComplete: false }

function listOf(read: Read<readonly NamedPolicy[]>): PolicyList {
  return read.known ? { policies: read.value, isComplete: true } : INCOMPLETE
}

function joined(lists: readonly PolicyList[]): PolicyList {
  return {
    policies: lists.flatMap(({ policies }) => policies),
    isComplete: lists.every(({ isComplete }) => isComplete),
  }
}

function boundaryOf(boundary: { readonly PermissionsBoundaryArn?: string | undefined } | undefined): {
  boundaryArn?: string
} {
  const boundaryArn = boundary?.PermissionsBoundaryArn
  return boundaryArn === undefined ? {} : { boundaryArn }
}

function tagsOf(tags: readonly Tag[] = []): Readonly<Record<string, string>> {
  return Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]))
}
