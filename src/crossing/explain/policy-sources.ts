/** The policies that bear on one call as they were read, and how much of them was. */
import type { PolicyDocument } from '../../policy/document.ts'
import type { ResourcePolicyKind } from '../../policy/model.ts'
import { readPolicy, type PolicyKind } from '../../policy/parse.ts'

export interface NamedPolicy {
  readonly name: string
  readonly arn?: string
  readonly document: PolicyDocument
  /** What it belongs to, for a change that has to name it. */
  readonly owner: PolicyOwner
}

export type PolicyOwner =
  | { readonly kind: 'role' | 'user' | 'group'; readonly account: string; readonly name: string }
  | { readonly kind: 'managed' | 'session'; readonly account: string }
  | { readonly kind: 'function'; readonly account: string; readonly arn: string }
  | { readonly kind: 'trust'; readonly account: string; readonly name: string }
  | {
      readonly kind: 'organization'
      readonly account: string
      readonly policyId: string
      readonly type: 'SERVICE_CONTROL_POLICY' | 'RESOURCE_CONTROL_POLICY'
    }

/** `isComplete` is false when there may be more than `policies`. */
export interface PolicyList {
  readonly policies: readonly NamedPolicy[]
  readonly isComplete: boolean
}

/** One node of the organization: the root, a unit, or the account itself. */
export interface GuardrailLevel extends PolicyList {
  readonly id: string
  readonly title: string
}

/**
 * `not-applicable` comes with the reason; `unread` when not even the levels are known.
 */
export type Guardrails =
  | { readonly status: 'not-applicable'; readonly why: string }
  | { readonly status: 'unread' }
  | { readonly status: 'read'; readonly levels: readonly GuardrailLevel[] }

/** Policies that may be absent altogether, which is not the same as empty. */
export type OptionalPolicies =
  | { readonly status: 'none'; readonly why: string }
  | { readonly status: 'unread' }
  | { readonly status: 'read'; readonly policies: readonly NamedPolicy[] }

export interface PolicySources {
  readonly identity: PolicyList
  readonly boundary: OptionalPolicies
  readonly session: OptionalPolicies
  readonly scps: Guardrails
  readonly rcps: Guardrails
  readonly resource: OptionalPolicies
  readonly resourceKind: ResourcePolicyKind
}

export function namedPolicy(
  text: string,
  kind: PolicyKind,
  { name, arn, owner }: { readonly name: string; readonly arn?: string | undefined; readonly owner: PolicyOwner },
): NamedPolicy {
  return { name, ...(arn !== undefined && { arn }), owner, document: readPolicy(text, kind) }
}

/** Every policy that was read. */
export function allPolicies(sources: PolicySources): readonly NamedPolicy[] {
  const optional = (source: OptionalPolicies) => (source.status === 'read' ? source.policies : [])
  const levels = (source: Guardrails) =>
    source.status === 'read' ? source.levels.flatMap((level) => level.policies) : []
  return [
    ...levels(sources.scps),
    ...levels(sources.rcps),
    ...sources.identity.policies,
    ...optional(sources.boundary),
    ...optional(sources.session),
    ...optional(sources.resource),
  ]
}
