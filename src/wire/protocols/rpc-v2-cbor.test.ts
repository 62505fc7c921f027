/** CBOR that the SDK would never send. What it does send is in test/sdk/round-trip.test.ts. */
import * as cloudwatch from '@aws-sdk/client-cloudwatch'
import { cbor, tag } from '@smithy/core/cbor'
import * as fc from 'fast-check'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'

import { AwsError } from '../../core/aws-error.ts'
import { constraints } from '../constraints/cloudwatch.ts'
import { decodeCbor } from '../cbor-decoder.ts'
import { identify } from '../identify.ts'
import { readInput } from '../read.ts'
import { createServiceModel, serviceDescriptions } from '../service-model.ts'

const model = createServiceModel(serviceDescriptions.monitoring, cloudwatch, constraints)
const PATH = '/service/GraniteServiceVersion20100801/operation'

function read(operation: string, body: Uint8Array, headers: Readonly<Record<string, string>> = {}) {
  const request = {
    method: 'POST',
    path: `${PATH}/${operation}`,
    rawQuery: '',
    headers: { 'smithy-protocol': 'rpc-v2-cbor', 'content-type': 'application/cbor', ...headers },
    body: Buffer.from(body),
  }
  const identified = identify(request, serviceDescriptions)
  if (!identified) throw new Error('not identified')
  return readInput(model, identified, request).input
}

const refused = expect.objectContaining({ name: 'SerializationException', status: 400 }) as Error

test('a path names the service and the operation', () => {
  expect(() => read('NoSuchOperation', cbor.serialize({}))).toThrow(
    expect.objectContaining({ name: 'UnknownOperationException', status: 404 }),
  )
  const request = { method: 'POST', rawQuery: '', headers: { 'smithy-protocol': 'rpc-v2-cbor' }, body: Buffer.alloc(0) }
  for (const path of ['/', '/service/Nobody/operation/GetMetricData', `${PATH}/`])
    expect(identify({ ...request, path }, serviceDescriptions)).toBeUndefined()
})

test('a body may be empty, and what is unknown or null in it is not there', () => {
  expect(read('ListMetrics', new Uint8Array())).toEqual({})
  expect(read('ListMetrics', cbor.serialize({ Namespace: null, Unknown: 1, MetricName: 'm' }))).toEqual({
    MetricName: 'm',
  })
})

test('whole numbers lose their fraction, and times come in both forms', () => {
  const input = { Namespace: 'n', MetricName: 'm', Period: 60.9, StartTime: tag({ tag: 1, value: 1.5 }) }
  expect(read('GetMetricStatistics', cbor.serialize({ ...input, EndTime: tag({ tag: 1, value: 2 }) }))).toEqual({
    ...input,
    Period: 60,
    StartTime: new Date(1500),
    EndTime: new Date(2000),
  })
})

describe('what is of the wrong type is refused:', () => {
  test.each([
    ['a number for a text', { Namespace: 1 }],
    ['a text for a list', { Dimensions: 'd' }],
    ['a list for a structure', { Dimensions: [[]] }],
    ['bytes for a text', { Namespace: new Uint8Array([1]) }],
    ['a text for a time', { StartTime: '2026-01-12' }],
    ['a number for a time', { StartTime: 1 }],
    ['a text for a number', { Period: '60' }],
    ['no end of time', { StartTime: tag({ tag: 1, value: Number.POSITIVE_INFINITY }) }],
  ])('%s', (_what, document) => {
    expect(() => read('GetMetricStatistics', cbor.serialize(document))).toThrow(refused)
  })

  test('a document that is no map', () => {
    expect(() => read('ListMetrics', cbor.serialize([1]))).toThrow(refused)
  })
})

test('a body that is not what its encoding says is refused', () => {
  const body = cbor.serialize({ Namespace: 'n' })
  const gzip = { 'content-encoding': 'gzip' }
  expect(read('ListMetrics', gzipSync(body), gzip)).toEqual({ Namespace: 'n' })
  expect(() => read('ListMetrics', body, gzip)).toThrow(refused)
  expect(() => read('ListMetrics', gzipSync(Buffer.alloc(16 * 1_048_576)), gzip)).toThrow(refused)
})

test('a count that the bytes do not have room for is refused before room is made', () => {
  for (const bytes of [
    [0x9b, 0, 0, 0, 0, 0x3f, 0xff, 0xff, 0xff],
    [0xbb, 0, 0, 0, 0, 0x3f, 0xff, 0xff, 0xff],
    [0x5b, 0, 0, 0, 0, 0x3f, 0xff, 0xff, 0xff],
    [0xff],
    Array.from({ length: 100 }, () => 0x81),
  ])
    expect(() => read('ListMetrics', Uint8Array.from(bytes))).toThrow(refused)
})

test('what the SDK writes is decoded to the same, in every length of numbers and texts', () => {
  const leaf = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.boolean(),
    fc.constant(null),
    fc.double({ noNaN: true }),
    fc.maxSafeInteger(),
    fc.integer({ min: -300, max: 70_000 }),
    fc.uint8Array({ maxLength: 300 }),
  )
  const { document } = fc.letrec((tie) => ({
    document: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie('document'), { maxLength: 30 }),
      fc.dictionary(fc.string(), tie('document'), { maxKeys: 30, noNullPrototype: true }),
    ),
  }))
  fc.assert(
    fc.property(document, (value) => {
      expect(plain(decodeCbor(Buffer.from(cbor.serialize(value))))).toEqual(plain(value))
    }),
    { numRuns: 300, seed: 20_261_130 },
  )
})

test('pieces of indefinite length are put together, and half a float is a number', () => {
  const bytes = (hex: string) => decodeCbor(Buffer.from(hex, 'hex'))
  // https://www.rfc-editor.org/rfc/rfc8949#appendix-A
  expect(bytes('5f42010243030405ff')).toEqual(Uint8Array.from([1, 2, 3, 4, 5]))
  expect(bytes('7f657374726561646d696e67ff')).toBe('streaming')
  expect(bytes('9f018202039f0405ffff')).toEqual([1, [2, 3], [4, 5]])
  expect(plain(bytes('bf61610161629f0203ffff'))).toEqual({ a: 1, b: [2, 3] })
  expect(['f93c00', 'f93e00', 'f97bff', 'f90001', 'f9c400', 'f97c00'].map(bytes)).toEqual([
    1,
    1.5,
    65_504,
    5.960_464_477_539_063e-8,
    -4,
    Number.POSITIVE_INFINITY,
  ])
})

/** Without prototypes, and with one zero. */
function plain(value: unknown): unknown {
  if (value === 0) return 0
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]))
}

test('any bytes are read or refused, and nothing else happens', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      try {
        read('PutMetricData', bytes)
      } catch (error) {
        expect(error).toBeInstanceOf(AwsError)
      }
    }),
    { numRuns: 2000, seed: 20_261_130 },
  )
})
