/** Managed policies and their versions. */
import {
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DetachUserPolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  IAMClient,
  ListEntitiesForPolicyCommand,
  ListPoliciesCommand,
  ListPolicyVersionsCommand,
  PutRolePermissionsBoundaryCommand,
  SetDefaultPolicyVersionCommand,
  type ListPoliciesCommandInput,
} from '@aws-sdk/client-iam'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'
import { allowing, trusting } from './documents.ts'

const arnOf = (name: string) => `arn:aws:iam::111122223333:policy/${name}`
const ADMINISTRATOR_ACCESS = 'arn:aws:iam::aws:policy/AdministratorAccess'

let cloud: TestCloud
let iam: IAMClient

beforeAll(async () => {
  cloud = await startCloud()
  iam = cloud.client(IAMClient, 'source')
})
afterAll(() => cloud.close())

describe('a managed policy', () => {
  test('is created, shown, counted and deleted', async () => {
    const { Policy } = await iam.send(
      new CreatePolicyCommand({
        PolicyName: 'readers',
        Path: '/teams/',
        Description: 'reads',
        PolicyDocument: allowing('s3:GetObject'),
        Tags: [{ Key: 'a', Value: 'b' }],
      }),
    )
    const arn = arnOf('teams/readers')
    expect(Policy).toMatchObject({
      Arn: arn,
      PolicyId: expect.stringMatching(/^ANPA[A-Z2-7]{17}$/) as string,
      DefaultVersionId: 'v1',
      AttachmentCount: 0,
      IsAttachable: true,
      Description: 'reads',
      Tags: [{ Key: 'a', Value: 'b' }],
    })
    await iam.send(new CreateUserCommand({ UserName: 'reader' }))
    await iam.send(new AttachUserPolicyCommand({ UserName: 'reader', PolicyArn: arn }))
    expect((await iam.send(new GetPolicyCommand({ PolicyArn: arn }))).Policy).toMatchObject({
      AttachmentCount: 1,
      PermissionsBoundaryUsageCount: 0,
    })
    await expect(iam.send(new DeletePolicyCommand({ PolicyArn: arn }))).rejects.toMatchObject({
      name: 'DeleteConflictException',
      message: 'Cannot delete a policy attached to entities.',
    })
    await iam.send(new DetachUserPolicyCommand({ UserName: 'reader', PolicyArn: arn }))
    await iam.send(new DeletePolicyCommand({ PolicyArn: arn }))
    await expect(iam.send(new DeletePolicyCommand({ PolicyArn: arn }))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
      message: `Policy ${arn} was not found.`,
    })
  })

  test('is refused when malformed, too long or called like another', async () => {
    const create = (PolicyName: string, PolicyDocument: string) =>
      iam.send(new CreatePolicyCommand({ PolicyName, PolicyDocument }))
    await expect(create('bad', 'not json')).rejects.toMatchObject({ name: 'MalformedPolicyDocumentException' })
    await expect(create('long', allowing(`s3:${'x'.repeat(6144)}`))).rejects.toMatchObject({
      name: 'LimitExceededException',
      message: 'Cannot exceed quota for PolicySize: 6144',
    })
    await create('same', allowing('s3:*'))
    await expect(create('Same', allowing('s3:*'))).rejects.toMatchObject({
      name: 'EntityAlreadyExistsException',
      message: 'A policy called Same already exists. Duplicate names are not allowed.',
    })
  })

  test('has an ARN that can be parsed', async () => {
    await expect(iam.send(new GetPolicyCommand({ PolicyArn: 'longerThan20charsButNoArn' }))).rejects.toMatchObject({
      name: 'ValidationError',
      message: 'Invalid ARN:  Could not be parsed!',
    })
  })

  test('of another account is out of reach', async () => {
    const PolicyArn = 'arn:aws:iam::444455556666:policy/theirs'
    await cloud
      .client(IAMClient, 'target')
      .send(new CreatePolicyCommand({ PolicyName: 'theirs', PolicyDocument: allowing('s3:*') }))
    await expect(iam.send(new GetPolicyCommand({ PolicyArn }))).rejects.toMatchObject({ name: 'AccessDenied' })
    await iam.send(new CreateUserCommand({ UserName: 'reaching' }))
    await expect(iam.send(new AttachUserPolicyCommand({ UserName: 'reaching', PolicyArn }))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
      message: `Policy ${PolicyArn} does not exist or is not attachable.`,
    })
  })
})

describe('versions', () => {
  test('are made, read, made the default and deleted, and their numbers never come back', async () => {
    const PolicyArn = arnOf('versioned')
    await iam.send(new CreatePolicyCommand({ PolicyName: 'versioned', PolicyDocument: allowing('s3:*') }))
    const second = await iam.send(
      new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: allowing('sqs:*'), SetAsDefault: true }),
    )
    expect(second.PolicyVersion).toMatchObject({ VersionId: 'v2', IsDefaultVersion: true })
    const read = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: 'v1' }))
    expect(read.PolicyVersion).toMatchObject({ IsDefaultVersion: false, Document: encode(allowing('s3:*')) })
    await expect(iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: 'v2' }))).rejects.toMatchObject({
      name: 'DeleteConflictException',
      message: 'Cannot delete the default version of a policy.',
    })
    await iam.send(new SetDefaultPolicyVersionCommand({ PolicyArn, VersionId: 'v1' }))
    await iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: 'v2' }))
    const third = await iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: allowing('sns:*') }))
    expect(third.PolicyVersion).toMatchObject({ VersionId: 'v3', IsDefaultVersion: false })
    const { Versions } = await iam.send(new ListPolicyVersionsCommand({ PolicyArn }))
    expect(Versions?.map(({ VersionId, IsDefaultVersion }) => [VersionId, IsDefaultVersion])).toEqual([
      ['v3', false],
      ['v1', true],
    ])
    await expect(iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: 'v2' }))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
      message: `Policy ${PolicyArn} version v2 does not exist or is not attachable.`,
    })
    await expect(iam.send(new DeletePolicyCommand({ PolicyArn }))).rejects.toMatchObject({
      name: 'DeleteConflictException',
      message: expect.stringMatching(/^This policy has more than one version\./) as string,
    })
  })

  test('are at most five, and come in pages', async () => {
    const PolicyArn = arnOf('five')
    await iam.send(new CreatePolicyCommand({ PolicyName: 'five', PolicyDocument: allowing('s3:*') }))
    const add = () => iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: allowing('s3:*') }))
    for (let i = 0; i < 4; i++) await add()
    await expect(add()).rejects.toMatchObject({
      name: 'LimitExceededException',
      message:
        'A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.',
    })
    const first = await iam.send(new ListPolicyVersionsCommand({ PolicyArn, MaxItems: 3 }))
    const rest = await iam.send(new ListPolicyVersionsCommand({ PolicyArn, Marker: first.Marker }))
    expect([...(first.Versions ?? []), ...(rest.Versions ?? [])].map(({ VersionId }) => VersionId)).toEqual([
      'v5',
      'v4',
      'v3',
      'v2',
      'v1',
    ])
  })
})

describe('AWS-managed policies', () => {
  test('have their own ARNs, paths and documents', async () => {
    const PolicyArn = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'
    const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn }))
    expect(Policy).toMatchObject({ Path: '/service-role/', DefaultVersionId: 'v1', IsAttachable: true })
    const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: 'v1' }))
    expect(decodeURIComponent(PolicyVersion?.Document ?? '')).toContain('logs:PutLogEvents')
  })

  test('cannot be changed or deleted by a customer', async () => {
    await expect(iam.send(new DeletePolicyCommand({ PolicyArn: ADMINISTRATOR_ACCESS }))).rejects.toMatchObject({
      name: 'AccessDenied',
    })
    await expect(
      iam.send(new CreatePolicyVersionCommand({ PolicyArn: ADMINISTRATOR_ACCESS, PolicyDocument: allowing('s3:*') })),
    ).rejects.toMatchObject({ name: 'AccessDenied' })
  })
})

describe('listing policies', () => {
  test('can be narrowed by scope, path and use', async () => {
    const names = async (input: ListPoliciesCommandInput) =>
      (await iam.send(new ListPoliciesCommand(input))).Policies?.map(({ PolicyName }) => PolicyName)
    await iam.send(new CreatePolicyCommand({ PolicyName: 'idle', Path: '/narrow/', PolicyDocument: allowing('s3:*') }))
    await iam.send(new CreatePolicyCommand({ PolicyName: 'used', Path: '/narrow/', PolicyDocument: allowing('s3:*') }))
    await iam.send(new CreatePolicyCommand({ PolicyName: 'bound', Path: '/narrow/', PolicyDocument: allowing('s3:*') }))
    await iam.send(new CreateRoleCommand({ RoleName: 'user', AssumeRolePolicyDocument: trusting('*') }))
    await iam.send(new AttachRolePolicyCommand({ RoleName: 'user', PolicyArn: arnOf('narrow/used') }))
    await iam.send(
      new PutRolePermissionsBoundaryCommand({ RoleName: 'user', PermissionsBoundary: arnOf('narrow/bound') }),
    )
    const PathPrefix = '/narrow/'
    expect(await names({ PathPrefix })).toEqual(['bound', 'idle', 'used'])
    expect(await names({ PathPrefix, OnlyAttached: true })).toEqual(['bound', 'used'])
    expect(await names({ PathPrefix, PolicyUsageFilter: 'PermissionsBoundary' })).toEqual(['bound'])
    expect(await names({ PathPrefix, PolicyUsageFilter: 'PermissionsPolicy' })).toEqual(['used'])
    expect(await names({ Scope: 'AWS', OnlyAttached: true })).toEqual(['AdministratorAccess'])
    expect(await names({ Scope: 'Local' })).not.toContain('AdministratorAccess')
  })

  test('comes in pages over both kinds', async () => {
    const seen: (string | undefined)[] = []
    let Marker: string | undefined
    do {
      const page = await iam.send(new ListPoliciesCommand({ MaxItems: 4, Marker }))
      seen.push(...(page.Policies ?? []).map(({ Arn }) => Arn))
      Marker = page.Marker
    } while (Marker !== undefined)
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen).toContain(ADMINISTRATOR_ACCESS)
  })
})

test('the entities of a policy are named by kind, use and path', async () => {
  await iam.send(new CreatePolicyCommand({ PolicyName: 'shared', PolicyDocument: allowing('s3:*') }))
  const PolicyArn = arnOf('shared')
  const { User } = await iam.send(new CreateUserCommand({ UserName: 'sharer', Path: '/p/' }))
  await iam.send(new AttachUserPolicyCommand({ UserName: 'sharer', PolicyArn }))
  const { Role } = await iam.send(
    new CreateRoleCommand({
      RoleName: 'sharing',
      AssumeRolePolicyDocument: trusting('*'),
      PermissionsBoundary: PolicyArn,
    }),
  )
  const entities = async (input: object) => {
    const { PolicyUsers, PolicyRoles, PolicyGroups } = await iam.send(
      new ListEntitiesForPolicyCommand({ PolicyArn, ...input }),
    )
    return { PolicyUsers, PolicyRoles, PolicyGroups }
  }
  const users = [{ UserName: 'sharer', UserId: User?.UserId }]
  const roles = [{ RoleName: 'sharing', RoleId: Role?.RoleId }]
  expect(await entities({})).toEqual({ PolicyUsers: users, PolicyRoles: roles, PolicyGroups: [] })
  expect(await entities({ EntityFilter: 'User' })).toMatchObject({ PolicyUsers: users, PolicyRoles: [] })
  expect(await entities({ PathPrefix: '/p/' })).toMatchObject({ PolicyUsers: users, PolicyRoles: [] })
  expect(await entities({ PolicyUsageFilter: 'PermissionsBoundary' })).toMatchObject({
    PolicyUsers: [],
    PolicyRoles: roles,
  })
  const first = await iam.send(new ListEntitiesForPolicyCommand({ PolicyArn, MaxItems: 1 }))
  expect(first.IsTruncated).toBe(true)
  expect(await entities({ Marker: first.Marker })).toMatchObject({ PolicyUsers: users, PolicyRoles: [] })
})

function encode(document: string): string {
  return encodeURIComponent(document).replaceAll('*', '%2A')
}
