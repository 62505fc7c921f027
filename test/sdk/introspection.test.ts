/** `/_isthmus/`: health, decisions, snapshots, sessions of roles, and deployment packages, and whom it does not talk to. */
import { createHash } from 'node:crypto'

import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  DeleteUserCommand,
  IAMClient,
  ListUsersCommand,
} from '@aws-sdk/client-iam'
import {
  DeleteFunctionCommand,
  GetFunctionCommand,
  InvokeCommand,
  LambdaClient,
  ListFunctionsCommand,
} from '@aws-sdk/client-lambda'
import { DescribeOrganizationCommand, OrganizationsClient } from '@aws-sdk/client-organizations'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { systemClock, type Clock } from '../../src/core/clock.ts'
import { send, sign, type Draft } from './authentication/wire.ts'
import { ACCOUNTS, startCloud, type TestCloud, type TestCredentials } from './cloud.ts'
import { createRole, deploy, iamOf, lambdaOf, payloadOf } from './lambda/support.ts'

let aheadMs = 0
let cloud: TestCloud

beforeAll(async () => {
  const clock: Clock = { ...systemClock, now: () => Date.now() + aheadMs }
  cloud = await startCloud({ clock })
})

afterAll(async () => {
  await cloud.close()
})

interface Told {
  readonly status: number
  readonly body: unknown
}

async function ask(method: string, path: string, body = '', headers: Draft['headers'] = {}): Promise<Told> {
  const { host } = new URL(cloud.endpoint)
  const answer = await send(cloud.endpoint, { method, path: `/_isthmus/${path}`, headers: { host, ...headers }, body })
  expect(answer.headers['content-type']).toBe('application/json')
  return { status: answer.status, body: JSON.parse(answer.body) as unknown }
}

describe('the door', () => {
  it.each(['127.0.0.1', 'localhost', '[::1]', '127.8.8.8', 'localhost:4566', '127.0.0.1:80', '[::1]:4566'])(
    'is open to a request for %s',
    async (host) => {
      expect((await ask('GET', 'health', '', { host })).status).toBe(200)
    },
  )

  it.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '192.168.0.1',
    '127.0.0.1@evil.example',
    '0.0.0.0',
  ])('is shut to a request for “%s”, whose name may lead anywhere', async (host) => {
    expect(await ask('GET', 'health', '', { host })).toEqual({
      status: 403,
      body: { message: 'The Host header must name a loopback address' },
    })
  })

  it('says which calls there are not', async () => {
    expect(await ask('GET', 'nothing')).toEqual({
      status: 404,
      body: { message: 'No such introspection call: GET /_isthmus/nothing' },
    })
    expect((await ask('GET', 'reset')).status).toBe(404)
  })
})

describe('health', () => {
  it('tells the accounts, the Region and the mode', async () => {
    expect(await ask('GET', 'health')).toEqual({
      status: 200,
      body: {
        status: 'ok',
        region: 'us-east-1',
        auth: 'strict',
        dataPlane: 'modelled (asked for with --vpc=modelled)',
        accounts: Object.entries(ACCOUNTS).map(([name, id]) => ({ name, id })),
        cloudTrail: expect.stringMatching(/cloudtrail$/),
      },
    })
  })
})

describe('a decision', () => {
  it('is found under the id of its request, with every permission that was checked', async () => {
    const { $metadata } = await cloud.client(IAMClient, 'source').send(new ListUsersCommand({ PathPrefix: '/a/' }))
    const { status, body } = await ask('GET', `decisions/${$metadata.requestId}`)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      requestId: $metadata.requestId,
      service: 'iam',
      operation: 'ListUsers',
      caller: `arn:aws:iam::${ACCOUNTS.source}:user/administrator`,
      account: ACCOUNTS.source,
      region: 'us-east-1',
      permissions: [
        {
          action: 'iam:ListUsers',
          resource: `arn:aws:iam::${ACCOUNTS.source}:user/a/`,
          resourceAccount: ACCOUNTS.source,
          decision: { outcome: 'allow' },
        },
      ],
    })
    expect(JSON.stringify(body)).not.toContain(cloud.administrator('source').secretAccessKey)
  })

  it('is not found under an id that was never given', async () => {
    expect(await ask('GET', 'decisions/none')).toEqual({
      status: 404,
      body: { message: 'No recent request has the id none' },
    })
  })
})

async function userNames(): Promise<readonly (string | undefined)[]> {
  const { Users = [] } = await cloud.client(IAMClient, 'source').send(new ListUsersCommand({}))
  return Users.map(({ UserName }) => UserName)
}

describe('the whole state', () => {
  it('is put back from a snapshot, functions with their code too', async () => {
    const iam = cloud.client(IAMClient, 'source')
    const lambda = lambdaOf(cloud, 'source')
    await iam.send(new CreateUserCommand({ UserName: 'kept' }))
    await deploy(lambda, 'kept', { Role: await createRole(iamOf(cloud, 'source'), 'kept') })
    await lambda.send(new InvokeCommand({ FunctionName: 'kept' }))
    const { body } = await ask('GET', 'snapshot')

    await iam.send(new DeleteUserCommand({ UserName: 'kept' }))
    await iam.send(new CreateUserCommand({ UserName: 'later' }))
    await lambda.send(new DeleteFunctionCommand({ FunctionName: 'kept' }))
    expect(await ask('POST', 'restore', JSON.stringify(body))).toEqual({ status: 200, body: {} })

    expect(await userNames()).toEqual(['administrator', 'kept'])
    const answer = await lambda.send(new InvokeCommand({ FunctionName: 'kept', Payload: Buffer.from('{"n":1}') }))
    expect(payloadOf(answer)).toMatchObject({ event: { n: 1 } })
  })

  it('is emptied by reset down to the accounts, whose keys go on working', async () => {
    await cloud.client(IAMClient, 'source').send(new CreateUserCommand({ UserName: 'gone' }))
    const lambda = lambdaOf(cloud, 'target')
    await deploy(lambda, 'gone', { Role: await createRole(iamOf(cloud, 'target'), 'gone') })
    expect(await ask('POST', 'reset')).toEqual({ status: 200, body: {} })
    expect(await userNames()).toEqual(['administrator'])
    expect((await lambda.send(new ListFunctionsCommand({}))).Functions).toEqual([])
    const organizations = cloud.client(OrganizationsClient, 'management')
    const { Organization } = await organizations.send(new DescribeOrganizationCommand({}))
    expect(Organization?.MasterAccountId).toBe(ACCOUNTS.management)
  })

  it('is emptied twice at once', async () => {
    const answers = await Promise.all([ask('POST', 'reset'), ask('POST', 'reset'), userNames()])
    expect(answers.slice(0, 2)).toEqual([
      { status: 200, body: {} },
      { status: 200, body: {} },
    ])
    expect(await userNames()).toEqual(['administrator'])
  })

  it('taken from another cloud leaves this one’s keys working', async () => {
    const other = await startCloud()
    try {
      const iam = other.client(IAMClient, 'source')
      await iam.send(new CreateUserCommand({ UserName: 'immigrant' }))
      // The administrator comes with all the keys it may have.
      await iam.send(new CreateAccessKeyCommand({}))
      const snapshot = await (await fetch(`${other.endpoint}/_isthmus/snapshot`)).text()
      expect((await ask('POST', 'restore', snapshot)).status).toBe(200)
      expect(await userNames()).toEqual(['administrator', 'immigrant'])
    } finally {
      await other.close()
    }
  })

  it.each(['{', '[]', '7', 'null', '{"iam.users":[]}', '{"iam.users":{"scope":"text"}}'])(
    'is left alone by %s, which is no snapshot',
    async (text) => {
      await cloud.client(IAMClient, 'source').send(new CreateUserCommand({ UserName: 'safe' }))
      expect((await ask('POST', 'restore', text)).status).toBe(400)
      expect(await userNames()).toContain('safe')
      await cloud.client(IAMClient, 'source').send(new DeleteUserCommand({ UserName: 'safe' }))
    },
  )
})

describe('a session of a role', () => {
  let roleArn: string

  beforeAll(async () => {
    roleArn = await createRole(iamOf(cloud, 'source'), 'of-a-function')
  })

  const request = (body: object | string): Draft => ({
    method: 'POST',
    path: '/_isthmus/credentials',
    headers: { host: new URL(cloud.endpoint).host, 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

  async function credentials(keys: TestCredentials, body: object | string): Promise<Told> {
    const draft = sign(request(body), { keys, service: 'sts', atMs: Date.now() + aheadMs })
    const answer = await send(cloud.endpoint, draft)
    return { status: answer.status, body: JSON.parse(answer.body) as unknown }
  }

  it('is given to the administrator of its account, though its trust policy names only Lambda', async () => {
    const { status, body } = await credentials(cloud.administrator('source'), { roleArn, sessionName: 'me' })
    expect(status).toBe(200)
    expect(body).toEqual({
      accessKeyId: expect.stringMatching(/^ASIA[A-Z2-7]{16}$/),
      secretAccessKey: expect.stringMatching(/^\S{40}$/),
      sessionToken: expect.stringMatching(/^\S{100,}$/),
      expiration: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/),
    })
    const { expiration: _expiration, ...keys } = body as TestCredentials & { readonly expiration: string }
    const { Arn } = await cloud.client(STSClient, keys).send(new GetCallerIdentityCommand({}))
    expect(Arn).toBe(`arn:aws:sts::${ACCOUNTS.source}:assumed-role/of-a-function/me`)
  })

  it('is given to nobody else', async () => {
    const refused = (caller: string) => ({
      status: 403,
      body: { code: 'AccessDenied', message: `${caller} is not the administrator of ${ACCOUNTS.source}` },
    })
    expect(await credentials(cloud.administrator('target'), { roleArn })).toEqual(
      refused(`arn:aws:iam::${ACCOUNTS.target}:user/administrator`),
    )
    const { body } = await credentials(cloud.administrator('source'), { roleArn, sessionName: 'me' })
    expect(await credentials(body as TestCredentials, { roleArn })).toEqual(
      refused(`arn:aws:sts::${ACCOUNTS.source}:assumed-role/of-a-function/me`),
    )
  })

  it('is given to nobody who has not signed', async () => {
    const answer = await send(cloud.endpoint, request({ roleArn }))
    expect(answer.status).toBe(403)
    expect(JSON.parse(answer.body)).toEqual({
      code: 'MissingAuthenticationTokenException',
      message: 'Missing Authentication Token',
    })
    const forged = { ...cloud.administrator('source'), secretAccessKey: 'guessed' }
    expect(await credentials(forged, { roleArn })).toMatchObject({
      status: 403,
      body: { code: 'InvalidSignatureException' },
    })
  })

  it.each(['{', 'null', '7', '{}', '{"roleArn":7}', '{"roleArn":"arn:aws:iam::111122223333:role/nobody"}'])(
    'is not given for %s',
    async (body) => {
      const { status } = await credentials(cloud.administrator('source'), body)
      expect(status).toBe(body.includes('nobody') ? 404 : 400)
    },
  )

  it.each(['', 'not a name', 'x'.repeat(65)])('is not given under the name “%s”', async (sessionName) => {
    expect((await credentials(cloud.administrator('source'), { roleArn, sessionName })).status).toBe(400)
  })
})

describe('a deployment package', () => {
  async function location(): Promise<string> {
    const lambda = cloud.client(LambdaClient, 'source')
    const { Code } = await lambda.send(new GetFunctionCommand({ FunctionName: 'packed' }))
    return Code?.Location ?? ''
  }

  beforeAll(async () => {
    await deploy(lambdaOf(cloud, 'source'), 'packed', { Role: await createRole(iamOf(cloud, 'source'), 'packed') })
  })

  it('is had from the location that GetFunction gives', async () => {
    const { Configuration } = await lambdaOf(cloud, 'source').send(new GetFunctionCommand({ FunctionName: 'packed' }))
    const answer = await fetch(await location())
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/zip'])
    const bytes = Buffer.from(await answer.arrayBuffer())
    expect(createHash('sha256').update(bytes).digest('base64')).toBe(Configuration?.CodeSha256)
  })

  it('is had from no other location', async () => {
    const url = new URL(await location())
    const statusOf = async (change: (altered: URL) => void) => {
      const altered = new URL(url)
      change(altered)
      return (await fetch(altered)).status
    }
    const expires = Number(url.searchParams.get('expires'))
    expect(await statusOf((altered) => altered.searchParams.delete('signature'))).toBe(403)
    expect(await statusOf((altered) => altered.searchParams.set('signature', '0'.repeat(64)))).toBe(403)
    expect(await statusOf((altered) => altered.searchParams.set('expires', String(expires + 60)))).toBe(403)
    expect(await statusOf((altered) => (altered.pathname = `/_isthmus/code/${'0'.repeat(64)}`))).toBe(403)
  })

  it('is not had any more after ten minutes', async () => {
    const url = await location()
    aheadMs = 9.9 * 60_000
    expect((await fetch(url)).status).toBe(200)
    aheadMs = 10.1 * 60_000
    expect((await fetch(url)).status).toBe(403)
    aheadMs = 0
  })
})
