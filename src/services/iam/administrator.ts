/** The principals an account begins with: its administrator, and the role by which the management account enters. */
import type { AccountId } from '../../core/account.ts'
import type { Credentials } from '../directories.ts'
import { createAccessKey, KEYS_PER_USER_MAX } from './access-keys.ts'
import { credentialsOf } from './directory.ts'
import { entityArn, type AccessKey, type User } from './records.ts'
import { MAX_SESSION_SECONDS_DEFAULT } from './roles.ts'
import type { IamService } from './service.ts'
import { trustPolicyFrom } from './trust.ts'

export interface KeyPair {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

const ADMINISTRATOR_ACCESS = 'arn:aws:iam::aws:policy/AdministratorAccess'

/** Makes what is missing of the user, its AdministratorAccess and a key; `keys` are the ones it must have. Answers its working key. */
export function createAdministrator(iam: IamService, account: AccountId, userName: string, keys?: KeyPair): KeyPair {
  const user = iam.store.find('user', account, userName) ?? createUser(iam, account, userName)
  if (!user.attached.includes(ADMINISTRATOR_ACCESS)) {
    iam.store.put({ ...user, attached: [...user.attached, ADMINISTRATOR_ACCESS] })
  }
  const wanted = keys && iam.store.accessKeys.get(keys.accessKeyId)
  const key =
    (keys ? wanted : activeKey(iam, user)) ?? createAccessKey(iam, withRoomForKey(iam, account, userName), keys)
  return { accessKeyId: key.id, secretAccessKey: key.secret }
}

/** A user that has all the keys it may have loses the last of them. */
function withRoomForKey(iam: IamService, account: AccountId, userName: string): User {
  const user = iam.user(account, userName)
  const last = user.accessKeyIds[KEYS_PER_USER_MAX - 1]
  if (last === undefined) return user
  iam.store.accessKeys.delete(last)
  const roomy = { ...user, accessKeyIds: user.accessKeyIds.filter((id) => id !== last) }
  iam.store.put(roomy)
  return roomy
}

/**
 * The role through which the management account enters an account it made.
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_access-cross-account-role.html
 */
export function createAccessRole(
  iam: IamService,
  account: AccountId,
  name: string,
  managementAccount: AccountId,
): void {
  if (iam.store.find('role', account, name)) return
  const trust = {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${managementAccount}:root` }, Action: 'sts:AssumeRole' },
    ],
  }
  iam.store.put({
    kind: 'role',
    account,
    name,
    path: '/',
    arn: entityArn('role', account, '/', name),
    id: iam.newId('AROA', account),
    createdMs: iam.nowMs(),
    inline: {},
    attached: [ADMINISTRATOR_ACCESS],
    tags: {},
    maxSessionSeconds: MAX_SESSION_SECONDS_DEFAULT,
    trust: trustPolicyFrom(JSON.stringify(trust), iam.directory),
  })
}

/** Undefined when the user is gone or has no active key. */
export function administratorCredentials(iam: IamService, account: string, userName: string): Credentials | undefined {
  const user = iam.store.find('user', account, userName)
  const key = user && activeKey(iam, user)
  return key && credentialsOf(key, user)
}

function createUser(iam: IamService, account: AccountId, name: string): User {
  const user: User = {
    kind: 'user',
    account,
    name,
    path: '/',
    arn: entityArn('user', account, '/', name),
    id: iam.newId('AIDA', account),
    createdMs: iam.nowMs(),
    inline: {},
    attached: [],
    tags: {},
    groupIds: [],
    accessKeyIds: [],
  }
  iam.store.put(user)
  return user
}

function activeKey(iam: IamService, user: User): AccessKey | undefined {
  return user.accessKeyIds.flatMap((id) => iam.store.accessKeys.get(id) ?? []).find(({ active }) => active)
}
