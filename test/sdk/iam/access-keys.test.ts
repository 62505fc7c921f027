/** Access keys, by signing with them. */
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteUserCommand,
  GetAccessKeyLastUsedCommand,
  GetUserCommand,
  IAMClient,
  ListAccessKeysCommand,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { startCloud, type TestCloud, type TestCredentials } from '../cloud.ts'

let cloud: TestCloud
let iam: IAMClient

beforeAll(async () => {
  cloud = await startCloud()
  iam = cloud.client(IAMClient, 'source')
})
afterAll(() => cloud.close())

async function createKey(UserName: string): Promise<TestCredentials> {
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }))
  return { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' }
}

test('a key signs as its user until it is made inactive or deleted', async () => {
  await iam.send(new CreateUserCommand({ UserName: 'signer' }))
  const keys = await createKey('signer')
  expect(keys.accessKeyId).toMatch(/^AKIA[A-Z2-7]{16}$/)
  expect(keys.secretAccessKey).toHaveLength(40)
  const sts = cloud.client(STSClient, keys)
  expect((await sts.send(new GetCallerIdentityCommand({}))).Arn).toBe('arn:aws:iam::111122223333:user/signer')

  const ids = { UserName: 'signer', AccessKeyId: keys.accessKeyId }
  await iam.send(new UpdateAccessKeyCommand({ ...ids, Status: 'Inactive' }))
  await expect(sts.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({ name: 'InvalidClientTokenId' })
  await iam.send(new UpdateAccessKeyCommand({ ...ids, Status: 'Active' }))
  await sts.send(new GetCallerIdentityCommand({}))
  await iam.send(new DeleteAccessKeyCommand(ids))
  await expect(sts.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({ name: 'InvalidClientTokenId' })
})

test('a user has at most two keys and is not deleted before they are', async () => {
  await iam.send(new CreateUserCommand({ UserName: 'two' }))
  const first = await createKey('two')
  const second = await createKey('two')
  await expect(createKey('two')).rejects.toMatchObject({
    name: 'LimitExceededException',
    message: 'Cannot exceed quota for AccessKeysPerUser: 2',
    $metadata: { httpStatusCode: 409 },
  })
  const { AccessKeyMetadata } = await iam.send(new ListAccessKeysCommand({ UserName: 'two' }))
  const statuses = new Map(AccessKeyMetadata?.map(({ AccessKeyId, Status }) => [AccessKeyId, Status]))
  expect(statuses).toEqual(new Map([first, second].map(({ accessKeyId }) => [accessKeyId, 'Active'])))
  await expect(iam.send(new DeleteUserCommand({ UserName: 'two' }))).rejects.toMatchObject({
    name: 'DeleteConflictException',
    message: 'Cannot delete entity, must delete access keys first.',
    $metadata: { httpStatusCode: 409 },
  })
  for (const { accessKeyId } of [first, second]) {
    await iam.send(new DeleteAccessKeyCommand({ UserName: 'two', AccessKeyId: accessKeyId }))
  }
  await iam.send(new DeleteUserCommand({ UserName: 'two' }))
})

test('keys are listed in pages', async () => {
  await iam.send(new CreateUserCommand({ UserName: 'paged' }))
  await createKey('paged')
  await createKey('paged')
  const first = await iam.send(new ListAccessKeysCommand({ UserName: 'paged', MaxItems: 1 }))
  expect(first).toMatchObject({ IsTruncated: true, Marker: expect.any(String) as string })
  const second = await iam.send(new ListAccessKeysCommand({ UserName: 'paged', Marker: first.Marker }))
  expect(second.IsTruncated).toBe(false)
  expect(second.AccessKeyMetadata).toHaveLength(1)
})

test("another user's key cannot be changed through this one", async () => {
  await iam.send(new CreateUserCommand({ UserName: 'a' }))
  await iam.send(new CreateUserCommand({ UserName: 'b' }))
  const { accessKeyId } = await createKey('a')
  await expect(iam.send(new DeleteAccessKeyCommand({ UserName: 'b', AccessKeyId: accessKeyId }))).rejects.toMatchObject(
    {
      name: 'NoSuchEntityException',
      message: `The Access Key with id ${accessKeyId} cannot be found.`,
    },
  )
})

test('the last use of a key names its user, and a key that is not ours cannot be asked about', async () => {
  await iam.send(new CreateUserCommand({ UserName: 'unused' }))
  const { accessKeyId } = await createKey('unused')
  expect(await iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: accessKeyId }))).toMatchObject({
    UserName: 'unused',
    AccessKeyLastUsed: { ServiceName: 'N/A', Region: 'N/A' },
  })
  const foreign = cloud.administrator('target').accessKeyId
  await expect(iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: foreign }))).rejects.toMatchObject({
    name: 'AccessDenied',
    message: `User: arn:aws:iam::111122223333:user/administrator is not authorized to perform: iam:GetAccessKeyLastUsed on resource: access key ${foreign}`,
    $metadata: { httpStatusCode: 403 },
  })
})

test('a user who is gone cannot be given a key', async () => {
  await expect(createKey('nobody')).rejects.toMatchObject({
    name: 'NoSuchEntityException',
    message: 'The user with name nobody cannot be found.',
  })
  await expect(iam.send(new GetUserCommand({ UserName: 'nobody' }))).rejects.toMatchObject({
    $metadata: { httpStatusCode: 404 },
  })
})
