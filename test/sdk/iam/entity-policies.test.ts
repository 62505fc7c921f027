/** Inline and attached policies, which users, groups and roles have alike. */
import {
  AttachGroupPolicyCommand,
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreateGroupCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteGroupPolicyCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DeleteUserPolicyCommand,
  DetachGroupPolicyCommand,
  DetachRolePolicyCommand,
  DetachUserPolicyCommand,
  GetGroupPolicyCommand,
  GetRolePolicyCommand,
  GetUserPolicyCommand,
  IAMClient,
  ListAttachedGroupPoliciesCommand,
  ListAttachedRolePoliciesCommand,
  ListAttachedUserPoliciesCommand,
  ListGroupPoliciesCommand,
  ListRolePoliciesCommand,
  ListUserPoliciesCommand,
  PutGroupPolicyCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'
import { allowing, decoded, trusting } from './documents.ts'

const BASIC = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'
const READ_ONLY = 'arn:aws:iam::aws:policy/ReadOnlyAccess'

let cloud: TestCloud
let iam: IAMClient

beforeAll(async () => {
  cloud = await startCloud()
  iam = cloud.client(IAMClient, 'source')
  await iam.send(new CreateUserCommand({ UserName: 'e' }))
  await iam.send(new CreateGroupCommand({ GroupName: 'e' }))
  await iam.send(new CreateRoleCommand({ RoleName: 'e', AssumeRolePolicyDocument: trusting('*') }))
})
afterAll(() => cloud.close())

interface Kind {
  put(name: string, document: string): Promise<unknown>
  get(name: string): Promise<{ PolicyDocument?: string | undefined }>
  remove(name: string): Promise<unknown>
  list(page: object): Promise<{ PolicyNames?: string[] | undefined; Marker?: string | undefined }>
  attach(arn: string): Promise<unknown>
  detach(arn: string): Promise<unknown>
  attached(page: object): Promise<{
    AttachedPolicies?: { PolicyArn?: string | undefined }[] | undefined
    IsTruncated?: boolean | undefined
  }>
}

const kinds: Readonly<Record<string, Kind>> = {
  user: {
    put: (PolicyName, PolicyDocument) =>
      iam.send(new PutUserPolicyCommand({ UserName: 'e', PolicyName, PolicyDocument })),
    get: (PolicyName) => iam.send(new GetUserPolicyCommand({ UserName: 'e', PolicyName })),
    remove: (PolicyName) => iam.send(new DeleteUserPolicyCommand({ UserName: 'e', PolicyName })),
    list: (page) => iam.send(new ListUserPoliciesCommand({ UserName: 'e', ...page })),
    attach: (PolicyArn) => iam.send(new AttachUserPolicyCommand({ UserName: 'e', PolicyArn })),
    detach: (PolicyArn) => iam.send(new DetachUserPolicyCommand({ UserName: 'e', PolicyArn })),
    attached: (page) => iam.send(new ListAttachedUserPoliciesCommand({ UserName: 'e', ...page })),
  },
  group: {
    put: (PolicyName, PolicyDocument) =>
      iam.send(new PutGroupPolicyCommand({ GroupName: 'e', PolicyName, PolicyDocument })),
    get: (PolicyName) => iam.send(new GetGroupPolicyCommand({ GroupName: 'e', PolicyName })),
    remove: (PolicyName) => iam.send(new DeleteGroupPolicyCommand({ GroupName: 'e', PolicyName })),
    list: (page) => iam.send(new ListGroupPoliciesCommand({ GroupName: 'e', ...page })),
    attach: (PolicyArn) => iam.send(new AttachGroupPolicyCommand({ GroupName: 'e', PolicyArn })),
    detach: (PolicyArn) => iam.send(new DetachGroupPolicyCommand({ GroupName: 'e', PolicyArn })),
    attached: (page) => iam.send(new ListAttachedGroupPoliciesCommand({ GroupName: 'e', ...page })),
  },
  role: {
    put: (PolicyName, PolicyDocument) =>
      iam.send(new PutRolePolicyCommand({ RoleName: 'e', PolicyName, PolicyDocument })),
    get: (PolicyName) => iam.send(new GetRolePolicyCommand({ RoleName: 'e', PolicyName })),
    remove: (PolicyName) => iam.send(new DeleteRolePolicyCommand({ RoleName: 'e', PolicyName })),
    list: (page) => iam.send(new ListRolePoliciesCommand({ RoleName: 'e', ...page })),
    attach: (PolicyArn) => iam.send(new AttachRolePolicyCommand({ RoleName: 'e', PolicyArn })),
    detach: (PolicyArn) => iam.send(new DetachRolePolicyCommand({ RoleName: 'e', PolicyArn })),
    attached: (page) => iam.send(new ListAttachedRolePoliciesCommand({ RoleName: 'e', ...page })),
  },
}

describe.each(Object.entries(kinds))('a %s', (kind, entity) => {
  test('has inline policies: put, read, replaced, listed in pages and deleted', async () => {
    await entity.put('b', allowing('s3:*'))
    await entity.put('a', allowing('s3:*'))
    await entity.put('a', allowing('sqs:*'))
    expect(decoded((await entity.get('a')).PolicyDocument)).toEqual(JSON.parse(allowing('sqs:*')))
    const first = await entity.list({ MaxItems: 1 })
    expect(first).toMatchObject({ PolicyNames: ['a'], IsTruncated: true })
    expect(await entity.list({ Marker: first.Marker })).toMatchObject({ PolicyNames: ['b'], IsTruncated: false })
    await entity.remove('a')
    await entity.remove('b')
    const missing = {
      name: 'NoSuchEntityException',
      message: `The ${kind} policy with name a cannot be found.`,
    }
    await expect(entity.get('a')).rejects.toMatchObject(missing)
    await expect(entity.remove('a')).rejects.toMatchObject(missing)
  })

  test('refuses a malformed inline policy and one too many characters', async () => {
    await expect(entity.put('p', '{"Version":"2012-10-17"}')).rejects.toMatchObject({
      name: 'MalformedPolicyDocumentException',
    })
    const max = { user: 2048, group: 5120, role: 10240 }[kind] ?? 0
    await expect(entity.put('p', allowing(`s3:${'x'.repeat(max)}`))).rejects.toMatchObject({
      name: 'LimitExceededException',
      message: `Maximum policy size of ${max} bytes exceeded for ${kind} e`,
    })
  })

  test('has attached policies: once each, listed by path, detached once', async () => {
    await entity.attach(BASIC)
    await entity.attach(BASIC)
    await entity.attach(READ_ONLY)
    const arns = async (page: object) =>
      (await entity.attached(page)).AttachedPolicies?.map(({ PolicyArn }) => PolicyArn)
    expect(await arns({})).toEqual([BASIC, READ_ONLY])
    expect(await arns({ PathPrefix: '/service-role/' })).toEqual([BASIC])
    expect((await entity.attached({ MaxItems: 1 })).IsTruncated).toBe(true)
    await entity.detach(BASIC)
    await entity.detach(READ_ONLY)
    await expect(entity.detach(BASIC)).rejects.toMatchObject({
      name: 'NoSuchEntityException',
      message: `Policy ${BASIC} was not found.`,
    })
  })

  test('is attached only to a policy that exists and is for customers', async () => {
    const none = 'arn:aws:iam::111122223333:policy/none'
    await expect(entity.attach(none)).rejects.toMatchObject({
      name: 'NoSuchEntityException',
      message: `Policy ${none} does not exist or is not attachable.`,
    })
    await expect(entity.attach('longerThan20charsButNoArn')).rejects.toMatchObject({
      name: 'ValidationError',
      message: 'Invalid ARN:  Could not be parsed!',
    })
    await expect(entity.attach('arn:aws:iam::aws:policy/aws-service-role/AWSLambdaReplicator')).rejects.toMatchObject({
      name: 'PolicyNotAttachableException',
      message: 'Cannot attach a Service Role Policy to a Customer Role.',
    })
  })
})

test('a role has at most ten attached policies, and is not deleted before they are detached and its own deleted', async () => {
  await iam.send(new CreateRoleCommand({ RoleName: 'full', AssumeRolePolicyDocument: trusting('*') }))
  const attach = (i: number) =>
    iam.send(new AttachRolePolicyCommand({ RoleName: 'full', PolicyArn: `arn:aws:iam::111122223333:policy/p${i}` }))
  for (let i = 0; i <= 10; i++) {
    await iam.send(new CreatePolicyCommand({ PolicyName: `p${i}`, PolicyDocument: allowing('s3:*') }))
  }
  for (let i = 0; i < 10; i++) await attach(i)
  await expect(attach(10)).rejects.toMatchObject({
    name: 'LimitExceededException',
    message: 'Cannot exceed quota for PoliciesPerRole: 10',
  })
  const remove = () => iam.send(new DeleteRoleCommand({ RoleName: 'full' }))
  await expect(remove()).rejects.toMatchObject({
    name: 'DeleteConflictException',
    message: 'Cannot delete entity, must detach all policies first.',
  })
  for (let i = 0; i < 10; i++) {
    await iam.send(
      new DetachRolePolicyCommand({ RoleName: 'full', PolicyArn: `arn:aws:iam::111122223333:policy/p${i}` }),
    )
  }
  await iam.send(new PutRolePolicyCommand({ RoleName: 'full', PolicyName: 'i', PolicyDocument: allowing('s3:*') }))
  await expect(remove()).rejects.toMatchObject({
    name: 'DeleteConflictException',
    message: 'Cannot delete entity, must delete policies first.',
  })
  await iam.send(new DeleteRolePolicyCommand({ RoleName: 'full', PolicyName: 'i' }))
  await remove()
})
