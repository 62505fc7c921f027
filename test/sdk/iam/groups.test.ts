/** Groups, by what their members may do. */
import {
  AddUserToGroupCommand,
  CreateAccessKeyCommand,
  CreateGroupCommand,
  CreateUserCommand,
  DeleteGroupCommand,
  DeleteGroupPolicyCommand,
  DeleteUserCommand,
  GetGroupCommand,
  IAMClient,
  ListGroupsCommand,
  ListGroupsForUserCommand,
  ListUsersCommand,
  PutGroupPolicyCommand,
  RemoveUserFromGroupCommand,
  UpdateGroupCommand,
} from '@aws-sdk/client-iam'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'
import { allowing } from './documents.ts'

let cloud: TestCloud
let iam: IAMClient

beforeAll(async () => {
  cloud = await startCloud()
  iam = cloud.client(IAMClient, 'source')
})
afterAll(() => cloud.close())

test('a group gives its policies to its members, also after it was renamed', async () => {
  const { Group } = await iam.send(new CreateGroupCommand({ GroupName: 'readers', Path: '/g/' }))
  expect(Group).toMatchObject({
    Arn: 'arn:aws:iam::111122223333:group/g/readers',
    GroupId: expect.stringMatching(/^AGPA[A-Z2-7]{17}$/) as string,
  })
  await iam.send(
    new PutGroupPolicyCommand({ GroupName: 'readers', PolicyName: 'p', PolicyDocument: allowing('iam:ListUsers') }),
  )
  await iam.send(new CreateUserCommand({ UserName: 'member' }))
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'member' }))
  const member = cloud.client(IAMClient, {
    accessKeyId: AccessKey?.AccessKeyId ?? '',
    secretAccessKey: AccessKey?.SecretAccessKey ?? '',
  })
  await expect(member.send(new ListUsersCommand({}))).rejects.toMatchObject({ name: 'AccessDenied' })
  await iam.send(new AddUserToGroupCommand({ GroupName: 'readers', UserName: 'member' }))
  await iam.send(new AddUserToGroupCommand({ GroupName: 'readers', UserName: 'member' }))
  await member.send(new ListUsersCommand({}))
  await iam.send(new UpdateGroupCommand({ GroupName: 'readers', NewGroupName: 'viewers', NewPath: '/' }))
  await member.send(new ListUsersCommand({}))
  const { Groups } = await iam.send(new ListGroupsForUserCommand({ UserName: 'member' }))
  expect(Groups?.map(({ Arn }) => Arn)).toEqual(['arn:aws:iam::111122223333:group/viewers'])
  await iam.send(new RemoveUserFromGroupCommand({ GroupName: 'viewers', UserName: 'member' }))
  await expect(member.send(new ListUsersCommand({}))).rejects.toMatchObject({ name: 'AccessDenied' })
})

test('a group shows its members in pages', async () => {
  await iam.send(new CreateGroupCommand({ GroupName: 'big' }))
  for (const name of ['m3', 'm1', 'm2']) {
    await iam.send(new CreateUserCommand({ UserName: name }))
    await iam.send(new AddUserToGroupCommand({ GroupName: 'big', UserName: name }))
  }
  const first = await iam.send(new GetGroupCommand({ GroupName: 'big', MaxItems: 2 }))
  expect(first.Users?.map(({ UserName }) => UserName)).toEqual(['m1', 'm2'])
  const second = await iam.send(new GetGroupCommand({ GroupName: 'big', Marker: first.Marker }))
  expect(second.Users?.map(({ UserName }) => UserName)).toEqual(['m3'])
  expect(second.IsTruncated).toBe(false)
})

test('neither a group with members nor its members can be deleted', async () => {
  await iam.send(new CreateGroupCommand({ GroupName: 'held' }))
  await iam.send(new CreateUserCommand({ UserName: 'holder' }))
  await iam.send(new AddUserToGroupCommand({ GroupName: 'held', UserName: 'holder' }))
  const conflict = {
    name: 'DeleteConflictException',
    message: 'Cannot delete entity, must remove users from group first.',
  }
  await expect(iam.send(new DeleteGroupCommand({ GroupName: 'held' }))).rejects.toMatchObject(conflict)
  await expect(iam.send(new DeleteUserCommand({ UserName: 'holder' }))).rejects.toMatchObject(conflict)
  await iam.send(new RemoveUserFromGroupCommand({ GroupName: 'held', UserName: 'holder' }))
  await iam.send(
    new PutGroupPolicyCommand({ GroupName: 'held', PolicyName: 'p', PolicyDocument: allowing('iam:ListUsers') }),
  )
  await expect(iam.send(new DeleteGroupCommand({ GroupName: 'held' }))).rejects.toMatchObject({
    message: 'Cannot delete entity, must delete policies first.',
  })
  await iam.send(new DeleteGroupPolicyCommand({ GroupName: 'held', PolicyName: 'p' }))
  await iam.send(new DeleteGroupCommand({ GroupName: 'held' }))
  const { Groups } = await iam.send(new ListGroupsCommand({}))
  expect(Groups?.map(({ GroupName }) => GroupName)).not.toContain('held')
})

test('names are unique and must exist', async () => {
  await iam.send(new CreateGroupCommand({ GroupName: 'one' }))
  await expect(iam.send(new CreateGroupCommand({ GroupName: 'ONE' }))).rejects.toMatchObject({
    name: 'EntityAlreadyExistsException',
    message: 'Group with name ONE already exists.',
  })
  await expect(iam.send(new GetGroupCommand({ GroupName: 'none' }))).rejects.toMatchObject({
    name: 'NoSuchEntityException',
    message: 'The group with name none cannot be found.',
  })
  await expect(iam.send(new AddUserToGroupCommand({ GroupName: 'one', UserName: 'nobody' }))).rejects.toMatchObject({
    message: 'The user with name nobody cannot be found.',
  })
})

test('a user is in at most ten groups', async () => {
  await iam.send(new CreateUserCommand({ UserName: 'busy' }))
  for (let i = 0; i < 11; i++) await iam.send(new CreateGroupCommand({ GroupName: `club-${i}` }))
  for (let i = 0; i < 10; i++) {
    await iam.send(new AddUserToGroupCommand({ GroupName: `club-${i}`, UserName: 'busy' }))
  }
  await expect(iam.send(new AddUserToGroupCommand({ GroupName: 'club-10', UserName: 'busy' }))).rejects.toMatchObject({
    name: 'LimitExceededException',
    message: 'Cannot exceed quota for GroupsPerUser: 10',
  })
})
