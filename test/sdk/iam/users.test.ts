/** Users. */
import {
  CreateUserCommand,
  DeleteUserCommand,
  GetUserCommand,
  IAMClient,
  ListUsersCommand,
  paginateListUsers,
  UpdateUserCommand,
} from '@aws-sdk/client-iam'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'

let cloud: TestCloud
let iam: IAMClient

beforeAll(async () => {
  cloud = await startCloud()
  iam = cloud.client(IAMClient, 'source')
})
afterAll(() => cloud.close())

describe('a user', () => {
  test('is created with path, tags and boundary, and shown whole only by itself', async () => {
    const boundary = 'arn:aws:iam::aws:policy/PowerUserAccess'
    const created = await iam.send(
      new CreateUserCommand({
        UserName: 'grace',
        Path: '/staff/',
        Tags: [{ Key: 'team', Value: 'navy' }],
        PermissionsBoundary: boundary,
      }),
    )
    const whole = {
      UserName: 'grace',
      Path: '/staff/',
      Arn: 'arn:aws:iam::111122223333:user/staff/grace',
      UserId: expect.stringMatching(/^AIDA[A-Z2-7]{17}$/) as string,
      CreateDate: expect.any(Date) as Date,
      Tags: [{ Key: 'team', Value: 'navy' }],
      PermissionsBoundary: { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: boundary },
    }
    expect(created.User).toEqual(whole)
    expect((await iam.send(new GetUserCommand({ UserName: 'grace' }))).User).toEqual(whole)
    const { Users } = await iam.send(new ListUsersCommand({ PathPrefix: '/staff/' }))
    expect(Users).toHaveLength(1)
    expect(Users?.[0]).not.toHaveProperty('Tags')
    expect(Users?.[0]).not.toHaveProperty('PermissionsBoundary')
  })

  test('without a name is the caller', async () => {
    const { User } = await iam.send(new GetUserCommand({}))
    expect(User?.Arn).toBe('arn:aws:iam::111122223333:user/administrator')
  })

  test('is renamed and moved and keeps its id', async () => {
    const { User } = await iam.send(new CreateUserCommand({ UserName: 'old' }))
    await iam.send(new UpdateUserCommand({ UserName: 'old', NewUserName: 'new', NewPath: '/p/' }))
    const renamed = await iam.send(new GetUserCommand({ UserName: 'new' }))
    expect(renamed.User).toMatchObject({ UserId: User?.UserId, Arn: 'arn:aws:iam::111122223333:user/p/new' })
    await expect(iam.send(new GetUserCommand({ UserName: 'old' }))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
      message: 'The user with name old cannot be found.',
    })
  })

  test('is deleted', async () => {
    await iam.send(new CreateUserCommand({ UserName: 'gone' }))
    await iam.send(new DeleteUserCommand({ UserName: 'gone' }))
    await expect(iam.send(new DeleteUserCommand({ UserName: 'gone' }))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
      $metadata: { httpStatusCode: 404 },
    })
  })
})

describe('a user name', () => {
  test('is taken regardless of case', async () => {
    await iam.send(new CreateUserCommand({ UserName: 'Taken' }))
    await expect(iam.send(new CreateUserCommand({ UserName: 'TAKEN' }))).rejects.toMatchObject({
      name: 'EntityAlreadyExistsException',
      message: 'User with name TAKEN already exists.',
      $metadata: { httpStatusCode: 409 },
    })
    await iam.send(new CreateUserCommand({ UserName: 'free' }))
    await expect(iam.send(new UpdateUserCommand({ UserName: 'free', NewUserName: 'taken' }))).rejects.toMatchObject({
      name: 'EntityAlreadyExistsException',
    })
    await iam.send(new UpdateUserCommand({ UserName: 'free', NewUserName: 'Free' }))
    expect((await iam.send(new GetUserCommand({ UserName: 'Free' }))).User?.UserName).toBe('Free')
  })

  test('of another account is not there', async () => {
    await iam.send(new CreateUserCommand({ UserName: 'local' }))
    const other = cloud.client(IAMClient, 'target')
    await expect(other.send(new GetUserCommand({ UserName: 'local' }))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
    })
  })

  test('is constrained as the API says', async () => {
    await expect(iam.send(new CreateUserCommand({ UserName: 'a b' }))).rejects.toMatchObject({
      name: 'ValidationError',
      message:
        'The specified value for userName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-',
      $metadata: { httpStatusCode: 400 },
    })
  })
})

test('a boundary must exist', async () => {
  const arn = 'arn:aws:iam::111122223333:policy/none'
  await expect(
    iam.send(new CreateUserCommand({ UserName: 'unbounded', PermissionsBoundary: arn })),
  ).rejects.toMatchObject({
    name: 'NoSuchEntityException',
    message: `Scope ARN: ${arn} does not exist or is not attachable.`,
  })
})

test('users come in pages, in the order of their names', async () => {
  for (const name of ['c', 'a', 'd', 'b', 'e']) {
    await iam.send(new CreateUserCommand({ UserName: name, Path: '/paged/' }))
  }
  const pages: (string | undefined)[][] = []
  for await (const page of paginateListUsers({ client: iam, pageSize: 2 }, { PathPrefix: '/paged/' })) {
    pages.push((page.Users ?? []).map(({ UserName }) => UserName))
  }
  expect(pages).toEqual([['a', 'b'], ['c', 'd'], ['e']])
  await expect(iam.send(new ListUsersCommand({ Marker: 'made up' }))).rejects.toMatchObject({ name: 'ValidationError' })
})
