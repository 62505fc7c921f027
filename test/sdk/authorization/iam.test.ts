/** The condition keys of requests to IAM. */
import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateServiceLinkedRoleCommand,
  DeleteRoleCommand,
  DeleteServiceLinkedRoleCommand,
  DetachRolePolicyCommand,
  IAMClient,
  ListRolePoliciesCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  TagRoleCommand,
  UntagRoleCommand,
} from '@aws-sdk/client-iam'
import { afterAll, beforeAll, test } from 'vitest'

import { ACCOUNTS, startCloud, type TestCloud } from '../cloud.ts'
import { allowing, policy, trusting } from '../iam/documents.ts'
import { createUser, expectAbsent, expectKey, expectKeys, type Asker, type TestUser } from './asking.ts'

const OWN = ACCOUNTS.target
const BOUNDARY = 'arn:aws:iam::aws:policy/AdministratorAccess'
const RoleName = 'subject'

let cloud: TestCloud
let user: TestUser
let administrator: IAMClient
let iam: IAMClient

beforeAll(async () => {
  cloud = await startCloud()
  administrator = cloud.client(IAMClient, 'target')
  user = await createUser(cloud, 'target', 'eva', { Team: 'blue' })
  iam = cloud.client(IAMClient, user.credentials)
  await administrator.send(
    new CreateRoleCommand({
      RoleName,
      AssumeRolePolicyDocument: trusting({ AWS: OWN }),
      PermissionsBoundary: BOUNDARY,
      Tags: [{ Key: 'Stage', Value: 'test' }],
    }),
  )
})
afterAll(() => cloud.close())

/** Puts these statements in the place of the user's only policy. */
function permit(...statements: readonly object[]): Promise<unknown> {
  return administrator.send(
    new PutUserPolicyCommand({
      UserName: user.name,
      PolicyName: 'asked',
      PolicyDocument: policy(...statements.map((statement) => ({ Effect: 'Allow', Resource: '*', ...statement }))),
    }),
  )
}

/** The user asks; `undo` runs, as the administrator, after every request that passed. */
function asking(action: string, ask: () => Promise<unknown>, undo?: () => Promise<unknown>): Asker {
  return {
    allowWhere: (condition) => user.allowWhere([action], condition),
    async ask() {
      await ask()
      await undo?.()
    },
  }
}

test('shows the tags and the boundary that a new role is to have', async () => {
  const creating = (limited: string): Asker => ({
    allowWhere: (condition) =>
      permit(
        { Action: limited === 'iam:TagRole' ? 'iam:CreateRole' : 'iam:TagRole' },
        { Action: limited, Condition: condition },
      ),
    async ask() {
      await iam.send(
        new CreateRoleCommand({
          RoleName: 'made',
          AssumeRolePolicyDocument: trusting({ AWS: OWN }),
          PermissionsBoundary: BOUNDARY,
          Tags: [
            { Key: 'Stage', Value: 'new' },
            { Key: 'Cost', Value: '1' },
          ],
        }),
      )
      await administrator.send(new DeleteRoleCommand({ RoleName: 'made' }))
    },
  })
  for (const action of ['iam:CreateRole', 'iam:TagRole']) {
    await expectKey(creating(action), 'aws:RequestTag/Stage', 'new')
    await expectKeys(creating(action), 'aws:TagKeys', ['Stage', 'Cost'])
    await expectAbsent(creating(action), 'aws:ResourceTag/Stage', 'iam:ResourceTag/Stage')
  }
  await expectKey(creating('iam:CreateRole'), 'iam:PermissionsBoundary', BOUNDARY)
})

test('shows which policy is attached, and the boundary of the role it is attached to', async () => {
  const { Policy } = await administrator.send(
    new CreatePolicyCommand({ PolicyName: 'attached', PolicyDocument: allowing('s3:*') }),
  )
  const own = { RoleName, PolicyArn: Policy?.Arn ?? '' }
  const attaching = asking(
    'iam:AttachRolePolicy',
    () => iam.send(new AttachRolePolicyCommand(own)),
    () => administrator.send(new DetachRolePolicyCommand(own)),
  )
  await expectKey(attaching, 'iam:PolicyARN', own.PolicyArn)
  await expectKey(attaching, 'iam:PolicyARN', own.PolicyArn, 'ArnEquals')
  await expectKey(attaching, 'iam:PermissionsBoundary', BOUNDARY)
  await expectKey(attaching, 'iam:ResourceTag/Stage', 'test')
  await expectKey(attaching, 'aws:ResourceTag/Stage', 'test')
})

test('shows the boundary of a role to what changes it, and not to what only lists', async () => {
  const putting = asking('iam:PutRolePolicy', () =>
    iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'p', PolicyDocument: allowing('s3:*') })),
  )
  await expectKey(putting, 'iam:PermissionsBoundary', BOUNDARY)
  await expectAbsent(putting, 'iam:PolicyARN')
  const replacing = asking(
    'iam:PutRolePermissionsBoundary',
    () =>
      iam.send(
        new PutRolePermissionsBoundaryCommand({
          RoleName,
          PermissionsBoundary: 'arn:aws:iam::aws:policy/PowerUserAccess',
        }),
      ),
    () => administrator.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary: BOUNDARY })),
  )
  await expectKey(replacing, 'iam:PermissionsBoundary', 'arn:aws:iam::aws:policy/PowerUserAccess')
  const reading = asking('iam:ListRolePolicies', () => iam.send(new ListRolePoliciesCommand({ RoleName })))
  await expectKey(reading, 'iam:ResourceTag/Stage', 'test')
  await expectAbsent(reading, 'iam:PermissionsBoundary')
})

test('shows the tags that are set and the names of those that are removed', async () => {
  const tagging = asking('iam:TagRole', () =>
    iam.send(new TagRoleCommand({ RoleName, Tags: [{ Key: 'Note', Value: 'x' }] })),
  )
  await expectKey(tagging, 'aws:RequestTag/Note', 'x')
  await expectKeys(tagging, 'aws:TagKeys', ['Note'])
  const untagging = asking('iam:UntagRole', () =>
    iam.send(new UntagRoleCommand({ RoleName, TagKeys: ['Note', 'Other'] })),
  )
  await expectKeys(untagging, 'aws:TagKeys', ['Note', 'Other'])
  await expectAbsent(untagging, 'aws:RequestTag/Note')
})

test('shows for which service a linked role is made', async () => {
  const linking = asking(
    'iam:CreateServiceLinkedRole',
    () => iam.send(new CreateServiceLinkedRoleCommand({ AWSServiceName: 'lambda.amazonaws.com' })),
    () => administrator.send(new DeleteServiceLinkedRoleCommand({ RoleName: 'AWSServiceRoleForLambda' })),
  )
  await expectKey(linking, 'iam:AWSServiceName', 'lambda.amazonaws.com')
})
