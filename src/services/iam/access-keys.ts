/** Access keys: at most two per user. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html */
import { AwsError } from '../../core/aws-error.ts'
import { callerArn } from '../../policy/principal-text.ts'
import type { Caller } from '../caller.ts'
import { onEntity } from './access.ts'
import { pageOf } from './paging.ts'
import type { AccessKey, User } from './records.ts'
import type { IamOperations, IamService } from './service.ts'
import { accessKeyId } from './unique-id.ts'

export const KEYS_PER_USER_MAX = 2
const SECRET_LENGTH = 40

export const accessKeys: IamOperations = {
  CreateAccessKey: {
    permissions: ({ UserName }, caller, iam) => [onUser(iam, caller, 'iam:CreateAccessKey', UserName)],
    handle({ UserName }, caller, iam) {
      const user = iam.userOrCaller(caller, UserName)
      const key = createAccessKey(iam, user)
      return {
        AccessKey: {
          UserName: user.name,
          AccessKeyId: key.id,
          Status: 'Active',
          SecretAccessKey: key.secret,
          CreateDate: new Date(key.createdMs),
        },
      }
    },
  },

  ListAccessKeys: {
    permissions: ({ UserName }, caller, iam) => [onUser(iam, caller, 'iam:ListAccessKeys', UserName)],
    handle(input, caller, iam) {
      const user = iam.userOrCaller(caller, input.UserName)
      const keys = user.accessKeyIds.flatMap((id) => iam.store.accessKeys.get(id) ?? [])
      const { items, end } = pageOf(keys, ({ id }) => id, input)
      return {
        AccessKeyMetadata: items.map(({ id, active, createdMs }) => ({
          UserName: user.name,
          AccessKeyId: id,
          Status: active ? ('Active' as const) : ('Inactive' as const),
          CreateDate: new Date(createdMs),
        })),
        ...end,
      }
    },
  },

  UpdateAccessKey: {
    permissions: ({ UserName }, caller, iam) => [onUser(iam, caller, 'iam:UpdateAccessKey', UserName)],
    handle({ UserName, AccessKeyId, Status }, caller, iam) {
      const key = keyOf(iam, iam.userOrCaller(caller, UserName), AccessKeyId)
      if (Status === 'Expired') {
        throw new AwsError('InvalidInputException', 'The status of an access key can be set to Active or Inactive')
      }
      iam.store.accessKeys.put(key.id, { ...key, active: Status === 'Active' })
      return {}
    },
  },

  DeleteAccessKey: {
    permissions: ({ UserName }, caller, iam) => [onUser(iam, caller, 'iam:DeleteAccessKey', UserName)],
    handle({ UserName, AccessKeyId }, caller, iam) {
      const user = iam.userOrCaller(caller, UserName)
      const key = keyOf(iam, user, AccessKeyId)
      iam.store.accessKeys.delete(key.id)
      iam.keyUses.delete(key.id)
      iam.store.put({ ...user, accessKeyIds: user.accessKeyIds.filter((id) => id !== key.id) })
      return {}
    },
  },

  GetAccessKeyLastUsed: {
    permissions: ({ AccessKeyId }, caller, iam) => {
      const owner = ownerOf(iam, caller, AccessKeyId)
      if (!owner) return []
      const permission = onEntity(iam, caller, 'iam:GetAccessKeyLastUsed', ['user', owner.name])
      return [{ ...permission, resourceText: `access key ${AccessKeyId}` }]
    },
    handle({ AccessKeyId }, caller, iam) {
      const owner = ownerOf(iam, caller, AccessKeyId)
      // AWS does not tell a key that does not exist from one of another account.
      if (!owner) {
        throw new AwsError(
          'AccessDenied',
          `User: ${callerArn(caller.principal)} is not authorized to perform: iam:GetAccessKeyLastUsed on resource: access key ${AccessKeyId}`,
          { status: 403 },
        )
      }
      const use = iam.keyUses.get(AccessKeyId)
      return {
        UserName: owner.name,
        AccessKeyLastUsed: {
          ...(use && { LastUsedDate: new Date(use.atMs) }),
          ServiceName: use?.service ?? 'N/A',
          Region: use?.region ?? 'N/A',
        },
      }
    },
  },
}

/** Throws `LimitExceeded` when the user has two. */
export function createAccessKey(
  iam: IamService,
  user: User,
  given?: { readonly accessKeyId: string; readonly secretAccessKey: string },
): AccessKey {
  if (user.accessKeyIds.length >= KEYS_PER_USER_MAX) {
    throw new AwsError('LimitExceededException', `Cannot exceed quota for AccessKeysPerUser: ${KEYS_PER_USER_MAX}`)
  }
  const key: AccessKey = {
    id: given?.accessKeyId ?? accessKeyId(iam.ids, 'AKIA', user.account),
    secret: given?.secretAccessKey ?? iam.ids.secret(SECRET_LENGTH),
    account: user.account,
    userId: user.id,
    active: true,
    createdMs: iam.nowMs(),
  }
  iam.store.accessKeys.put(key.id, key)
  iam.store.put({ ...user, accessKeyIds: [...user.accessKeyIds, key.id] })
  return key
}

function onUser(iam: IamService, caller: Caller, action: string, name: string | undefined) {
  return onEntity(iam, caller, action, ['user', iam.userNameOrCaller(caller, name)])
}

function keyOf(iam: IamService, user: User, id: string): AccessKey {
  const key = user.accessKeyIds.includes(id) ? iam.store.accessKeys.get(id) : undefined
  if (!key) throw new AwsError('NoSuchEntityException', `The Access Key with id ${id} cannot be found.`)
  return key
}

function ownerOf(iam: IamService, caller: Caller, id: string): User | undefined {
  const key = iam.store.accessKeys.get(id)
  const owner = key?.account === caller.account ? iam.store.byId(key.userId) : undefined
  return owner?.kind === 'user' ? owner : undefined
}
