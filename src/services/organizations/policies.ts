/** Service control policies and resource control policies. https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies.html */
import type { PolicySummary } from '@aws-sdk/client-organizations'

import { AwsError } from '../../core/aws-error.ts'
import { parsePolicy, validatePolicy } from '../../policy/parse.ts'
import { policyArn } from './arns.ts'
import { constraintViolation, invalidInput } from './errors.ts'
import { POLICIES_MAX, POLICY_CHARACTERS_MAX } from './limits.ts'
import { DEFAULT_POLICIES } from './managed-policies.ts'
import { pageOf } from './pages.ts'
import type { PolicyRecord, PolicyType } from './records.ts'
import {
  existingPolicy,
  managedOrganization,
  onEverything,
  onPolicy,
  policyTypeContext,
  supportedPolicyType,
  requestTagsFrom,
  tagsFrom,
  type OrganizationsOperations,
} from './service.ts'
import type { Organization } from './store.ts'
import { checkTags } from './tags.ts'
import { nodeIds } from './tree.ts'

/** All of one type, AWS's own among them while the type is available. */
function policiesOfType(organization: Organization, type: PolicyType): readonly PolicyRecord[] {
  const own = organization.policies.values().filter((policy) => policy.type === type)
  return organization.record.featureSet === 'ALL' ? [DEFAULT_POLICIES[type], ...own] : own
}

export function policySummary(organization: Organization, policy: PolicyRecord): PolicySummary {
  return {
    Id: policy.id,
    Arn: policyArn(organization.record, policy),
    Name: policy.name,
    Description: policy.description,
    Type: policy.type,
    AwsManaged: policy.awsManaged,
  }
}

/** Throws `ConstraintViolationException` or `MalformedPolicyDocumentException`. */
export function checkContent(content: string, type: PolicyType): void {
  if (content.length > POLICY_CHARACTERS_MAX[type]) {
    throw constraintViolation('POLICY_CONTENT_LIMIT_EXCEEDED', 'You have exceeded the maximum policy size.')
  }
  const kind = type === 'SERVICE_CONTROL_POLICY' ? 'scp' : 'rcp'
  const problem = validatePolicy(content, kind)
  // Only AWS's own resource control policy may allow.
  const allows = () => parsePolicy(content, kind).statements.some(({ effect }) => effect === 'Allow')
  if (problem !== undefined || (kind === 'rcp' && allows())) {
    throw new AwsError(
      'MalformedPolicyDocumentException',
      'The provided policy document does not meet the requirements of the specified policy type.',
    )
  }
}

function checkName(organization: Organization, type: PolicyType, name: string, id?: string): void {
  if (policiesOfType(organization, type).some((policy) => policy.name === name && policy.id !== id)) {
    throw new AwsError('DuplicatePolicyException', 'A policy with the specified name and type already exists.')
  }
}

function customerPolicy(organization: Organization, id: string): PolicyRecord {
  const policy = existingPolicy(organization, id)
  if (policy.awsManaged) {
    throw invalidInput('IMMUTABLE_POLICY', "You specified a policy that is managed by AWS and can't be modified.")
  }
  return policy
}

export const policies: OrganizationsOperations = {
  CreatePolicy: {
    permissions: (input) =>
      onEverything('CreatePolicy', {
        context: policyTypeContext(input.Type),
        requestTags: requestTagsFrom(input.Tags),
      }),
    handle(input, caller, organizations) {
      const organization = managedOrganization(organizations, caller)
      const type = supportedPolicyType(input.Type)
      if (organization.record.featureSet !== 'ALL') throw policyTypeNotAvailable()
      checkTags(input.Tags)
      checkContent(input.Content, type)
      checkName(organization, type, input.Name)
      if (organization.policies.values().filter((policy) => policy.type === type).length >= POLICIES_MAX) {
        throw constraintViolation(
          'POLICY_NUMBER_LIMIT_EXCEEDED',
          'You have exceeded the number of policies that you can have in an organization.',
        )
      }
      const policy: PolicyRecord = {
        id: `p-${organizations.ids.base36(8)}`,
        name: input.Name,
        description: input.Description,
        type,
        content: input.Content,
        awsManaged: false,
        tags: tagsFrom(input.Tags),
      }
      organization.policies.put(policy.id, policy)
      return { Policy: { PolicySummary: policySummary(organization, policy), Content: policy.content } }
    },
  },

  UpdatePolicy: {
    permissions: (input, caller, organizations) => [onPolicy(organizations, caller, 'UpdatePolicy', input.PolicyId)],
    handle(input, caller, organizations) {
      const organization = managedOrganization(organizations, caller)
      const current = customerPolicy(organization, input.PolicyId)
      const { Name: name = current.name, Description: description = current.description } = input
      const { Content: content = current.content } = input
      checkName(organization, current.type, name, current.id)
      if (content !== current.content) checkContent(content, current.type)
      const policy: PolicyRecord = { ...current, name, description, content }
      organization.policies.put(policy.id, policy)
      return { Policy: { PolicySummary: policySummary(organization, policy), Content: policy.content } }
    },
  },

  DeletePolicy: {
    permissions: (input, caller, organizations) => [onPolicy(organizations, caller, 'DeletePolicy', input.PolicyId)],
    handle(input, caller, organizations) {
      const organization = managedOrganization(organizations, caller)
      const { id } = customerPolicy(organization, input.PolicyId)
      if (nodeIds(organization).some((node) => organization.attachments.get(node)?.policyIds.includes(id))) {
        throw new AwsError(
          'PolicyInUseException',
          'The policy is attached to one or more entities. You must detach it from all roots, OUs, and accounts before performing this operation.',
        )
      }
      organization.policies.delete(id)
      return {}
    },
  },

  DescribePolicy: {
    permissions: (input, caller, organizations) => [onPolicy(organizations, caller, 'DescribePolicy', input.PolicyId)],
    handle(input, caller, organizations) {
      const organization = managedOrganization(organizations, caller)
      const policy = existingPolicy(organization, input.PolicyId)
      return { Policy: { PolicySummary: policySummary(organization, policy), Content: policy.content } }
    },
  },

  ListPolicies: {
    permissions: (input) => onEverything('ListPolicies', { context: policyTypeContext(input.Filter) }),
    handle(input, caller, organizations) {
      const organization = managedOrganization(organizations, caller)
      const type = supportedPolicyType(input.Filter)
      const page = pageOf(policiesOfType(organization, type), ({ id }) => id, input)
      return {
        Policies: page.items.map((policy) => policySummary(organization, policy)),
        NextToken: page.NextToken,
      }
    },
  },
}

export function policyTypeNotAvailable(): AwsError {
  return new AwsError(
    'PolicyTypeNotAvailableForOrganizationException',
    "You can't use the specified policy type with the feature set currently enabled for this organization.",
  )
}
