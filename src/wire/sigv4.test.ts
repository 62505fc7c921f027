/** AWS's own published examples, signatures by the official signer, and everything that must be refused. */
import { SignatureV4 } from '@smithy/signature-v4'
import * as fc from 'fast-check'
import { createHash, createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { WireRequest } from './message.ts'
import {
  authenticationError,
  createSigningKeyCache,
  readSignature,
  verifySignature,
  type ExpectedScope,
} from './sigv4.ts'

const EXAMPLE_SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
const EXAMPLE_TIME = Date.UTC(2015, 7, 30, 12, 36)

interface Example {
  readonly signature: string
  readonly service?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly request?: Partial<WireRequest>
}

function example({ signature, service = 'service', headers = {}, request = {} }: Example): WireRequest {
  const all: Record<string, string> = { host: 'example.amazonaws.com', 'x-amz-date': '20150830T123600Z', ...headers }
  const signedHeaders = Object.keys(all).sort().join(';')
  const authorization = `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/${service}/aws4_request, SignedHeaders=${signedHeaders}, Signature=${signature}`
  return {
    method: 'GET',
    path: '/',
    rawQuery: '',
    body: Buffer.alloc(0),
    ...request,
    headers: { ...all, authorization },
  }
}

function verify(request: WireRequest, secret: string, nowMs: number, expected: ExpectedScope): Buffer {
  const signed = readSignature(request)
  if (!signed) throw new Error('not signed')
  return verifySignature(request, signed, secret, nowMs, expected)
}

describe('the examples AWS publishes verify:', () => {
  test.each<[string, Example]>([
    ['get-vanilla', { signature: '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31' }],
    [
      'get-vanilla-query-order-key-case',
      {
        signature: 'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
        request: { rawQuery: 'Param2=value2&Param1=value1' },
      },
    ],
    [
      'get-utf8',
      {
        signature: '8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85',
        request: { path: '/ሴ' },
      },
    ],
    [
      'post-x-www-form-urlencoded',
      {
        signature: 'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        request: { method: 'POST', body: Buffer.from('Param1=value1') },
      },
    ],
    [
      'ListUsers, of the IAM user guide',
      {
        signature: '5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
        service: 'iam',
        headers: { host: 'iam.amazonaws.com', 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
        request: { rawQuery: 'Action=ListUsers&Version=2010-05-08' },
      },
    ],
  ])('%s', (_name, given) => {
    const request = example(given)
    const service = given.service ?? 'service'
    expect(verify(request, EXAMPLE_SECRET, EXAMPLE_TIME, { service, region: 'us-east-1' })).toBe(request.body)
  })
})

const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
const NOW = Date.UTC(2026, 0, 12, 15, 37, 12)

class NodeSha256 {
  readonly #hash
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', toBuffer(secret))
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(toBuffer(data))
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }
  reset(): void {}
}

function toBuffer(data: string | ArrayBuffer | ArrayBufferView): Buffer {
  if (typeof data === 'string') return Buffer.from(data)
  return data instanceof ArrayBuffer ? Buffer.from(data) : Buffer.from(data.buffer, data.byteOffset, data.byteLength)
}

const signer = new SignatureV4({
  service: 'lambda',
  region: 'eu-west-1',
  sha256: NodeSha256,
  credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: SECRET, sessionToken: 'a/token+=' },
})
const scope: ExpectedScope = { service: 'lambda', region: 'eu-west-1' }

async function signedInvoke(): Promise<WireRequest> {
  const path = '/2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A111122223333%3Afunction%3Af/invocations'
  const signed = await signer.sign(
    {
      method: 'POST',
      protocol: 'https:',
      hostname: 'lambda.eu-west-1.amazonaws.com',
      path,
      query: { Qualifier: '$LATEST', z: ['b', 'a'] },
      headers: { host: 'lambda.eu-west-1.amazonaws.com', 'content-type': 'application/json', 'x-spaced': '  a   b  ' },
      body: '{"a":1}',
    },
    { signingDate: new Date(NOW) },
  )
  return {
    method: 'POST',
    path,
    rawQuery: 'z=b&Qualifier=%24LATEST&z=a',
    headers: lower(signed.headers),
    body: Buffer.from('{"a":1}'),
  }
}

async function presignedGet(expiresIn: number): Promise<WireRequest> {
  const path = '/2015-03-31/functions/f'
  const request = { method: 'GET', protocol: 'https:', hostname: 'h', path, query: {}, headers: { host: 'h' } }
  const { query } = await signer.presign(request, { signingDate: new Date(NOW), expiresIn })
  const rawQuery = Object.entries(query ?? {})
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`)
    .join('&')
  // The signer signs the hash of an empty body in a presigned URL.
  return { method: 'GET', path, rawQuery, headers: { host: 'h' }, body: Buffer.alloc(0) }
}

function lower(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

function refusal(action: () => unknown) {
  try {
    action()
  } catch (error) {
    return error as Error & { status: number }
  }
  throw new Error('accepted')
}

const MISMATCH = expect.objectContaining({ name: 'InvalidSignatureException', status: 403 }) as Error

describe('a request of the official signer', () => {
  test('verifies, whatever the order of its query and however it was escaped', async () => {
    const request = await signedInvoke()
    expect(readSignature(request)).toMatchObject({
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      date: '20260112',
      region: 'eu-west-1',
      service: 'lambda',
      securityToken: 'a/token+=',
      presigned: false,
    })
    expect(verify(request, SECRET, NOW, { ...scope, keys: createSigningKeyCache() })).toBe(request.body)
    expect(verify({ ...request, rawQuery: 'Qualifier=$LATEST&z=a&z=b' }, SECRET, NOW, scope)).toBe(request.body)
  })

  test('is refused when any byte of it has changed', async () => {
    const request = await signedInvoke()
    const parts = [
      'method',
      'path',
      'rawQuery',
      'body',
      'content-type',
      'x-amz-date',
      'x-amz-security-token',
      'host',
    ] as const
    fc.assert(
      fc.property(fc.constantFrom(...parts), fc.nat(), fc.integer({ min: 1, max: 25 }), (part, position, shift) => {
        const tampered = tamper(request, part, position, shift)
        expect(() => verify(tampered, SECRET, NOW, scope)).toThrow()
      }),
    )
  })

  test('is refused with another secret, and in AWS’s words', async () => {
    const request = await signedInvoke()
    expect(refusal(() => verify(request, `${SECRET}x`, NOW, scope))).toMatchObject({
      name: 'InvalidSignatureException',
      status: 403,
      message:
        'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    })
  })

  test('is refused for another service or Region', async () => {
    const request = await signedInvoke()
    expect(refusal(() => verify(request, SECRET, NOW, { service: 'iam' })).message).toBe(
      "Credential should be scoped to correct service: 'iam'. ",
    )
    expect(refusal(() => verify(request, SECRET, NOW, { ...scope, region: 'us-east-1' })).message).toBe(
      'Credential should be scoped to a valid region. ',
    )
  })

  test('is refused a quarter of an hour too late or too early', async () => {
    const request = await signedInvoke()
    const minute = 60_000
    expect(verify(request, SECRET, NOW + 15 * minute, scope)).toBe(request.body)
    expect(verify(request, SECRET, NOW - 15 * minute, scope)).toBe(request.body)
    expect(refusal(() => verify(request, SECRET, NOW + 16 * minute, scope)).message).toBe(
      'Signature expired: 20260112T153712Z is now earlier than 20260112T153812Z (20260112T155312Z - 15 min.)',
    )
    expect(refusal(() => verify(request, SECRET, NOW - 16 * minute, scope)).message).toBe(
      'Signature not yet current: 20260112T153712Z is still later than 20260112T153612Z (20260112T152112Z + 15 min.)',
    )
  })
})

describe('a presigned request of the official signer', () => {
  test('verifies until it expires', async () => {
    const request = await presignedGet(60)
    expect(readSignature(request)).toMatchObject({ presigned: true, expiresSeconds: 60, securityToken: 'a/token+=' })
    expect(verify(request, SECRET, NOW + 60_000, scope)).toBe(request.body)
    expect(() => verify(request, SECRET, NOW + 61_000, scope)).toThrow(MISMATCH)
  })

  test('is refused when its query has changed, or it would last more than a week', async () => {
    const request = await presignedGet(60)
    const longer = { ...request, rawQuery: request.rawQuery.replace('X-Amz-Expires=60', 'X-Amz-Expires=600') }
    expect(() => verify(longer, SECRET, NOW, scope)).toThrow(MISMATCH)
    const endless = { ...request, rawQuery: request.rawQuery.replace('X-Amz-Expires=60', 'X-Amz-Expires=604801') }
    expect(refusal(() => readSignature(endless)).name).toBe('IncompleteSignatureException')
  })
})

describe('a signature that is not whole', () => {
  const headers = { host: 'h', 'x-amz-date': '20260112T153712Z' }
  function withAuthorization(authorization: string, more: Record<string, string> = {}): WireRequest {
    return {
      method: 'POST',
      path: '/2015-03-31/functions',
      rawQuery: '',
      body: Buffer.alloc(0),
      headers: { ...headers, ...more, authorization },
    }
  }
  const credential = 'Credential=AKIDEXAMPLE/20260112/us-east-1/lambda/aws4_request'
  const rest = `SignedHeaders=host, Signature=${'0'.repeat(64)}`

  test('names every part that is missing', () => {
    expect(refusal(() => readSignature(withAuthorization('AWS4-HMAC-SHA256 foo')))).toMatchObject({
      name: 'IncompleteSignatureException',
      message: expect.stringMatching(
        /^Authorization header requires 'Credential' parameter\. Authorization header requires 'Signature' parameter\. Authorization header requires 'SignedHeaders' parameter\. \(Hashed with SHA-256 and encoded with Base64\) Authorization=/,
      ) as string,
    })
  })

  test.each([
    [
      withAuthorization(`AWS4-HMAC-SHA256 ${credential}, ${rest}`, { 'x-amz-date': '201' }),
      /Date must be in ISO-8601 'basic format'\. Got '201'/,
    ],
    [withAuthorization(`AWS4-HMAC-SHA512 ${credential}, ${rest}`), /Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA512'/],
    [
      withAuthorization(`AWS4-HMAC-SHA256 Credential=a/b/c/d, ${rest}`),
      /exactly 5 slash-delimited elements.*'a\/b\/c\/d'/,
    ],
    [
      withAuthorization(`AWS4-HMAC-SHA256 ${credential}x, ${rest}`),
      /valid terminator: 'aws4_request', not 'aws4_requestx'/,
    ],
    [
      withAuthorization(`AWS4-HMAC-SHA256 ${credential}, SignedHeaders=date, Signature=${'0'.repeat(64)}`),
      /'Host' or ':authority' must be/,
    ],
    [withAuthorization(`AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host, Signature=short`), /does not match/],
    [withAuthorization('Basic dXNlcjpwYXNz'), /Missing Authentication Token/],
  ])('is refused: %#', (request, message) => {
    expect(() => readSignature(request)).toThrow(message)
  })

  test('is none where there is no trace of one', () => {
    expect(readSignature({ ...withAuthorization(''), headers })).toBeUndefined()
  })
})

describe('refusals', () => {
  test.each([
    ['rest', 'unknown-token', 'UnrecognizedClientException', 403],
    ['json', 'unknown-token', 'UnrecognizedClientException', 400],
    ['query', 'unknown-token', 'InvalidClientTokenId', 403],
    ['ec2', 'unknown-token', 'AuthFailure', 401],
    ['rest', 'expired-token', 'ExpiredTokenException', 403],
    ['query', 'expired-token', 'ExpiredToken', 403],
    ['rest', 'missing-token', 'MissingAuthenticationTokenException', 403],
    ['query', 'missing-token', 'MissingAuthenticationToken', 403],
    ['rest', 'incomplete-signature', 'IncompleteSignatureException', 403],
    ['query', 'signature-mismatch', 'SignatureDoesNotMatch', 403],
  ] as const)('of the %s family for %s are %s with status %d', (family, failure, name, status) => {
    expect(authenticationError(failure, family)).toMatchObject({ name, status })
  })

  test('of a form go out in the words of the query services', async () => {
    const request = await signedInvoke()
    const headers = { ...request.headers, 'content-type': 'application/x-www-form-urlencoded' }
    expect(() => verify({ ...request, headers }, SECRET, NOW, scope)).toThrow(
      expect.objectContaining({ name: 'SignatureDoesNotMatch' }) as Error,
    )
  })
})

/** Moves one byte of one part of a request to another letter. */
function tamper(request: WireRequest, part: string, position: number, shift: number): WireRequest {
  const moved = (text: string): string => {
    const at = position % text.length
    const byte = text.charCodeAt(at)
    const letter = String.fromCharCode(97 + ((byte + shift) % 26))
    return `${text.slice(0, at)}${letter === text[at] ? '_' : letter}${text.slice(at + 1)}`
  }
  if (part === 'method' || part === 'path' || part === 'rawQuery') return { ...request, [part]: moved(request[part]) }
  if (part === 'body') return { ...request, body: Buffer.from(moved(request.body.toString('latin1')), 'latin1') }
  return { ...request, headers: { ...request.headers, [part]: moved(String(request.headers[part])) } }
}
