/** Layers of another account: who may read them and give them to functions, by the layer version's policy and the caller's own. */
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam'
import { CloudFormationClient, DeleteStackCommand } from '@aws-sdk/client-cloudformation'
import {
  AddLayerVersionPermissionCommand,
  DeleteLayerVersionCommand,
  GetLayerVersionCommand,
  GetLayerVersionPolicyCommand,
  InvokeCommand,
  ListLayerVersionsCommand,
  PublishLayerVersionCommand,
  RemoveLayerVersionPermissionCommand,
  UpdateFunctionConfigurationCommand,
  type LambdaClient,
} from '@aws-sdk/client-lambda'
import { DescribeOrganizationCommand, OrganizationsClient } from '@aws-sdk/client-organizations'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { created, reasonOf, settledStack } from '../cloudformation/stacks.ts'
import { ACCOUNTS, startCloud, type TestCloud, type TestCredentials } from '../cloud.ts'
import {
  create,
  createRole,
  deploy,
  failure,
  failureOf,
  iamOf,
  lambdaOf,
  payloadOf,
  untilUpdated,
  zipOf,
} from './support.ts'

const LAYER = `arn:aws:lambda:us-east-1:${ACCOUNTS.target}:layer:shared`
const VERSION = `${LAYER}:1`

let cloud: TestCloud
let owner: LambdaClient
let user: LambdaClient
let role: string
let organization: string

beforeAll(async () => {
  cloud = await startCloud()
  owner = lambdaOf(cloud, 'target')
  user = lambdaOf(cloud, 'source')
  role = await createRole(iamOf(cloud, 'source'), 'layered-role')
  const ZipFile = await zipOf({ 'nodejs/node_modules/layered/index.js': "exports.text = 'from afar'" })
  await owner.send(new PublishLayerVersionCommand({ LayerName: 'shared', Content: { ZipFile } }))
  const described = await cloud.client(OrganizationsClient, 'management').send(new DescribeOrganizationCommand({}))
  organization = described.Organization?.Id ?? ''
})
afterAll(() => cloud.close())

const grant = (StatementId: string, Principal: string, more: object = {}) =>
  owner.send(
    new AddLayerVersionPermissionCommand({
      LayerName: 'shared',
      VersionNumber: 1,
      StatementId,
      Action: 'lambda:GetLayerVersion',
      Principal,
      ...more,
    }),
  )
const revoke = (StatementId: string) =>
  owner.send(new RemoveLayerVersionPermissionCommand({ LayerName: 'shared', VersionNumber: 1, StatementId }))
const read = (client = user) => client.send(new GetLayerVersionCommand({ LayerName: LAYER, VersionNumber: 1 }))

const denied = (who: string, action: string, resource: string, reason: string) =>
  failure(
    'AccessDeniedException',
    403,
    `User: arn:aws:iam::${ACCOUNTS.source}:user/${who} is not authorized to perform: lambda:${action} on resource: ${resource} ${reason}`,
  )
const NOT_SHARED = 'because no resource-based policy allows the lambda:GetLayerVersion action'

async function userWith(name: string, statements: readonly object[]): Promise<TestCredentials> {
  const iam = cloud.client(IAMClient, 'source')
  await iam.send(new CreateUserCommand({ UserName: name }))
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: statements })
  await iam.send(new PutUserPolicyCommand({ UserName: name, PolicyName: 'inline', PolicyDocument }))
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: name }))
  return { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' }
}

describe('a layer version of another account', () => {
  test('is refused until its owner shares it, whether it is there or not', async () => {
    const refused = denied('administrator', 'GetLayerVersion', VERSION, NOT_SHARED)
    expect(await failureOf(read())).toEqual(refused)
    expect(await failureOf(create(user, 'layered', { Role: role, Layers: [VERSION] }))).toEqual(refused)
    const nowhere = `${LAYER}:9`
    expect(await failureOf(create(user, 'layered', { Role: role, Layers: [nowhere] }))).toEqual(
      denied('administrator', 'GetLayerVersion', nowhere, NOT_SHARED),
    )
    await grant('management', ACCOUNTS.management)
    expect(await failureOf(read())).toEqual(refused)
    await revoke('management')
  })

  test('serves functions of an account it is shared with, also when it no longer is', async () => {
    await grant('account', ACCOUNTS.source)
    expect((await read()).LayerVersionArn).toBe(VERSION)
    const code = `exports.handler = async () => require('layered').text`
    await deploy(user, 'layered', { Role: role, code, Layers: [VERSION] })
    await revoke('account')
    const answer = async () => payloadOf(await user.send(new InvokeCommand({ FunctionName: 'layered' })))
    expect(await answer()).toBe('from afar')
    const update = (more: object) =>
      user.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'layered', ...more }))
    await update({ MemorySize: 256 })
    await untilUpdated(user, 'layered')
    expect(await answer()).toBe('from afar')
    expect(await failureOf(update({ Layers: [VERSION] }))).toEqual(
      denied('administrator', 'GetLayerVersion', VERSION, NOT_SHARED),
    )
  })

  test('can be shared with an organization, and with everyone', async () => {
    await grant('others', '*', { OrganizationId: 'o-somebodyelse' })
    expect((await failureOf(read())).name).toBe('AccessDeniedException')
    await grant('organization', '*', { OrganizationId: organization })
    expect((await read()).Version).toBe(1)
    await revoke('organization')
    await grant('everyone', '*')
    expect((await read()).Version).toBe(1)
    await revoke('everyone')
    await revoke('others')
  })

  test('asks for the permission of the caller’s own account, too', async () => {
    await grant('account', ACCOUNTS.source)
    const create_ = { Effect: 'Allow', Action: ['lambda:CreateFunction', 'iam:PassRole'], Resource: '*' }
    const without = lambdaOf(cloud, await userWith('without', [create_]))
    const settings = { Role: role, Layers: [VERSION] }
    const readers = { Effect: 'Allow', Action: 'lambda:GetLayerVersion', Resource: `${LAYER}:*` }
    // A grant to an account that no policy of the caller takes up is blamed on the resource's policy.
    expect(await failureOf(create(without, 'by-user', settings))).toEqual(
      denied('without', 'GetLayerVersion', VERSION, NOT_SHARED),
    )
    const onlyOwn = {
      ...create_,
      Effect: 'Deny',
      Condition: { 'ForAnyValue:StringNotLike': { 'lambda:Layer': `arn:aws:lambda:*:${ACCOUNTS.source}:layer:*` } },
    }
    const guarded = lambdaOf(cloud, await userWith('guarded', [create_, readers, onlyOwn]))
    expect(await failureOf(create(guarded, 'by-user', settings))).toEqual(
      denied(
        'guarded',
        'CreateFunction',
        `arn:aws:lambda:us-east-1:${ACCOUNTS.source}:function:by-user`,
        'with an explicit deny in an identity-based policy',
      ),
    )
    expect((await create(guarded, 'bare', { Role: role })).Layers).toBeUndefined()
    const allowed = lambdaOf(cloud, await userWith('allowed', [create_, readers]))
    expect((await create(allowed, 'by-user', settings)).Layers?.[0]?.Arn).toBe(VERSION)
    await revoke('account')
  })

  test('is its owner’s alone to change', async () => {
    await grant('account', ACCOUNTS.source)
    const foreign = (action: string) =>
      denied(
        'administrator',
        action,
        action === 'PublishLayerVersion' ? LAYER : action === 'ListLayerVersions' ? '*' : VERSION,
        `because no resource-based policy allows the lambda:${action} action`,
      )
    const named = { LayerName: LAYER, VersionNumber: 1 }
    const ZipFile = await zipOf({ x: '' })
    expect(await failureOf(user.send(new DeleteLayerVersionCommand(named)))).toEqual(foreign('DeleteLayerVersion'))
    expect(await failureOf(user.send(new GetLayerVersionPolicyCommand(named)))).toEqual(
      foreign('GetLayerVersionPolicy'),
    )
    expect(
      await failureOf(user.send(new PublishLayerVersionCommand({ LayerName: LAYER, Content: { ZipFile } }))),
    ).toEqual(foreign('PublishLayerVersion'))
    expect(await failureOf(user.send(new ListLayerVersionsCommand({ LayerName: LAYER })))).toEqual(
      foreign('ListLayerVersions'),
    )
    await revoke('account')
  })
})

describe('CloudFormation', () => {
  test('shares a layer version and takes it back', async () => {
    const cfn = cloud.client(CloudFormationClient, 'target')
    const stack = await created(cfn, 'sharing', {
      Resources: {
        Shared: {
          Type: 'AWS::Lambda::LayerVersionPermission',
          Properties: { Action: 'lambda:GetLayerVersion', LayerVersionArn: VERSION, Principal: ACCOUNTS.source },
        },
      },
      Outputs: { Id: { Value: { Ref: 'Shared' } } },
    })
    expect(stack.StackStatus).toBe('CREATE_COMPLETE')
    expect(stack.Outputs?.[0]?.OutputValue).toMatch(/:layer:shared:1#sharing-Shared-\w{12}$/)
    expect((await read()).Version).toBe(1)
    await cfn.send(new DeleteStackCommand({ StackName: 'sharing' }))
    expect((await settledStack(cfn, stack.StackId ?? '')).StackStatus).toBe('DELETE_COMPLETE')
    expect((await failureOf(read())).name).toBe('AccessDeniedException')
  })

  test('refuses a layer from S3 by name, which is all a template can say', async () => {
    const cfn = cloud.client(CloudFormationClient, 'target')
    await created(cfn, 'publishing', {
      Resources: {
        Tools: {
          Type: 'AWS::Lambda::LayerVersion',
          Properties: { Content: { S3Bucket: 'bucket', S3Key: 'tools.zip' }, CompatibleRuntimes: ['nodejs22.x'] },
        },
      },
    })
    expect(await reasonOf(cfn, 'publishing', 'Tools', 'CREATE_FAILED')).toContain(
      'Isthmus does not implement the parameter Content.S3Bucket of PublishLayerVersion',
    )
  })
})
