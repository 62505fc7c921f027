/**
 * What IAM checks before an operation: the action, the ARN and its condition keys, and the short form in which a denial prints the resource.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
 */
import { parseArn } from '../../core/arn.ts'
import type { ContextValue } from '../../policy/model.ts'
import type { Caller } from '../caller.ts'
import type { Permission } from '../operation.ts'
import { entityArn, policyArn, type EntityKind, type Tags } from './records.ts'
import type { IamService } from './service.ts'

interface Details {
  readonly context?: Readonly<Record<string, ContextValue>>
  readonly requestTags?: Tags | undefined
}

/** An operation on a user, group or role that may or may not exist. A denial prints it as `role Name`. */
export function onEntity(
  iam: IamService,
  caller: Caller,
  action: string,
  [kind, name]: readonly [EntityKind, string],
  { context, requestTags }: Details = {},
): Permission {
  const entity = iam.store.find(kind, caller.account, name)
  const tags = entity && entity.kind !== 'group' ? entity.tags : undefined
  const boundaryArn = entity && entity.kind !== 'group' && hasBoundaryKey(action) ? entity.boundaryArn : undefined
  return {
    action,
    resource: entity?.arn ?? entityArn(kind, caller.account, '/', name),
    resourceText: `${kind} ${name}`,
    // Groups have no tags.
    ...(kind !== 'group' && { resourceTags: tags }),
    requestTags,
    context: {
      ...(boundaryArn !== undefined && { 'iam:permissionsboundary': boundaryArn }),
      ...tagContext(tags),
      ...context,
    },
  }
}

/** `iam:PermissionsBoundary` is a key of what changes the policies or the boundary of a user or role, and of a few operations on roles. */
function hasBoundaryKey(action: string): boolean {
  return (
    /^iam:(?:Put|Delete|Attach|Detach)(?:User|Role)(?:Policy|PermissionsBoundary)$/.test(action) ||
    /^iam:(?:GetRole|UpdateRole|UpdateRoleDescription|UpdateAssumeRolePolicy|DeleteRole)$/.test(action)
  )
}

/** An operation on a managed policy. One of another account is that account's to allow, and it cannot. */
export function onPolicy(
  iam: IamService,
  action: string,
  arn: string,
  { context, requestTags }: Details = {},
): Permission {
  const tags = iam.findPolicy(arn)?.tags
  const account = parseArn(arn)?.account
  return {
    action,
    resource: arn,
    resourceText: `policy ${arn}`,
    ...(account !== undefined && account !== 'aws' && { resourceAccount: account }),
    resourceTags: tags,
    requestTags,
    // `iam:ResourceTag` is a key of users and roles only.
    ...(context && { context }),
  }
}

/** Making something: denials print the whole ARN. Tags given on creation are a permission of their own. */
export function onCreation(
  caller: Caller,
  action: string,
  target: { readonly kind: EntityKind | 'policy'; readonly path: string | undefined; readonly name: string },
  given: { readonly tags?: Tags | undefined; readonly boundaryArn?: string | undefined } = {},
): readonly Permission[] {
  const { kind, path = '/', name } = target
  const resource =
    kind === 'policy' ? policyArn(caller.account, path, name) : entityArn(kind, caller.account, path, name)
  const permission: Permission = {
    action,
    resource,
    requestTags: given.tags,
    ...(given.boundaryArn !== undefined && { context: { 'iam:permissionsboundary': given.boundaryArn } }),
  }
  if (kind === 'group' || !given.tags || Object.keys(given.tags).length === 0) return [permission]
  return [permission, { action: TAGGING_ACTIONS[kind], resource, requestTags: given.tags }]
}

const TAGGING_ACTIONS = { user: 'iam:TagUser', role: 'iam:TagRole', policy: 'iam:TagPolicy' }

/** Listing users, groups or roles: `arn:aws:iam::<account>:role/` and the path asked for. */
export function onList(caller: Caller, action: string, kind: EntityKind, pathPrefix = '/'): readonly Permission[] {
  return [{ action, resource: entityArn(kind, caller.account, pathPrefix, '') }]
}

/** An action without a resource. */
export function onAll(action: string): readonly Permission[] {
  return [{ action, resource: '*' }]
}

function tagContext(tags: Tags | undefined): Readonly<Record<string, string>> {
  if (!tags) return {}
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [`iam:resourcetag/${key.toLowerCase()}`, value]))
}
