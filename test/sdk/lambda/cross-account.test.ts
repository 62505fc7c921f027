/** Calls from one account into another: both sides must allow, per qualifier, and each refusal names the side AWS names. */
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  DeleteRoleCommand,
  IAMClient,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam'
import {
  AddPermissionCommand,
  CreateAliasCommand,
  DeleteFunctionCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  GetPolicyCommand,
  InvokeCommand,
  ListTagsCommand,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  RemovePermissionCommand,
  TagResourceCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  type LambdaClient,
} from '@aws-sdk/client-lambda'
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startCloud, type TestCloud, type TestCredentials } from '../cloud.ts'
import {
  arnOf,
  createRole,
  deploy,
  eventually,
  failure,
  failureOf,
  lambdaOf,
  payloadOf,
  untilUpdated,
  zipOf,
  iamOf,
} from './support.ts'

const ALIAS = arnOf('target', 'callee', 'prod')

let cloud: TestCloud
let owner: LambdaClient
let administrator: LambdaClient
let role: string

beforeAll(async () => {
  cloud = await startCloud()
  owner = lambdaOf(cloud, 'target')
  administrator = lambdaOf(cloud, 'source')
  role = await createRole(iamOf(cloud, 'target'), 'callee-role')
  await deploy(owner, 'callee', { Role: role })
  await owner.send(new PublishVersionCommand({ FunctionName: 'callee' }))
  await owner.send(new CreateAliasCommand({ FunctionName: 'callee', Name: 'prod', FunctionVersion: '1' }))
})
afterAll(() => cloud.close())

const grant = (StatementId: string, Principal: string, more: object = {}) =>
  owner.send(
    new AddPermissionCommand({
      FunctionName: ALIAS,
      StatementId,
      Action: 'lambda:InvokeFunction',
      Principal,
      ...more,
    }),
  )
const revoke = (StatementId: string, FunctionName = ALIAS) =>
  owner.send(new RemovePermissionCommand({ FunctionName, StatementId }))
const invoke = (client: LambdaClient, FunctionName: string, more: object = {}) =>
  client.send(new InvokeCommand({ FunctionName, ...more }))

async function userOf(name: string, statements: readonly object[]): Promise<TestCredentials> {
  const iam = cloud.client(IAMClient, 'source')
  await iam.send(new CreateUserCommand({ UserName: name }))
  if (statements.length > 0) {
    await iam.send(
      new PutUserPolicyCommand({
        UserName: name,
        PolicyName: 'inline',
        PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: statements }),
      }),
    )
  }
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: name }))
  return { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' }
}

const denied = (who: string, resource: string, reason: string, action = 'lambda:InvokeFunction') =>
  failure(
    'AccessDeniedException',
    403,
    `User: arn:aws:iam::111122223333:user/${who} is not authorized to perform: ${action} on resource: ${resource} ${reason}`,
  )
const NO_RESOURCE_POLICY = 'because no resource-based policy allows the lambda:InvokeFunction action'
const NO_IDENTITY_POLICY = 'because no identity-based policy allows the lambda:InvokeFunction action'

describe('an invocation of another account’s function', () => {
  test('needs the owner’s grant, and is refused in the same words when there is no function', async () => {
    expect(await failureOf(invoke(administrator, ALIAS))).toEqual(denied('administrator', ALIAS, NO_RESOURCE_POLICY))
    const nobody = arnOf('target', 'nobody')
    expect(await failureOf(invoke(administrator, nobody))).toEqual(denied('administrator', nobody, NO_RESOURCE_POLICY))
  })

  test('works with a grant to the account, for the granted qualifier only', async () => {
    await grant('account', '111122223333')
    const answer = await invoke(administrator, ALIAS, { Payload: Buffer.from('{"from":"afar"}') })
    expect(payloadOf(answer)).toMatchObject({ event: { from: 'afar' }, arn: ALIAS, version: '1' })
    for (const qualifier of [undefined, '$LATEST', '1']) {
      const arn = arnOf('target', 'callee', qualifier)
      expect(await failureOf(invoke(administrator, arn))).toEqual(denied('administrator', arn, NO_RESOURCE_POLICY))
    }
    expect((await invoke(administrator, arnOf('target', 'callee'), { Qualifier: 'prod' })).StatusCode).toBe(200)
    expect((await invoke(administrator, ALIAS, { InvocationType: 'DryRun' })).StatusCode).toBe(204)
    expect((await invoke(administrator, ALIAS, { InvocationType: 'Event' })).StatusCode).toBe(202)
    await revoke('account')
  })

  test('with an unqualified grant is for the unqualified function', async () => {
    await grant('whole', '111122223333', { FunctionName: 'callee' })
    expect((await invoke(administrator, arnOf('target', 'callee'))).StatusCode).toBe(200)
    expect(await failureOf(invoke(administrator, ALIAS))).toEqual(denied('administrator', ALIAS, NO_RESOURCE_POLICY))
    await revoke('whole', 'callee')
  })

  test('never shows the log', async () => {
    await grant('account', '111122223333')
    expect(await failureOf(invoke(administrator, ALIAS, { LogType: 'Tail' }))).toEqual(
      failure('AccessDeniedException', 403, 'Cross-account log access is not allowed'),
    )
    expect((await invoke(administrator, ALIAS, { LogType: 'None' })).StatusCode).toBe(200)
    await revoke('account')
  })

  test('needs the caller’s own permission, too', async () => {
    const nothing = lambdaOf(cloud, await userOf('nothing', []))
    const arn = 'arn:aws:iam::111122223333:user/nothing'
    expect(await failureOf(invoke(nothing, ALIAS))).toEqual(denied('nothing', ALIAS, NO_RESOURCE_POLICY))
    await grant('entity', arn)
    expect(await failureOf(invoke(nothing, ALIAS))).toEqual(denied('nothing', ALIAS, NO_IDENTITY_POLICY))
    await revoke('entity')

    const unqualified = lambdaOf(
      cloud,
      await userOf('unqualified', [
        { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: arnOf('target', 'callee') },
      ]),
    )
    await grant('unqualified', 'arn:aws:iam::111122223333:user/unqualified')
    expect(await failureOf(invoke(unqualified, ALIAS))).toEqual(denied('unqualified', ALIAS, NO_IDENTITY_POLICY))
    await revoke('unqualified')

    const forbidden = lambdaOf(
      cloud,
      await userOf('forbidden', [
        { Effect: 'Allow', Action: 'lambda:*', Resource: '*' },
        { Effect: 'Deny', Action: 'lambda:InvokeFunction', Resource: `${arnOf('target', 'callee')}:*` },
      ]),
    )
    await grant('forbidden', 'arn:aws:iam::111122223333:user/forbidden')
    expect(await failureOf(invoke(forbidden, ALIAS))).toEqual(
      denied('forbidden', ALIAS, 'with an explicit deny in an identity-based policy'),
    )
    await revoke('forbidden')
  })

  test('goes with the role it was granted to, and ends with it', async () => {
    const iam = cloud.client(IAMClient, 'source')
    const trust = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { AWS: '111122223333' }, Action: 'sts:AssumeRole' }],
    }
    const session = async () => {
      const { Credentials } = await cloud
        .client(STSClient, 'source')
        .send(new AssumeRoleCommand({ RoleArn: 'arn:aws:iam::111122223333:role/caller', RoleSessionName: 'test' }))
      return lambdaOf(cloud, {
        accessKeyId: Credentials?.AccessKeyId ?? '',
        secretAccessKey: Credentials?.SecretAccessKey ?? '',
        sessionToken: Credentials?.SessionToken ?? '',
      })
    }
    const allow = { Action: 'lambda:InvokeFunction', Resource: ALIAS }
    const arn = await createRole(iamOf(cloud, 'source'), 'caller', { trust, allow, logs: false })
    await grant('role', arn)
    expect((await invoke(await session(), ALIAS)).StatusCode).toBe(200)

    const { DeleteRolePolicyCommand } = await import('@aws-sdk/client-iam')
    await iam.send(new DeleteRolePolicyCommand({ RoleName: 'caller', PolicyName: 'inline' }))
    await iam.send(new DeleteRoleCommand({ RoleName: 'caller' }))
    await createRole(iamOf(cloud, 'source'), 'caller', { trust, allow, logs: false })
    expect(await failureOf(invoke(await session(), ALIAS))).toEqual(
      failure(
        'AccessDeniedException',
        403,
        `User: arn:aws:sts::111122223333:assumed-role/caller/test is not authorized to perform: lambda:InvokeFunction on resource: ${ALIAS} ${NO_RESOURCE_POLICY}`,
      ),
    )
    await revoke('role')
  })

  test('can be granted to the members of an organization', async () => {
    const { DescribeOrganizationCommand, OrganizationsClient } = await import('@aws-sdk/client-organizations')
    const organizations = cloud.client(OrganizationsClient, 'management')
    const { Organization } = await organizations.send(new DescribeOrganizationCommand({}))
    await grant('org', '*', { PrincipalOrgID: Organization?.Id })
    expect((await invoke(administrator, ALIAS)).StatusCode).toBe(200)
    await revoke('org')
    await grant('org', '*', { PrincipalOrgID: 'o-another0rg' })
    expect(await failureOf(invoke(administrator, ALIAS))).toEqual(denied('administrator', ALIAS, NO_RESOURCE_POLICY))
    await revoke('org')
  })
})

test('a function calls another account’s function as its own role', async () => {
  const callerRole = await createRole(iamOf(cloud, 'source'), 'caller-role', {
    allow: { Action: 'lambda:InvokeFunction', Resource: ALIAS },
  })
  await deploy(administrator, 'caller', {
    Role: callerRole,
    Timeout: 15,
    code: `const { LambdaClient, InvokeCommand } = require('@aws-sdk/client-lambda')
      const lambda = new LambdaClient({ maxAttempts: 1 })
      exports.handler = async ({ type }) => {
        try {
          const { StatusCode, Payload } = await lambda.send(
            new InvokeCommand({ FunctionName: '${ALIAS}', InvocationType: type, Payload: '{"hello":1}' }))
          return { StatusCode, payload: Payload?.length ? JSON.parse(Buffer.from(Payload)) : null }
        } catch (error) {
          return { name: error.name, message: error.message }
        }
      }`,
  })
  const call = async (type: string) =>
    payloadOf(await invoke(administrator, 'caller', { Payload: Buffer.from(JSON.stringify({ type })) }))
  expect(await call('RequestResponse')).toEqual({
    name: 'AccessDeniedException',
    message: `User: arn:aws:sts::111122223333:assumed-role/caller-role/caller is not authorized to perform: lambda:InvokeFunction on resource: ${ALIAS} ${NO_RESOURCE_POLICY}`,
  })
  await grant('function', callerRole)
  expect(await call('RequestResponse')).toMatchObject({
    StatusCode: 200,
    payload: { event: { hello: 1 }, arn: ALIAS, version: '1' },
  })
  expect(await call('Event')).toEqual({ StatusCode: 202, payload: null })
  await revoke('function')
})

describe('the control plane', () => {
  test('can be opened to another account by the resource policy, where AWS lets it', async () => {
    const FunctionName = arnOf('target', 'callee')
    const probes: readonly (readonly [string, () => Promise<unknown>])[] = [
      ['GetFunction', () => administrator.send(new GetFunctionCommand({ FunctionName }))],
      ['GetFunctionConfiguration', () => administrator.send(new GetFunctionConfigurationCommand({ FunctionName }))],
      ['GetPolicy', () => administrator.send(new GetPolicyCommand({ FunctionName }))],
      ['ListVersionsByFunction', () => administrator.send(new ListVersionsByFunctionCommand({ FunctionName }))],
      ['ListTags', () => administrator.send(new ListTagsCommand({ Resource: FunctionName }))],
      ['TagResource', () => administrator.send(new TagResourceCommand({ Resource: FunctionName, Tags: { a: 'b' } }))],
      ['PublishVersion', () => administrator.send(new PublishVersionCommand({ FunctionName }))],
      [
        'PutFunctionConcurrency',
        () => administrator.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 9 })),
      ],
      [
        'UpdateFunctionCode',
        async () =>
          administrator.send(
            new UpdateFunctionCodeCommand({
              FunctionName,
              ZipFile: await zipOf({ 'index.js': 'exports.handler = async () => "theirs"' }),
            }),
          ),
      ],
    ]
    for (const [operation, probe] of probes) {
      expect(await failureOf(probe())).toEqual(
        denied(
          'administrator',
          FunctionName,
          `because no resource-based policy allows the lambda:${operation} action`,
          `lambda:${operation}`,
        ),
      )
    }
    await grant('all', '111122223333', { FunctionName: 'callee', Action: 'lambda:*' })
    for (const [, probe] of probes) await probe()
    await untilUpdated(owner, 'callee')
    expect(payloadOf(await invoke(owner, 'callee'))).toBe('theirs')
  })

  test('keeps to its own account what a resource policy cannot grant', async () => {
    const FunctionName = arnOf('target', 'callee')
    const probes: readonly (readonly [string, () => Promise<unknown>])[] = [
      [
        'AddPermission',
        () =>
          administrator.send(
            new AddPermissionCommand({
              FunctionName,
              StatementId: 'x',
              Action: 'lambda:InvokeFunction',
              Principal: '111122223333',
            }),
          ),
      ],
      ['RemovePermission', () => administrator.send(new RemovePermissionCommand({ FunctionName, StatementId: 'all' }))],
      [
        'UpdateFunctionConfiguration',
        () => administrator.send(new UpdateFunctionConfigurationCommand({ FunctionName, Timeout: 9 })),
      ],
    ]
    for (const [operation, probe] of probes) {
      expect(await failureOf(probe())).toMatchObject({
        name: 'AccessDeniedException',
        status: 403,
        message: expect.stringContaining(`lambda:${operation} on resource: ${FunctionName}`),
      })
    }
  })

  test('can even be used to delete the function', async () => {
    await administrator.send(new DeleteFunctionCommand({ FunctionName: arnOf('target', 'callee') }))
    expect(
      await eventually(async () => failureOf(owner.send(new GetFunctionCommand({ FunctionName: 'callee' })))),
    ).toMatchObject({ status: 404 })
  })
})
