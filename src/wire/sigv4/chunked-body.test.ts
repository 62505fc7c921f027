/** AWS's published example of a body in signed chunks. https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html */
import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import type { WireRequest } from '../message.ts'
import { readSignature, verifySignature } from '../sigv4.ts'
import { sha256 } from '../../core/signature-v4/canonical-request.ts'
import { decodeChunkedBody } from './chunked-body.ts'
import { deriveSigningKey } from '../../core/signature-v4/signing-key.ts'

const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
const SEED = '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9'
const NOW = Date.UTC(2013, 4, 24)
const SCOPE = '20130524/us-east-1/s3/aws4_request'

function chunk(size: number, signature: string): string {
  return `${size.toString(16)};chunk-signature=${signature}\r\n${'a'.repeat(size)}\r\n`
}

const body = Buffer.from(
  chunk(65_536, 'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648') +
    chunk(1024, '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497') +
    chunk(0, 'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9'),
)

function upload(content: Buffer): WireRequest {
  const headers = {
    host: 's3.amazonaws.com',
    'x-amz-date': '20130524T000000Z',
    'x-amz-storage-class': 'REDUCED_REDUNDANCY',
    'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
    'content-encoding': 'aws-chunked',
    'x-amz-decoded-content-length': '66560',
    'content-length': '66824',
  }
  const signedHeaders =
    'content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class'
  const authorization = `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/${SCOPE},SignedHeaders=${signedHeaders},Signature=${SEED}`
  return {
    method: 'PUT',
    path: '/examplebucket/chunkObject.txt',
    rawQuery: '',
    headers: { ...headers, authorization },
    body: content,
  }
}

function verify(request: WireRequest): Buffer {
  const signed = readSignature(request)
  if (!signed) throw new Error('not signed')
  return verifySignature(request, signed, SECRET, NOW, { service: 's3' })
}

test('AWS’s example verifies, and its body comes out whole', () => {
  expect(verify(upload(body)).equals(Buffer.alloc(66_560, 'a'))).toBe(true)
})

test('one other byte in a chunk is refused', () => {
  const tampered = Buffer.from(body)
  tampered.writeUInt8(98, 40_000)
  expect(() => verify(upload(tampered))).toThrow('does not match')
})

test('a chunk left out is refused', () => {
  const withoutSecond = Buffer.concat([body.subarray(0, 65_626), body.subarray(66_738)])
  expect(withoutSecond.includes('400;chunk-signature')).toBe(false)
  expect(() => verify(upload(withoutSecond))).toThrow('does not match')
})

test.each(['', '5\r\nabc', 'zz\r\nabc\r\n', '3\r\nabc\r\n'])('a coding that is broken is no body: %j', (text) => {
  expect(decodeChunkedBody(Buffer.from(text), undefined)).toBeUndefined()
})

test('unsigned chunks with a trailer are joined', () => {
  const text = '3\r\nabc\r\n2\r\nde\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n'
  expect(decodeChunkedBody(Buffer.from(text), undefined)?.toString()).toBe('abcde')
})

test('a signed trailer is verified', () => {
  const key = deriveSigningKey(SECRET, { date: '20130524', region: 'us-east-1', service: 's3' })
  const signing = { key, amzDate: '20130524T000000Z', scope: SCOPE, seedSignature: SEED }
  const sign = (algorithm: string, rest: string): string =>
    createHmac('sha256', key).update(`${algorithm}\n${signing.amzDate}\n${SCOPE}\n${rest}`).digest('hex')
  const last = sign('AWS4-HMAC-SHA256-PAYLOAD', `${SEED}\n${sha256('')}\n${sha256('')}`)
  const trailer = 'x-amz-checksum-crc32c:sOO8/Q==\n'
  const trailerSignature = sign('AWS4-HMAC-SHA256-TRAILER', `${last}\n${sha256(trailer)}`)
  const text = (checksum: string): Buffer =>
    Buffer.from(
      `0;chunk-signature=${last}\r\nx-amz-checksum-crc32c:${checksum}\r\nx-amz-trailer-signature:${trailerSignature}\r\n\r\n`,
    )
  expect(decodeChunkedBody(text('sOO8/Q=='), signing)?.length).toBe(0)
  expect(decodeChunkedBody(text('AAAAAA=='), signing)).toBeUndefined()
})
