/** The listener and the pipeline as a client meets them: what is not served and how that is said, sizes, connections, web pages. */
import http from 'node:http'
import net from 'node:net'
import { text } from 'node:stream/consumers'

import { CloudFormationClient, CreateStackCommand } from '@aws-sdk/client-cloudformation'
import { CloudWatchLogsClient, CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs'
import { IAMClient, ListUsersCommand } from '@aws-sdk/client-iam'
import { CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { FAMILIES, familyOf, refusalOf, type Family } from './authentication/families.ts'
import { send, sign, type Answer, type Draft } from './authentication/wire.ts'
import { ACCOUNTS, startCloud, type TestCloud } from './cloud.ts'
import { createRole, deploy, failureOf, iamOf, lambdaOf, zipOf } from './lambda/support.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

let cloud: TestCloud

beforeAll(async () => {
  cloud = await startCloud()
  await deploy(lambdaOf(cloud, 'source'), 'echo', { Role: await createRole(iamOf(cloud, 'source'), 'lambda') })
})

afterAll(async () => {
  await cloud.close()
  // Whatever the requests of this file were, none met a bug.
  expect(cloud.notices.filter((notice) => notice.includes('bug'))).toEqual([])
})

const rest = familyOf('REST')
const json = familyOf('JSON')
const query = familyOf('Query')

/** The family's request with changes, signed as the source account's administrator. */
function signed(family: Family, changes: Partial<Draft> = {}, service = family.service): Draft {
  const headers = { ...family.draft.headers, ...changes.headers }
  const keys = cloud.administrator('source')
  return sign({ ...family.draft, ...changes, headers }, { keys, service, atMs: Date.now() })
}

const ask = (family: Family, changes?: Partial<Draft>): Promise<Answer> => send(cloud.endpoint, signed(family, changes))

describe('an operation that is not served', () => {
  it('is named where no service has it', async () => {
    const nowhere = await ask(rest, { path: '/2015-03-31/nothing' })
    expect(refusalOf(rest, nowhere)).toEqual({
      status: 404,
      code: 'UnknownOperationException',
      message: 'No operation at GET /2015-03-31/nothing',
    })
    const unknown = await ask(json, { headers: { 'x-amz-target': 'Logs_20140328.DoNothing' } })
    expect(refusalOf(json, unknown)).toEqual({
      status: 400,
      code: 'UnknownOperationException',
      message: 'The operation DoNothing is not known',
    })
    const action = await ask(query, { body: 'Action=DoNothing&Version=2010-05-08' })
    expect(refusalOf(query, action)).toEqual({
      status: 400,
      code: 'InvalidAction',
      message: 'Could not find operation DoNothing for version 2010-05-08',
    })
  })

  it('is named where AWS has it and Isthmus has not', async () => {
    const configs = await ask(rest, { path: '/2020-04-22/code-signing-configs/' })
    expect(refusalOf(rest, configs)).toEqual({
      status: 404,
      code: 'UnknownOperationException',
      message: 'The operation ListCodeSigningConfigs is not implemented by Isthmus',
    })
    const insights = await ask(json, {
      headers: { 'x-amz-target': 'Logs_20140328.DescribeQueries' },
    })
    expect(refusalOf(json, insights)).toEqual({
      status: 400,
      code: 'UnknownOperationException',
      message: 'The operation DescribeQueries is not implemented by Isthmus',
    })
    const certificates = await ask(query, { body: 'Action=ListServerCertificates&Version=2010-05-08' })
    expect(refusalOf(query, certificates)).toEqual({
      status: 400,
      code: 'InvalidAction',
      message: 'The action ListServerCertificates is not implemented by Isthmus',
    })
  })

  it('is refused for a whole service that is not there', async () => {
    const answer = await send(cloud.endpoint, signed(rest, { path: '/bucket/key' }, 's3'))
    expect([answer.status, answer.headers['x-amzn-errortype']]).toEqual([404, 'UnknownOperationException'])
  })

  it('needs the right method and the right version', async () => {
    const put = await ask(rest, { method: 'PUT' })
    expect(refusalOf(rest, put).code).toBe('UnknownOperationException')
    const old = await ask(query, { body: 'Action=ListUsers&Version=2009-01-01' })
    expect(refusalOf(query, old).message).toBe('Could not find operation ListUsers for version 2009-01-01')
    const none = await ask(query, { body: 'Version=2010-05-08' })
    expect(refusalOf(query, none).code).toBe('MissingAction')
  })
})

describe('a parameter that is not honoured', () => {
  it('is refused by name, over every protocol', async () => {
    const refused = (parameter: string, operation: string) => ({
      name: 'NotImplemented',
      status: 501,
      message: `Isthmus does not implement the parameter ${parameter} of ${operation}`,
    })
    const lambda = cloud.client(LambdaClient, 'source')
    const create = lambda.send(
      new CreateFunctionCommand({
        FunctionName: 'new',
        Role: `arn:aws:iam::${ACCOUNTS.source}:role/lambda`,
        Runtime: 'nodejs22.x',
        Handler: 'index.handler',
        Code: { ZipFile: await zipOf({ 'index.js': '' }) },
        FileSystemConfigs: [
          {
            Arn: `arn:aws:elasticfilesystem:us-east-1:${ACCOUNTS.source}:access-point/fsap-0123456789abcdef0`,
            LocalMountPath: '/mnt/files',
          },
        ],
      }),
    )
    expect(await failureOf(create)).toEqual(refused('FileSystemConfigs', 'CreateFunction'))
    const logs = cloud.client(CloudWatchLogsClient, 'source')
    const kmsKeyId = `arn:aws:kms:us-east-1:${ACCOUNTS.source}:key/1234abcd-12ab-34cd-56ef-1234567890ab`
    const group = logs.send(new CreateLogGroupCommand({ logGroupName: 'new', kmsKeyId }))
    expect(await failureOf(group)).toEqual(refused('kmsKeyId', 'CreateLogGroup'))
    const cloudFormation = cloud.client(CloudFormationClient, 'source')
    const stack = cloudFormation.send(
      new CreateStackCommand({ StackName: 'new', TemplateBody: '{"Resources":{}}', StackPolicyBody: '{}' }),
    )
    expect(await failureOf(stack)).toMatchObject(refused('StackPolicyBody', 'CreateStack'))
  })
})

describe('a body that is too large', () => {
  const invoke = (bytes: number, type = 'RequestResponse') =>
    ask(rest, {
      method: 'POST',
      path: '/2015-03-31/functions/echo/invocations',
      headers: { 'x-amz-invocation-type': type },
      body: JSON.stringify('x'.repeat(bytes - 2)),
    })
  const tooLarge = (bytesMax: number, operation = 'InvokeFunction') => ({
    status: 413,
    code: 'RequestEntityTooLargeException',
    message: `Request must be smaller than ${bytesMax} bytes for the ${operation} operation`,
  })

  it('is refused one byte beyond what a synchronous invocation takes', async () => {
    expect(refusalOf(rest, await invoke(6_291_457))).toEqual(tooLarge(6_291_456))
    // The function answers more than it was sent: that is another limit.
    expect((await invoke(6_291_456)).status).toBe(200)
  })

  it('is refused one byte beyond what an asynchronous invocation takes', async () => {
    expect(refusalOf(rest, await invoke(1_048_577, 'Event'))).toEqual(tooLarge(1_048_576))
    expect((await invoke(1_048_576, 'Event')).status).toBe(202)
  })

  it('is refused by every operation from 70 MB on, whether its length is announced or not', async () => {
    const body = Buffer.alloc(70_167_212, ' ')
    const update = { method: 'PUT', path: '/2015-03-31/functions/echo/code', body }
    expect(refusalOf(rest, await ask(rest, update))).toEqual(tooLarge(70_167_211, 'UpdateFunctionCode'))
    expect((await ask(json, { body })).status).toBe(413)
    expect((await ask(query, { body })).status).toBe(413)
    const chunked = await inChunks({ ...signed(rest, { method: 'PUT', path: update.path, body: '' }), body })
    expect(chunked.status).toBe(413)
  })
})

/** With Transfer-Encoding: chunked. */
function inChunks({ method, path, headers, body }: Draft): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(cloud.endpoint)
    const request = http.request({ hostname, port, method, path, headers }, (response) => {
      text(response).then(
        (answer) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: answer }),
        reject,
      )
    })
    request.once('error', reject)
    request.write(body)
    request.end()
  })
}

describe('a body that cannot be read', () => {
  it.each(['{', '', 'null', '"text"', '{"limit":'])('is a serialization error of a JSON service: %s', async (body) => {
    const answer = await ask(json, { body })
    // A request without a body names no parameter either.
    expect(refusalOf(json, answer)).toMatchObject({ status: 400, code: 'SerializationException' })
  })

  it('is one of a REST service too', async () => {
    const path = '/2015-03-31/functions/echo/aliases'
    for (const body of ['{', '[]', '7']) {
      const answer = await ask(rest, { method: 'POST', path, body })
      expect(refusalOf(rest, answer)).toMatchObject({ status: 400, code: 'SerializationException' })
    }
  })

  it('is a syntax error of a Query service', async () => {
    const answer = await ask(query, { body: 'Action=ListUsers&Version=2010-05-08&Marker=%zz' })
    expect(refusalOf(query, answer)).toMatchObject({ code: 'MalformedQueryString' })
  })

  it('tells the member of the wrong type', async () => {
    const answer = await ask(json, { body: '{"limit":"many"}' })
    expect(refusalOf(json, answer)).toEqual({
      status: 400,
      code: 'SerializationException',
      message: 'STRING_VALUE can not be converted to an Integer',
    })
  })
})

describe('a path', () => {
  it.each([
    '/2015-03-31/functions/%zz',
    '/2015-03-31/functions/%',
    '/2015-03-31/functions/%c3%28',
    '//',
    '/..',
    '/%00',
  ])('like %s is refused as the client’s mistake', async (path) => {
    const { status } = await ask(rest, { path })
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(500)
  })
})

describe('an answer', () => {
  it.each(FAMILIES)('of a $name service carries an id of its own, whether it succeeds or not', async (family) => {
    const ids = new Set<unknown>()
    const drafts = [signed(family), signed(family), family.draft, { ...signed(family), body: 'changed' }]
    for (const draft of drafts) {
      const { headers } = await send(cloud.endpoint, draft)
      expect(headers['x-amzn-requestid']).toMatch(UUID)
      ids.add(headers['x-amzn-requestid'])
    }
    expect(ids.size).toBe(drafts.length)
  })

  it('is the same for a form in the URL', async () => {
    const { status, body } = await ask(query, {
      method: 'GET',
      path: '/?Action=ListUsers&Version=2010-05-08',
      body: '',
    })
    expect([status, body]).toEqual([200, expect.stringContaining('<UserName>administrator</UserName>')])
  })
})

describe('a connection', () => {
  it('serves one request after the other', async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    const { hostname, port } = new URL(cloud.endpoint)
    const ports = new Set<number | undefined>()
    for (let count = 0; count < 5; count++) {
      const { method, path, headers } = signed(rest)
      ports.add(
        await new Promise((resolve, reject) => {
          const request = http.request({ hostname, port, method, path, headers, agent }, (response) => {
            response.resume().once('end', () => resolve(request.socket?.localPort))
          })
          request.once('error', reject)
          request.end()
        }),
      )
    }
    agent.destroy()
    expect(ports.size).toBe(1)
  })

  it('that speaks no HTTP is told so and closed', async () => {
    const { port } = new URL(cloud.endpoint)
    const socket = net.connect(Number(port), '127.0.0.1')
    socket.end('HELLO\r\n\r\n')
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 Bad Request\r\nConnection: close\r\n/)
  })

  it('that breaks off in the middle of a request harms nobody', async () => {
    const { port } = new URL(cloud.endpoint)
    for (const part of ['POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf', 'POST / HTTP/1.1\r\nHos']) {
      const socket = net.connect(Number(port), '127.0.0.1')
      await new Promise<void>((resolve) => socket.write(part, () => resolve()))
      socket.destroy()
    }
    const answer = await ask(rest)
    expect(answer.status).toBe(200)
  })

  it('is one of many at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => cloud.client(STSClient, 'source').send(new GetCallerIdentityCommand({}))),
    )
    expect(new Set(answers.map(({ Account }) => Account))).toEqual(new Set([ACCOUNTS.source]))
  })
})

describe('a web page', () => {
  it.each(['https://evil.example', 'http://localhost.evil.example', 'null', 'file://', 'http://192.168.0.7:3000'])(
    'of %s is not served, signed or not',
    async (origin) => {
      for (const draft of [signed(rest, { headers: { origin } }), { ...rest.draft, headers: { origin } }]) {
        const answer = await send(cloud.endpoint, draft)
        expect([answer.status, answer.body]).toEqual([403, 'Requests from web pages are not served\n'])
        expect(answer.headers['access-control-allow-origin']).toBeUndefined()
      }
      const health = await fetch(`${cloud.endpoint}/_isthmus/health`, { headers: { origin } })
      expect(health.status).toBe(403)
    },
  )

  it('elsewhere cannot even embed a call, which tells no origin', async () => {
    for (const mode of ['no-cors', 'navigate']) {
      const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': mode, 'sec-fetch-dest': 'image' }
      const answer = await send(cloud.endpoint, {
        ...rest.draft,
        path: '/?Action=ListUsers&Version=2010-05-08',
        headers,
      })
      expect([answer.status, answer.body]).toEqual([403, 'Requests from web pages are not served\n'])
    }
    const typed = await ask(rest, { headers: { 'sec-fetch-site': 'none' } })
    expect(typed.status).toBe(200)
  })

  it('of a function, by the path of its URL, reaches nothing else here', async () => {
    const { host, port } = new URL(cloud.endpoint)
    const fromPages = [
      { 'sec-fetch-site': 'same-origin' },
      { 'sec-fetch-site': 'same-origin', origin: cloud.endpoint },
      { 'sec-fetch-site': 'cross-site', origin: `http://localhost:${port}` },
      { origin: `http://${'a'.repeat(32)}.lambda-url.us-east-1.localhost:${port}` },
    ]
    for (const page of fromPages) {
      const headers = { host, ...page }
      expect((await ask(rest, { headers })).status).toBe(403)
      for (const path of ['health', 'snapshot']) {
        const draft = { method: 'GET', path: `/_isthmus/${path}`, headers, body: '' }
        expect((await send(cloud.endpoint, draft)).status).toBe(403)
      }
    }
  })

  it.each(['http://localhost:3000', 'http://127.0.0.1:8080', 'http://[::1]:5173'])(
    'of %s, this machine, is',
    async (origin) => {
      expect((await ask(rest, { headers: { origin } })).status).toBe(200)
    },
  )
})

describe('the SDK', () => {
  it('meets the same users whatever Region it names', async () => {
    const lists = await Promise.all(
      ['us-east-1', 'eu-central-1'].map((region) =>
        cloud.client(IAMClient, 'source', region).send(new ListUsersCommand({})),
      ),
    )
    expect(lists[0]?.Users).toEqual(lists[1]?.Users)
  })
})
