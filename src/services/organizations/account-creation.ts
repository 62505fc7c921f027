/** New member accounts. https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_create.html */
import type { CreateAccountStatus } from '@aws-sdk/client-organizations'

import { parseAccountId, type AccountId } from '../../core/account.ts'
import { AwsError } from '../../core/aws-error.ts'
import { addAccount } from './accounts.ts'
import { constraintViolation } from './errors.ts'
import { ACCOUNTS_MAX } from './limits.ts'
import { pageOf } from './pages.ts'
import type { AccountRequestRecord } from './records.ts'
import {
  managedOrganization,
  onEverything,
  requestTagsFrom,
  tagsFrom,
  type OrganizationsOperations,
  type OrganizationsService,
} from './service.ts'
import { checkTags } from './tags.ts'

const DEFAULT_ROLE_NAME = 'OrganizationAccountAccessRole'

function newAccountId({ store, ids }: OrganizationsService): AccountId {
  for (;;) {
    const digits = Math.floor(ids.fraction() * 9e11) + 1e11
    const account = parseAccountId(String(digits))
    if (!store.of(account)) return account
  }
}

function describe(request: AccountRequestRecord): CreateAccountStatus {
  const at = new Date(request.requestedAtMs)
  return {
    Id: request.id,
    AccountName: request.accountName,
    State: request.state,
    RequestedTimestamp: at,
    CompletedTimestamp: at,
    AccountId: request.accountId,
    FailureReason: request.failureReason,
  }
}

export const accountCreation: OrganizationsOperations = {
  CreateAccount: {
    permissions: (input) => onEverything('CreateAccount', { requestTags: requestTagsFrom(input.Tags) }),
    refuses: ['IamUserAccessToBilling'],
    /** FIDELITY: the account is there at once; the answer says IN_PROGRESS as AWS's does, the next look finds it done. */
    handle(input, caller, organizations) {
      const organization = managedOrganization(organizations, caller)
      checkTags(input.Tags)
      if (organization.accounts.size >= ACCOUNTS_MAX) {
        throw constraintViolation(
          'ACCOUNT_NUMBER_LIMIT_EXCEEDED',
          'You have exceeded the allowed number of AWS accounts in the organization.',
        )
      }
      const request = {
        id: `car-${organizations.ids.hex(32)}`,
        accountName: input.AccountName,
        requestedAtMs: organizations.clock.now(),
      }
      const taken = organization.accounts.values().some(({ email }) => email === input.Email)
      if (taken) {
        const failed = { ...request, state: 'FAILED', failureReason: 'EMAIL_ALREADY_EXISTS' } as const
        organization.accountRequests.put(request.id, failed)
      } else {
        const account = newAccountId(organizations)
        const { managementAccount, rootId } = organization.record
        addAccount(organizations.store, organization, {
          id: account,
          name: input.AccountName,
          email: input.Email,
          joinedMethod: 'CREATED',
          joinedAtMs: request.requestedAtMs,
          parentId: rootId,
          tags: tagsFrom(input.Tags),
        })
        const roleName = input.RoleName ?? DEFAULT_ROLE_NAME
        organizations.onAccountCreated(account, { name: input.AccountName, managementAccount, roleName })
        organization.accountRequests.put(request.id, { ...request, state: 'SUCCEEDED', accountId: account })
      }
      return {
        CreateAccountStatus: {
          Id: request.id,
          AccountName: request.accountName,
          State: 'IN_PROGRESS',
          RequestedTimestamp: new Date(request.requestedAtMs),
        },
      }
    },
  },

  DescribeCreateAccountStatus: {
    permissions: () => onEverything('DescribeCreateAccountStatus'),
    handle(input, caller, organizations) {
      const organization = managedOrganization(organizations, caller)
      const request = organization.accountRequests.get(input.CreateAccountRequestId)
      if (!request) {
        throw new AwsError(
          'CreateAccountStatusNotFoundException',
          "We can't find a create account request with the CreateAccountRequestId that you specified.",
        )
      }
      return { CreateAccountStatus: describe(request) }
    },
  },

  ListCreateAccountStatus: {
    permissions: () => onEverything('ListCreateAccountStatus'),
    handle(input, caller, organizations) {
      const organization = managedOrganization(organizations, caller)
      const states: readonly string[] = input.States ?? []
      const requests = organization.accountRequests
        .values()
        .filter(({ state }) => states.length === 0 || states.includes(state))
      const page = pageOf(requests, ({ id }) => id, input)
      return { CreateAccountStatuses: page.items.map(describe), NextToken: page.NextToken }
    },
  },
}
