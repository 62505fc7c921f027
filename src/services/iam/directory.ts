/** IAM as the rest of the cloud sees it: who exists, what applies to them, and the long-term access keys. */
import { parseAccountId } from '../../core/account.ts'
import { parseArn } from '../../core/arn.ts'
import type { Principal } from '../../policy/model.ts'
import type { CredentialDirectory, Credentials, IdentityDirectory, RoleFacts } from '../directories.ts'
import type { CompiledPolicies, EffectivePolicies } from './compiled-policies.ts'
import { defaultDocument, type AccessKey, type ManagedPolicy, type Role, type User } from './records.ts'
import type { IamStore } from './store.ts'

/** The identity directory, and the managed policies that STS takes as session policies. */
export interface IamDirectory extends IdentityDirectory {
  /** The default version of an AWS-managed policy or of one of the account's own. */
  managedPolicyDocument(account: string, arn: string): string | undefined
}

const NOTHING: EffectivePolicies = { identity: [] }
const NO_TAGS = {}

export function createDirectory(
  store: IamStore,
  compiled: CompiledPolicies,
  managedPolicy: (arn: string) => ManagedPolicy | undefined,
): IamDirectory {
  const roleFacts = new WeakMap<Role, RoleFacts>()

  /** The very user or role behind a principal: a recreated one has another id. */
  function entityOf(principal: Principal): User | Role | undefined {
    switch (principal.kind) {
      case 'user': {
        const user = store.find('user', principal.account, principal.name)
        if (user?.id === principal.uniqueId) return user
        return userById(principal.uniqueId)
      }
      case 'role-session': {
        const role = store.find('role', principal.account, principal.roleName)
        return role?.id === principal.roleId ? role : undefined
      }
      case 'federated-user':
        return userById(principal.userId)
      case 'anonymous':
      case 'root':
      case 'service':
        return undefined
    }
  }

  // A session of a user outlives the user's name.
  function userById(id: string): User | undefined {
    const entity = store.byId(id)
    return entity?.kind === 'user' ? entity : undefined
  }

  function principalByArn(arn: string): User | Role | undefined {
    const parsed = parseArn(arn)
    if (parsed?.service !== 'iam') return undefined
    const kind = parsed.resource.slice(0, parsed.resource.indexOf('/'))
    if (kind !== 'user' && kind !== 'role') return undefined
    const entity = store.find(kind, parsed.account, parsed.resource.slice(parsed.resource.lastIndexOf('/') + 1))
    return entity?.arn === arn ? entity : undefined
  }

  return {
    policiesOf(principal) {
      const entity = entityOf(principal)
      return entity ? compiled.of(entity) : NOTHING
    },
    tagsOf: (principal) => entityOf(principal)?.tags ?? NO_TAGS,
    exists(principal) {
      switch (principal.kind) {
        case 'user':
        case 'role-session':
        case 'federated-user':
          return entityOf(principal) !== undefined
        case 'anonymous':
        case 'root':
        case 'service':
          return true
      }
    },
    uniqueIdOf: (arn) => principalByArn(arn)?.id,
    arnOf: (uniqueId) => store.byId(uniqueId)?.arn,
    role(arn) {
      const role = principalByArn(arn)
      if (role?.kind !== 'role') return undefined
      let facts = roleFacts.get(role)
      if (!facts) roleFacts.set(role, (facts = factsOf(role, compiled)))
      return facts
    },
    managedPolicyDocument(account, arn) {
      const policy = managedPolicy(arn)
      return policy && (policy.account === account || policy.account === 'aws') ? defaultDocument(policy) : undefined
    },
  }
}

function factsOf(role: Role, compiled: CompiledPolicies): RoleFacts {
  return {
    account: parseAccountId(role.account),
    arn: role.arn,
    name: role.name,
    roleId: role.id,
    get trustPolicy() {
      return compiled.trustOf(role)
    },
    maxSessionSeconds: role.maxSessionSeconds,
    tags: role.tags,
    serviceLinked: role.linkedService !== undefined,
  }
}

/** Long-term keys of all accounts. The answer is kept while neither key nor user changes. */
export function createUserCredentials(store: IamStore): CredentialDirectory {
  const known = new WeakMap<AccessKey, { readonly user: User; readonly credentials: Credentials }>()
  return {
    find(accessKeyId) {
      const key = store.accessKeys.get(accessKeyId)
      if (!key) return undefined
      const user = store.byId(key.userId)
      if (user?.kind !== 'user') return undefined
      const before = known.get(key)
      if (before?.user === user) return before.credentials
      const credentials = credentialsOf(key, user)
      known.set(key, { user, credentials })
      return credentials
    },
  }
}

export function credentialsOf(key: AccessKey, user: User): Credentials {
  const { account, arn, name, id: uniqueId } = user
  return {
    accessKeyId: key.id,
    secretAccessKey: key.secret,
    active: key.active,
    principal: { kind: 'user', account, arn, uniqueId, name },
    account: parseAccountId(account),
  }
}
