/** Function URLs: their configuration, the events and responses of plain HTTP clients, and who may call them. */
import { CloudFormationClient, DeleteStackCommand } from '@aws-sdk/client-cloudformation'
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam'
import {
  AddPermissionCommand,
  CreateAliasCommand,
  CreateFunctionUrlConfigCommand,
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
  type Cors,
  type CreateFunctionUrlConfigCommandInput,
  type LambdaClient,
} from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { send, sign, type Answer } from '../authentication/wire.ts'
import { created, settledStack, updated } from '../cloudformation/stacks.ts'
import { ACCOUNTS, startCloud, type TestCloud, type TestCredentials } from '../cloud.ts'
import {
  arnOf,
  conflict,
  createRole,
  deploy,
  failure,
  failureOf,
  iamOf,
  invalid,
  lambdaOf,
  notFound,
} from './support.ts'

/** Answers its event, or what the event's body tells it to. */
const CODE = `
exports.handler = async (event) => {
  const text = event.isBase64Encoded ? Buffer.from(event.body, 'base64').toString() : event.body
  const told = event.rawPath === '/tell' ? JSON.parse(text) : undefined
  if (told?.throws) throw new Error(told.throws)
  return told ? told.answer : event
}
exports.streams = awslambda.streamifyResponse(async (event, stream) => {
  const { path } = event.requestContext.http
  if (path === '/early') throw new Error('before a byte')
  if (path === '/plain') stream.setContentType('text/plain')
  else stream = awslambda.HttpResponseStream.from(stream, { statusCode: 201, headers: { 'X-Own': 'yes' }, cookies: ['a=1', 'b=2'] })
  for (let piece = 0; piece < 4; piece++) {
    stream.write(String(piece).repeat(40_000))
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  if (path === '/late') throw new Error('half-way')
  stream.end()
  await new Promise((resolve) => stream.on('finish', resolve))
})
`
const FORBIDDEN = JSON.stringify({
  Message:
    'Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html',
})

let cloud: TestCloud
let lambda: LambdaClient

beforeAll(async () => {
  cloud = await startCloud()
  lambda = lambdaOf(cloud, 'target')
  const Role = await createRole(iamOf(cloud, 'target'), 'url-role')
  for (const name of ['open', 'closed', 'configured', 'streaming', 'limited']) {
    const Handler = name === 'streaming' ? 'index.streams' : 'index.handler'
    await deploy(lambda, name, { Role, code: CODE, Handler })
  }
})
afterAll(() => cloud.close())

async function createUrl(FunctionName: string, more: Partial<CreateFunctionUrlConfigCommandInput> = {}) {
  return lambda.send(new CreateFunctionUrlConfigCommand({ FunctionName, AuthType: 'NONE', ...more }))
}

const grant = (FunctionName: string, StatementId: string, Principal: string, more: object) =>
  lambda.send(
    new AddPermissionCommand({ FunctionName, StatementId, Principal, Action: 'lambda:InvokeFunction', ...more }),
  )
const asUrl = (FunctionUrlAuthType: 'NONE' | 'AWS_IAM') => ({ Action: 'lambda:InvokeFunctionUrl', FunctionUrlAuthType })
const VIA_URL = { InvokedViaFunctionUrl: true }

async function openToAll(FunctionName: string): Promise<void> {
  await grant(FunctionName, 'FunctionURLAllowPublicAccess', '*', asUrl('NONE'))
  await grant(FunctionName, 'FunctionURLInvokeAllowPublicAccess', '*', VIA_URL)
}

const idOf = (url: string) => /([a-z0-9]{32})/.exec(url)?.[1] ?? ''
const hostOf = (url: string, end = 'on.aws') => `${idOf(url)}.lambda-url.us-east-1.${end}`

interface Call {
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
  readonly keys?: TestCredentials
  readonly region?: string
}

/** By AWS's own host name, as a proxy would pass it on. */
function call(url: string, { method = 'GET', path = '/', headers = {}, body = '', keys, region }: Call = {}) {
  const draft = { method, path, headers: { host: hostOf(url), ...headers }, body }
  const signing = keys && { keys, service: 'lambda', atMs: Date.now(), ...(region !== undefined && { region }) }
  return send(cloud.endpoint, signing ? sign(draft, signing) : draft)
}

const tell = (url: string, told: object) =>
  call(url, {
    method: 'POST',
    path: '/tell',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(told),
  })
const jsonOf = ({ body }: Answer) => JSON.parse(body) as Record<string, never>

describe('the configuration', () => {
  test('is made, read, changed, listed and deleted, for the function and for its aliases', async () => {
    const cors = { AllowOrigins: ['https://example.com'], AllowMethods: ['GET'], MaxAge: 60 }
    const { $metadata, ...own } = await createUrl('configured', { AuthType: 'AWS_IAM', Cors: cors })
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
    expect(await failureOf(createUrl('configured'))).toEqual(
      conflict(
        `Failed to create function url config for [functionArn = ${arnOf('target', 'configured')}]. Error message:  FunctionUrlConfig exists for this Lambda function`,
      ),
    )
    await lambda.send(new PublishVersionCommand({ FunctionName: 'configured' }))
    await lambda.send(new CreateAliasCommand({ FunctionName: 'configured', Name: 'prod', FunctionVersion: '1' }))
    const alias = await createUrl('configured', { Qualifier: 'prod', InvokeMode: 'RESPONSE_STREAM' })
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
    const Role = await createRole(iamOf(cloud, 'target'), 'passing-role')
    await deploy(lambda, 'passing', { Role })
    const { FunctionUrl = '' } = await createUrl('passing')
    await lambda.send(new DeleteFunctionCommand({ FunctionName: 'passing' }))
    expect(await call(FunctionUrl)).toMatchObject({ status: 403, body: '{"Message":null}' })
  })

  test('is refused in AWS’s words', async () => {
    const absent = notFound('The resource you requested does not exist.')
    const none = { FunctionName: 'nobody' }
    expect(await failureOf(createUrl('nobody'))).toEqual(notFound('Function does not exist'))
    expect(await failureOf(createUrl('open', { Qualifier: 'nothing' }))).toEqual(notFound('Function does not exist'))
    expect(await failureOf(lambda.send(new GetFunctionUrlConfigCommand(none)))).toEqual(absent)
    expect(await failureOf(lambda.send(new DeleteFunctionUrlConfigCommand(none)))).toEqual(absent)
    expect(await failureOf(lambda.send(new UpdateFunctionUrlConfigCommand({ FunctionName: 'closed' })))).toEqual(absent)
    expect(await failureOf(lambda.send(new ListFunctionUrlConfigsCommand(none)))).toEqual(
      notFound('Function does not exist'),
    )
    for (const Qualifier of ['1', '$LATEST']) {
      expect(await failureOf(createUrl('open', { Qualifier }))).toEqual(
        invalid(
          `1 validation error detected: Value '${Qualifier}' at 'qualifier' failed to satisfy constraint: Member must satisfy regular expression pattern: ((?!^\\d+$)^[0-9a-zA-Z-_]+$)`,
        ),
      )
    }
  })
})

describe('a URL that authenticates nobody', () => {
  let url: string

  beforeAll(async () => {
    url = (await createUrl('open')).FunctionUrl ?? ''
  })

  test('answers once the function’s policy lets everyone, by both permissions', async () => {
    const refused = { status: 403, body: FORBIDDEN }
    expect(await call(url)).toMatchObject(refused)
    await grant('open', 'url', '*', asUrl('NONE'))
    const denied = await call(url)
    expect(denied).toMatchObject(refused)
    expect(denied.headers).toMatchObject({
      'content-type': 'application/json',
      'x-amzn-errortype': 'AccessDeniedException',
    })
    const decision = await (
      await fetch(`${cloud.endpoint}/_isthmus/decisions/${String(denied.headers['x-amzn-requestid'])}`)
    ).json()
    expect(decision).toMatchObject({ operation: 'InvokeFunctionUrl', error: 'AccessDeniedException' })
    await grant('open', 'function', '*', VIA_URL)
    expect((await call(url)).status).toBe(200)
    await lambda.send(new RemovePermissionCommand({ FunctionName: 'open', StatementId: 'url' }))
    await grant('open', 'signed-only', '*', asUrl('AWS_IAM'))
    expect(await call(url)).toMatchObject(refused)
    await grant('open', 'url', '*', asUrl('NONE'))
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

  test('gives the function the request as payload format 2.0', async () => {
    const answer = await call(url, {
      method: 'POST',
      path: '/my/p%20th?one=1&two=a%20b&one=2&empty=',
      headers: {
        'Content-Type': 'application/json',
        'X-Custom': 'yes',
        cookie: 'first=1; second=2',
        'user-agent': 'a test',
        authorization: 'Bearer token',
      },
      body: '{"text":"grün"}',
    })
    const { headers, requestContext, ...event } = jsonOf(answer) as never as {
      headers: Record<string, string>
      requestContext: { http: object; time: string; timeEpoch: number; requestId: string }
    }
    expect(event).toEqual({
      version: '2.0',
      routeKey: '$default',
      rawPath: '/my/p%20th',
      rawQueryString: 'one=1&two=a%20b&one=2&empty=',
      cookies: ['first=1', 'second=2'],
      queryStringParameters: { one: '1,2', two: 'a b', empty: '' },
      body: '{"text":"grün"}',
      isBase64Encoded: false,
    })
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'x-custom': 'yes',
      'x-forwarded-for': '127.0.0.1',
      authorization: 'Bearer token',
      host: hostOf(url),
    })
    expect(headers['cookie']).toBeUndefined()
    expect(headers['x-amzn-trace-id']).toMatch(/^Root=1-/)
    expect(requestContext).toEqual({
      accountId: 'anonymous',
      apiId: idOf(url),
      domainName: hostOf(url),
      domainPrefix: idOf(url),
      http: {
        method: 'POST',
        path: '/my/p%20th',
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: 'a test',
      },
      requestId: answer.headers['x-amzn-requestid'],
      routeKey: '$default',
      stage: '$default',
      time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
      timeEpoch: expect.any(Number),
    })

    const binary = await call(url, { method: 'PUT', body: Buffer.from([0, 255, 1]) })
    expect(jsonOf(binary)).toMatchObject({ body: 'AP8B', isBase64Encoded: true })
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    expect(jsonOf(await call(url, { method: 'POST', headers: form, body: 'a=1' }))).toMatchObject({
      body: Buffer.from('a=1').toString('base64'),
    })
    const bare = jsonOf(await call(url))
    expect(Object.keys(bare)).not.toContain('body')
    expect(Object.keys(bare)).not.toContain('queryStringParameters')
  })

  test('makes an HTTP response of what the function answers', async () => {
    const full = await tell(url, {
      answer: {
        statusCode: 201,
        headers: { 'Content-Type': 'text/html', 'X-Number': 7, Connection: 'close' },
        cookies: ['a=1; Max-Age=5', 'b=2'],
        body: '<p>grün</p>',
      },
    })
    expect(full).toMatchObject({ status: 201, body: '<p>grün</p>' })
    expect(full.headers).toMatchObject({
      'content-type': 'text/html',
      'x-number': '7',
      'x-amzn-remapped-connection': 'close',
      'set-cookie': ['a=1; Max-Age=5', 'b=2'],
      'x-amzn-trace-id': expect.stringContaining('Root=1-'),
    })
    const inferred = { status: 200, headers: { 'content-type': 'application/json' } }
    expect(await tell(url, { answer: { message: 'no status' } })).toMatchObject({
      ...inferred,
      body: '{"message":"no status"}',
    })
    expect(await tell(url, { answer: 'a bare text' })).toMatchObject({ ...inferred, body: 'a bare text' })
    expect(await tell(url, { answer: [1, 2] })).toMatchObject({ ...inferred, body: '[1,2]' })
    expect(await tell(url, { answer: null })).toMatchObject({ ...inferred, body: 'null' })
    expect(await tell(url, { answer: { statusCode: '404', body: { no: 'text' } } })).toMatchObject({
      status: 404,
      body: '{"no":"text"}',
    })
    const binary = { statusCode: 200, body: Buffer.from('decoded').toString('base64'), isBase64Encoded: true }
    expect((await tell(url, { answer: binary })).body).toBe('decoded')
    expect(await tell(url, { answer: { statusCode: 204, body: 'dropped' } })).toMatchObject({ status: 204, body: '' })
    const head = await call(url, { method: 'HEAD' })
    expect(head).toMatchObject({ status: 200, body: '' })
  })

  test('answers 502 for a function that fails or answers what cannot be sent', async () => {
    const failed = { status: 502, body: 'Internal Server Error' }
    expect(await tell(url, { throws: 'as told' })).toMatchObject(failed)
    for (const answer of [
      { statusCode: 'x' },
      { statusCode: 42 },
      { statusCode: 101 },
      { statusCode: 600 },
      { statusCode: 200, headers: { 'bad name': 'x' } },
      { statusCode: 200, headers: { good: 'bad\nvalue' } },
      { statusCode: 200, headers: { good: { no: 'text' } } },
      { statusCode: 200, cookies: ['bad\r\nvalue'] },
    ]) {
      expect(await tell(url, { answer })).toMatchObject(failed)
    }
  })

  test('refuses what is too large', async () => {
    const answer = await call(url, { method: 'POST', body: Buffer.alloc(5_000_000) })
    expect(answer.status).toBe(413)
    expect(jsonOf(answer)['Message']).toContain('Request must be smaller than 6291456 bytes')
  })

  test('answers 429 while the function is throttled', async () => {
    const limited = (await createUrl('limited')).FunctionUrl ?? ''
    await openToAll('limited')
    await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: 'limited', ReservedConcurrentExecutions: 0 }))
    const answer = await call(limited)
    expect(answer.status).toBe(429)
    expect(jsonOf(answer)).toMatchObject({ Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded' })
  })
})

describe('a URL that asks for a signature', () => {
  let url: string

  beforeAll(async () => {
    url = (await createUrl('closed', { AuthType: 'AWS_IAM' })).FunctionUrl ?? ''
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
    const answer = await call(url, {
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
    expect(await call(url)).toMatchObject({ status: 403, body: FORBIDDEN })
    expect(await call(url, { headers: { authorization: 'Bearer token' } })).toMatchObject({
      status: 403,
      body: FORBIDDEN,
    })
    const keys = cloud.administrator('target')
    const wrong = await call(url, { keys: { ...keys, secretAccessKey: 'wrong' } })
    expect(wrong.status).toBe(403)
    expect(jsonOf(wrong)['message']).toContain('The request signature we calculated does not match')
    const elsewhere = await call(url, { keys, region: 'eu-west-1' })
    expect(jsonOf(elsewhere)['message']).toContain('Credential should be scoped to a valid region')
    const byPath = { method: 'GET', path: `/lambda-url/${idOf(url)}/x`, headers: { host: 'localhost' }, body: '' }
    const signedPath = await send(cloud.endpoint, sign(byPath, { keys, service: 'lambda', atMs: Date.now() }))
    expect(jsonOf(signedPath)).toMatchObject({ rawPath: '/x' })
  })

  test('asks for both permissions within the account', async () => {
    const half = await userWith('target', 'half', ['lambda:InvokeFunctionUrl'])
    expect(await call(url, { keys: half })).toMatchObject({ status: 403, body: FORBIDDEN })
    const whole = await userWith('target', 'whole', BOTH)
    expect((await call(url, { keys: whole })).status).toBe(200)
  })

  test('asks for both permissions of both accounts', async () => {
    const foreign = await userWith('source', 'foreign', BOTH)
    const refused = { status: 403, body: FORBIDDEN }
    expect(await call(url, { keys: foreign })).toMatchObject(refused)
    await grant('closed', 'url', ACCOUNTS.source, asUrl('AWS_IAM'))
    expect(await call(url, { keys: foreign })).toMatchObject(refused)
    await grant('closed', 'function', ACCOUNTS.source, VIA_URL)
    const answer = await call(url, { keys: foreign })
    expect(jsonOf(answer)).toMatchObject({
      requestContext: { accountId: ACCOUNTS.target, authorizer: { iam: { accountId: ACCOUNTS.source } } },
    })
    const without = await userWith('source', 'without', ['lambda:InvokeFunction'])
    expect(await call(url, { keys: without })).toMatchObject(refused)
    // The grant is for the URL only.
    const invoke = lambdaOf(cloud, foreign).send(new InvokeCommand({ FunctionName: arnOf('target', 'closed') }))
    expect((await failureOf(invoke)).message).toContain('because no resource-based policy allows')
  })
})

describe('CORS', () => {
  const pages = { origin: 'https://example.com' }
  const preflight = { ...pages, 'access-control-request-method': 'PUT' }
  const configure = (Cors: Cors) =>
    lambda.send(new UpdateFunctionUrlConfigCommand({ FunctionName: 'configured', Cors }))
  let url: string

  beforeAll(async () => {
    url = (await createUrl('configured')).FunctionUrl ?? ''
    await openToAll('configured')
  })

  test('is the function’s own business unless it is configured', async () => {
    const answer = await call(url, { method: 'OPTIONS', headers: preflight })
    expect(jsonOf(answer)).toMatchObject({ requestContext: { http: { method: 'OPTIONS' } } })
    expect(answer.headers['access-control-allow-origin']).toBeUndefined()
  })

  test('is answered for the function, for origins that are allowed', async () => {
    await configure({
      AllowOrigins: ['https://example.com'],
      AllowMethods: ['GET', 'PUT'],
      AllowHeaders: ['x-custom'],
      ExposeHeaders: ['date'],
      AllowCredentials: true,
      MaxAge: 300,
    })
    const answer = await call(url, { method: 'OPTIONS', headers: preflight })
    expect(answer).toMatchObject({ status: 200, body: '' })
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': 'https://example.com',
      'access-control-allow-methods': 'GET,PUT',
      'access-control-allow-headers': 'x-custom',
      'access-control-expose-headers': 'date',
      'access-control-allow-credentials': 'true',
      'access-control-max-age': '300',
      vary: 'Origin',
    })
    const got = await call(url, { headers: pages })
    expect(got.headers['access-control-allow-origin']).toBe('https://example.com')
    expect(got.headers['access-control-allow-methods']).toBeUndefined()
    const other = await call(url, { method: 'OPTIONS', headers: { ...preflight, origin: 'https://other.example' } })
    expect(other.headers['access-control-allow-origin']).toBeUndefined()
  })

  test('goes out twice where the function says it, too', async () => {
    await configure({ AllowOrigins: ['*'] })
    const answer = { statusCode: 200, headers: { 'Access-Control-Allow-Origin': '*' }, body: '' }
    const sent = await call(url, {
      method: 'POST',
      path: '/tell',
      headers: { ...pages, 'content-type': 'application/json' },
      body: JSON.stringify({ answer }),
    })
    expect(sent.headers['access-control-allow-origin']).toBe('*, *')
  })
})

describe('a URL that streams', () => {
  let url: string

  beforeAll(async () => {
    url = (await createUrl('streaming', { InvokeMode: 'RESPONSE_STREAM' })).FunctionUrl ?? ''
    await openToAll('streaming')
  })

  test('sends the response as the function writes it, with the head it wrote first', async () => {
    const answer = await call(url)
    expect(answer).toMatchObject({ status: 201, headers: { 'x-own': 'yes', 'set-cookie': ['a=1', 'b=2'] } })
    expect(answer.headers['transfer-encoding']).toBe('chunked')
    expect(answer.body).toBe([0, 1, 2, 3].map((piece) => String(piece).repeat(40_000)).join(''))
    const plain = await call(url, { path: '/plain' })
    expect(plain).toMatchObject({ status: 200, headers: { 'content-type': 'text/plain' } })
    expect(plain.body).toHaveLength(160_000)
  })

  test('tells a failure while it can, and breaks off afterwards', async () => {
    expect(await call(url, { path: '/early' })).toMatchObject({ status: 502, body: 'Internal Server Error' })
    await expect(call(url, { path: '/late' })).rejects.toThrow(/aborted|terminated|hang up/)
    expect((await call(url)).status).toBe(201)
  })

  test('works for a function that does not stream, and buffers for one that does', async () => {
    await lambda.send(new UpdateFunctionUrlConfigCommand({ FunctionName: 'open', InvokeMode: 'RESPONSE_STREAM' }))
    const open = (await lambda.send(new GetFunctionUrlConfigCommand({ FunctionName: 'open' }))).FunctionUrl ?? ''
    expect(jsonOf(await call(open))).toMatchObject({ version: '2.0' })
    await lambda.send(new UpdateFunctionUrlConfigCommand({ FunctionName: 'streaming', InvokeMode: 'BUFFERED' }))
    const buffered = await call(url)
    expect(buffered).toMatchObject({ status: 201, headers: { 'x-own': 'yes', 'content-length': '160000' } })
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
    expect(await failureOf(read())).toEqual(
      failure('ResourceNotFoundException', 404, 'The resource you requested does not exist.', 'User'),
    )
  })
})
