/** IAM: users, groups, roles and policies of every account, as a service and as the directory the rest of the cloud asks. */
import type { AccountId } from '../../core/account.ts'
import { AwsError } from '../../core/aws-error.ts'
import { loadPackage } from '../../core/load-package.ts'
import { serviceDescriptions } from '../../wire/service-model.ts'
import type { CloudService, Foundations } from '../cloud-service.ts'
import type { CredentialDirectory, Credentials } from '../directories.ts'
import { bindOperations } from '../operation.ts'
import { accessKeys } from './access-keys.ts'
import { account } from './account.ts'
import { administratorCredentials, createAccessRole, createAdministrator, type KeyPair } from './administrator.ts'
import { attachments } from './attachments.ts'
import { authorizationDetails } from './authorization-details.ts'
import { boundaries } from './boundaries.ts'
import { createUserCredentials, type IamDirectory } from './directory.ts'
import { groups } from './groups.ts'
import { inlinePolicies } from './inline-policies.ts'
import { policies } from './policies.ts'
import { policyEntities } from './policy-entities.ts'
import { policyVersions } from './policy-versions.ts'
import { roles } from './roles.ts'
import { IamService, type KeyUse, type ScpsOf } from './service.ts'
import { simulation } from './simulation.ts'
import { serviceLinkedRoles } from './service-linked-roles.ts'
import { tags } from './tags.ts'
import { closedToUserSessions } from './user-sessions.ts'
import { users } from './users.ts'

export interface Iam {
  readonly directory: IamDirectory
  /** The users' access keys. */
  readonly credentials: CredentialDirectory
  readonly service: CloudService
  /** Idempotent: the user, its AdministratorAccess and a key; the given one when `keys` is there. */
  createAdministrator(account: AccountId, userName: string, keys?: KeyPair): KeyPair
  /** Idempotent: the role that the management account may assume in an account it made. */
  createAccessRole(account: AccountId, name: string, managementAccount: AccountId): void
  /** The administrator's credentials, for requests that are accepted without any. */
  administrator(account: AccountId, userName: string): Credentials | undefined
  /** For GetAccessKeyLastUsed: a request signed with this key was accepted. */
  recordKeyUse(accessKeyId: string, use: KeyUse): void
}

const TABLES = [
  users,
  accessKeys,
  groups,
  roles,
  serviceLinkedRoles,
  policies,
  policyVersions,
  policyEntities,
  inlinePolicies,
  attachments,
  boundaries,
  tags,
  account,
  authorizationDetails,
  simulation,
]

/** `scpsOf` serves the policy simulator, which tells what the account's organization would say. */
export function createIam(foundations: Foundations & { readonly scpsOf?: ScpsOf }): Iam {
  const iam = new IamService(foundations, foundations.scpsOf)
  return {
    directory: iam.directory,
    credentials: createUserCredentials(iam.store),
    service: {
      description: serviceDescriptions.iam,
      operations: closedToUserSessions(bindOperations(iam, TABLES)),
      loadSdk: () => loadPackage('@aws-sdk/client-iam'),
      loadConstraints: async () => (await import('../../wire/constraints/iam.ts')).constraints,
      accessDenied: (message) => new AwsError('AccessDenied', message, { status: 403 }),
    },
    createAdministrator: (account, userName, keys) => createAdministrator(iam, account, userName, keys),
    createAccessRole: (account, name, managementAccount) => createAccessRole(iam, account, name, managementAccount),
    administrator: (account, userName) => administratorCredentials(iam, account, userName),
    recordKeyUse: (accessKeyId, use) => {
      if (iam.store.accessKeys.has(accessKeyId)) iam.keyUses.set(accessKeyId, use)
    },
  }
}
