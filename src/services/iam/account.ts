/** The account as a whole: its alias, its numbers. */
import { AwsError } from '../../core/aws-error.ts'
import { GLOBAL } from '../../state/state.ts'
import { onAll } from './access.ts'
import { pageOf } from './paging.ts'
import { countUsage } from './policy-usage.ts'
import type { IamOperations, IamService } from './service.ts'

interface Alias {
  readonly alias: string
  readonly account: string
}

export const account: IamOperations = {
  CreateAccountAlias: {
    permissions: () => onAll('iam:CreateAccountAlias'),
    handle({ AccountAlias }, caller, iam) {
      const aliases = aliasesOf(iam)
      const owner = aliases.get(AccountAlias)?.account
      if (owner === caller.account) return {}
      if (owner !== undefined) {
        throw new AwsError('EntityAlreadyExistsException', `The account alias ${AccountAlias} already exists.`)
      }
      // An account has one alias; a new one takes the place of the old.
      for (const { alias } of ownAliases(iam, caller.account)) aliases.delete(alias)
      aliases.put(AccountAlias, { alias: AccountAlias, account: caller.account })
      return {}
    },
  },

  ListAccountAliases: {
    permissions: () => onAll('iam:ListAccountAliases'),
    handle(input, caller, iam) {
      const names = ownAliases(iam, caller.account).map(({ alias }) => alias)
      const { items, end } = pageOf(names, (name) => name, input)
      return { AccountAliases: [...items], ...end }
    },
  },

  DeleteAccountAlias: {
    permissions: () => onAll('iam:DeleteAccountAlias'),
    handle({ AccountAlias }, caller, iam) {
      const aliases = aliasesOf(iam)
      if (aliases.get(AccountAlias)?.account !== caller.account) {
        throw new AwsError('NoSuchEntityException', `The account alias ${AccountAlias} cannot be found.`)
      }
      aliases.delete(AccountAlias)
      return {}
    },
  },

  GetAccountSummary: {
    permissions: () => onAll('iam:GetAccountSummary'),
    handle(_input, caller, iam) {
      const { user, group, role, policy } = iam.store.in(caller.account)
      return {
        SummaryMap: {
          Users: user.size,
          Groups: group.size,
          Roles: role.size,
          Policies: policy.size,
          PolicyVersionsInUse: countUsage(iam, caller.account).size,
          ...NOTHING_OF,
          ...QUOTAS,
        },
      }
    },
  },
}

/** What cannot exist here. */
const NOTHING_OF = {
  InstanceProfiles: 0,
  MFADevices: 0,
  MFADevicesInUse: 0,
  Providers: 0,
  ServerCertificates: 0,
  AccountAccessKeysPresent: 0,
  AccountMFAEnabled: 0,
  AccountPasswordPresent: 0,
  AccountSigningCertificatesPresent: 0,
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const QUOTAS = {
  UsersQuota: 5000,
  GroupsQuota: 300,
  RolesQuota: 1000,
  PoliciesQuota: 1500,
  PolicyVersionsInUseQuota: 10_000,
  InstanceProfilesQuota: 1000,
  ServerCertificatesQuota: 20,
  AccessKeysPerUserQuota: 2,
  GroupsPerUserQuota: 10,
  SigningCertificatesPerUserQuota: 2,
  VersionsPerPolicyQuota: 5,
  AttachedPoliciesPerUserQuota: 10,
  AttachedPoliciesPerGroupQuota: 10,
  AttachedPoliciesPerRoleQuota: 10,
  UserPolicySizeQuota: 2048,
  GroupPolicySizeQuota: 5120,
  RolePolicySizeQuota: 10_240,
  PolicySizeQuota: 6144,
  AssumeRolePolicySizeQuota: 2048,
  GlobalEndpointTokenVersion: 1,
}

/** Across accounts, because an alias is part of a sign-in URL. */
function aliasesOf(iam: IamService) {
  return iam.state.collection<Alias>('iam.account-aliases').in(GLOBAL)
}

function ownAliases(iam: IamService, accountId: string): readonly Alias[] {
  return aliasesOf(iam)
    .values()
    .filter((alias) => alias.account === accountId)
}
