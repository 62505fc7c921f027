/** What the SDK would never send, and must be refused in AWS's words. What it does send is in test/sdk/round-trip.test.ts. */
import * as iam from '@aws-sdk/client-iam'
import * as lambda from '@aws-sdk/client-lambda'
import * as logs from '@aws-sdk/client-cloudwatch-logs'
import * as sts from '@aws-sdk/client-sts'
import { describe, expect, test } from 'vitest'
import { constraints as lambdaConstraints } from './constraints/lambda.ts'
import { constraints as stsConstraints } from './constraints/sts.ts'
import { identify } from './identify.ts'
import type { WireRequest } from './message.ts'
import { readInput } from './read.ts'
import { createServiceModel, serviceDescriptions } from './service-model.ts'

const models = {
  lambda: createServiceModel(serviceDescriptions.lambda, lambda, lambdaConstraints),
  iam: createServiceModel(serviceDescriptions.iam, iam),
  sts: createServiceModel(serviceDescriptions.sts, sts, stsConstraints),
  logs: createServiceModel(serviceDescriptions.logs, logs),
}

function read(service: keyof typeof models, parts: Partial<WireRequest>) {
  const credential = `Credential=AKIDEXAMPLE/20260112/us-east-1/${service}/aws4_request`
  const headers = { ...parts.headers, authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host, Signature=x` }
  const request: WireRequest = { method: 'POST', path: '/', rawQuery: '', body: Buffer.alloc(0), ...parts, headers }
  const identified = identify(request, serviceDescriptions)
  if (!identified) throw new Error('not identified')
  return readInput(models[service], identified, request)
}

function readForm(service: 'iam' | 'sts', body: string) {
  return read(service, { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: Buffer.from(body) })
}

function error(name: string, message: string, status: number): Error {
  return expect.objectContaining({ name, message, status }) as Error
}

describe('STS', () => {
  test.each([
    ['Action=NoSuchAction&Version=2011-06-15', 'Could not find operation NoSuchAction for version 2011-06-15'],
    ['Action=GetCallerIdentity', 'Could not find operation GetCallerIdentity for version NO_VERSION_SPECIFIED'],
    ['Action=GetCallerIdentity&Version=', 'Could not find operation GetCallerIdentity for version '],
    [
      'Action=GetCallerIdentity&Version=2000-01-01',
      'Could not find operation GetCallerIdentity for version 2000-01-01',
    ],
    ['Action=&Version=2011-06-15', 'Could not find operation  for version 2011-06-15'],
  ])('finds no operation in %s', (body, message) => {
    expect(() => readForm('sts', body)).toThrow(error('InvalidAction', message, 400))
  })

  test.each([
    ['', 'missing value for decimal type'],
    ['abc', ''],
    ['900.0', ''],
    ['2147483648', ''],
    ['-2147483649', ''],
  ])('cannot read the duration %j', (duration, message) => {
    const body = `Action=AssumeRole&Version=2011-06-15&DurationSeconds=${duration}`
    expect(() => readForm('sts', body)).toThrow(error('MalformedInput', message, 400))
  })

  test.each([
    ['%2B900', 900],
    ['0900', 900],
    ['-1', -1],
  ])('reads the duration %s', (duration, seconds) => {
    const body = `Action=AssumeRole&Version=2011-06-15&DurationSeconds=${duration}`
    expect(readForm('sts', body).input).toEqual({ DurationSeconds: seconds })
  })

  test('takes the first of several values, and ignores what it does not know', () => {
    const body = 'Action=AssumeRole&Version=2011-06-15&RoleArn=a&RoleArn=b&Unknown=value'
    expect(readForm('sts', body).input).toEqual({ RoleArn: 'a' })
  })
})

test('a form that cannot be decoded is malformed', () => {
  const body = 'Action=ListUsers&Version=2010-05-08&Path=%ZZ'
  expect(() => readForm('iam', body)).toThrow(expect.objectContaining({ name: 'MalformedQueryString' }) as Error)
})

test('an empty list and an empty text are told apart from none', () => {
  const body = 'Action=TagRole&Version=2010-05-08&RoleName=&Tags='
  expect(readForm('iam', body).input).toEqual({ RoleName: '', Tags: [] })
})

test('gaps in a list are closed', () => {
  const body = 'Action=UntagRole&Version=2010-05-08&TagKeys.member.7=b&TagKeys.member.2=a&TagKeys.member.x=c'
  expect(readForm('iam', body).input).toEqual({ TagKeys: ['a', 'b'] })
})

describe('Lambda', () => {
  test('knows no operation at a path of none, and says which path', () => {
    expect(() => read('lambda', { path: '/2015-03-31/nothing' })).toThrow(
      error('UnknownOperationException', 'No operation at POST /2015-03-31/nothing', 404),
    )
  })

  test('reads numbers from the query', () => {
    const request = { method: 'GET', path: '/2015-03-31/functions' }
    expect(read('lambda', { ...request, rawQuery: 'MaxItems=10' }).input).toEqual({ MaxItems: 10 })
    expect(() => read('lambda', { ...request, rawQuery: 'MaxItems=ten' })).toThrow(
      error('SerializationException', 'STRING_VALUE can not be converted to an Integer', 400),
    )
  })

  test('takes any bytes as the payload of Invoke, and none as no payload', () => {
    const path = '/2015-03-31/functions/f/invocations'
    const body = Buffer.from([0x87, 0xff])
    expect(read('lambda', { path, body }).input['Payload']).toBe(body)
    expect(read('lambda', { path }).input).toEqual({ FunctionName: 'f' })
  })
})

describe('CloudWatch Logs', () => {
  test('refuses an operation it does not have by name', () => {
    const headers = { 'x-amz-target': 'Logs_20140328.Nope' }
    expect(() => read('logs', { headers })).toThrow(
      error('UnknownOperationException', 'The operation Nope is not known', 400),
    )
  })

  test('takes no empty body for a structure', () => {
    const headers = { 'x-amz-target': 'Logs_20140328.DescribeLogGroups' }
    expect(() => read('logs', { headers })).toThrow(error('SerializationException', '', 400))
    expect(read('logs', { headers, body: Buffer.from('{}') }).input).toEqual({})
  })
})
