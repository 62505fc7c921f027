/** Telling requests apart before anything is verified. */
import { expect, test } from 'vitest'
import { identify } from './identify.ts'
import type { WireRequest } from './message.ts'
import { serviceDescriptions } from './service-model.ts'

function request(parts: Partial<WireRequest>): WireRequest {
  return { method: 'POST', path: '/', rawQuery: '', headers: {}, body: Buffer.alloc(0), ...parts }
}

function signedFor(service: string): Record<string, string> {
  const credential = `AKIAIOSFODNN7EXAMPLE/20260112/us-east-1/${service}/aws4_request`
  return { authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=${'0'.repeat(64)}` }
}

const form = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }

test('a target header names service and operation', () => {
  const headers = { 'x-amz-target': 'AWSOrganizationsV20161128.ListAccounts' }
  expect(identify(request({ headers }), serviceDescriptions)).toEqual({
    service: 'organizations',
    protocol: 'awsJson1_1',
    operationName: 'ListAccounts',
  })
})

test('a target may be qualified by a package', () => {
  const headers = { 'x-amz-target': 'com.amazonaws.logs.Logs_20140328.PutLogEvents' }
  expect(identify(request({ headers }), serviceDescriptions)).toMatchObject({
    service: 'logs',
    operationName: 'PutLogEvents',
  })
})

test('a target of no service is still answered in the form of the service it was signed for', () => {
  const headers = { ...signedFor('logs'), 'x-amz-target': 'Elsewhere.DoSomething' }
  expect(identify(request({ headers }), serviceDescriptions)).toEqual({ service: 'logs', protocol: 'awsJson1_1' })
})

test('a signed form is for the service in the credential scope, whatever version it gives', () => {
  const body = Buffer.from('Action=GetCallerIdentity&Version=2000-01-01')
  expect(identify(request({ headers: { ...signedFor('sts'), ...form }, body }), serviceDescriptions)).toMatchObject({
    service: 'sts',
    protocol: 'awsQuery',
    operationName: 'GetCallerIdentity',
  })
})

test('an unsigned form is for the service of its version', () => {
  const body = Buffer.from('Action=AssumeRoleWithWebIdentity&Version=2011-06-15')
  expect(identify(request({ headers: form, body }), serviceDescriptions)?.service).toBe('sts')
  expect(
    identify(request({ headers: form, body: Buffer.from('Action=A&Version=1999-01-01') }), serviceDescriptions),
  ).toBeUndefined()
})

test('a form may stand in the query string', () => {
  const rawQuery = 'Version=2010-05-08&Action=ListUsers'
  expect(identify(request({ method: 'GET', rawQuery }), serviceDescriptions)).toMatchObject({
    service: 'iam',
    operationName: 'ListUsers',
  })
})

test('of several values of one parameter the first counts', () => {
  const body = Buffer.from('Action=GetCallerIdentity&Action=Nope&Version=2011-06-15&Version=2000-01-01')
  const identified = identify(request({ headers: form, body }), serviceDescriptions)
  expect(identified?.operationName).toBe('GetCallerIdentity')
  expect(identified?.form?.get('Version')).toBe('2011-06-15')
})

test('REST requests are known by their scope, in a header or a presigned URL, or by a dated path', () => {
  const path = '/2015-03-31/functions/f/invocations'
  const lambda = { service: 'lambda', protocol: 'restJson1' }
  expect(identify(request({ path, headers: signedFor('lambda') }), serviceDescriptions)).toEqual(lambda)
  expect(identify(request({ path }), serviceDescriptions)).toEqual(lambda)
  const rawQuery = 'X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20260112%2Fus-east-1%2Flambda%2Faws4_request'
  expect(identify(request({ path: '/nowhere', rawQuery }), serviceDescriptions)).toEqual(lambda)
})

test('what names no service of ours is not identified', () => {
  expect(identify(request({ path: '/favicon.ico', method: 'GET' }), serviceDescriptions)).toBeUndefined()
  expect(identify(request({ path: '/bucket/key', headers: signedFor('s3') }), serviceDescriptions)).toBeUndefined()
})

test('a scope named like something every object has is no service', () => {
  expect(identify(request({ headers: signedFor('constructor') }), serviceDescriptions)).toBeUndefined()
})

test('a form that cannot be decoded is told apart from one that can', () => {
  const body = Buffer.from('Action=ListUsers&Version=2010-05-08&Path=%ZZ')
  expect(
    identify(request({ headers: { ...signedFor('iam'), ...form }, body }), serviceDescriptions)?.malformedForm,
  ).toBe(true)
})
