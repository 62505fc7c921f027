/** Attaching policies to the root, OUs and accounts. https://docs.aws.amazon.com/organizations/latest/userguide/orgs_policies_attach.html */
import { AwsError } from '../../core/aws-error.ts'
import { nodeArn } from './arns.ts'
import { constraintViolation, invalidInput, policyTypeNotEnabled, targetNotFound } from './errors.ts'
import { ATTACHMENTS_MAX } from './limits.ts'
import { DEFAULT_POLICIES } from './managed-policies.ts'
import { pageOf } from './pages.ts'
import { policySummary } from './policies.ts'
import type { PolicyRecord, PolicyType } from './records.ts'
import {
  existingPolicy,
  managedOrganization,
  onNode,
  onPolicy,
  policyOf,
  policyTypeContext,
  supportedPolicyType,
  type OrganizationsOperations,
} from './service.ts'
import type { Organization } from './store.ts'
import { nodeIds, nodeOf, type TreeNode } from './tree.ts'

export function attachedPolicies(
  organization: Organization,
  nodeId: string,
  type: PolicyType,
): readonly PolicyRecord[] {
  return (organization.attachments.get(nodeId)?.policyIds ?? []).flatMap((id) => {
    const policy = policyOf(organization, id)
    return policy?.type === type ? [policy] : []
  })
}

export function isAttached(organization: Organization, nodeId: string, policyId: string): boolean {
  return organization.attachments.get(nodeId)?.policyIds.includes(policyId) ?? false
}

/** Checks nothing but that it is not attached yet. */
export function attach(organization: Organization, nodeId: string, policyId: string): void {
  if (isAttached(organization, nodeId, policyId)) return
  const policyIds = organization.attachments.get(nodeId)?.policyIds ?? []
  organization.attachments.put(nodeId, { policyIds: [...policyIds, policyId] })
}

/** What AWS does to every new root, OU and account. */
export function attachDefaults(organization: Organization, nodeId: string): void {
  for (const type of organization.record.enabledPolicyTypes) attach(organization, nodeId, DEFAULT_POLICIES[type].id)
}

export function detach(organization: Organization, nodeId: string, policyId: string): void {
  const policyIds = (organization.attachments.get(nodeId)?.policyIds ?? []).filter((id) => id !== policyId)
  organization.attachments.put(nodeId, { policyIds })
}

export function targetsOf(organization: Organization, policyId: string): readonly TreeNode[] {
  return nodeIds(organization).flatMap((id) => {
    const node = isAttached(organization, id, policyId) ? nodeOf(organization, id) : undefined
    return node ? [node] : []
  })
}

/** The node must exist. Throws where AWS refuses the attachment. */
export function checkAttachable(organization: Organization, nodeId: string, policy: PolicyRecord): void {
  if (!organization.record.enabledPolicyTypes.includes(policy.type)) throw policyTypeNotEnabled()
  if (isAttached(organization, nodeId, policy.id)) {
    throw new AwsError(
      'DuplicatePolicyAttachmentException',
      'The selected policy is already attached to the specified target.',
    )
  }
  if (attachedPolicies(organization, nodeId, policy.type).length >= ATTACHMENTS_MAX[policy.type]) {
    throw constraintViolation(
      'MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED',
      'You have attached the maximum number of policies to the specified target.',
    )
  }
}

export const policyAttachments: OrganizationsOperations = {
  AttachPolicy: {
    permissions: (input, caller, organizations) => [
      onPolicy(organizations, caller, 'AttachPolicy', input.PolicyId),
      onNode(organizations, caller, 'AttachPolicy', input.TargetId),
    ],
    handle(input, caller, organizations) {
      const organization = managedOrganization(organizations, caller)
      const policy = existingPolicy(organization, input.PolicyId)
      if (!nodeOf(organization, input.TargetId)) throw targetNotFound()
      checkAttachable(organization, input.TargetId, policy)
      attach(organization, input.TargetId, policy.id)
      return {}
    },
  },

  DetachPolicy: {
    permissions: (input, caller, organizations) => [
      onPolicy(organizations, caller, 'DetachPolicy', input.PolicyId),
      onNode(organizations, caller, 'DetachPolicy', input.TargetId),
    ],
    handle(input, caller, organizations) {
      const organization = managedOrganization(organizations, caller)
      const policy = existingPolicy(organization, input.PolicyId)
      if (!nodeOf(organization, input.TargetId)) throw targetNotFound()
      if (!isAttached(organization, input.TargetId, policy.id)) {
        throw new AwsError(
          'PolicyNotAttachedException',
          "The policy isn't attached to the specified target in the specified root.",
        )
      }
      if (policy === DEFAULT_POLICIES.RESOURCE_CONTROL_POLICY) {
        throw invalidInput('NON_DETACHABLE_POLICY', "You can't detach this policy from the specified resource.")
      }
      if (attachedPolicies(organization, input.TargetId, policy.type).length === 1) {
        throw constraintViolation(
          'MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED',
          'You cannot remove the last policy attached to the specified target. You must have at least one attached at all times.',
        )
      }
      detach(organization, input.TargetId, policy.id)
      return {}
    },
  },

  ListPoliciesForTarget: {
    permissions: (input, caller, organizations) => [
      onNode(organizations, caller, 'ListPoliciesForTarget', input.TargetId, {
        context: policyTypeContext(input.Filter),
      }),
    ],
    handle(input, caller, organizations) {
      const organization = managedOrganization(organizations, caller)
      const type = supportedPolicyType(input.Filter)
      if (!nodeOf(organization, input.TargetId)) throw targetNotFound()
      const page = pageOf(attachedPolicies(organization, input.TargetId, type), ({ id }) => id, input)
      return {
        Policies: page.items.map((policy) => policySummary(organization, policy)),
        NextToken: page.NextToken,
      }
    },
  },

  ListTargetsForPolicy: {
    permissions: (input, caller, organizations) => [
      onPolicy(organizations, caller, 'ListTargetsForPolicy', input.PolicyId),
    ],
    handle(input, caller, organizations) {
      const organization = managedOrganization(organizations, caller)
      const policy = existingPolicy(organization, input.PolicyId)
      const page = pageOf(targetsOf(organization, policy.id), ({ id }) => id, input)
      return {
        Targets: page.items.map(({ id, kind, name }) => ({
          TargetId: id,
          Arn: nodeArn(organization.record, id),
          Name: name,
          Type: kind,
        })),
        NextToken: page.NextToken,
      }
    },
  },
}
