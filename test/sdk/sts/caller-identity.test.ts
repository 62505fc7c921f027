/** Who the caller is, and whose a key is. */
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam'
import { GetAccessKeyInfoCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { ACCOUNTS, startCloud, type TestCloud } from '../cloud.ts'
import { denying } from '../iam/documents.ts'

let cloud: TestCloud

beforeAll(async () => {
  cloud = await startCloud()
})
afterAll(() => cloud.close())

test.each(['management', 'source', 'target'] as const)('the administrator of %s is itself', async (name) => {
  expect(await cloud.client(STSClient, name).send(new GetCallerIdentityCommand({}))).toMatchObject({
    Account: ACCOUNTS[name],
    Arn: `arn:aws:iam::${ACCOUNTS[name]}:user/administrator`,
    UserId: expect.stringMatching(/^AIDA/) as string,
  })
})

test('no policy can keep anyone from asking who they are', async () => {
  const iam = cloud.client(IAMClient, 'source')
  await iam.send(new CreateUserCommand({ UserName: 'muted' }))
  await iam.send(
    new PutUserPolicyCommand({ UserName: 'muted', PolicyName: 'p', PolicyDocument: denying('sts:GetCallerIdentity') }),
  )
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'muted' }))
  const sts = cloud.client(STSClient, {
    accessKeyId: AccessKey?.AccessKeyId ?? '',
    secretAccessKey: AccessKey?.SecretAccessKey ?? '',
  })
  expect((await sts.send(new GetCallerIdentityCommand({}))).Arn).toBe('arn:aws:iam::111122223333:user/muted')
  await expect(sts.send(new GetAccessKeyInfoCommand({ AccessKeyId: AccessKey?.AccessKeyId }))).rejects.toMatchObject({
    name: 'AccessDenied',
    message:
      'User: arn:aws:iam::111122223333:user/muted is not authorized to perform: sts:GetAccessKeyInfo on resource: *',
  })
})

describe('an access key', () => {
  test('tells its account to anyone who may ask', async () => {
    const { accessKeyId } = cloud.administrator('target')
    const sts = cloud.client(STSClient, 'source')
    expect((await sts.send(new GetAccessKeyInfoCommand({ AccessKeyId: accessKeyId }))).Account).toBe('444455556666')
    await expect(sts.send(new GetAccessKeyInfoCommand({ AccessKeyId: 'nothing_like_a_key' }))).rejects.toMatchObject({
      name: 'ValidationError',
    })
  })

  test('signs nothing with another secret, and nobody signs with a made-up key', async () => {
    const wrong = { ...cloud.administrator('source'), secretAccessKey: 'wrong' }
    await expect(cloud.client(STSClient, wrong).send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
      $metadata: { httpStatusCode: 403 },
    })
    const unknown = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'x' }
    await expect(cloud.client(STSClient, unknown).send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
      name: 'InvalidClientTokenId',
      message: 'The security token included in the request is invalid.',
      $metadata: { httpStatusCode: 403 },
    })
  })
})
