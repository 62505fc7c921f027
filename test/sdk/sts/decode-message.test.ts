/** DecodeAuthorizationMessage: who may ask, and what is no message. What is one is tested beside the encoder, until EC2 sends them. */
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam'
import { DecodeAuthorizationMessageCommand, InvalidAuthorizationMessageException, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'
import { allowing } from '../iam/documents.ts'

let cloud: TestCloud

beforeAll(async () => {
  cloud = await startCloud()
})
afterAll(() => cloud.close())

async function newcomer(name: string, policyDocument: string | undefined): Promise<STSClient> {
  const iam = cloud.client(IAMClient, 'source')
  await iam.send(new CreateUserCommand({ UserName: name }))
  if (policyDocument !== undefined) {
    await iam.send(new PutUserPolicyCommand({ UserName: name, PolicyName: 'p', PolicyDocument: policyDocument }))
  }
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: name }))
  const { AccessKeyId: accessKeyId = '', SecretAccessKey: secretAccessKey = '' } = AccessKey ?? {}
  return cloud.client(STSClient, { accessKeyId, secretAccessKey })
}

test.each(['nonsense', 'with\nline breaks', 'A'.repeat(400)])('%j is no message', async (EncodedMessage) => {
  const error: unknown = await cloud
    .client(STSClient, 'source')
    .send(new DecodeAuthorizationMessageCommand({ EncodedMessage }))
    .catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(InvalidAuthorizationMessageException)
  expect(error).toMatchObject({ message: 'Message is not valid', $metadata: { httpStatusCode: 400 } })
})

test('only who is allowed to may try', async () => {
  const request = new DecodeAuthorizationMessageCommand({ EncodedMessage: 'nonsense' })
  const reader = await newcomer('reader', allowing('sts:DecodeAuthorizationMessage'))
  await expect(reader.send(request)).rejects.toThrow('Message is not valid')
  const stranger = await newcomer('stranger', undefined)
  await expect(stranger.send(request)).rejects.toMatchObject({
    name: 'AccessDenied',
    message:
      'User: arn:aws:iam::111122223333:user/stranger is not authorized to perform: sts:DecodeAuthorizationMessage on resource: *',
  })
})
