/** GetFunction, GetFunctionConfiguration, ListFunctions, DeleteFunction, GetAccountSettings. */
import {
  CreateAliasCommand,
  DeleteFunctionCommand,
  GetAccountSettingsCommand,
  GetFunctionCodeSigningConfigCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  ListFunctionsCommand,
  paginateListFunctions,
  PublishVersionCommand,
  type LambdaClient,
} from '@aws-sdk/client-lambda'
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startCloud, type TestCloud, type TestCredentials } from '../cloud.ts'
import {
  arnOf,
  conflict,
  create,
  createRole,
  deploy,
  failure,
  failureOf,
  invalid,
  invalidParameter,
  lambdaOf,
  notFound,
  iamOf,
} from './support.ts'

let cloud: TestCloud
let lambda: LambdaClient
let role: string

beforeAll(async () => {
  cloud = await startCloud()
  lambda = lambdaOf(cloud, 'target')
  role = await createRole(iamOf(cloud, 'target'), 'execution')
  await deploy(lambda, 'alpha', { Role: role, Tags: { team: 'a' } })
  await lambda.send(new PublishVersionCommand({ FunctionName: 'alpha' }))
  await lambda.send(new CreateAliasCommand({ FunctionName: 'alpha', Name: 'live', FunctionVersion: '1' }))
})
afterAll(() => cloud.close())

const configurationOf = (FunctionName: string, Qualifier?: string) =>
  lambda.send(new GetFunctionConfigurationCommand({ FunctionName, ...(Qualifier !== undefined && { Qualifier }) }))

async function userWith(name: string, statement: object): Promise<TestCredentials> {
  const iam = cloud.client(IAMClient, 'target')
  await iam.send(new CreateUserCommand({ UserName: name }))
  await iam.send(
    new PutUserPolicyCommand({
      UserName: name,
      PolicyName: 'inline',
      PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] }),
    }),
  )
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: name }))
  return { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' }
}

describe('a function is found', () => {
  test('by every form of its name', async () => {
    for (const name of [
      'alpha',
      'function:alpha',
      '444455556666:function:alpha',
      'us-east-1:444455556666:function:alpha',
      arnOf('target', 'alpha'),
    ]) {
      expect((await configurationOf(name)).FunctionArn).toBe(arnOf('target', 'alpha'))
    }
  })

  test('by a qualifier, which the ARN shows as it was given', async () => {
    expect(await configurationOf('alpha', '$LATEST')).toMatchObject({
      FunctionArn: arnOf('target', 'alpha', '$LATEST'),
      Version: '$LATEST',
    })
    expect(await configurationOf('alpha:live')).toMatchObject({
      FunctionArn: arnOf('target', 'alpha', 'live'),
      Version: '1',
    })
    expect(await configurationOf(arnOf('target', 'alpha', '1'), '1')).toMatchObject({
      FunctionArn: arnOf('target', 'alpha', '1'),
      Version: '1',
    })
  })

  test('not where it is absent', async () => {
    const get = (FunctionName: string) => failureOf(lambda.send(new GetFunctionCommand({ FunctionName })))
    expect(await get('nobody')).toEqual(notFound(`Function not found: ${arnOf('target', 'nobody')}`))
    expect(await get('alpha:1221')).toEqual(notFound(`Function not found: ${arnOf('target', 'alpha', '1221')}`))
    expect(await get('alpha:dead')).toEqual(notFound(`Function not found: ${arnOf('target', 'alpha', 'dead')}`))
    expect(await get('nobody:$LATEST')).toEqual(notFound(`Function not found: ${arnOf('target', 'nobody', '$LATEST')}`))
    expect(await failureOf(configurationOf('nobody'))).toEqual(
      notFound(`Function not found: ${arnOf('target', 'nobody')}`),
    )
  })

  test('not with two qualifiers, nor from another Region', async () => {
    expect(await failureOf(configurationOf('alpha:1', '2'))).toEqual(
      invalidParameter('The derived qualifier from the function name does not match the specified qualifier.'),
    )
    expect(await failureOf(configurationOf('arn:aws:lambda:eu-west-1:444455556666:function:alpha'))).toEqual(
      notFound("Functions from 'eu-west-1' are not reachable in this region ('us-east-1')"),
    )
    expect(
      await failureOf(lambdaOf(cloud, 'target', 'eu-west-1').send(new GetFunctionCommand({ FunctionName: 'alpha' }))),
    ).toEqual(notFound('Function not found: arn:aws:lambda:eu-west-1:444455556666:function:alpha'))
  })
})

test('its tags are shown only to those who may list them', async () => {
  const user = await userWith('reader', { Action: 'lambda:GetFunction', Resource: '*' })
  const seen = await lambdaOf(cloud, user).send(new GetFunctionCommand({ FunctionName: 'alpha' }))
  expect(seen.Configuration?.FunctionName).toBe('alpha')
  expect(seen.Tags).toBeUndefined()
  expect((await lambda.send(new GetFunctionCommand({ FunctionName: 'alpha' }))).Tags).toEqual({ team: 'a' })
})

test('whoever may not ask cannot tell whether a function exists', async () => {
  const user = await userWith('outsider', { Action: 'lambda:ListFunctions', Resource: '*' })
  const client = lambdaOf(cloud, user)
  for (const name of ['alpha', 'nobody']) {
    expect(await failureOf(client.send(new GetFunctionCommand({ FunctionName: name })))).toEqual(
      failure(
        'AccessDeniedException',
        403,
        `User: arn:aws:iam::444455556666:user/outsider is not authorized to perform: lambda:GetFunction on resource: ${arnOf('target', name)} because no identity-based policy allows the lambda:GetFunction action`,
      ),
    )
  }
})

describe('a list of functions', () => {
  test('has an account’s functions of one Region, without states', async () => {
    const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}))
    const alpha = Functions.find(({ FunctionName }) => FunctionName === 'alpha')
    expect(alpha).toMatchObject({ FunctionArn: arnOf('target', 'alpha'), Version: '$LATEST' })
    expect(alpha?.State).toBeUndefined()
    expect(alpha?.LastUpdateStatus).toBeUndefined()
    expect(alpha?.RuntimeVersionConfig).toBeUndefined()
    expect((await lambdaOf(cloud, 'source').send(new ListFunctionsCommand({}))).Functions).toEqual([])
  })

  test('has every version when asked for ALL', async () => {
    const { Functions = [] } = await lambda.send(new ListFunctionsCommand({ FunctionVersion: 'ALL' }))
    expect(Functions.map(({ FunctionArn }) => FunctionArn)).toEqual(
      expect.arrayContaining([arnOf('target', 'alpha', '$LATEST'), arnOf('target', 'alpha', '1')]),
    )
    expect(await failureOf(lambda.send(new ListFunctionsCommand({ FunctionVersion: 'invalid' as 'ALL' })))).toEqual(
      invalid(
        "1 validation error detected: Value 'invalid' at 'functionVersion' failed to satisfy constraint: Member must satisfy enum value set: [ALL]",
      ),
    )
  })

  test('comes in pages', async () => {
    const other = lambdaOf(cloud, 'target', 'eu-west-1')
    for (const name of ['c', 'a', 'd', 'b']) await create(other, `page-${name}`, { Role: role })
    const pages: string[][] = []
    for await (const { Functions = [] } of paginateListFunctions({ client: other, pageSize: 3 }, {})) {
      pages.push(Functions.map(({ FunctionName }) => FunctionName ?? ''))
    }
    expect(pages).toEqual([['page-a', 'page-b', 'page-c'], ['page-d']])
    expect(await failureOf(other.send(new ListFunctionsCommand({ Marker: 'nonsense' })))).toMatchObject({
      name: 'InvalidParameterValueException',
    })
  })
})

describe('deleting', () => {
  test('takes the function with its versions, aliases and policies', async () => {
    await deploy(lambda, 'doomed', { Role: role })
    await lambda.send(new PublishVersionCommand({ FunctionName: 'doomed' }))
    await lambda.send(new CreateAliasCommand({ FunctionName: 'doomed', Name: 'live', FunctionVersion: '1' }))
    const { $metadata } = await lambda.send(new DeleteFunctionCommand({ FunctionName: 'doomed' }))
    expect($metadata.httpStatusCode).toBe(204)
    expect(await failureOf(configurationOf('doomed'))).toMatchObject({ status: 404 })

    await deploy(lambda, 'doomed', { Role: role })
    expect(await failureOf(configurationOf('doomed:1'))).toMatchObject({ status: 404 })
    expect(await failureOf(configurationOf('doomed:live'))).toMatchObject({ status: 404 })
  })

  test('takes a single version, whose number is not used again', async () => {
    await deploy(lambda, 'pruned', { Role: role })
    await lambda.send(new PublishVersionCommand({ FunctionName: 'pruned' }))
    await lambda.send(new DeleteFunctionCommand({ FunctionName: 'pruned', Qualifier: '1' }))
    expect(await failureOf(configurationOf('pruned:1'))).toMatchObject({ status: 404 })
    const { Version } = await lambda.send(new PublishVersionCommand({ FunctionName: 'pruned' }))
    expect(Version).toBe('2')
    await lambda.send(new DeleteFunctionCommand({ FunctionName: 'pruned', Qualifier: '77' }))
  })

  test('refuses $LATEST, aliases and versions that an alias needs', async () => {
    const remove = (FunctionName: string, Qualifier?: string) =>
      failureOf(lambda.send(new DeleteFunctionCommand({ FunctionName, ...(Qualifier !== undefined && { Qualifier }) })))
    expect(await remove('alpha', '$LATEST')).toEqual(
      invalidParameter('$LATEST version cannot be deleted without deleting the function.'),
    )
    expect(await remove('alpha', 'live')).toEqual(invalidParameter('Deletion of aliases is not currently supported.'))
    expect(await remove('alpha', '1')).toEqual(
      conflict('Unable to delete version because the following aliases reference it: [live]'),
    )
    expect(await remove('nobody')).toEqual(notFound(`Function not found: ${arnOf('target', 'nobody')}`))
    expect(await remove('nobody', '1221')).toEqual(notFound(`Function not found: ${arnOf('target', 'nobody')}`))
  })
})

test('account settings tell quotas and what is used of them', async () => {
  const { AccountLimit, AccountUsage } = await lambdaOf(cloud, 'source').send(new GetAccountSettingsCommand({}))
  expect(AccountLimit).toEqual({
    TotalCodeSize: 322_122_547_200,
    CodeSizeUnzipped: 262_144_000,
    CodeSizeZipped: 52_428_800,
    ConcurrentExecutions: 1000,
    UnreservedConcurrentExecutions: 1000,
  })
  expect(AccountUsage).toEqual({ TotalCodeSize: 0, FunctionCount: 0 })
  const used = await lambda.send(new GetAccountSettingsCommand({}))
  expect(used.AccountUsage?.FunctionCount).toBeGreaterThan(0)
  expect(used.AccountUsage?.TotalCodeSize).toBeGreaterThan(0)
})

test('a function has no code signing configuration, and one that does not exist is not found', async () => {
  const signing = (FunctionName: string) => lambda.send(new GetFunctionCodeSigningConfigCommand({ FunctionName }))
  const { $metadata, ...configuration } = await signing('alpha')
  expect([$metadata.httpStatusCode, configuration]).toEqual([200, {}])
  expect(await failureOf(signing('nobody'))).toEqual(notFound(`Function not found: ${arnOf('target', 'nobody')}`))
})
