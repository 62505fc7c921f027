/**
 * What the reference model decides on: policy documents as they are written, not compiled. The model shares only the vocabulary of a request with
 * the engine (`src/policy/model.ts`), so that a mistake in one is not a mistake in both.
 */
import type { AuthorizationRequest, Layer, Outcome, ResourcePolicyKind } from '../../src/policy/model.ts'

export interface Document {
  readonly Version?: '2008-10-17' | '2012-10-17'
  readonly Statement: readonly Statement[]
}

export interface Statement {
  readonly Sid?: string
  readonly Effect: 'Allow' | 'Deny'
  readonly Principal?: PrincipalElement
  readonly NotPrincipal?: PrincipalElement
  readonly Action?: OneOrMore
  readonly NotAction?: OneOrMore
  readonly Resource?: OneOrMore
  readonly NotResource?: OneOrMore
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, OneOrMore>>>>
}

export type PrincipalElement = '*' | Readonly<Record<string, OneOrMore>>
export type OneOrMore = string | readonly string[]

/** As `ApplicablePolicies`, of documents. */
export interface Documents {
  readonly identity: readonly Document[]
  readonly boundary?: Document
  readonly session?: readonly Document[]
  readonly scps?: readonly (readonly Document[])[]
  readonly rcps?: readonly (readonly Document[])[]
  readonly resource?: Document
  readonly resourceKind?: ResourcePolicyKind
  readonly endpoint?: readonly Document[]
}

export interface Situation {
  readonly request: AuthorizationRequest
  readonly documents: Documents
}

export interface Verdict {
  readonly outcome: Outcome
  readonly blockedBy?: Layer
}

export function listOf(value: OneOrMore | undefined): readonly string[] {
  if (value === undefined) return []
  return typeof value === 'string' ? [value] : value
}
