/** What Organizations remembers, as plain JSON. An organization's records live in the scope of its management account. */
import type { AccountId } from '../../core/account.ts'

/** The policy types that take part in authorization; the other types of AWS are refused by name. */
export type PolicyType = 'SERVICE_CONTROL_POLICY' | 'RESOURCE_CONTROL_POLICY'

export const POLICY_TYPES: readonly PolicyType[] = ['SERVICE_CONTROL_POLICY', 'RESOURCE_CONTROL_POLICY']

export type Tags = Readonly<Record<string, string>>

export interface OrganizationRecord {
  /** `o-…` */
  readonly id: string
  readonly managementAccount: AccountId
  readonly featureSet: 'ALL' | 'CONSOLIDATED_BILLING'
  /** `r-…` */
  readonly rootId: string
  readonly rootTags: Tags
  readonly enabledPolicyTypes: readonly PolicyType[]
}

export interface AccountRecord {
  readonly id: AccountId
  readonly name: string
  readonly email: string
  readonly joinedMethod: 'CREATED' | 'INVITED'
  readonly joinedAtMs: number
  /** The root's or an OU's id. */
  readonly parentId: string
  readonly tags: Tags
}

export interface UnitRecord {
  /** `ou-<root>-…` */
  readonly id: string
  readonly name: string
  readonly parentId: string
  readonly tags: Tags
}

export interface PolicyRecord {
  /** `p-…` */
  readonly id: string
  readonly name: string
  readonly description: string
  readonly type: PolicyType
  /** The document as it was given. */
  readonly content: string
  readonly awsManaged: boolean
  readonly tags: Tags
}

/** Of one root, OU or account; both policy types together, in the order they were attached. */
export interface AttachmentsRecord {
  readonly policyIds: readonly string[]
}

/** `car-…`: what became of a CreateAccount request. */
export interface AccountRequestRecord {
  readonly id: string
  readonly accountName: string
  readonly state: 'SUCCEEDED' | 'FAILED'
  readonly requestedAtMs: number
  readonly accountId?: AccountId
  readonly failureReason?: 'EMAIL_ALREADY_EXISTS'
}
