/** What IAM remembers: users, groups, roles, managed policies and access keys, as plain JSON. Times are epoch milliseconds. */
import type { PrincipalBindings } from '../principal-ids.ts'

export type Tags = Readonly<Record<string, string>>

interface EntityCommon {
  readonly account: string
  readonly name: string
  readonly path: string
  readonly arn: string
  /** AIDA…, AGPA… or AROA… */
  readonly id: string
  readonly createdMs: number
  /** Inline policies: name → document as it was given. */
  readonly inline: Readonly<Record<string, string>>
  /** ARNs of the attached managed policies, in the order of attachment. */
  readonly attached: readonly string[]
}

export interface User extends EntityCommon {
  readonly kind: 'user'
  readonly tags: Tags
  readonly boundaryArn?: string
  readonly groupIds: readonly string[]
  readonly accessKeyIds: readonly string[]
}

export interface Group extends EntityCommon {
  readonly kind: 'group'
}

export interface Role extends EntityCommon {
  readonly kind: 'role'
  readonly tags: Tags
  readonly boundaryArn?: string
  readonly description?: string
  readonly maxSessionSeconds: number
  readonly trust: TrustPolicy
  /** The service that owns the role, when it is service-linked: `lambda.amazonaws.com`. */
  readonly linkedService?: string
}

export type Entity = User | Group | Role
export type EntityKind = Entity['kind']

export interface TrustPolicy {
  readonly document: string
  readonly bindings: PrincipalBindings
}

export interface PolicyVersion {
  /** `v1`, `v2`, … */
  readonly id: string
  readonly document: string
  readonly createdMs: number
}

export interface ManagedPolicy {
  /** `aws` for the policies that AWS manages. */
  readonly account: string
  readonly name: string
  readonly path: string
  readonly arn: string
  /** ANPA… */
  readonly id: string
  readonly description?: string
  readonly createdMs: number
  readonly updatedMs: number
  readonly tags: Tags
  /** Oldest first. */
  readonly versions: readonly PolicyVersion[]
  readonly defaultVersionId: string
  /** Version numbers are never used again. */
  readonly versionsMade: number
}

export interface AccessKey {
  readonly id: string
  readonly secret: string
  readonly account: string
  readonly userId: string
  readonly active: boolean
  readonly createdMs: number
}

export function entityArn(kind: EntityKind, account: string, path: string, name: string): string {
  return `arn:aws:iam::${account}:${kind}${path}${name}`
}

export function policyArn(account: string, path: string, name: string): string {
  return `arn:aws:iam::${account}:policy${path}${name}`
}

export function defaultDocument(policy: ManagedPolicy): string {
  const version = policy.versions.find(({ id }) => id === policy.defaultVersionId)
  if (!version) throw new Error(`policy ${policy.arn} has lost its default version ${policy.defaultVersionId}`)
  return version.document
}
