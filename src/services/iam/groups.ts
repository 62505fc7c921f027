/** Groups and who is in them. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups.html */
import type * as sdk from '@aws-sdk/client-iam'

import { AwsError } from '../../core/aws-error.ts'
import { onCreation, onEntity, onList } from './access.ts'
import { pageOf } from './paging.ts'
import { entityArn, type Group } from './records.ts'
import type { IamOperations } from './service.ts'
import { userShape } from './users.ts'

const GROUPS_PER_USER_MAX = 10

export const groups: IamOperations = {
  CreateGroup: {
    permissions: ({ GroupName, Path }, caller) =>
      onCreation(caller, 'iam:CreateGroup', { kind: 'group', path: Path, name: GroupName }),
    handle({ GroupName, Path = '/' }, { account }, iam) {
      iam.refuseTakenName('group', account, GroupName)
      const group: Group = {
        kind: 'group',
        account,
        name: GroupName,
        path: Path,
        arn: entityArn('group', account, Path, GroupName),
        id: iam.newId('AGPA', account),
        createdMs: iam.nowMs(),
        inline: {},
        attached: [],
      }
      iam.store.put(group)
      return { Group: groupShape(group) }
    },
  },

  GetGroup: {
    permissions: ({ GroupName }, caller, iam) => [onEntity(iam, caller, 'iam:GetGroup', ['group', GroupName])],
    handle(input, { account }, iam) {
      const group = iam.group(account, input.GroupName)
      const members = iam.store
        .in(account)
        .user.values()
        .filter(({ groupIds }) => groupIds.includes(group.id))
      const { items, end } = pageOf(members, ({ name }) => name, input)
      return { Group: groupShape(group), Users: items.map(userShape), ...end }
    },
  },

  ListGroups: {
    permissions: ({ PathPrefix }, caller) => onList(caller, 'iam:ListGroups', 'group', PathPrefix),
    handle(input, { account }, iam) {
      const { PathPrefix = '/' } = input
      const matching = iam.store
        .in(account)
        .group.values()
        .filter(({ path }) => path.startsWith(PathPrefix))
      const { items, end } = pageOf(matching, ({ name }) => name, input)
      return { Groups: items.map(groupShape), ...end }
    },
  },

  ListGroupsForUser: {
    permissions: ({ UserName }, caller, iam) => [onEntity(iam, caller, 'iam:ListGroupsForUser', ['user', UserName])],
    handle(input, { account }, iam) {
      const { groupIds } = iam.user(account, input.UserName)
      const { items, end } = pageOf(iam.groupsById(groupIds), ({ name }) => name, input)
      return { Groups: items.map(groupShape), ...end }
    },
  },

  UpdateGroup: {
    permissions: ({ GroupName, NewPath, NewGroupName }, caller, iam) => {
      const source = onEntity(iam, caller, 'iam:UpdateGroup', ['group', GroupName])
      const path = NewPath ?? iam.store.find('group', caller.account, GroupName)?.path ?? '/'
      return [source, { ...source, resource: entityArn('group', caller.account, path, NewGroupName ?? GroupName) }]
    },
    handle({ GroupName, NewPath, NewGroupName }, { account }, iam) {
      const group = iam.group(account, GroupName)
      const path = NewPath ?? group.path
      const name = NewGroupName ?? group.name
      if (name.toLowerCase() !== group.name.toLowerCase()) iam.refuseTakenName('group', account, name)
      iam.store.put({ ...group, path, name, arn: entityArn('group', account, path, name) }, group.name)
      return {}
    },
  },

  DeleteGroup: {
    permissions: ({ GroupName }, caller, iam) => [onEntity(iam, caller, 'iam:DeleteGroup', ['group', GroupName])],
    handle({ GroupName }, { account }, iam) {
      const group = iam.group(account, GroupName)
      const hasMembers = iam.store
        .in(account)
        .user.values()
        .some(({ groupIds }) => groupIds.includes(group.id))
      const obstacle =
        (hasMembers && 'must remove users from group first') ||
        (group.attached.length > 0 && 'must detach all policies first') ||
        (Object.keys(group.inline).length > 0 && 'must delete policies first')
      if (obstacle) throw new AwsError('DeleteConflictException', `Cannot delete entity, ${obstacle}.`)
      iam.store.remove(group)
      return {}
    },
  },

  AddUserToGroup: {
    permissions: ({ GroupName }, caller, iam) => [onEntity(iam, caller, 'iam:AddUserToGroup', ['group', GroupName])],
    handle({ GroupName, UserName }, { account }, iam) {
      const group = iam.group(account, GroupName)
      const user = iam.user(account, UserName)
      if (user.groupIds.includes(group.id)) return {}
      if (user.groupIds.length >= GROUPS_PER_USER_MAX) {
        throw new AwsError('LimitExceededException', `Cannot exceed quota for GroupsPerUser: ${GROUPS_PER_USER_MAX}`)
      }
      iam.store.put({ ...user, groupIds: [...user.groupIds, group.id] })
      return {}
    },
  },

  RemoveUserFromGroup: {
    permissions: ({ GroupName }, caller, iam) => [
      onEntity(iam, caller, 'iam:RemoveUserFromGroup', ['group', GroupName]),
    ],
    handle({ GroupName, UserName }, { account }, iam) {
      const group = iam.group(account, GroupName)
      const user = iam.user(account, UserName)
      if (user.groupIds.includes(group.id)) {
        iam.store.put({ ...user, groupIds: user.groupIds.filter((id) => id !== group.id) })
      }
      return {}
    },
  },
}

export function groupShape({ path, name, id, arn, createdMs }: Group): sdk.Group {
  return { Path: path, GroupName: name, GroupId: id, Arn: arn, CreateDate: new Date(createdMs) }
}
