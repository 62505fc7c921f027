/** Who may use a queue: identity policies, the queue's policy, other accounts, and the words of a denial. */
import { AttachUserPolicyCommand, CreateAccessKeyCommand, CreateUserCommand, IAMClient } from '@aws-sdk/client-iam'
import {
  AddPermissionCommand,
  ReceiveMessageCommand,
  RemovePermissionCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { send as sendRaw, sign } from '../authentication/wire.ts'
import { ACCOUNTS, startCloud, type TestCloud, type TestCredentials } from '../cloud.ts'
import { failureOf } from '../lambda/support.ts'
import { attributesOf, createQueue } from './support.ts'

let cloud: TestCloud
let owner: SQSClient
let stranger: SQSClient

beforeAll(async () => {
  cloud = await startCloud()
  owner = cloud.client(SQSClient, 'target')
  stranger = cloud.client(SQSClient, 'source')
})
afterAll(() => cloud.close())

const arnOf = (name: string) => `arn:aws:sqs:us-east-1:${ACCOUNTS.target}:${name}`
const sendTo = (client: SQSClient, QueueUrl: string) =>
  client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }))

async function user(name: string, policyArn?: string): Promise<TestCredentials> {
  const iam = cloud.client(IAMClient, 'target')
  await iam.send(new CreateUserCommand({ UserName: name }))
  if (policyArn !== undefined) {
    await iam.send(new AttachUserPolicyCommand({ UserName: name, PolicyArn: policyArn }))
  }
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: name }))
  return { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' }
}

test('a user without permission is told so, with the action in small letters', async () => {
  const QueueUrl = await createQueue(owner, 'private')
  const nobody = cloud.client(SQSClient, await user('nobody'))
  expect(await failureOf(sendTo(nobody, QueueUrl))).toMatchObject({
    name: 'AccessDenied',
    status: 403,
    message: `User: arn:aws:iam::${ACCOUNTS.target}:user/nobody is not authorized to perform: sqs:sendmessage on resource: ${arnOf('private')} because no identity-based policy allows the sqs:sendmessage action`,
  })
})

test('another account may use a queue once its policy says so, and no more than that', async () => {
  const QueueUrl = await createQueue(owner, 'shared')
  expect(await failureOf(sendTo(stranger, QueueUrl))).toMatchObject({
    name: 'AccessDenied',
    message: expect.stringContaining('because no resource-based policy allows the sqs:sendmessage action') as string,
  })
  await owner.send(
    new AddPermissionCommand({ QueueUrl, Label: 'send', AWSAccountIds: [ACCOUNTS.source], Actions: ['SendMessage'] }),
  )
  await sendTo(stranger, QueueUrl)
  expect((await failureOf(stranger.send(new ReceiveMessageCommand({ QueueUrl })))).name).toBe('AccessDenied')
  expect(JSON.parse((await attributesOf(owner, QueueUrl))['Policy'] ?? '')).toEqual({
    Version: '2008-10-17',
    Id: `${arnOf('shared')}/SQSDefaultPolicy`,
    Statement: [
      {
        Sid: 'send',
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${ACCOUNTS.source}:root` },
        Action: 'SQS:SendMessage',
        Resource: arnOf('shared'),
      },
    ],
  })
  await owner.send(new RemovePermissionCommand({ QueueUrl, Label: 'send' }))
  expect((await failureOf(sendTo(stranger, QueueUrl))).name).toBe('AccessDenied')
  expect((await attributesOf(owner, QueueUrl))['Policy']).toBeUndefined()
  expect(await failureOf(owner.send(new RemovePermissionCommand({ QueueUrl, Label: 'send' })))).toMatchObject({
    name: 'InvalidParameterValue',
    message: "Value send for parameter Label is invalid. Reason: can't find label on existing policy.",
  })
})

test('a queue policy cannot give away what only the owner may do', async () => {
  const QueueUrl = await createQueue(owner, 'generous')
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Principal: '*', Action: 'sqs:*', Resource: arnOf('generous') },
  })
  await owner.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }))
  await sendTo(stranger, QueueUrl)
  const set = new SetQueueAttributesCommand({ QueueUrl, Attributes: { DelaySeconds: '1' } })
  expect((await failureOf(stranger.send(set))).name).toBe('AccessDenied')
})

test('an explicit deny in the queue policy holds for the owner, too', async () => {
  const QueueUrl = await createQueue(owner, 'closed')
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: { Effect: 'Deny', Principal: '*', Action: 'sqs:SendMessage', Resource: arnOf('closed') },
  })
  await owner.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }))
  expect((await failureOf(sendTo(owner, QueueUrl))).message).toContain(
    'with an explicit deny in a resource-based policy',
  )
})

test('a policy that names somebody who does not exist is refused', async () => {
  const QueueUrl = await createQueue(owner, 'misnamed')
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${ACCOUNTS.source}:role/nobody` },
      Action: 'sqs:SendMessage',
      Resource: arnOf('misnamed'),
    },
  })
  const set = new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } })
  expect(await failureOf(owner.send(set))).toMatchObject({ name: 'InvalidAttributeValue' })
})

test('an old client speaks the query protocol and is answered in it', async () => {
  const { host } = new URL(cloud.endpoint)
  const ask = async (form: Record<string, string>) => {
    const request = sign(
      {
        method: 'POST',
        path: '/',
        headers: { host, 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ Version: '2012-11-05', ...form }).toString(),
      },
      { keys: cloud.administrator('target'), service: 'sqs', region: 'us-east-1', atMs: Date.now() },
    )
    return sendRaw(cloud.endpoint, request)
  }
  const created = await ask({
    Action: 'CreateQueue',
    QueueName: 'old',
    'Attribute.1.Name': 'DelaySeconds',
    'Attribute.1.Value': '1',
  })
  expect(created.status).toBe(200)
  expect(created.body).toContain(`<QueueUrl>${cloud.endpoint}/${ACCOUNTS.target}/old</QueueUrl>`)
  const missing = await ask({ Action: 'GetQueueUrl', QueueName: 'missing' })
  expect(missing.status).toBe(400)
  expect(missing.body).toContain('<Code>AWS.SimpleQueueService.NonExistentQueue</Code>')
})
