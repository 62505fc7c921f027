/** The root and the policy types enabled in it. */
import { AwsError } from '../../core/aws-error.ts'
import type { Root } from '@aws-sdk/client-organizations'

import { nodeArn } from './arns.ts'
import { policyTypeNotEnabled, rootNotFound } from './errors.ts'
import { DEFAULT_POLICIES } from './managed-policies.ts'
import { pageOf } from './pages.ts'
import { policyTypeNotAvailable } from './policies.ts'
import { attach, attachedPolicies, detach } from './policy-attachments.ts'
import type { PolicyType } from './records.ts'
import {
  managedOrganization,
  onEverything,
  onNode,
  policyTypeContext,
  supportedPolicyType,
  type OrganizationsOperations,
} from './service.ts'
import type { Organization, OrganizationStore } from './store.ts'
import { nodeIds, ROOT_NAME } from './tree.ts'

/** Attaches AWS's own policy of that type to everything. */
export function enablePolicyType(store: OrganizationStore, organization: Organization, type: PolicyType): Organization {
  const { record } = organization
  const enabled = store.save({ ...record, enabledPolicyTypes: [...record.enabledPolicyTypes, type] })
  for (const id of nodeIds(enabled)) attach(enabled, id, DEFAULT_POLICIES[type].id)
  return enabled
}

/** Policies of a type that is disabled are detached from everything, and enabling it again does not bring them back. */
function disablePolicyType(store: OrganizationStore, organization: Organization, type: PolicyType): Organization {
  for (const id of nodeIds(organization)) {
    for (const policy of attachedPolicies(organization, id, type)) detach(organization, id, policy.id)
  }
  const { record } = organization
  return store.save({ ...record, enabledPolicyTypes: record.enabledPolicyTypes.filter((other) => other !== type) })
}

function describe({ record }: Organization): Root {
  return {
    Id: record.rootId,
    Arn: nodeArn(record, record.rootId),
    Name: ROOT_NAME,
    PolicyTypes: record.enabledPolicyTypes.map((type) => ({ Type: type, Status: 'ENABLED' })),
  }
}

export const roots: OrganizationsOperations = {
  ListRoots: {
    permissions: () => onEverything('ListRoots'),
    handle(input, caller, organizations) {
      const organization = managedOrganization(organizations, caller)
      const page = pageOf([organization], ({ record }) => record.rootId, input)
      return { Roots: page.items.map(describe), NextToken: page.NextToken }
    },
  },

  EnablePolicyType: {
    permissions: (input, caller, organizations) => [
      onNode(organizations, caller, 'EnablePolicyType', input.RootId, { context: policyTypeContext(input.PolicyType) }),
    ],
    handle(input, caller, organizations) {
      const organization = managedOrganization(organizations, caller)
      const type = supportedPolicyType(input.PolicyType)
      if (input.RootId !== organization.record.rootId) throw rootNotFound()
      if (organization.record.featureSet !== 'ALL') throw policyTypeNotAvailable()
      if (organization.record.enabledPolicyTypes.includes(type)) {
        throw new AwsError('PolicyTypeAlreadyEnabledException', 'The specified policy type is already enabled.')
      }
      return { Root: describe(enablePolicyType(organizations.store, organization, type)) }
    },
  },

  DisablePolicyType: {
    permissions: (input, caller, organizations) => [
      onNode(organizations, caller, 'DisablePolicyType', input.RootId, {
        context: policyTypeContext(input.PolicyType),
      }),
    ],
    handle(input, caller, organizations) {
      const organization = managedOrganization(organizations, caller)
      const type = supportedPolicyType(input.PolicyType)
      if (input.RootId !== organization.record.rootId) throw rootNotFound()
      if (!organization.record.enabledPolicyTypes.includes(type)) throw policyTypeNotEnabled()
      return { Root: describe(disablePolicyType(organizations.store, organization, type)) }
    },
  },
}
