/** The organization itself. https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_org.html */
import type { Organization as OrganizationShape } from '@aws-sdk/client-organizations'

import type { AccountId } from '../../core/account.ts'
import { AwsError } from '../../core/aws-error.ts'
import { addAccount } from './accounts.ts'
import { nodeArn, organizationArn } from './arns.ts'
import { organizationsNotInUse } from './errors.ts'
import { attachDefaults } from './policy-attachments.ts'
import type { OrganizationRecord, PolicyType } from './records.ts'
import { onEverything, type OrganizationsOperations, type OrganizationsService } from './service.ts'
import type { Organization } from './store.ts'

export interface NewOrganization {
  readonly managementAccount: AccountId
  readonly managementAccountName: string
  readonly featureSet: OrganizationRecord['featureSet']
  readonly enabledPolicyTypes: readonly PolicyType[]
}

/** An address that reaches nobody (RFC 2606), for accounts that nobody gave one. */
export function placeholderEmail(accountName: string): string {
  return `${accountName.replaceAll(/[^A-Za-z0-9.+-]/g, '-')}@example.com`
}

export function createOrganization(organizations: OrganizationsService, options: NewOrganization): Organization {
  const { store, ids, clock } = organizations
  const organization = store.save({
    id: `o-${ids.base36(10)}`,
    managementAccount: options.managementAccount,
    featureSet: options.featureSet,
    rootId: `r-${ids.base36(4)}`,
    rootTags: {},
    enabledPolicyTypes: options.enabledPolicyTypes,
  })
  attachDefaults(organization, organization.record.rootId)
  addAccount(store, organization, {
    id: options.managementAccount,
    name: options.managementAccountName,
    email: placeholderEmail(options.managementAccountName),
    joinedMethod: 'INVITED',
    joinedAtMs: clock.now(),
    parentId: organization.record.rootId,
    tags: {},
  })
  return organization
}

function describe({ record, accounts }: Organization): OrganizationShape {
  return {
    Id: record.id,
    Arn: organizationArn(record),
    FeatureSet: record.featureSet,
    MasterAccountArn: nodeArn(record, record.managementAccount),
    MasterAccountId: record.managementAccount,
    MasterAccountEmail: accounts.get(record.managementAccount)?.email,
    AvailablePolicyTypes: record.featureSet === 'ALL' ? [{ Type: 'SERVICE_CONTROL_POLICY', Status: 'ENABLED' }] : [],
  }
}

export const organization: OrganizationsOperations = {
  DescribeOrganization: {
    permissions: () => onEverything('DescribeOrganization'),
    handle(_input, caller, organizations) {
      const found = organizations.store.of(caller.account)
      if (!found) throw organizationsNotInUse()
      return { Organization: describe(found) }
    },
  },

  CreateOrganization: {
    /** FIDELITY: no service-linked role is made for Organizations, so `iam:CreateServiceLinkedRole` is not asked for. */
    permissions: () => onEverything('CreateOrganization'),
    handle(input, caller, organizations) {
      if (organizations.store.of(caller.account)) {
        throw new AwsError(
          'AlreadyInOrganizationException',
          'The provided account is already a member of an organization.',
        )
      }
      const featureSet = input.FeatureSet ?? 'ALL'
      const created = createOrganization(organizations, {
        managementAccount: caller.account,
        managementAccountName: caller.account,
        featureSet,
        enabledPolicyTypes: featureSet === 'ALL' ? ['SERVICE_CONTROL_POLICY'] : [],
      })
      return { Organization: describe(created) }
    },
  },
}
