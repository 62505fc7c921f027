/** Who makes a request, as authentication found it: the principal, its session, and where the request came from. */
import type { AccountId } from '../core/account.ts'
import type { Region } from '../core/region.ts'
import type { Principal } from '../policy/model.ts'

/** What a temporary session carries beyond its principal; the source of `aws:TokenIssueTime`, session tags and session policies. */
export interface Session {
  readonly issuedAtMs: number
  readonly expiresAtMs: number
  /** The inline session policy and the managed ones; empty means no session policy. */
  readonly policies: readonly SessionPolicy[]
  readonly tags: Readonly<Record<string, string>>
  readonly transitiveTagKeys: readonly string[]
  readonly sourceIdentity?: string
  /** Set when the session was had by another session: role chaining, limited to one hour. */
  readonly chained: boolean
  readonly multiFactorAuthenticated?: boolean
  /** `lambda:SourceFunctionArn`: the unqualified ARN of the function whose environment holds these credentials. */
  readonly sourceFunctionArn?: string
}

export interface SessionPolicy {
  /** JSON */
  readonly document: string
  /** Of a managed policy; denial messages quote it. */
  readonly arn?: string
}

/** The VPC endpoint that a request came through. */
export interface CallerEndpoint {
  readonly vpcEndpointId: string
  readonly vpcId: string
  /** The caller's address in the VPC: `aws:VpcSourceIp`. */
  readonly sourceIp: string
}

export interface Caller {
  readonly principal: Principal
  /** The principal's account; bare resource names belong to it. */
  readonly account: AccountId
  /** The Region the request was sent to. */
  readonly region: Region
  readonly accessKeyId?: string
  readonly session?: Session
  readonly requestId: string
  /** Absent where the request came through a VPC endpoint. */
  readonly sourceIp?: string
  readonly endpoint?: CallerEndpoint
  readonly userAgent?: string
  /** The `X-Amzn-Trace-Id` header, handed on to a function that is invoked. */
  readonly traceHeader?: string
  /** Service principals that forwarded the request on the caller's behalf, first to last: `cloudformation.amazonaws.com`. */
  readonly calledVia?: readonly string[]
  /** On a service principal's own calls: the resource and account it acts for (`aws:SourceArn`, `aws:SourceAccount`). */
  readonly source?: { readonly arn: string; readonly account: string }
}

/** `aws:userid` and GetCallerIdentity's UserId: `AIDA…`, `AROA…:session`, the account id for root. */
export function callerUserId(principal: Principal): string | undefined {
  switch (principal.kind) {
    case 'root':
      return principal.account
    case 'user':
      return principal.uniqueId
    case 'role-session':
      return `${principal.roleId}:${principal.sessionName}`
    case 'federated-user':
      return `${principal.account}:${principal.name}`
    case 'anonymous':
    case 'service':
      return undefined
  }
}
