/** Attaching managed policies to users, groups and roles. */
import { AwsError } from '../../core/aws-error.ts'
import type { Caller } from '../caller.ts'
import { onEntity } from './access.ts'
import { pageOf, type PageRequest } from './paging.ts'
import type { Entity, EntityKind } from './records.ts'
import { checkPolicyArn, isNotAttachable, wasNotFound, type IamOperations, type IamService } from './service.ts'

const ATTACHED_MAX = 10
const SERVICE_ROLE_PATH = '/aws-service-role/'

interface NamedPolicy {
  readonly PolicyArn: string
}

export const attachments: IamOperations = {
  AttachUserPolicy: {
    permissions: (input, caller, iam) =>
      onAttachment(iam, caller, 'iam:AttachUserPolicy', ['user', input.UserName], input),
    handle: (input, { account }, iam) => attach(iam, iam.user(account, input.UserName), input),
  },
  AttachGroupPolicy: {
    permissions: (input, caller, iam) =>
      onAttachment(iam, caller, 'iam:AttachGroupPolicy', ['group', input.GroupName], input),
    handle: (input, { account }, iam) => attach(iam, iam.group(account, input.GroupName), input),
  },
  AttachRolePolicy: {
    permissions: (input, caller, iam) =>
      onAttachment(iam, caller, 'iam:AttachRolePolicy', ['role', input.RoleName], input),
    handle: (input, { account }, iam) => attach(iam, iam.ownRole(account, input.RoleName), input),
  },

  DetachUserPolicy: {
    permissions: (input, caller, iam) =>
      onAttachment(iam, caller, 'iam:DetachUserPolicy', ['user', input.UserName], input),
    handle: (input, { account }, iam) => detach(iam, iam.user(account, input.UserName), input),
  },
  DetachGroupPolicy: {
    permissions: (input, caller, iam) =>
      onAttachment(iam, caller, 'iam:DetachGroupPolicy', ['group', input.GroupName], input),
    handle: (input, { account }, iam) => detach(iam, iam.group(account, input.GroupName), input),
  },
  DetachRolePolicy: {
    permissions: (input, caller, iam) =>
      onAttachment(iam, caller, 'iam:DetachRolePolicy', ['role', input.RoleName], input),
    handle: (input, { account }, iam) => detach(iam, iam.ownRole(account, input.RoleName), input),
  },

  ListAttachedUserPolicies: {
    permissions: ({ UserName }, caller, iam) => [
      onEntity(iam, caller, 'iam:ListAttachedUserPolicies', ['user', UserName]),
    ],
    handle: (input, { account }, iam) => list(iam, iam.user(account, input.UserName), input),
  },
  ListAttachedGroupPolicies: {
    permissions: ({ GroupName }, caller, iam) => [
      onEntity(iam, caller, 'iam:ListAttachedGroupPolicies', ['group', GroupName]),
    ],
    handle: (input, { account }, iam) => list(iam, iam.group(account, input.GroupName), input),
  },
  ListAttachedRolePolicies: {
    permissions: ({ RoleName }, caller, iam) => [
      onEntity(iam, caller, 'iam:ListAttachedRolePolicies', ['role', RoleName]),
    ],
    handle: (input, { account }, iam) => list(iam, iam.role(account, input.RoleName), input),
  },
}

/** Attaching a policy twice is attaching it once. */
export function attach(iam: IamService, entity: Entity, { PolicyArn }: NamedPolicy): object {
  const policy = iam.policy(entity.account, PolicyArn, isNotAttachable)
  if (policy.path.startsWith(SERVICE_ROLE_PATH)) {
    throw new AwsError('PolicyNotAttachableException', 'Cannot attach a Service Role Policy to a Customer Role.')
  }
  if (entity.attached.includes(policy.arn)) return {}
  if (entity.attached.length >= ATTACHED_MAX) {
    throw new AwsError(
      'LimitExceededException',
      `Cannot exceed quota for PoliciesPer${TITLES[entity.kind]}: ${ATTACHED_MAX}`,
    )
  }
  iam.store.put({ ...entity, attached: [...entity.attached, policy.arn] })
  return {}
}

/** The detail form: names and ARNs, in the order of names. */
export function attachedPolicyShapes(iam: IamService, entity: Entity): { PolicyName: string; PolicyArn: string }[] {
  return entity.attached
    .flatMap((arn) => iam.findPolicy(arn) ?? [])
    .map(({ name, arn }) => ({ PolicyName: name, PolicyArn: arn }))
}

const TITLES: Readonly<Record<EntityKind, string>> = { user: 'User', group: 'Group', role: 'Role' }

function onAttachment(
  iam: IamService,
  caller: Caller,
  action: string,
  target: readonly [EntityKind, string],
  { PolicyArn }: NamedPolicy,
) {
  return [onEntity(iam, caller, action, target, { context: { 'iam:policyarn': PolicyArn } })]
}

function detach(iam: IamService, entity: Entity, { PolicyArn }: NamedPolicy): object {
  checkPolicyArn(PolicyArn)
  if (!entity.attached.includes(PolicyArn)) throw new AwsError('NoSuchEntityException', wasNotFound(PolicyArn))
  iam.store.put({ ...entity, attached: entity.attached.filter((arn) => arn !== PolicyArn) })
  return {}
}

function list(iam: IamService, entity: Entity, request: PageRequest & { readonly PathPrefix?: string | undefined }) {
  const { PathPrefix = '/' } = request
  const policies = entity.attached.flatMap((arn) => iam.findPolicy(arn) ?? [])
  // A customer's policy may have the name of an AWS-managed one.
  const { items, end } = pageOf(
    policies.filter(({ path }) => path.startsWith(PathPrefix)),
    ({ name, account }) => `${name} ${account}`,
    request,
  )
  return { AttachedPolicies: items.map(({ name, arn }) => ({ PolicyName: name, PolicyArn: arn })), ...end }
}
