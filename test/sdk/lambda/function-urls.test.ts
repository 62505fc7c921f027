/** Function URLs: their configuration, their addresses, and who may call them. */
import { CloudFormationClient, DeleteStackCommand } from '@aws-sdk/client-cloudformation'
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam'
import {
  CreateAliasCommand,
  DeleteAliasCommand,
  DeleteFunctionCommand,
  DeleteFunctionUrlConfigCommand,
  GetFunctionUrlConfigCommand,
  InvokeCommand,
  ListFunctionUrlConfigsCommand,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  RemovePermissionCommand,
  UpdateFunctionUrlConfigCommand,
  type LambdaClient,
} from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { send, sign } from '../authentication/wire.ts'
import { created, settledStack, updated } from '../cloudformation/stacks.ts'
import { ACCOUNTS, type TestCloud } from '../cloud.ts'
import { arnOf, conflict, failureOf, lambdaOf, notFound } from './support.ts'
import { asUrl, hostOf, idOf, jsonOf, startUrlCloud, VIA_URL, type UrlCloud } from './url-cloud.ts'

const FORBIDDEN = JSON.stringify({
  Message:
    'Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html',
})

let urls: UrlCloud
let cloud: TestCloud
let lambda: LambdaClient

beforeAll(async () => {
  urls = await startUrlCloud(['open', 'closed', 'configured', 'passing', 'limited'])
  ;({ cloud, lambda } = urls)
})
afterAll(() => cloud.close())

describe('the configuration', () => {
  test('is made, read, changed, listed and deleted, for the function and for its aliases', async () => {
    const cors = { AllowOrigins: ['https://example.com'], AllowMethods: ['GET'], MaxAge: 60 }
    const { $metadata, ...own } = await urls.create('configured', { AuthType: 'AWS_IAM', Cors: cors })
    expect($metadata.httpStatusCode).toBe(201)
    expect(own).toEqual({
      FunctionUrl: expect.stringContaining(idOf(own.FunctionUrl ?? '')),
      FunctionArn: arnOf('target', 'configured'),
      AuthType: 'AWS_IAM',
      Cors: cors,
      CreationTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
      InvokeMode: 'BUFFERED',
    })
    expect(idOf(own.FunctionUrl ?? '')).toHaveLength(32)
    expect(await failureOf(urls.create('configured'))).toEqual(
      conflict(
        `Failed to create function url config for [functionArn = ${arnOf('target', 'configured')}]. Error message:  FunctionUrlConfig exists for this Lambda function`,
      ),
    )
    await lambda.send(new PublishVersionCommand({ FunctionName: 'configured' }))
    await lambda.send(new CreateAliasCommand({ FunctionName: 'configured', Name: 'prod', FunctionVersion: '1' }))
    const alias = await urls.create('configured', { Qualifier: 'prod', InvokeMode: 'RESPONSE_STREAM' })
    expect(alias).toMatchObject({ FunctionArn: arnOf('target', 'configured', 'prod'), InvokeMode: 'RESPONSE_STREAM' })

    const list = async (more = {}) =>
      lambda.send(new ListFunctionUrlConfigsCommand({ FunctionName: 'configured', ...more }))
    const first = await list({ MaxItems: 1 })
    expect(first.FunctionUrlConfigs?.map(({ FunctionArn }) => FunctionArn)).toEqual([own.FunctionArn])
    const second = await list({ Marker: first.NextMarker })
    expect(second.FunctionUrlConfigs?.map(({ FunctionUrl }) => FunctionUrl)).toEqual([alias.FunctionUrl])

    const named = { FunctionName: 'configured' }
    const changed = await lambda.send(new UpdateFunctionUrlConfigCommand({ ...named, AuthType: 'NONE', Cors: {} }))
    expect(changed).toMatchObject({ FunctionUrl: own.FunctionUrl, AuthType: 'NONE', InvokeMode: 'BUFFERED' })
    expect(changed.Cors).toBeUndefined()
    const got = await lambda.send(new GetFunctionUrlConfigCommand(named))
    expect(got.LastModifiedTime).toBe(changed.LastModifiedTime)
    const deleted = await lambda.send(new DeleteFunctionUrlConfigCommand(named))
    expect(deleted.$metadata.httpStatusCode).toBe(204)
    await lambda.send(new DeleteAliasCommand({ FunctionName: 'configured', Name: 'prod' }))
    expect((await list()).FunctionUrlConfigs).toEqual([])
  })

  test('goes with its function', async () => {
    const { FunctionUrl = '' } = await urls.create('passing')
    await lambda.send(new DeleteFunctionCommand({ FunctionName: 'passing' }))
    expect(await urls.call(FunctionUrl)).toMatchObject({ status: 403, body: '{"Message":null}' })
  })

  test('is refused in AWS’s words', async () => {
    const absent = notFound('The resource you requested does not exist.')
    const none = { FunctionName: 'nobody' }
    expect(await failureOf(lambda.send(new GetFunctionUrlConfigCommand(none)))).toEqual(absent)
    expect(await failureOf(lambda.send(new DeleteFunctionUrlConfigCommand(none)))).toEqual(absent)
    expect(await failureOf(lambda.send(new UpdateFunctionUrlConfigCommand({ FunctionName: 'closed' })))).toEqual(absent)
  })
})

describe('a URL that authenticates nobody', () => {
  let url: string

  beforeAll(async () => {
    url = (await urls.create('open')).FunctionUrl ?? ''
  })

  test('answers once the function’s policy lets everyone, by both permissions', async () => {
    const refused = { status: 403, body: FORBIDDEN }
    expect(await urls.call(url)).toMatchObject(refused)
    await urls.grant('open', 'url', '*', asUrl('NONE'))
    const denied = await urls.call(url)
    expect(denied).toMatchObject(refused)
    expect(denied.headers).toMatchObject({
      'content-type': 'application/json',
      'x-amzn-errortype': 'AccessDeniedException',
    })
    const decision = await (
      await fetch(`${cloud.endpoint}/_isthmus/decisions/${String(denied.headers['x-amzn-requestid'])}`)
    ).json()
    expect(decision).toMatchObject({ operation: 'InvokeFunctionUrl', error: 'AccessDeniedException' })
    await urls.grant('open', 'function', '*', VIA_URL)
    expect((await urls.call(url)).status).toBe(200)
    await lambda.send(new RemovePermissionCommand({ FunctionName: 'open', StatementId: 'url' }))
    await urls.grant('open', 'signed-only', '*', asUrl('AWS_IAM'))
    expect(await urls.call(url)).toMatchObject(refused)
    await urls.grant('open', 'url', '*', asUrl('NONE'))
    // What may be called by its URL may not be invoked.
    const invoke = lambdaOf(cloud, 'source').send(new InvokeCommand({ FunctionName: arnOf('target', 'open') }))
    expect((await failureOf(invoke)).name).toBe('AccessDeniedException')
  })

  test('is reached as the answer says, and by host', async () => {
    const direct = await fetch(`${url}pets?limit=1`)
    // Where the machine resolves names below localhost, the URL has one, else a path.
    expect(await direct.json()).toMatchObject({ rawPath: '/pets', rawQueryString: 'limit=1' })
    for (const end of ['on.aws', 'localhost', `localhost:${new URL(cloud.endpoint).port}`]) {
      const answer = await send(cloud.endpoint, {
        method: 'GET',
        path: '/a/b',
        headers: { host: hostOf(url, end) },
        body: '',
      })
      expect(jsonOf(answer)).toMatchObject({ rawPath: '/a/b', headers: { host: hostOf(url, end) } })
    }
    const byPath = await send(cloud.endpoint, {
      method: 'GET',
      path: `/lambda-url/${idOf(url)}`,
      headers: {},
      body: '',
    })
    expect(jsonOf(byPath)).toMatchObject({ rawPath: '/' })
    const elsewhere = { host: `${idOf(url)}.lambda-url.eu-west-1.on.aws` }
    for (const headers of [elsewhere, { host: `${'0'.repeat(32)}.lambda-url.us-east-1.on.aws` }]) {
      const answer = await send(cloud.endpoint, { method: 'GET', path: '/', headers, body: '' })
      expect(answer).toMatchObject({ status: 403, body: '{"Message":null}' })
    }
  })

  test('answers 429 while the function is throttled', async () => {
    const limited = (await urls.create('limited')).FunctionUrl ?? ''
    await urls.openToAll('limited')
    await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: 'limited', ReservedConcurrentExecutions: 0 }))
    const answer = await urls.call(limited)
    expect(answer.status).toBe(429)
    expect(jsonOf(answer)).toMatchObject({ Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded' })
  })
})

describe('a URL that asks for a signature', () => {
  let url: string

  beforeAll(async () => {
    url = (await urls.create('closed', { AuthType: 'AWS_IAM' })).FunctionUrl ?? ''
  })

  async function userWith(account: 'source' | 'target', name: string, actions: readonly string[]) {
    const iam = cloud.client(IAMClient, account)
    await iam.send(new CreateUserCommand({ UserName: name }))
    const statement = { Effect: 'Allow', Action: actions, Resource: arnOf('target', 'closed') }
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [statement] })
    await iam.send(new PutUserPolicyCommand({ UserName: name, PolicyName: 'inline', PolicyDocument }))
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: name }))
    return { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' }
  }
  const BOTH = ['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction']

  test('tells the function who signed, and keeps the signature to itself', async () => {
    const keys = cloud.administrator('target')
    const answer = await urls.call(url, {
      method: 'POST',
      path: '/signed?a=1&b=2',
      headers: { 'content-type': 'application/json' },
      body: '{}',
      keys,
    })
    expect(answer.status).toBe(200)
    const event = jsonOf(answer) as never as { headers: object; requestContext: object }
    expect(event.requestContext).toMatchObject({
      accountId: ACCOUNTS.target,
      authentication: null,
      authorizer: {
        iam: {
          accessKey: keys.accessKeyId,
          accountId: ACCOUNTS.target,
          callerId: expect.stringMatching(/^AIDA/),
          cognitoIdentity: null,
          principalOrgId: expect.stringMatching(/^o-/),
          userArn: `arn:aws:iam::${ACCOUNTS.target}:user/administrator`,
          userId: expect.stringMatching(/^AIDA/),
        },
      },
    })
    expect(Object.keys(event.headers)).not.toContain('authorization')
  })

  test('takes no request without a good one', async () => {
    expect(await urls.call(url)).toMatchObject({ status: 403, body: FORBIDDEN })
    expect(await urls.call(url, { headers: { authorization: 'Bearer token' } })).toMatchObject({
      status: 403,
      body: FORBIDDEN,
    })
    const keys = cloud.administrator('target')
    const wrong = await urls.call(url, { keys: { ...keys, secretAccessKey: 'wrong' } })
    expect(wrong.status).toBe(403)
    expect(jsonOf(wrong)['message']).toContain('The request signature we calculated does not match')
    const elsewhere = await urls.call(url, { keys, region: 'eu-west-1' })
    expect(jsonOf(elsewhere)['message']).toContain('Credential should be scoped to a valid region')
    const byPath = { method: 'GET', path: `/lambda-url/${idOf(url)}/x`, headers: { host: 'localhost' }, body: '' }
    const signedPath = await send(cloud.endpoint, sign(byPath, { keys, service: 'lambda', atMs: Date.now() }))
    expect(jsonOf(signedPath)).toMatchObject({ rawPath: '/x' })
  })

  test('asks for both permissions within the account', async () => {
    const half = await userWith('target', 'half', ['lambda:InvokeFunctionUrl'])
    expect(await urls.call(url, { keys: half })).toMatchObject({ status: 403, body: FORBIDDEN })
    const whole = await userWith('target', 'whole', BOTH)
    expect((await urls.call(url, { keys: whole })).status).toBe(200)
  })

  test('asks for both permissions of both accounts', async () => {
    const foreign = await userWith('source', 'foreign', BOTH)
    const refused = { status: 403, body: FORBIDDEN }
    expect(await urls.call(url, { keys: foreign })).toMatchObject(refused)
    await urls.grant('closed', 'url', ACCOUNTS.source, asUrl('AWS_IAM'))
    expect(await urls.call(url, { keys: foreign })).toMatchObject(refused)
    await urls.grant('closed', 'function', ACCOUNTS.source, VIA_URL)
    const answer = await urls.call(url, { keys: foreign })
    expect(jsonOf(answer)).toMatchObject({
      requestContext: { accountId: ACCOUNTS.target, authorizer: { iam: { accountId: ACCOUNTS.source } } },
    })
    const without = await userWith('source', 'without', ['lambda:InvokeFunction'])
    expect(await urls.call(url, { keys: without })).toMatchObject(refused)
    // The grant is for the URL only.
    const invoke = lambdaOf(cloud, foreign).send(new InvokeCommand({ FunctionName: arnOf('target', 'closed') }))
    expect((await failureOf(invoke)).message).toContain('because no resource-based policy allows')
  })
})

describe('CloudFormation', () => {
  test('makes a URL, changes it and takes it away', async () => {
    const cfn = cloud.client(CloudFormationClient, 'target')
    const template = (properties: object) => ({
      Resources: {
        Url: {
          Type: 'AWS::Lambda::Url',
          Properties: { TargetFunctionArn: 'limited', AuthType: 'NONE', ...properties },
        },
      },
      Outputs: { Url: { Value: { 'Fn::GetAtt': ['Url', 'FunctionUrl'] } }, Arn: { Value: { Ref: 'Url' } } },
    })
    await lambda.send(new DeleteFunctionUrlConfigCommand({ FunctionName: 'limited' }))
    const stack = await created(cfn, 'url', template({ Cors: { AllowOrigins: ['*'] }, InvokeMode: 'RESPONSE_STREAM' }))
    expect(stack.StackStatus).toBe('CREATE_COMPLETE')
    const read = () => lambda.send(new GetFunctionUrlConfigCommand({ FunctionName: 'limited' }))
    const made = await read()
    expect(made).toMatchObject({ InvokeMode: 'RESPONSE_STREAM', Cors: { AllowOrigins: ['*'] } })
    const outputs = stack.Outputs?.map(({ OutputValue }) => OutputValue)
    expect(new Set(outputs)).toEqual(new Set([made.FunctionUrl, arnOf('target', 'limited')]))
    expect((await updated(cfn, 'url', template({ AuthType: 'AWS_IAM' }))).StackStatus).toBe('UPDATE_COMPLETE')
    expect(await read()).toMatchObject({ FunctionUrl: made.FunctionUrl, AuthType: 'AWS_IAM', InvokeMode: 'BUFFERED' })
    await cfn.send(new DeleteStackCommand({ StackName: 'url' }))
    expect((await settledStack(cfn, stack.StackId ?? '')).StackStatus).toBe('DELETE_COMPLETE')
    expect(await failureOf(read())).toEqual(notFound('The resource you requested does not exist.'))
  })
})
