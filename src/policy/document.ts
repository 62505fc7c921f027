/** A policy as read: the typed syntax tree that `parse.ts` builds and `compile.ts` turns into matchers. */

/**
 * Where a policy stands, which decides what its grammar allows. `identity` is an inline policy; `managed` a customer managed one, also used
 * as a permissions boundary, which must be of version 2012-10-17.
 */
export type PolicyKind = 'identity' | 'managed' | 'trust' | 'resource' | 'scp' | 'rcp' | 'session' | 'endpoint'

/** Policy variables exist only from 2012-10-17 on. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html */
export type PolicyVersion = '2008-10-17' | '2012-10-17'

export interface PolicyDocument {
  readonly kind: PolicyKind
  readonly version: PolicyVersion
  readonly id?: string
  readonly statements: readonly Statement[]
  /** The text that was parsed, as it was given. */
  readonly source: string
}

export interface Statement {
  readonly sid?: string
  readonly effect: 'Allow' | 'Deny'
  /** Absent in identity policies, where the principal is whoever the policy is attached to. */
  readonly principal?: PrincipalElement
  readonly action: ListElement
  /** Absent in trust policies, where the resource is the role. */
  readonly resource?: ListElement
  readonly conditions: readonly ConditionClause[]
}

/** `Action`/`NotAction`, `Resource`/`NotResource`: `negated` says which of the pair. */
export interface ListElement {
  readonly negated: boolean
  readonly values: readonly string[]
}

/** `Principal`/`NotPrincipal`. `"*"` and `{"AWS": "*"}` both read as `anyone`. */
export interface PrincipalElement {
  readonly negated: boolean
  readonly anyone: boolean
  readonly aws: readonly string[]
  readonly service: readonly string[]
  readonly federated: readonly string[]
  readonly canonicalUser: readonly string[]
}

/** One line of a `Condition`: the operator as written, one key, its values as text. */
export interface ConditionClause {
  readonly operator: string
  readonly key: string
  readonly values: readonly string[]
}
