/** The condition keys of requests to Lambda. */
import { IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam'
import {
  AddPermissionCommand,
  DeleteFunctionCommand,
  DeleteResourcePolicyCommand,
  InvokeCommand,
  LambdaClient,
  PutResourcePolicyCommand,
  RemovePermissionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, test } from 'vitest'

import { ACCOUNTS, startCloud, type TestCloud } from '../cloud.ts'
import { policy } from '../iam/documents.ts'
import { arnOf, create, createRole as createExecutionRole, deploy, untilUpdated } from '../lambda/support.ts'
import { createUser, expectAbsent, expectKey, expectKeys, type Asker, type TestUser } from './asking.ts'

const OWN = ACCOUNTS.target
const FUNCTION_ARN = arnOf('target', 'fn')

const ALL_TO_CREATE = ['lambda:CreateFunction', 'lambda:TagResource', 'iam:PassRole']

let cloud: TestCloud
let user: TestUser
let administrator: IAMClient
let lambda: LambdaClient
let owner: LambdaClient
let executionRole: string

beforeAll(async () => {
  cloud = await startCloud()
  administrator = cloud.client(IAMClient, 'target')
  user = await createUser(cloud, 'target', 'eva', { Team: 'blue' })
  lambda = cloud.client(LambdaClient, user.credentials)
  owner = cloud.client(LambdaClient, 'target')
  executionRole = await createExecutionRole(administrator, 'execution')
  await deploy(owner, 'fn', { Role: executionRole, Tags: { Stage: 'test' } })
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

test('shows the tags that a new function is to have, and to whom its role is passed', async () => {
  const creating = (limited: string): Asker => ({
    allowWhere: (condition) =>
      permit(
        { Action: ALL_TO_CREATE.filter((action) => action !== limited) },
        { Action: limited, Condition: condition },
      ),
    async ask() {
      await create(lambda, 'made', { Role: executionRole, Tags: { Stage: 'new', Cost: '1' } })
      await owner.send(new DeleteFunctionCommand({ FunctionName: 'made' }))
    },
  })
  for (const action of ['lambda:CreateFunction', 'lambda:TagResource']) {
    await expectKey(creating(action), 'aws:RequestTag/Stage', 'new')
    await expectKeys(creating(action), 'aws:TagKeys', ['Stage', 'Cost'])
    await expectAbsent(creating(action), 'aws:RequestTag/Other', 'aws:ResourceTag/Stage')
  }
  await expectKey(creating('iam:PassRole'), 'iam:PassedToService', 'lambda.amazonaws.com')
  await expectKey(creating('iam:PassRole'), 'iam:AssociatedResourceArn', arnOf('target', 'made'))
  await expectAbsent(creating('iam:PassRole'), 'aws:RequestTag/Stage', 'aws:TagKeys')
})

test('shows the tags of the function, and of the account that owns it', async () => {
  const invoking = asking('lambda:InvokeFunction', () =>
    lambda.send(new InvokeCommand({ FunctionName: 'fn', InvocationType: 'DryRun' })),
  )
  await expectKey(invoking, 'aws:ResourceTag/Stage', 'test')
  await expectKey(invoking, 'aws:ResourceAccount', OWN)
  await expectAbsent(invoking, 'aws:ResourceTag/Other', 'aws:RequestTag/Stage', 'aws:TagKeys', 'lambda:Principal')
})

test('shows the tags that are set and the names of those that are removed', async () => {
  const untag = () => owner.send(new UntagResourceCommand({ Resource: FUNCTION_ARN, TagKeys: ['Note'] }))
  const tagging = asking(
    'lambda:TagResource',
    () => lambda.send(new TagResourceCommand({ Resource: FUNCTION_ARN, Tags: { Note: 'x' } })),
    untag,
  )
  await expectKey(tagging, 'aws:RequestTag/Note', 'x')
  await expectKey(tagging, 'aws:ResourceTag/Stage', 'test')
  await expectKeys(tagging, 'aws:TagKeys', ['Note'])
  const untagging = asking('lambda:UntagResource', () =>
    lambda.send(new UntagResourceCommand({ Resource: FUNCTION_ARN, TagKeys: ['Note', 'Other'] })),
  )
  await expectKeys(untagging, 'aws:TagKeys', ['Note', 'Other'])
  await expectAbsent(untagging, 'aws:RequestTag/Note')
})

test('shows to whom a permission is given or taken from, and how its URL is guarded', async () => {
  const statement = { FunctionName: 'fn', StatementId: 'one' }
  const grant = new AddPermissionCommand({
    ...statement,
    Action: 'lambda:InvokeFunctionUrl',
    Principal: '*',
    FunctionUrlAuthType: 'NONE',
  })
  const adding = asking(
    'lambda:AddPermission',
    () => lambda.send(grant),
    () => owner.send(new RemovePermissionCommand(statement)),
  )
  await expectKey(adding, 'lambda:Principal', '*')
  await expectKey(adding, 'lambda:FunctionUrlAuthType', 'NONE')
  await owner.send(grant)
  const removing = asking(
    'lambda:RemovePermission',
    () => lambda.send(new RemovePermissionCommand(statement)),
    () => owner.send(grant),
  )
  await expectKey(removing, 'lambda:Principal', '*')
  await expectKey(removing, 'lambda:FunctionUrlAuthType', 'NONE')
  await owner.send(new RemovePermissionCommand(statement))
})

test('shows everyone whom a whole policy names', async () => {
  const names = [`arn:aws:iam::${ACCOUNTS.source}:root`, 's3.amazonaws.com']
  const put = new PutResourcePolicyCommand({
    ResourceArn: FUNCTION_ARN,
    Policy: policy({
      Effect: 'Allow',
      Principal: { AWS: names[0], Service: names[1] },
      Action: 'lambda:InvokeFunction',
      Resource: FUNCTION_ARN,
    }),
  })
  const remove = new DeleteResourcePolicyCommand({ ResourceArn: FUNCTION_ARN })
  const needed = ['lambda:PutResourcePolicy', 'lambda:AddPermission', 'lambda:RemovePermission']
  const putting: Asker = {
    allowWhere: (condition) => user.allowWhere(needed, condition),
    async ask() {
      await lambda.send(put)
      await owner.send(remove)
    },
  }
  await expectKeys(putting, 'lambda:Principal', names)
  await owner.send(put)
  const deleting: Asker = {
    allowWhere: (condition) => user.allowWhere(['lambda:DeleteResourcePolicy', 'lambda:RemovePermission'], condition),
    async ask() {
      await lambda.send(remove)
      await owner.send(put)
    },
  }
  await expectKeys(deleting, 'lambda:Principal', names)
  await owner.send(remove)
})

test('has a new role passed as on creation', async () => {
  const updating: Asker = {
    allowWhere: (condition) =>
      permit({ Action: 'lambda:*' }, { Action: 'iam:PassRole', Resource: executionRole, Condition: condition }),
    async ask() {
      await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'fn', Role: executionRole }))
      await untilUpdated(owner, 'fn')
    },
  }
  await expectKey(updating, 'iam:PassedToService', 'lambda.amazonaws.com')
  await expectKey(updating, 'iam:AssociatedResourceArn', FUNCTION_ARN)
})
