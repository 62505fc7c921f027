/** Topics: names, attributes, policies, tags, and what is refused. */
import {
  AddPermissionCommand,
  CreateTopicCommand,
  DeleteTopicCommand,
  GetTopicAttributesCommand,
  ListTagsForResourceCommand,
  ListTopicsCommand,
  PublishCommand,
  RemovePermissionCommand,
  SetTopicAttributesCommand,
  SNSClient,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-sns'
import { AttachUserPolicyCommand, CreateAccessKeyCommand, CreateUserCommand, IAMClient } from '@aws-sdk/client-iam'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { ACCOUNTS, startCloud, type TestCloud } from '../cloud.ts'
import { failureOf } from '../lambda/support.ts'

let cloud: TestCloud
let owner: SNSClient
let stranger: SNSClient

beforeAll(async () => {
  cloud = await startCloud()
  owner = cloud.client(SNSClient, 'target')
  stranger = cloud.client(SNSClient, 'source')
})
afterAll(() => cloud.close())

const arnOf = (name: string) => `arn:aws:sns:us-east-1:${ACCOUNTS.target}:${name}`
const attributesOf = async (TopicArn: string) =>
  (await owner.send(new GetTopicAttributesCommand({ TopicArn }))).Attributes ?? {}
const publish = (client: SNSClient, TopicArn: string) => client.send(new PublishCommand({ TopicArn, Message: 'x' }))

test('a topic has an ARN, attributes and the policy AWS gives it, and is the same one when it is made again', async () => {
  const { TopicArn } = await owner.send(new CreateTopicCommand({ Name: 'news', Attributes: { DisplayName: 'News' } }))
  expect(TopicArn).toBe(arnOf('news'))
  expect((await owner.send(new CreateTopicCommand({ Name: 'news' }))).TopicArn).toBe(TopicArn)
  expect(
    await failureOf(owner.send(new CreateTopicCommand({ Name: 'news', Attributes: { DisplayName: 'Olds' } }))),
  ).toMatchObject({
    name: 'InvalidParameterException',
    status: 400,
    message: 'Invalid parameter: Attributes Reason: Topic already exists with different attributes',
  })
  const { Policy, EffectiveDeliveryPolicy, ...attributes } = await attributesOf(arnOf('news'))
  expect(attributes).toEqual({
    TopicArn: arnOf('news'),
    Owner: ACCOUNTS.target,
    DisplayName: 'News',
    SubscriptionsConfirmed: '0',
    SubscriptionsPending: '0',
    SubscriptionsDeleted: '0',
  })
  expect(EffectiveDeliveryPolicy).toContain('defaultHealthyRetryPolicy')
  expect(JSON.parse(Policy ?? '')).toMatchObject({
    Version: '2008-10-17',
    Statement: [{ Sid: '__default_statement_ID', Condition: { StringEquals: { 'AWS:SourceOwner': ACCOUNTS.target } } }],
  })
})

test('the policy of a new topic lets nobody in but whom the owner’s identities allow', async () => {
  const { TopicArn = '' } = await owner.send(new CreateTopicCommand({ Name: 'closed' }))
  expect(await failureOf(publish(stranger, TopicArn))).toMatchObject({
    name: 'AuthorizationErrorException',
    status: 403,
    message: `User: arn:aws:iam::${ACCOUNTS.source}:user/administrator is not authorized to perform: SNS:Publish on resource: ${TopicArn} because no resource-based policy allows the SNS:Publish action`,
  })
  const iam = cloud.client(IAMClient, 'target')
  await iam.send(new CreateUserCommand({ UserName: 'reader' }))
  await iam.send(
    new AttachUserPolicyCommand({ UserName: 'reader', PolicyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }),
  )
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'reader' }))
  const reader = cloud.client(SNSClient, {
    accessKeyId: AccessKey?.AccessKeyId ?? '',
    secretAccessKey: AccessKey?.SecretAccessKey ?? '',
  })
  expect((await failureOf(publish(reader, TopicArn))).message).toContain(
    'because no identity-based policy allows the SNS:Publish action',
  )
})

test('a permission lets another account in, and its removal keeps it out', async () => {
  const { TopicArn = '' } = await owner.send(new CreateTopicCommand({ Name: 'shared' }))
  await owner.send(
    new AddPermissionCommand({ TopicArn, Label: 'them', AWSAccountId: [ACCOUNTS.source], ActionName: ['Publish'] }),
  )
  await publish(stranger, TopicArn)
  await owner.send(new RemovePermissionCommand({ TopicArn, Label: 'them' }))
  await owner.send(new RemovePermissionCommand({ TopicArn, Label: '__default_statement_ID' }))
  expect((await failureOf(publish(stranger, TopicArn))).name).toBe('AuthorizationErrorException')
  await publish(owner, TopicArn)
})

test('a policy is put as a whole', async () => {
  const { TopicArn = '' } = await owner.send(new CreateTopicCommand({ Name: 'policed' }))
  const set = (Policy: string) =>
    owner.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: 'Policy', AttributeValue: Policy }))
  const policy = (Action: string) =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: '*', Action, Resource: TopicArn }],
    })
  await set(policy('sns:Publish'))
  await publish(stranger, TopicArn)
  expect(await failureOf(set(policy('s3:GetObject')))).toMatchObject({
    message: 'Invalid parameter: Policy statement action out of service scope!',
  })
  expect(await failureOf(set('nonsense'))).toMatchObject({ message: 'Invalid parameter: Policy Error: null' })
})

test('topics are listed, tagged and deleted', async () => {
  const { TopicArn = '' } = await owner.send(
    new CreateTopicCommand({ Name: 'tagged', Tags: [{ Key: 'a', Value: '1' }] }),
  )
  await owner.send(new TagResourceCommand({ ResourceArn: TopicArn, Tags: [{ Key: 'b', Value: '2' }] }))
  await owner.send(new UntagResourceCommand({ ResourceArn: TopicArn, TagKeys: ['a'] }))
  expect((await owner.send(new ListTagsForResourceCommand({ ResourceArn: TopicArn }))).Tags).toEqual([
    { Key: 'b', Value: '2' },
  ])
  const listed = async () =>
    ((await owner.send(new ListTopicsCommand({}))).Topics ?? []).map(({ TopicArn: arn }) => arn)
  expect(await listed()).toContain(TopicArn)
  await owner.send(new DeleteTopicCommand({ TopicArn }))
  await owner.send(new DeleteTopicCommand({ TopicArn }))
  expect(await listed()).not.toContain(TopicArn)
  expect(await failureOf(attributesOf(TopicArn))).toMatchObject({
    name: 'NotFoundException',
    status: 404,
    message: 'Topic does not exist',
  })
})

test('what a topic cannot be is refused', async () => {
  const create = (input: object) => failureOf(owner.send(new CreateTopicCommand({ Name: 'x', ...input })))
  expect(await create({ Name: 'a b' })).toMatchObject({ message: 'Invalid parameter: Topic Name' })
  expect(await create({ Name: 'x.fifo' })).toMatchObject({ status: 501 })
  expect(await create({ Attributes: { KmsMasterKeyId: 'k' } })).toMatchObject({ status: 501 })
  expect(await create({ Attributes: { Colour: 'red' } })).toMatchObject({ message: 'Invalid parameter: AttributeName' })
  expect(await failureOf(publish(owner, 'news'))).toMatchObject({
    message: 'Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1',
  })
})
