/** The vocabulary of a policy decision: who asks for what, which policies apply, and what was decided and why. */
import type { CompiledPolicy } from './compile.ts'

/**
 * Who makes the request, with everything the language can match on.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
export type Principal =
  | { readonly kind: 'anonymous' }
  /** `arn:aws:iam::<account>:root` */
  | { readonly kind: 'root'; readonly account: string; readonly arn: string }
  /** `uniqueId` is the AIDA… id that AWS stores in place of the ARN in resource-based policies. */
  | {
      readonly kind: 'user'
      readonly account: string
      readonly arn: string
      readonly uniqueId: string
      readonly name: string
    }
  /** `arn` is the session's (`arn:aws:sts::…:assumed-role/Role/session`); `roleArn` has the role's path; `roleId` is AROA…. */
  | {
      readonly kind: 'role-session'
      readonly account: string
      readonly arn: string
      readonly roleArn: string
      readonly roleId: string
      readonly roleName: string
      readonly sessionName: string
      /** SCPs and RCPs do not affect service-linked roles. */
      readonly serviceLinked: boolean
    }
  /** `arn` is `arn:aws:sts::…:federated-user/name`; `userArn` is the IAM user that asked for the session. */
  | {
      readonly kind: 'federated-user'
      readonly account: string
      readonly arn: string
      readonly userArn: string
      readonly userId: string
      readonly name: string
    }
  /** An AWS service acting for itself: `s3.amazonaws.com`; `names` are all of its names, with that of its Region: `logs.us-east-1.amazonaws.com`. */
  | { readonly kind: 'service'; readonly service: string; readonly names?: readonly string[] }

/** A multivalued key is an array; booleans and numbers are their text (`true`, `3600`); times are ISO 8601. */
export type ContextValue = string | readonly string[]

/** Condition keys of one request. Names are case-insensitive, so `get` is called with the lower-case name. Undefined: the key is absent. */
export interface RequestContext {
  get(lowerCaseKey: string): ContextValue | undefined
}

export interface AuthorizationRequest {
  readonly principal: Principal
  /** `lambda:InvokeFunction`, in the case AWS documents. */
  readonly action: string
  /** An ARN, or `*` for an action without a resource. */
  readonly resource: string
  /** The account that owns the resource; decides between the same-account and the cross-account evaluation. */
  readonly resourceAccount: string
  readonly context: RequestContext
}

/** How the resource's own policy takes part: a role's trust policy and a KMS key policy must allow even within the account. */
export type ResourcePolicyKind = 'resource' | 'trust' | 'key'

/** Every policy that applies to one request. An absent member means that layer does not apply, which is not the same as an empty one. */
export interface ApplicablePolicies {
  readonly identity: readonly CompiledPolicy[]
  readonly boundary?: CompiledPolicy
  /** The session's own policies, inline and managed, which act as one layer. */
  readonly session?: readonly CompiledPolicy[]
  /** One entry per level, root → OU → … → account. Absent: no organization, or its management account. */
  readonly scps?: readonly (readonly CompiledPolicy[])[]
  /** As `scps`, of the resource's account. Applied only to services that AWS lets RCPs cover. */
  readonly rcps?: readonly (readonly CompiledPolicy[])[]
  readonly resource?: CompiledPolicy
  readonly resourceKind?: ResourcePolicyKind
  /** The policy of the VPC endpoint that the request came through. */
  readonly endpoint?: readonly CompiledPolicy[]
}

export type Layer = 'identity' | 'resource' | 'boundary' | 'session' | 'scp' | 'rcp' | 'endpoint' | 'trust'

export type Outcome = 'allow' | 'explicit_deny' | 'implicit_deny'

/** Points at one statement: the policy's name and ARN as given to `compilePolicy`, the statement's Sid and 0-based index. */
export interface StatementReference {
  readonly policyName: string
  readonly policyArn?: string
  readonly sid?: string
  readonly index: number
}

/** What one layer said. `notes` names statements that could not be evaluated, in words. */
export interface LayerTrace {
  readonly layer: Layer
  /** Undefined when the layer does not apply to this request. */
  readonly outcome: Outcome | undefined
  readonly statement?: StatementReference
  readonly notes?: readonly string[]
}

export interface Decision {
  readonly outcome: Outcome
  /** The layer AWS's denial message names. Absent on allow. */
  readonly blockedBy?: Layer
  /** The statement that decided: the denying one, or the one that allowed. */
  readonly statement?: StatementReference
  readonly trace: readonly LayerTrace[]
}
