/** Inline policies of users, groups and roles. https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html */
import { AwsError } from '../../core/aws-error.ts'
import { onEntity } from './access.ts'
import { checkInlineDocument, encodeDocument } from './documents.ts'
import { pageOf, type PageRequest } from './paging.ts'
import type { Entity } from './records.ts'
import type { IamOperations, IamService } from './service.ts'

interface NamedPolicy {
  readonly PolicyName: string
}

export const inlinePolicies: IamOperations = {
  PutUserPolicy: {
    permissions: ({ UserName }, caller, iam) => [onEntity(iam, caller, 'iam:PutUserPolicy', ['user', UserName])],
    handle: (input, { account }, iam) => put(iam, iam.user(account, input.UserName), input),
  },
  PutGroupPolicy: {
    permissions: ({ GroupName }, caller, iam) => [onEntity(iam, caller, 'iam:PutGroupPolicy', ['group', GroupName])],
    handle: (input, { account }, iam) => put(iam, iam.group(account, input.GroupName), input),
  },
  PutRolePolicy: {
    permissions: ({ RoleName }, caller, iam) => [onEntity(iam, caller, 'iam:PutRolePolicy', ['role', RoleName])],
    handle: (input, { account }, iam) => put(iam, iam.ownRole(account, input.RoleName), input),
  },

  GetUserPolicy: {
    permissions: ({ UserName }, caller, iam) => [onEntity(iam, caller, 'iam:GetUserPolicy', ['user', UserName])],
    handle: (input, { account }, iam) => ({
      UserName: input.UserName,
      ...read(iam.user(account, input.UserName), input),
    }),
  },
  GetGroupPolicy: {
    permissions: ({ GroupName }, caller, iam) => [onEntity(iam, caller, 'iam:GetGroupPolicy', ['group', GroupName])],
    handle: (input, { account }, iam) => ({
      GroupName: input.GroupName,
      ...read(iam.group(account, input.GroupName), input),
    }),
  },
  GetRolePolicy: {
    permissions: ({ RoleName }, caller, iam) => [onEntity(iam, caller, 'iam:GetRolePolicy', ['role', RoleName])],
    handle: (input, { account }, iam) => ({
      RoleName: input.RoleName,
      ...read(iam.role(account, input.RoleName), input),
    }),
  },

  DeleteUserPolicy: {
    permissions: ({ UserName }, caller, iam) => [onEntity(iam, caller, 'iam:DeleteUserPolicy', ['user', UserName])],
    handle: (input, { account }, iam) => remove(iam, iam.user(account, input.UserName), input),
  },
  DeleteGroupPolicy: {
    permissions: ({ GroupName }, caller, iam) => [onEntity(iam, caller, 'iam:DeleteGroupPolicy', ['group', GroupName])],
    handle: (input, { account }, iam) => remove(iam, iam.group(account, input.GroupName), input),
  },
  DeleteRolePolicy: {
    permissions: ({ RoleName }, caller, iam) => [onEntity(iam, caller, 'iam:DeleteRolePolicy', ['role', RoleName])],
    handle: (input, { account }, iam) => remove(iam, iam.ownRole(account, input.RoleName), input),
  },

  ListUserPolicies: {
    permissions: ({ UserName }, caller, iam) => [onEntity(iam, caller, 'iam:ListUserPolicies', ['user', UserName])],
    handle: (input, { account }, iam) => list(iam.user(account, input.UserName), input),
  },
  ListGroupPolicies: {
    permissions: ({ GroupName }, caller, iam) => [onEntity(iam, caller, 'iam:ListGroupPolicies', ['group', GroupName])],
    handle: (input, { account }, iam) => list(iam.group(account, input.GroupName), input),
  },
  ListRolePolicies: {
    permissions: ({ RoleName }, caller, iam) => [onEntity(iam, caller, 'iam:ListRolePolicies', ['role', RoleName])],
    handle: (input, { account }, iam) => list(iam.role(account, input.RoleName), input),
  },
}

/** The detail form: name and encoded document. */
export function inlinePolicyShapes(entity: Entity): { PolicyName: string; PolicyDocument: string }[] {
  return Object.entries(entity.inline).map(([name, document]) => ({
    PolicyName: name,
    PolicyDocument: encodeDocument(document),
  }))
}

function put(
  iam: IamService,
  entity: Entity,
  { PolicyName, PolicyDocument }: NamedPolicy & { readonly PolicyDocument: string },
): object {
  const { [PolicyName]: _, ...others } = entity.inline
  checkInlineDocument(PolicyDocument, entity, Object.values(others))
  iam.store.put({ ...entity, inline: { ...entity.inline, [PolicyName]: PolicyDocument } })
  return {}
}

function read(entity: Entity, { PolicyName }: NamedPolicy) {
  return { PolicyName, PolicyDocument: encodeDocument(documentOf(entity, PolicyName)) }
}

function remove(iam: IamService, entity: Entity, { PolicyName }: NamedPolicy): object {
  documentOf(entity, PolicyName)
  const { [PolicyName]: _, ...inline } = entity.inline
  iam.store.put({ ...entity, inline })
  return {}
}

function list(entity: Entity, request: PageRequest) {
  const { items, end } = pageOf(Object.keys(entity.inline), (name) => name, request)
  return { PolicyNames: [...items], ...end }
}

function documentOf(entity: Entity, policyName: string): string {
  const document = Object.hasOwn(entity.inline, policyName) ? entity.inline[policyName] : undefined
  if (document === undefined) {
    throw new AwsError('NoSuchEntityException', `The ${entity.kind} policy with name ${policyName} cannot be found.`)
  }
  return document
}
