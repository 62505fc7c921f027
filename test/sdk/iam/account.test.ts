/** The account as a whole: alias, numbers, details. */
import {
  AddUserToGroupCommand,
  AttachRolePolicyCommand,
  CreateAccountAliasCommand,
  CreateGroupCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteAccountAliasCommand,
  GetAccountAuthorizationDetailsCommand,
  GetAccountSummaryCommand,
  IAMClient,
  ListAccountAliasesCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'
import { allowing, decoded, trusting } from './documents.ts'

let cloud: TestCloud
let iam: IAMClient

beforeAll(async () => {
  cloud = await startCloud()
  iam = cloud.client(IAMClient, 'source')
})
afterAll(() => cloud.close())

test('an account has one alias, which no other account can have', async () => {
  const aliases = async () => (await iam.send(new ListAccountAliasesCommand({}))).AccountAliases
  expect(await aliases()).toEqual([])
  await iam.send(new CreateAccountAliasCommand({ AccountAlias: 'first' }))
  await iam.send(new CreateAccountAliasCommand({ AccountAlias: 'second' }))
  expect(await aliases()).toEqual(['second'])
  const other = cloud.client(IAMClient, 'target')
  await expect(other.send(new CreateAccountAliasCommand({ AccountAlias: 'second' }))).rejects.toMatchObject({
    name: 'EntityAlreadyExistsException',
    message: 'The account alias second already exists.',
  })
  await expect(other.send(new DeleteAccountAliasCommand({ AccountAlias: 'second' }))).rejects.toMatchObject({
    name: 'NoSuchEntityException',
  })
  await iam.send(new DeleteAccountAliasCommand({ AccountAlias: 'second' }))
  expect(await aliases()).toEqual([])
})

describe('an account with something in it', () => {
  const PolicyArn = 'arn:aws:iam::444455556666:policy/p'
  let target: IAMClient

  beforeAll(async () => {
    target = cloud.client(IAMClient, 'target')
    await target.send(new CreateUserCommand({ UserName: 'u', Tags: [{ Key: 'k', Value: 'v' }] }))
    await target.send(new CreateGroupCommand({ GroupName: 'g' }))
    await target.send(new AddUserToGroupCommand({ GroupName: 'g', UserName: 'u' }))
    await target.send(new CreateRoleCommand({ RoleName: 'r', AssumeRolePolicyDocument: trusting('*') }))
    await target.send(new CreatePolicyCommand({ PolicyName: 'p', PolicyDocument: allowing('s3:*') }))
    await target.send(new AttachRolePolicyCommand({ RoleName: 'r', PolicyArn }))
    await target.send(new PutRolePolicyCommand({ RoleName: 'r', PolicyName: 'i', PolicyDocument: allowing('sqs:*') }))
  })

  test('is summed up in numbers', async () => {
    const { SummaryMap } = await target.send(new GetAccountSummaryCommand({}))
    expect(SummaryMap).toMatchObject({ Users: 2, Groups: 1, Roles: 1, Policies: 1, AccessKeysPerUserQuota: 2 })
  })

  test('is told in full detail', async () => {
    const details = await target.send(new GetAccountAuthorizationDetailsCommand({}))
    expect(details.UserDetailList?.find(({ UserName }) => UserName === 'u')).toMatchObject({
      GroupList: ['g'],
      Tags: [{ Key: 'k', Value: 'v' }],
    })
    expect(details.GroupDetailList?.map(({ GroupName }) => GroupName)).toEqual(['g'])
    const role = details.RoleDetailList?.find(({ RoleName }) => RoleName === 'r')
    expect(role?.AttachedManagedPolicies).toEqual([{ PolicyName: 'p', PolicyArn }])
    expect(decoded(role?.RolePolicyList?.[0]?.PolicyDocument)).toEqual(JSON.parse(allowing('sqs:*')))
    const policies = details.Policies?.map(({ Arn, AttachmentCount }) => [Arn, AttachmentCount])
    expect(policies).toEqual([
      [PolicyArn, 1],
      ['arn:aws:iam::aws:policy/AdministratorAccess', 1],
    ])
    expect(decoded(details.Policies?.[0]?.PolicyVersionList?.[0]?.Document)).toEqual(JSON.parse(allowing('s3:*')))
  })

  test('is told in part and in pages', async () => {
    const roles = await target.send(new GetAccountAuthorizationDetailsCommand({ Filter: ['Role'] }))
    expect(roles.RoleDetailList).toHaveLength(1)
    expect(roles.UserDetailList).toEqual([])
    expect(roles.Policies).toEqual([])
    let pages = 0
    let items = 0
    let Marker: string | undefined
    do {
      const page = await target.send(new GetAccountAuthorizationDetailsCommand({ MaxItems: 2, Marker }))
      const { UserDetailList = [], GroupDetailList = [], RoleDetailList = [], Policies = [] } = page
      items += UserDetailList.length + GroupDetailList.length + RoleDetailList.length + Policies.length
      pages++
      Marker = page.Marker
    } while (Marker !== undefined)
    expect([pages, items]).toEqual([3, 6])
  })
})
