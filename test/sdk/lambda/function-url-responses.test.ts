/** What function URLs make of requests and answers: events, responses, CORS, and streams. */
import {
  GetFunctionUrlConfigCommand,
  UpdateFunctionUrlConfigCommand,
  type Cors,
  type LambdaClient,
} from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { TestCloud } from '../cloud.ts'
import { failureOf } from './support.ts'
import { hostOf, idOf, jsonOf, startUrlCloud, type UrlCloud } from './url-cloud.ts'

let urls: UrlCloud
let cloud: TestCloud
let lambda: LambdaClient

beforeAll(async () => {
  urls = await startUrlCloud(['open', 'shared', 'streaming'])
  ;({ cloud, lambda } = urls)
})
afterAll(() => cloud.close())

describe('a URL', () => {
  let url: string

  beforeAll(async () => {
    url = (await urls.create('open')).FunctionUrl ?? ''
    await urls.openToAll('open')
  })

  test('gives the function the request as payload format 2.0', async () => {
    const answer = await urls.call(url, {
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

    const binary = await urls.call(url, { method: 'PUT', body: Buffer.from([0, 255, 1]) })
    expect(jsonOf(binary)).toMatchObject({ body: 'AP8B', isBase64Encoded: true })
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    expect(jsonOf(await urls.call(url, { method: 'POST', headers: form, body: 'a=1' }))).toMatchObject({
      body: Buffer.from('a=1').toString('base64'),
    })
    const bare = jsonOf(await urls.call(url))
    expect(Object.keys(bare)).not.toContain('body')
    expect(Object.keys(bare)).not.toContain('queryStringParameters')
  })

  test('makes an HTTP response of what the function answers', async () => {
    const full = await urls.tell(url, {
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
    expect(await urls.tell(url, { answer: { message: 'no status' } })).toMatchObject({
      ...inferred,
      body: '{"message":"no status"}',
    })
    expect(await urls.tell(url, { answer: 'a bare text' })).toMatchObject({ ...inferred, body: 'a bare text' })
    expect(await urls.tell(url, { answer: [1, 2] })).toMatchObject({ ...inferred, body: '[1,2]' })
    expect(await urls.tell(url, { answer: null })).toMatchObject({ ...inferred, body: 'null' })
    expect(await urls.tell(url, { answer: { statusCode: '404', body: { no: 'text' } } })).toMatchObject({
      status: 404,
      body: '{"no":"text"}',
    })
    const binary = { statusCode: 200, body: Buffer.from('decoded').toString('base64'), isBase64Encoded: true }
    expect((await urls.tell(url, { answer: binary })).body).toBe('decoded')
    expect(await urls.tell(url, { answer: { statusCode: 204, body: 'dropped' } })).toMatchObject({
      status: 204,
      body: '',
    })
    const head = await urls.call(url, { method: 'HEAD' })
    expect(head).toMatchObject({ status: 200, body: '' })
  })

  test('answers 502 for a function that fails or answers what cannot be sent', async () => {
    const failed = { status: 502, body: 'Internal Server Error' }
    expect(await urls.tell(url, { throws: 'as told' })).toMatchObject(failed)
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
      expect(await urls.tell(url, { answer })).toMatchObject(failed)
    }
  })

  test('refuses what is too large', async () => {
    const answer = await urls.call(url, { method: 'POST', body: Buffer.alloc(5_000_000) })
    expect(answer.status).toBe(413)
    expect(jsonOf(answer)['Message']).toContain('Request must be smaller than 6291456 bytes')
  })
})

test('a request may have headers of nearly a megabyte', async () => {
  const url = (await urls.lambda.send(new GetFunctionUrlConfigCommand({ FunctionName: 'open' }))).FunctionUrl ?? ''
  const answer = await urls.call(url, { headers: { 'x-large': 'x'.repeat(1_000_000) } })
  const { headers } = jsonOf(answer) as never as { headers: Record<string, string> }
  expect(headers['x-large']).toHaveLength(1_000_000)
})

describe('CORS', () => {
  const pages = { origin: 'https://example.com' }
  const preflight = { ...pages, 'access-control-request-method': 'PUT' }
  const configure = (Cors: Cors) => lambda.send(new UpdateFunctionUrlConfigCommand({ FunctionName: 'shared', Cors }))
  let url: string

  beforeAll(async () => {
    url = (await urls.create('shared')).FunctionUrl ?? ''
    await urls.openToAll('shared')
  })

  test('is the function’s own business unless it is configured', async () => {
    const answer = await urls.call(url, { method: 'OPTIONS', headers: preflight })
    expect(jsonOf(answer)).toMatchObject({ requestContext: { http: { method: 'OPTIONS' } } })
    expect(answer.headers['access-control-allow-origin']).toBeUndefined()
  })

  test('takes nothing that no header can carry', async () => {
    for (const settings of [{ ExposeHeaders: ['x-☃'] }, { AllowHeaders: ['é'] }, { AllowMethods: ['\u0100'] }]) {
      const refused = await failureOf(configure({ AllowOrigins: ['*'], ...settings }))
      expect(refused).toMatchObject({ name: 'InvalidParameterValueException', status: 400 })
    }
    expect((await urls.call(url, { headers: pages })).status).toBe(200)
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
    const answer = await urls.call(url, { method: 'OPTIONS', headers: preflight })
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
    const got = await urls.call(url, { headers: pages })
    expect(got.headers['access-control-allow-origin']).toBe('https://example.com')
    expect(got.headers['access-control-allow-methods']).toBeUndefined()
    const other = await urls.call(url, {
      method: 'OPTIONS',
      headers: { ...preflight, origin: 'https://other.example' },
    })
    expect(other.headers['access-control-allow-origin']).toBeUndefined()
  })

  test('goes out twice where the function says it, too', async () => {
    await configure({ AllowOrigins: ['*'] })
    const answer = { statusCode: 200, headers: { 'Access-Control-Allow-Origin': '*' }, body: '' }
    const sent = await urls.call(url, {
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
    url = (await urls.create('streaming', { InvokeMode: 'RESPONSE_STREAM' })).FunctionUrl ?? ''
    await urls.openToAll('streaming')
  })

  test('sends the response as the function writes it, with the head it wrote first', async () => {
    const answer = await urls.call(url)
    expect(answer).toMatchObject({ status: 201, headers: { 'x-own': 'yes', 'set-cookie': ['a=1', 'b=2'] } })
    expect(answer.headers['transfer-encoding']).toBe('chunked')
    expect(answer.body).toBe([0, 1, 2, 3].map((piece) => String(piece).repeat(40_000)).join(''))
    const plain = await urls.call(url, { path: '/plain' })
    expect(plain).toMatchObject({ status: 200, headers: { 'content-type': 'text/plain' } })
    expect(plain.body).toHaveLength(160_000)
  })

  test('tells a failure while it can, and breaks off afterwards', async () => {
    expect(await urls.call(url, { path: '/early' })).toMatchObject({ status: 502, body: 'Internal Server Error' })
    await expect(urls.call(url, { path: '/late' })).rejects.toThrow(/aborted|terminated|hang up/)
    expect((await urls.call(url)).status).toBe(201)
  })

  test('works for a function that does not stream, and buffers for one that does', async () => {
    await lambda.send(new UpdateFunctionUrlConfigCommand({ FunctionName: 'open', InvokeMode: 'RESPONSE_STREAM' }))
    const open = (await lambda.send(new GetFunctionUrlConfigCommand({ FunctionName: 'open' }))).FunctionUrl ?? ''
    expect(jsonOf(await urls.call(open))).toMatchObject({ version: '2.0' })
    await lambda.send(new UpdateFunctionUrlConfigCommand({ FunctionName: 'streaming', InvokeMode: 'BUFFERED' }))
    const buffered = await urls.call(url)
    expect(buffered).toMatchObject({ status: 201, headers: { 'x-own': 'yes', 'content-length': '160000' } })
  })
})
