/** Roles, their trust policies and permissions boundaries. */
import {
  CreateRoleCommand,
  CreateUserCommand,
  DeleteRoleCommand,
  DeleteRolePermissionsBoundaryCommand,
  DeleteUserCommand,
  GetRoleCommand,
  IAMClient,
  ListInstanceProfilesForRoleCommand,
  ListRolesCommand,
  PutRolePermissionsBoundaryCommand,
  PutUserPermissionsBoundaryCommand,
  DeleteUserPermissionsBoundaryCommand,
  GetUserCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
  UpdateRoleDescriptionCommand,
} from '@aws-sdk/client-iam'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'
import { decoded, trusting } from './documents.ts'

const LAMBDA = trusting({ Service: 'lambda.amazonaws.com' })

let cloud: TestCloud
let iam: IAMClient

beforeAll(async () => {
  cloud = await startCloud()
  iam = cloud.client(IAMClient, 'source')
})
afterAll(() => cloud.close())

describe('a role', () => {
  test('is created, shown, changed and deleted', async () => {
    const { Role } = await iam.send(
      new CreateRoleCommand({
        RoleName: 'worker',
        Path: '/service/',
        AssumeRolePolicyDocument: LAMBDA,
        Description: 'works',
        MaxSessionDuration: 7200,
        Tags: [{ Key: 'team', Value: 'red' }],
      }),
    )
    expect(Role).toMatchObject({
      RoleName: 'worker',
      Path: '/service/',
      Arn: 'arn:aws:iam::111122223333:role/service/worker',
      RoleId: expect.stringMatching(/^AROA[A-Z2-7]{17}$/) as string,
      Description: 'works',
      MaxSessionDuration: 7200,
      Tags: [{ Key: 'team', Value: 'red' }],
    })
    expect(Role?.AssumeRolePolicyDocument).toBe(encodeURIComponent(LAMBDA))
    await iam.send(new UpdateRoleCommand({ RoleName: 'worker', Description: 'rests', MaxSessionDuration: 3600 }))
    expect((await iam.send(new GetRoleCommand({ RoleName: 'worker' }))).Role).toMatchObject({
      Description: 'rests',
      MaxSessionDuration: 3600,
      RoleLastUsed: {},
    })
    const described = await iam.send(new UpdateRoleDescriptionCommand({ RoleName: 'worker', Description: 'again' }))
    expect(described.Role?.Description).toBe('again')
    expect(await iam.send(new ListInstanceProfilesForRoleCommand({ RoleName: 'worker' }))).toMatchObject({
      InstanceProfiles: [],
      IsTruncated: false,
    })
    await iam.send(new DeleteRoleCommand({ RoleName: 'worker' }))
    await expect(iam.send(new GetRoleCommand({ RoleName: 'worker' }))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
      message: 'The role with name worker cannot be found.',
    })
  })

  test('is listed by path, in pages, without tags', async () => {
    for (const name of ['r2', 'r1', 'r3']) {
      await iam.send(
        new CreateRoleCommand({
          RoleName: name,
          Path: '/listed/',
          AssumeRolePolicyDocument: LAMBDA,
          Tags: [{ Key: 'a', Value: 'b' }],
        }),
      )
    }
    const first = await iam.send(new ListRolesCommand({ PathPrefix: '/listed', MaxItems: 2 }))
    expect(first.Roles?.map(({ RoleName }) => RoleName)).toEqual(['r1', 'r2'])
    expect(first.Roles?.[0]).not.toHaveProperty('Tags')
    const second = await iam.send(new ListRolesCommand({ PathPrefix: '/listed', Marker: first.Marker }))
    expect(second.Roles?.map(({ RoleName }) => RoleName)).toEqual(['r3'])
  })

  test('has a unique name and a session of an hour to twelve', async () => {
    await iam.send(new CreateRoleCommand({ RoleName: 'only', AssumeRolePolicyDocument: LAMBDA }))
    await expect(
      iam.send(new CreateRoleCommand({ RoleName: 'only', AssumeRolePolicyDocument: LAMBDA })),
    ).rejects.toMatchObject({
      name: 'EntityAlreadyExistsException',
      message: 'Role with name only already exists.',
    })
    await expect(iam.send(new UpdateRoleCommand({ RoleName: 'only', MaxSessionDuration: 60 }))).rejects.toMatchObject({
      name: 'ValidationError',
    })
  })
})

describe('a trust policy', () => {
  test.each([
    ['that is not JSON', '{', 'This policy contains invalid Json'],
    [
      'with a resource',
      '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole","Resource":"*"}]}',
      'Has prohibited field Resource',
    ],
    [
      'that names a role that does not exist',
      trusting({ AWS: 'arn:aws:iam::444455556666:role/none' }),
      'Invalid principal in policy: "AWS":"arn:aws:iam::444455556666:role/none"',
    ],
  ])('%s is refused', async (_, document, message) => {
    await expect(
      iam.send(new CreateRoleCommand({ RoleName: 'malformed', AssumeRolePolicyDocument: document })),
    ).rejects.toMatchObject({
      name: 'MalformedPolicyDocumentException',
      message,
      $metadata: { httpStatusCode: 400 },
    })
  })

  test('names principals of other accounts, and shows the id of one that was deleted', async () => {
    const target = cloud.client(IAMClient, 'target')
    const { User } = await target.send(new CreateUserCommand({ UserName: 'trusted' }))
    const arn = 'arn:aws:iam::444455556666:user/trusted'
    await iam.send(new CreateRoleCommand({ RoleName: 'open', AssumeRolePolicyDocument: LAMBDA }))
    await iam.send(
      new UpdateAssumeRolePolicyCommand({ RoleName: 'open', PolicyDocument: trusting({ AWS: [arn, '444455556666'] }) }),
    )
    const shown = async () => {
      const { Role } = await iam.send(new GetRoleCommand({ RoleName: 'open' }))
      return decoded(Role?.AssumeRolePolicyDocument)
    }
    const root = 'arn:aws:iam::444455556666:root'
    expect(await shown()).toHaveProperty('Statement.0.Principal.AWS', [arn, root])
    await target.send(new DeleteUserCommand({ UserName: 'trusted' }))
    expect(await shown()).toHaveProperty('Statement.0.Principal.AWS', [User?.UserId, root])
    await target.send(new CreateUserCommand({ UserName: 'trusted' }))
    expect(await shown()).toHaveProperty('Statement.0.Principal.AWS', [User?.UserId, root])
  })
})

describe('a permissions boundary', () => {
  const boundary = 'arn:aws:iam::aws:policy/ReadOnlyAccess'

  test('is put on a role and taken off', async () => {
    await iam.send(new CreateRoleCommand({ RoleName: 'bounded', AssumeRolePolicyDocument: LAMBDA }))
    await iam.send(new PutRolePermissionsBoundaryCommand({ RoleName: 'bounded', PermissionsBoundary: boundary }))
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: 'bounded' }))
    expect(Role?.PermissionsBoundary).toEqual({
      PermissionsBoundaryType: 'Policy',
      PermissionsBoundaryArn: boundary,
    })
    await iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName: 'bounded' }))
    expect((await iam.send(new GetRoleCommand({ RoleName: 'bounded' }))).Role).not.toHaveProperty('PermissionsBoundary')
  })

  test('is put on a user and taken off', async () => {
    await iam.send(new CreateUserCommand({ UserName: 'bounded' }))
    await iam.send(new PutUserPermissionsBoundaryCommand({ UserName: 'bounded', PermissionsBoundary: boundary }))
    const { User } = await iam.send(new GetUserCommand({ UserName: 'bounded' }))
    expect(User?.PermissionsBoundary?.PermissionsBoundaryArn).toBe(boundary)
    await iam.send(new DeleteUserPermissionsBoundaryCommand({ UserName: 'bounded' }))
    expect((await iam.send(new GetUserCommand({ UserName: 'bounded' }))).User).not.toHaveProperty('PermissionsBoundary')
  })

  test('must be a policy that exists', async () => {
    const none = 'arn:aws:iam::111122223333:policy/none'
    await iam.send(new CreateUserCommand({ UserName: 'free' }))
    await expect(
      iam.send(new PutUserPermissionsBoundaryCommand({ UserName: 'free', PermissionsBoundary: none })),
    ).rejects.toMatchObject({
      name: 'NoSuchEntityException',
      message: `Scope ARN: ${none} does not exist or is not attachable.`,
    })
  })
})

test('the path of service-linked roles is theirs alone', async () => {
  const create = iam.send(
    new CreateRoleCommand({
      RoleName: 'impostor',
      Path: '/aws-service-role/lambda.amazonaws.com/',
      AssumeRolePolicyDocument: LAMBDA,
    }),
  )
  await expect(create).rejects.toMatchObject({
    name: 'InvalidInputException',
    message: "Path prefix '/aws-service-role/' can only be used for AWS Service linked Roles",
    $metadata: { httpStatusCode: 400 },
  })
})
