/** GetSessionToken and GetFederationToken. */
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam'
import {
  AssumeRoleCommand,
  GetAccessKeyInfoCommand,
  GetCallerIdentityCommand,
  GetFederationTokenCommand,
  GetSessionTokenCommand,
  STSClient,
} from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startCloud, type TestCloud, type TestCredentials } from '../cloud.ts'
import { allowing, trusting } from '../iam/documents.ts'
import { sessionOf } from './sessions.ts'

let cloud: TestCloud
let iam: IAMClient
let user: TestCredentials

beforeAll(async () => {
  cloud = await startCloud()
  iam = cloud.client(IAMClient, 'source')
  await iam.send(new CreateUserCommand({ UserName: 'host' }))
  await iam.send(
    new PutUserPolicyCommand({
      UserName: 'host',
      PolicyName: 'p',
      PolicyDocument: allowing(['sts:*']),
    }),
  )
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'host' }))
  user = { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' }
})
afterAll(() => cloud.close())

describe('GetSessionToken', () => {
  test('gives a session of the user itself, which can assume roles but not get another such session', async () => {
    const answer = await cloud.client(STSClient, user).send(new GetSessionTokenCommand({ DurationSeconds: 900 }))
    const sts = cloud.client(STSClient, sessionOf(answer))
    expect((await sts.send(new GetCallerIdentityCommand({}))).Arn).toBe('arn:aws:iam::111122223333:user/host')
    await iam.send(
      new CreateRoleCommand({
        RoleName: 'r',
        AssumeRolePolicyDocument: trusting({ AWS: '111122223333' }),
        MaxSessionDuration: 7200,
      }),
    )
    // A user's session is not role chaining.
    await sts.send(
      new AssumeRoleCommand({
        RoleArn: 'arn:aws:iam::111122223333:role/r',
        RoleSessionName: 'session',
        DurationSeconds: 7200,
      }),
    )
    await expect(sts.send(new GetSessionTokenCommand({}))).rejects.toMatchObject({
      name: 'AccessDenied',
      message: 'Cannot call GetSessionToken with session credentials',
      $metadata: { httpStatusCode: 403 },
    })
  })
})

describe('GetFederationToken', () => {
  test('gives a session with a name of its own and what both user and session policy allow', async () => {
    const answer = await cloud
      .client(STSClient, user)
      .send(new GetFederationTokenCommand({ Name: 'guest', Policy: allowing('sts:GetAccessKeyInfo') }))
    const arn = 'arn:aws:sts::111122223333:federated-user/guest'
    expect(answer).toMatchObject({
      FederatedUser: { Arn: arn, FederatedUserId: '111122223333:guest' },
      PackedPolicySize: expect.any(Number) as number,
    })
    const sts = cloud.client(STSClient, sessionOf(answer))
    expect(await sts.send(new GetCallerIdentityCommand({}))).toMatchObject({
      Arn: arn,
      UserId: '111122223333:guest',
    })
    await sts.send(new GetAccessKeyInfoCommand({ AccessKeyId: user.accessKeyId }))
    await expect(
      sts.send(new AssumeRoleCommand({ RoleArn: 'arn:aws:iam::111122223333:role/any', RoleSessionName: 'session' })),
    ).rejects.toMatchObject({ name: 'AccessDenied' })
  })

  test('without a session policy gives a session without permissions', async () => {
    const answer = await cloud.client(STSClient, user).send(new GetFederationTokenCommand({ Name: 'nobody' }))
    const sts = cloud.client(STSClient, sessionOf(answer))
    await sts.send(new GetCallerIdentityCommand({}))
    await expect(sts.send(new GetAccessKeyInfoCommand({ AccessKeyId: user.accessKeyId }))).rejects.toMatchObject({
      message:
        'User: arn:aws:sts::111122223333:federated-user/nobody is not authorized to perform: sts:GetAccessKeyInfo on resource: *',
    })
  })

  test('is denied without permission and impossible with a session', async () => {
    await iam.send(new CreateUserCommand({ UserName: 'plain' }))
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'plain' }))
    const plain = cloud.client(STSClient, {
      accessKeyId: AccessKey?.AccessKeyId ?? '',
      secretAccessKey: AccessKey?.SecretAccessKey ?? '',
    })
    await expect(plain.send(new GetFederationTokenCommand({ Name: 'guest' }))).rejects.toMatchObject({
      name: 'AccessDenied',
      message:
        'User: arn:aws:iam::111122223333:user/plain is not authorized to perform: sts:GetFederationToken on resource: arn:aws:sts::111122223333:federated-user/guest',
    })
    const session = cloud.client(STSClient, sessionOf(await plain.send(new GetSessionTokenCommand({}))))
    await expect(session.send(new GetFederationTokenCommand({ Name: 'guest' }))).rejects.toMatchObject({
      name: 'AccessDenied',
      message: 'Cannot call GetFederationToken with session credentials',
    })
  })
})
