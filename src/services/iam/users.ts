/** Users. https://docs.aws.amazon.com/IAM/latest/APIReference/API_User.html */
import type * as sdk from '@aws-sdk/client-iam'

import { AwsError } from '../../core/aws-error.ts'
import { onCreation, onEntity, onList } from './access.ts'
import { boundaryShape, checkBoundary } from './boundaries.ts'
import { pageOf } from './paging.ts'
import { entityArn, type User } from './records.ts'
import type { IamOperations } from './service.ts'
import { requestedTags, tagList, withTags } from './tag-set.ts'

export const users: IamOperations = {
  CreateUser: {
    permissions: ({ UserName, Path, Tags, PermissionsBoundary }, caller) =>
      onCreation(
        caller,
        'iam:CreateUser',
        { kind: 'user', path: Path, name: UserName },
        { tags: requestedTags(Tags), boundaryArn: PermissionsBoundary },
      ),
    handle({ UserName, Path = '/', Tags, PermissionsBoundary }, { account }, iam) {
      iam.refuseTakenName('user', account, UserName)
      if (PermissionsBoundary !== undefined) checkBoundary(iam, account, PermissionsBoundary)
      const user: User = {
        kind: 'user',
        account,
        name: UserName,
        path: Path,
        arn: entityArn('user', account, Path, UserName),
        id: iam.newId('AIDA', account),
        createdMs: iam.nowMs(),
        inline: {},
        attached: [],
        tags: withTags({}, Tags, 'User'),
        ...(PermissionsBoundary !== undefined && { boundaryArn: PermissionsBoundary }),
        groupIds: [],
        accessKeyIds: [],
      }
      iam.store.put(user)
      return { User: wholeUserShape(user) }
    },
  },

  GetUser: {
    permissions: ({ UserName }, caller, iam) =>
      caller.principal.kind === 'root' && UserName === undefined
        ? []
        : [onEntity(iam, caller, 'iam:GetUser', ['user', iam.userNameOrCaller(caller, UserName)])],
    handle({ UserName }, caller, iam) {
      const { principal } = caller
      if (principal.kind === 'root' && UserName === undefined) {
        // FIDELITY: accounts have no creation date here, so the root user shows the epoch.
        const { account, arn } = principal
        return { User: { Path: '/', UserName: 'root', UserId: account, Arn: arn, CreateDate: new Date(0) } }
      }
      return { User: wholeUserShape(iam.userOrCaller(caller, UserName)) }
    },
  },

  ListUsers: {
    permissions: ({ PathPrefix }, caller) => onList(caller, 'iam:ListUsers', 'user', PathPrefix),
    handle(input, { account }, iam) {
      const { PathPrefix = '/' } = input
      const matching = iam.store
        .in(account)
        .user.values()
        .filter(({ path }) => path.startsWith(PathPrefix))
      const { items, end } = pageOf(matching, ({ name }) => name, input)
      return { Users: items.map(userShape), ...end }
    },
  },

  UpdateUser: {
    permissions: ({ UserName, NewPath, NewUserName }, caller, iam) => {
      const source = onEntity(iam, caller, 'iam:UpdateUser', ['user', UserName])
      const path = NewPath ?? iam.store.find('user', caller.account, UserName)?.path ?? '/'
      return [source, { ...source, resource: entityArn('user', caller.account, path, NewUserName ?? UserName) }]
    },
    handle({ UserName, NewPath, NewUserName }, { account }, iam) {
      const user = iam.user(account, UserName)
      const path = NewPath ?? user.path
      const name = NewUserName ?? user.name
      if (name.toLowerCase() !== user.name.toLowerCase()) iam.refuseTakenName('user', account, name)
      iam.store.put({ ...user, path, name, arn: entityArn('user', account, path, name) }, user.name)
      return {}
    },
  },

  DeleteUser: {
    permissions: ({ UserName }, caller, iam) => [onEntity(iam, caller, 'iam:DeleteUser', ['user', UserName])],
    handle({ UserName }, { account }, iam) {
      const user = iam.user(account, UserName)
      const obstacle =
        (user.accessKeyIds.length > 0 && 'must delete access keys first') ||
        (user.groupIds.length > 0 && 'must remove users from group first') ||
        (user.attached.length > 0 && 'must detach all policies first') ||
        (Object.keys(user.inline).length > 0 && 'must delete policies first')
      if (obstacle) throw new AwsError('DeleteConflictException', `Cannot delete entity, ${obstacle}.`)
      iam.store.remove(user)
      return {}
    },
  },
}

/** As lists show it: without tags and boundary. */
export function userShape({ path, name, id, arn, createdMs }: User): sdk.User {
  return { Path: path, UserName: name, UserId: id, Arn: arn, CreateDate: new Date(createdMs) }
}

function wholeUserShape(user: User): sdk.User {
  return {
    ...userShape(user),
    ...boundaryShape(user),
    ...(Object.keys(user.tags).length > 0 && { Tags: tagList(user.tags) }),
  }
}
