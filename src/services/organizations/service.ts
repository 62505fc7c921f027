/** What the operation tables of Organizations share: who may call, what is where, and what AWS checks. */
import type * as sdk from '@aws-sdk/client-organizations'

import type { AccountId } from '../../core/account.ts'
import type { Clock } from '../../core/clock.ts'
import type { Ids } from '../../core/ids.ts'
import type { Caller } from '../caller.ts'
import type { Operations, Permission } from '../operation.ts'
import { nodeArn, policyArn } from './arns.ts'
import { invalidInput, notTheManagementAccount, organizationsNotInUse, policyNotFound } from './errors.ts'
import { managedPolicy } from './managed-policies.ts'
import { POLICY_TYPES, type PolicyRecord, type PolicyType, type Tags } from './records.ts'
import type { Organization, OrganizationStore } from './store.ts'
import { nodeOf } from './tree.ts'

/** An account made by CreateAccount, which AWS gives a role that the management account may assume. */
export interface CreatedAccount {
  readonly name: string
  readonly managementAccount: AccountId
  /** `OrganizationAccountAccessRole` unless the request named another. */
  readonly roleName: string
}

export interface OrganizationsService {
  readonly store: OrganizationStore
  readonly clock: Clock
  readonly ids: Ids
  onAccountCreated(account: AccountId, created: CreatedAccount): void
}

export type OrganizationsOperations = Operations<typeof sdk, OrganizationsService>

/** Throws unless the caller is in its organization's management account. */
export function managedOrganization(organizations: OrganizationsService, caller: Caller): Organization {
  const organization = organizations.store.of(caller.account)
  if (!organization) throw organizationsNotInUse()
  if (organization.record.managementAccount !== caller.account) throw notTheManagementAccount()
  return organization
}

/** The customer's own or one of AWS's. */
export function policyOf(organization: Organization, id: string): PolicyRecord | undefined {
  return managedPolicy(id) ?? organization.policies.get(id)
}

export function existingPolicy(organization: Organization, id: string): PolicyRecord {
  const policy = policyOf(organization, id)
  if (!policy) throw policyNotFound()
  return policy
}

/** FIDELITY: AWS has further policy types, none of which takes part in authorization. */
export function supportedPolicyType(type: string): PolicyType {
  const supported = POLICY_TYPES.find((candidate) => candidate === type)
  if (supported) return supported
  throw invalidInput(
    'INVALID_ENUM_POLICY_TYPE',
    `Isthmus does not implement the policy type \`${type}\`, expected ${POLICY_TYPES.join(' or ')}`,
  )
}

/** For an action that names no resource. */
export function onEverything(
  action: string,
  details: Omit<Permission, 'action' | 'resource'> = {},
): readonly Permission[] {
  return [{ action: `organizations:${action}`, resource: '*', ...details }]
}

/**
 * For an action on a root, OU or account. The resource's account is left to be the caller's: a member account is refused by the handler with
 * Organizations' own sentence, not for want of a resource-based policy.
 */
export function onNode(
  organizations: OrganizationsService,
  caller: Caller,
  action: string,
  nodeId: string,
  details: Omit<Permission, 'action' | 'resource'> = {},
): Permission {
  const organization = organizations.store.of(caller.account)
  return {
    action: `organizations:${action}`,
    resource: nodeArn(organization?.record ?? { id: '*', managementAccount: caller.account }, nodeId),
    resourceTags: organization && nodeOf(organization, nodeId)?.tags,
    ...details,
  }
}

export function onPolicy(
  organizations: OrganizationsService,
  caller: Caller,
  action: string,
  policyId: string,
  details: Omit<Permission, 'action' | 'resource' | 'context'> = {},
): Permission {
  const organization = organizations.store.of(caller.account)
  const policy = organization && policyOf(organization, policyId)
  return {
    action: `organizations:${action}`,
    resource: policyArn(
      organization?.record ?? { id: '*', managementAccount: caller.account },
      policy ?? { id: policyId, type: 'SERVICE_CONTROL_POLICY', awsManaged: false },
    ),
    resourceTags: policy?.tags,
    ...(policy && { context: policyTypeContext(policy.type) }),
    ...details,
  }
}

export function policyTypeContext(type: string): Readonly<Record<string, string>> {
  return { 'organizations:policytype': type }
}

export function tagsFrom(tags: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined): Tags {
  return Object.fromEntries((tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]))
}

/** Undefined without tags, because `aws:TagKeys` is absent then. */
export function requestTagsFrom(tags: Parameters<typeof tagsFrom>[0]): Tags | undefined {
  return tags === undefined || tags.length === 0 ? undefined : tagsFrom(tags)
}
