/** What AWS checks of the caller besides the operation itself: passing the role, tagging on creation, condition keys, the function's tags. */
import { CreateAccessKeyCommand, CreateUserCommand, PutUserPolicyCommand } from '@aws-sdk/client-iam'
import {
  AddPermissionCommand,
  DeleteFunctionCommand,
  InvokeCommand,
  RemovePermissionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateFunctionConfigurationCommand,
  type LambdaClient,
} from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'
import { arnOf, create, createRole, deploy, failure, failureOf, iamOf, lambdaOf } from './support.ts'

let cloud: TestCloud
let administrator: LambdaClient
let role: string
let users = 0

beforeAll(async () => {
  cloud = await startCloud()
  administrator = lambdaOf(cloud, 'target')
  role = await createRole(iamOf(cloud, 'target'), 'execution')
  await deploy(administrator, 'fn', { Role: role, Tags: { stage: 'test' } })
})
afterAll(() => cloud.close())

/** A user with just these statements, and how a denial names it. */
async function userWith(
  ...statements: readonly object[]
): Promise<{ readonly lambda: LambdaClient; readonly arn: string }> {
  const iam = iamOf(cloud, 'target')
  const name = `user-${++users}`
  await iam.send(new CreateUserCommand({ UserName: name }))
  await iam.send(
    new PutUserPolicyCommand({
      UserName: name,
      PolicyName: 'inline',
      PolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: statements.map((statement) => ({ Effect: 'Allow', Resource: '*', ...statement })),
      }),
    }),
  )
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: name }))
  const credentials = { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' }
  return { lambda: lambdaOf(cloud, credentials), arn: `arn:aws:iam::444455556666:user/${name}` }
}

const denied = (who: string, action: string, resource: string) =>
  failure(
    'AccessDeniedException',
    403,
    `User: ${who} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`,
  )

test('a function is made only by those who may pass its role to Lambda', async () => {
  const maker = await userWith({ Action: 'lambda:CreateFunction' })
  expect(await failureOf(create(maker.lambda, 'made', { Role: role }))).toEqual(denied(maker.arn, 'iam:PassRole', role))
  const elsewhere = await userWith(
    { Action: 'lambda:CreateFunction' },
    {
      Action: 'iam:PassRole',
      Condition: { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } },
    },
  )
  expect(await failureOf(create(elsewhere.lambda, 'made', { Role: role }))).toEqual(
    denied(elsewhere.arn, 'iam:PassRole', role),
  )
  const passer = await userWith(
    { Action: 'lambda:CreateFunction' },
    {
      Action: 'iam:PassRole',
      Resource: role,
      Condition: { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } },
    },
  )
  expect((await create(passer.lambda, 'made', { Role: role })).FunctionName).toBe('made')
  expect(await failureOf(create(passer.lambda, 'tagged', { Role: role, Tags: { a: 'b' } }))).toEqual(
    denied(passer.arn, 'lambda:TagResource', arnOf('target', 'tagged')),
  )
})

test('a new role for a function has to be passed, too', async () => {
  const editor = await userWith({ Action: 'lambda:UpdateFunctionConfiguration' })
  const update = (more: object) =>
    editor.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'fn', ...more }))
  expect(await failureOf(update({ Role: role }))).toEqual(denied(editor.arn, 'iam:PassRole', role))
  expect((await update({ Description: 'edited' })).Description).toBe('edited')
})

test('whom access may be given to can be limited', async () => {
  const granter = await userWith({
    Action: ['lambda:AddPermission', 'lambda:RemovePermission'],
    Condition: { StringEquals: { 'lambda:Principal': 's3.amazonaws.com' } },
  })
  const add = (Principal: string) =>
    granter.lambda.send(
      new AddPermissionCommand({
        FunctionName: 'fn',
        StatementId: 'granted',
        Action: 'lambda:InvokeFunction',
        Principal,
      }),
    )
  expect(await failureOf(add('111122223333'))).toEqual(
    denied(granter.arn, 'lambda:AddPermission', arnOf('target', 'fn')),
  )
  await add('s3.amazonaws.com')
  await granter.lambda.send(new RemovePermissionCommand({ FunctionName: 'fn', StatementId: 'granted' }))
})

test('the tags of a function decide who may use it', async () => {
  const tester = await userWith({
    Action: 'lambda:InvokeFunction',
    Condition: { StringEquals: { 'aws:ResourceTag/stage': 'test' } },
  })
  const invoke = () => tester.lambda.send(new InvokeCommand({ FunctionName: 'fn', InvocationType: 'DryRun' }))
  expect((await invoke()).StatusCode).toBe(204)
  await administrator.send(new TagResourceCommand({ Resource: arnOf('target', 'fn'), Tags: { stage: 'production' } }))
  expect(await failureOf(invoke())).toEqual(denied(tester.arn, 'lambda:InvokeFunction', arnOf('target', 'fn')))
})

test('the tags of a request decide who may set and remove them', async () => {
  const tagger = await userWith({
    Action: ['lambda:TagResource', 'lambda:UntagResource'],
    Condition: { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['note'] } },
  })
  const Resource = arnOf('target', 'fn')
  await tagger.lambda.send(new TagResourceCommand({ Resource, Tags: { note: 'x' } }))
  expect(await failureOf(tagger.lambda.send(new TagResourceCommand({ Resource, Tags: { other: 'x' } })))).toEqual(
    denied(tagger.arn, 'lambda:TagResource', Resource),
  )
  expect(
    await failureOf(tagger.lambda.send(new UntagResourceCommand({ Resource, TagKeys: ['stage', 'note'] }))),
  ).toEqual(denied(tagger.arn, 'lambda:UntagResource', Resource))
  await tagger.lambda.send(new UntagResourceCommand({ Resource, TagKeys: ['note'] }))
})

test('a refusal comes before the news that a function does not exist', async () => {
  const nobody = await userWith({ Action: 'lambda:ListFunctions' })
  const missing = arnOf('target', 'missing')
  expect(await failureOf(nobody.lambda.send(new DeleteFunctionCommand({ FunctionName: 'missing' })))).toEqual(
    denied(nobody.arn, 'lambda:DeleteFunction', missing),
  )
})
