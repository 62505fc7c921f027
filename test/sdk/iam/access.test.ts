/** Who may call IAM, and in what words it refuses. */
import {
  AttachRolePolicyCommand,
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteUserPolicyCommand,
  GetAccountSummaryCommand,
  GetGroupCommand,
  GetPolicyCommand,
  GetRoleCommand,
  GetUserCommand,
  IAMClient,
  ListAccessKeysCommand,
  ListPoliciesCommand,
  ListRolesCommand,
  ListUsersCommand,
  PutUserPolicyCommand,
  TagUserCommand,
} from '@aws-sdk/client-iam'
import { GetFederationTokenCommand, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import { startCloud, type TestCloud, type TestCredentials } from '../cloud.ts'
import { allowing, denying, policy, trusting } from './documents.ts'

const CLERK = 'arn:aws:iam::111122223333:user/clerk'

let cloud: TestCloud
let administrator: IAMClient
let keys: TestCredentials
let clerk: IAMClient

beforeAll(async () => {
  cloud = await startCloud()
  administrator = cloud.client(IAMClient, 'source')
  await administrator.send(new CreateUserCommand({ UserName: 'clerk' }))
  const { AccessKey } = await administrator.send(new CreateAccessKeyCommand({ UserName: 'clerk' }))
  keys = { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' }
  clerk = cloud.client(IAMClient, keys)
})
afterAll(() => cloud.close())

async function permit(PolicyDocument: string): Promise<void> {
  await administrator.send(new PutUserPolicyCommand({ UserName: 'clerk', PolicyName: 'p', PolicyDocument }))
}

describe('a denial names the resource as AWS does', () => {
  const denied = (action: string, resource: string) => ({
    name: 'AccessDenied',
    message: `User: ${CLERK} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`,
    $metadata: { httpStatusCode: 403 },
  })

  test('a role, user or group by kind and name, whether it exists or not', async () => {
    await expect(clerk.send(new GetRoleCommand({ RoleName: 'none' }))).rejects.toMatchObject(
      denied('iam:GetRole', 'role none'),
    )
    await expect(clerk.send(new GetUserCommand({ UserName: 'administrator' }))).rejects.toMatchObject(
      denied('iam:GetUser', 'user administrator'),
    )
    await expect(clerk.send(new GetUserCommand({}))).rejects.toMatchObject(denied('iam:GetUser', 'user clerk'))
    await expect(clerk.send(new ListAccessKeysCommand({}))).rejects.toMatchObject(
      denied('iam:ListAccessKeys', 'user clerk'),
    )
    await expect(clerk.send(new GetGroupCommand({ GroupName: 'g' }))).rejects.toMatchObject(
      denied('iam:GetGroup', 'group g'),
    )
  })

  test('a policy by its ARN', async () => {
    const arn = 'arn:aws:iam::aws:policy/AdministratorAccess'
    await expect(clerk.send(new GetPolicyCommand({ PolicyArn: arn }))).rejects.toMatchObject(
      denied('iam:GetPolicy', `policy ${arn}`),
    )
  })

  test('what is to be made by its whole ARN', async () => {
    await expect(
      clerk.send(new CreateRoleCommand({ RoleName: 'new', Path: '/p/', AssumeRolePolicyDocument: trusting('*') })),
    ).rejects.toMatchObject(denied('iam:CreateRole', 'arn:aws:iam::111122223333:role/p/new'))
    await expect(
      clerk.send(new CreatePolicyCommand({ PolicyName: 'new', PolicyDocument: allowing('s3:*') })),
    ).rejects.toMatchObject(denied('iam:CreatePolicy', 'arn:aws:iam::111122223333:policy/new'))
  })

  test('a list by its path', async () => {
    await expect(clerk.send(new ListRolesCommand({}))).rejects.toMatchObject(
      denied('iam:ListRoles', 'arn:aws:iam::111122223333:role/'),
    )
    await expect(clerk.send(new ListUsersCommand({}))).rejects.toMatchObject(
      denied('iam:ListUsers', 'arn:aws:iam::111122223333:user/'),
    )
    await expect(clerk.send(new ListPoliciesCommand({}))).rejects.toMatchObject(
      denied('iam:ListPolicies', 'policy path /'),
    )
  })

  test('an action without a resource by a star', async () => {
    await expect(clerk.send(new GetAccountSummaryCommand({}))).rejects.toMatchObject(
      denied('iam:GetAccountSummary', '*'),
    )
  })
})

describe('a policy can speak of', () => {
  afterEach(() => administrator.send(new DeleteUserPolicyCommand({ UserName: 'clerk', PolicyName: 'p' })))

  test('the path of a role', async () => {
    await administrator.send(
      new CreateRoleCommand({ RoleName: 'in', Path: '/team/', AssumeRolePolicyDocument: trusting('*') }),
    )
    await administrator.send(new CreateRoleCommand({ RoleName: 'out', AssumeRolePolicyDocument: trusting('*') }))
    await permit(allowing('iam:GetRole', 'arn:aws:iam::*:role/team/*'))
    await clerk.send(new GetRoleCommand({ RoleName: 'in' }))
    await expect(clerk.send(new GetRoleCommand({ RoleName: 'out' }))).rejects.toMatchObject({ name: 'AccessDenied' })
  })

  test('the caller by a variable', async () => {
    await permit(allowing('iam:GetUser', 'arn:aws:iam::*:user/${aws:username}'))
    await clerk.send(new GetUserCommand({}))
    await expect(clerk.send(new GetUserCommand({ UserName: 'administrator' }))).rejects.toMatchObject({
      name: 'AccessDenied',
    })
  })

  test('the tags of what is read and of what is made', async () => {
    await administrator.send(new CreateUserCommand({ UserName: 'red', Tags: [{ Key: 'Team', Value: 'red' }] }))
    await permit(
      policy(
        {
          Effect: 'Allow',
          Action: 'iam:GetUser',
          Resource: '*',
          Condition: { StringEquals: { 'iam:ResourceTag/Team': 'red', 'aws:ResourceTag/Team': 'red' } },
        },
        {
          Effect: 'Allow',
          Action: ['iam:CreateUser', 'iam:TagUser'],
          Resource: '*',
          Condition: { StringEquals: { 'aws:RequestTag/Team': 'red' } },
        },
      ),
    )
    await clerk.send(new GetUserCommand({ UserName: 'red' }))
    await expect(clerk.send(new GetUserCommand({ UserName: 'clerk' }))).rejects.toMatchObject({ name: 'AccessDenied' })
    await clerk.send(new CreateUserCommand({ UserName: 'made', Tags: [{ Key: 'Team', Value: 'red' }] }))
    await expect(clerk.send(new CreateUserCommand({ UserName: 'plain' }))).rejects.toMatchObject({
      name: 'AccessDenied',
    })
    await expect(
      clerk.send(new TagUserCommand({ UserName: 'made', Tags: [{ Key: 'Team', Value: 'blue' }] })),
    ).rejects.toMatchObject({ name: 'AccessDenied' })
  })

  test('tagging apart from making', async () => {
    await permit(allowing('iam:CreateUser'))
    await clerk.send(new CreateUserCommand({ UserName: 'untagged' }))
    await expect(
      clerk.send(new CreateUserCommand({ UserName: 'tagged', Tags: [{ Key: 'a', Value: 'b' }] })),
    ).rejects.toMatchObject({
      message: expect.stringContaining(
        'iam:TagUser on resource: arn:aws:iam::111122223333:user/tagged because',
      ) as string,
    })
  })

  test('the boundary a role must have, and the policy that may be attached', async () => {
    const boundary = 'arn:aws:iam::aws:policy/PowerUserAccess'
    const basic = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'
    await permit(
      policy(
        {
          Effect: 'Allow',
          Action: 'iam:CreateRole',
          Resource: '*',
          Condition: { StringEquals: { 'iam:PermissionsBoundary': boundary } },
        },
        {
          Effect: 'Allow',
          Action: 'iam:AttachRolePolicy',
          Resource: '*',
          Condition: { ArnEquals: { 'iam:PolicyARN': basic } },
        },
      ),
    )
    const create = (RoleName: string, bounded: object) =>
      clerk.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trusting('*'), ...bounded }))
    await expect(create('loose', {})).rejects.toMatchObject({ name: 'AccessDenied' })
    await create('tight', { PermissionsBoundary: boundary })
    await clerk.send(new AttachRolePolicyCommand({ RoleName: 'tight', PolicyArn: basic }))
    await expect(
      clerk.send(new AttachRolePolicyCommand({ RoleName: 'tight', PolicyArn: boundary })),
    ).rejects.toMatchObject({ name: 'AccessDenied' })
  })

  test('what is denied whatever else is allowed', async () => {
    await permit(
      policy(
        { Effect: 'Allow', Action: 'iam:*', Resource: '*' },
        { Effect: 'Deny', Action: 'iam:GetRole', Resource: '*' },
      ),
    )
    await expect(clerk.send(new GetRoleCommand({ RoleName: 'x' }))).rejects.toMatchObject({
      message: `User: ${CLERK} is not authorized to perform: iam:GetRole on resource: role x with an explicit deny in an identity-based policy`,
    })
  })
})

test('an explicit deny of a managed policy is named with its ARN', async () => {
  await administrator.send(new CreatePolicyCommand({ PolicyName: 'no', PolicyDocument: denying('iam:ListUsers') }))
  const arn = 'arn:aws:iam::111122223333:policy/no'
  await administrator.send(new CreateUserCommand({ UserName: 'barred', PermissionsBoundary: arn }))
  const { AccessKey } = await administrator.send(new CreateAccessKeyCommand({ UserName: 'barred' }))
  const barred = cloud.client(IAMClient, {
    accessKeyId: AccessKey?.AccessKeyId ?? '',
    secretAccessKey: AccessKey?.SecretAccessKey ?? '',
  })
  await expect(barred.send(new ListUsersCommand({}))).rejects.toMatchObject({
    message: expect.stringMatching(
      /with an explicit deny in a permissions boundary: arn:aws:iam::111122223333:policy\/no$/,
    ) as string,
  })
})

describe('temporary credentials of a user', () => {
  test('do not open IAM', async () => {
    const sts = cloud.client(STSClient, 'source')
    const sessions = [
      await sts.send(new GetSessionTokenCommand({})),
      await sts.send(new GetFederationTokenCommand({ Name: 'guest', Policy: allowing('iam:*') })),
    ]
    for (const { Credentials } of sessions) {
      const session = cloud.client(IAMClient, {
        accessKeyId: Credentials?.AccessKeyId ?? '',
        secretAccessKey: Credentials?.SecretAccessKey ?? '',
        sessionToken: Credentials?.SessionToken ?? '',
      })
      await expect(session.send(new ListUsersCommand({}))).rejects.toMatchObject({
        name: 'InvalidClientTokenId',
        message: 'The security token included in the request is invalid.',
        $metadata: { httpStatusCode: 403 },
      })
    }
  })
})
