/** Member accounts and where they hang. https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts.html */
import type { Account } from '@aws-sdk/client-organizations'

import { AwsError } from '../../core/aws-error.ts'
import { nodeArn } from './arns.ts'
import { accountNotFound, parentNotFound } from './errors.ts'
import { pageOf } from './pages.ts'
import { attachDefaults } from './policy-attachments.ts'
import type { AccountRecord } from './records.ts'
import { managedOrganization, onEverything, onNode, type OrganizationsOperations } from './service.ts'
import type { Organization, OrganizationStore } from './store.ts'
import { parentOf, pathOf } from './tree.ts'

export function addAccount(store: OrganizationStore, organization: Organization, account: AccountRecord): void {
  organization.accounts.put(account.id, account)
  store.addMember(organization.record, account.id)
  attachDefaults(organization, account.id)
}

function describe(organization: Organization, account: AccountRecord): Account {
  return {
    Id: account.id,
    Arn: nodeArn(organization.record, account.id),
    Email: account.email,
    Name: account.name,
    Status: 'ACTIVE',
    State: 'ACTIVE',
    Paths: [pathOf(organization, account.id)],
    JoinedMethod: account.joinedMethod,
    JoinedTimestamp: new Date(account.joinedAtMs),
  }
}

export const accounts: OrganizationsOperations = {
  ListAccounts: {
    permissions: () => onEverything('ListAccounts'),
    handle(input, caller, organizations) {
      const organization = managedOrganization(organizations, caller)
      const page = pageOf(organization.accounts.values(), ({ id }) => id, input)
      return { Accounts: page.items.map((account) => describe(organization, account)), NextToken: page.NextToken }
    },
  },

  ListAccountsForParent: {
    permissions: (input, caller, organizations) => [
      onNode(organizations, caller, 'ListAccountsForParent', input.ParentId),
    ],
    handle(input, caller, organizations) {
      const organization = managedOrganization(organizations, caller)
      if (!parentOf(organization, input.ParentId)) throw parentNotFound()
      const children = organization.accounts.values().filter(({ parentId }) => parentId === input.ParentId)
      const page = pageOf(children, ({ id }) => id, input)
      return { Accounts: page.items.map((account) => describe(organization, account)), NextToken: page.NextToken }
    },
  },

  DescribeAccount: {
    permissions: (input, caller, organizations) => [onNode(organizations, caller, 'DescribeAccount', input.AccountId)],
    handle(input, caller, organizations) {
      const organization = managedOrganization(organizations, caller)
      const account = organization.accounts.get(input.AccountId)
      if (!account) throw accountNotFound()
      return { Account: describe(organization, account) }
    },
  },

  MoveAccount: {
    permissions: (input, caller, organizations) =>
      [input.AccountId, input.SourceParentId, input.DestinationParentId].map((id) =>
        onNode(organizations, caller, 'MoveAccount', id),
      ),
    handle(input, caller, organizations) {
      const organization = managedOrganization(organizations, caller)
      const { AccountId: id, SourceParentId: from, DestinationParentId: to } = input
      const account = organization.accounts.get(id)
      if (!account) throw accountNotFound()
      if (!parentOf(organization, from)) {
        throw new AwsError('SourceParentNotFoundException', "You specified a source parent that doesn't exist.")
      }
      if (!parentOf(organization, to)) {
        throw new AwsError(
          'DestinationParentNotFoundException',
          "You specified a destination parent that doesn't exist.",
        )
      }
      if (account.parentId === to) {
        throw new AwsError('DuplicateAccountException', 'That account is already present in the specified destination.')
      }
      if (account.parentId !== from) throw accountNotFound()
      organization.accounts.put(id, { ...account, parentId: to })
      return {}
    },
  },
}
