/** The answer: a verdict with how it was had, every layer, everything that stands in the way, and the smallest change in each account. */
import type { Layer } from '../../policy/model.ts'
import type { NetworkPath } from './network-path.ts'
import type { CallType } from './question.ts'
import type { Unread } from './reading.ts'

/** `fails`: the call is permitted, and does not get out of the caller's network, or Lambda would not run it. */
export type Verdict = 'allowed' | 'denied' | 'fails' | 'undecided'

export interface CallExplanation {
  readonly verdict: Verdict
  readonly call: {
    readonly caller: string
    readonly callerAccount?: string
    readonly action: string
    readonly resource: string
    readonly resourceAccount: string
    readonly type?: CallType
  }
  /** How the verdict was had; the first one is the verdict's own. */
  readonly evidence: readonly EvidenceView[]
  readonly layers: readonly LayerView[]
  /** The way of the call out of the VPC of the function that makes it, hop by hop. */
  readonly network?: NetworkPath
  readonly blockers: readonly BlockerView[]
  readonly fixes: readonly Fix[]
  /** What the grants that there are open beyond this call. */
  readonly openings: readonly string[]
  readonly facts: readonly Fact[]
  readonly unread: readonly Unread[]
}

/**
 * - `executed`: the call was made by the very principal.
 * - `dry-run`: AWS checked the permission without running code.
 * - `evaluated`: our engine decided over the policies that were read.
 */
export interface EvidenceView {
  readonly how: 'executed' | 'dry-run' | 'evaluated'
  readonly outcome: Verdict
  readonly detail: string
  readonly requestId?: string
}

export type LayerOutcome = 'allow' | 'explicit_deny' | 'implicit_deny' | 'undecided' | 'not-applicable'

export interface LayerView {
  readonly side: Side
  readonly account?: string
  readonly layer: Layer | 'function' | 'network'
  readonly title: string
  readonly outcome: LayerOutcome
  /** Whether the call fails without this layer's Allow. */
  readonly needed: boolean
  readonly detail: string
  /** Those that take effect, may take effect, or miss by one thing. */
  readonly statements: readonly StatementView[]
}

/** Of the caller's account, or of the account that owns the resource. */
export type Side = 'caller' | 'owner'

export interface StatementView {
  readonly policy: string
  readonly policyArn?: string
  readonly sid?: string
  /** 0-based. */
  readonly index: number
  readonly effect: 'Allow' | 'Deny'
  readonly applies: boolean | 'undecided'
  /** Why it does not apply, or what that depends on, in words. */
  readonly mismatches: readonly string[]
}

export interface BlockerView {
  readonly side: Side
  readonly account?: string
  readonly layer: Layer | 'function' | 'network'
  readonly outcome: 'explicit_deny' | 'implicit_deny'
  readonly text: string
  /** The statements that deny, or the ones that nearly allow. */
  readonly statements: readonly StatementView[]
}

export interface Fix {
  /** Index into `blockers`. */
  readonly blocker: number
  /**
   * - `needed`: the smallest change that removes the blocker.
   * - `alternative`: does so in another way.
   * - `tidying`: removes what the blocker left behind.
   */
  readonly kind: 'needed' | 'alternative' | 'tidying'
  readonly account?: string
  /** Who can make the change. */
  readonly by: string
  readonly text: string
  readonly commands: readonly AwsCommand[]
  /** What the change opens beyond this call. */
  readonly opens: readonly string[]
}

export interface AwsCommand {
  /** From `aws` on. */
  readonly argv: readonly string[]
  /** The same for a POSIX shell. */
  readonly shell: string
}

/** Something about Lambda or IAM that people trip over, and that bears on this call. */
export interface Fact {
  readonly id: FactId
  readonly text: string
}

export type FactId =
  | 'bare-name'
  | 'sibling-grant'
  | 'dead-principal'
  | 'log-tail'
  | 'invoke-async'
  | 'function-url'
  | 'void-account-grant'
  | 'not-active'
  | 'zero-concurrency'
  | 'changed-since'
  | 'callee-in-vpc'
