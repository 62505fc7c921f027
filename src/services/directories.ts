/** What authentication, authorization and the services ask of IAM, STS, Organizations, EC2 and Service Quotas. */
import type { AccountId } from '../core/account.ts'
import type { Region } from '../core/region.ts'
import type { AuthorizationMessage } from '../policy/authorization-message.ts'
import type { CompiledPolicy } from '../policy/compile.ts'
import type { Principal } from '../policy/model.ts'
import type { Session } from './caller.ts'

export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Present on temporary credentials, and then required on every request. */
  readonly sessionToken?: string
  readonly active: boolean
  readonly principal: Principal
  readonly account: AccountId
  readonly session?: Session
}

/** Finds long-term keys (AKIA…) and temporary ones (ASIA…). Expiry is `session.expiresAtMs`. */
export interface CredentialDirectory {
  find(accessKeyId: string): Credentials | undefined
}

export interface RoleFacts {
  readonly account: AccountId
  readonly arn: string
  readonly name: string
  /** AROA… */
  readonly roleId: string
  readonly trustPolicy: CompiledPolicy
  readonly maxSessionSeconds: number
  readonly tags: Readonly<Record<string, string>>
  readonly serviceLinked: boolean
}

/** IAM as the rest of the cloud sees it. */
export interface IdentityDirectory {
  /** The principal's own policies, compiled. Empty for root and for a principal that has been deleted. */
  policiesOf(principal: Principal): { readonly identity: readonly CompiledPolicy[]; readonly boundary?: CompiledPolicy }
  /** Tags on the user or role itself, without session tags. */
  tagsOf(principal: Principal): Readonly<Record<string, string>>
  /** False once the user or role behind the principal has been deleted (a recreated one has another unique id). */
  exists(principal: Principal): boolean
  /** AIDA… or AROA… of an existing user or role ARN, path included in the ARN; undefined when there is none. */
  uniqueIdOf(arn: string): string | undefined
  /** The ARN behind a unique id, while that very user or role exists. */
  arnOf(uniqueId: string): string | undefined
  role(arn: string): RoleFacts | undefined
}

export interface TemporaryCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
  readonly expiresAtMs: number
}

/** STS as the rest of the cloud sees it. */
export interface SessionDirectory {
  /**
   * A session of a role for a service to hand out: Lambda's for an execution environment. Kept in memory only, because the environment dies
   * with the process. The caller has checked the trust policy.
   */
  createServiceSession(
    role: RoleFacts,
    options: { sessionName: string; durationSeconds: number; sourceFunctionArn?: string },
  ): TemporaryCredentials
  /** The principal such a session has, for internal calls as that role. */
  rolePrincipal(role: RoleFacts, sessionName: string): Extract<Principal, { kind: 'role-session' }>
}

export interface OrganizationFacts {
  /** `o-…` */
  readonly id: string
  readonly arn: string
  readonly managementAccount: AccountId
  /** `aws:PrincipalOrgPaths`: `o-a/r-b/ou-c/`. */
  readonly path: string
}

/** Organizations as the rest of the cloud sees it. */
export interface OrganizationDirectory {
  organizationOf(account: string): OrganizationFacts | undefined
  /** Root → OU → … → account. Undefined for the management account and for accounts without an organization. */
  scpsOf(account: string): readonly (readonly CompiledPolicy[])[] | undefined
  rcpsOf(account: string): readonly (readonly CompiledPolicy[])[] | undefined
}

/** Makes messages that only DecodeAuthorizationMessage reads. */
export interface AuthorizationMessages {
  /** `account` is the denied caller's. Undefined for a message that would be longer than the operation takes back. */
  encode(account: string, message: AuthorizationMessage): string | undefined
}

/** A VPC endpoint, as far as requests that come through it are concerned. */
export interface EndpointFacts {
  readonly account: AccountId
  readonly region: Region
  /** Signing name of the one service it leads to. */
  readonly service: string
  /** What the actions its policy is about begin with: `lambda`. */
  readonly actionPrefix: string
  readonly policy: CompiledPolicy
}

/** EC2 as authorization sees it. */
export interface EndpointDirectory {
  /** Undefined once the endpoint has been deleted. */
  endpoint(id: string): EndpointFacts | undefined
}

/** A limit of a service, as Service Quotas lists it. Each service declares its own beside its operations. */
export interface QuotaDefinition {
  /** `vpc` */
  readonly serviceCode: string
  /** `Amazon Virtual Private Cloud (Amazon VPC)` */
  readonly serviceName: string
  /** `L-F678F1CE` */
  readonly quotaCode: string
  /** `VPCs per Region` */
  readonly quotaName: string
  readonly defaultValue: number
  /** Whether the account may ask for another value. */
  readonly adjustable: boolean
}

/** Service Quotas as the rest of the cloud sees it. */
export interface QuotaDirectory {
  /** The value that applies now: the default, or what the account was granted in the Region. */
  valueOf(quota: QuotaDefinition, place: { readonly account: AccountId; readonly region: Region }): number
}
