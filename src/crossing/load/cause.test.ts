/** Answers as Lambda gives them, and the causes they are counted under. */
import { describe, expect, it } from 'vitest'

import { causeOf, causeOfSilence, CLIENT_TIMEOUT, messageOf, type Answer } from './cause.ts'

function answer(status: number, errorType: string | undefined, body: object | string, functionError?: string): Answer {
  return { status, errorType, functionError, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) }
}

const CALL =
  'User: arn:aws:sts::111122223333:assumed-role/caller-role/caller is not authorized to perform: lambda:InvokeFunction on resource: arn:aws:lambda:us-east-1:444455556666:function:callee:prod'
const denied = (reason: string) => answer(403, 'AccessDeniedException', { Message: `${CALL} ${reason}` })
const failed = (body: object) => answer(200, undefined, body, 'Unhandled')
const isAws = false

describe('an invocation that succeeded', () => {
  it.each([200, 202, 204])('has no cause: %d', (status) => {
    expect(causeOf(answer(status, undefined, 'null'), isAws)).toBeUndefined()
  })
})

describe('a denial', () => {
  it.each([
    ['because no identity-based policy allows the lambda:InvokeFunction action', 'no identity-based policy'],
    ['because no resource-based policy allows the lambda:InvokeFunction action', 'no resource-based policy'],
    ['because no permissions boundary allows the lambda:InvokeFunction action', 'no permissions boundary'],
    ['because no session policy allows the lambda:InvokeFunction action', 'no session policy'],
    ['because no VPC endpoint policy allows the lambda:InvokeFunction action', 'no VPC endpoint policy'],
    ['because no service control policy allows the lambda:InvokeFunction action', 'no service control policy'],
    [
      'with an explicit deny in a service control policy: arn:aws:organizations::000000000001:policy/o-a/service_control_policy/p-b',
      'explicit deny in service control policy',
    ],
    ['with an explicit deny in a resource-based policy', 'explicit deny in resource-based policy'],
  ])('names its layer: %s', (reason, detail) => {
    expect(causeOf(denied(reason), isAws)).toEqual({ kind: 'iam', name: 'AccessDeniedException', detail })
  })

  it('of the log across accounts says so', () => {
    const message = 'Cross-account log access is not allowed'
    expect(causeOf(answer(403, 'AccessDeniedException', { Message: message }), isAws)?.detail).toBe(message)
  })
})

describe('a throttle', () => {
  it('is called by its reason', () => {
    const body = {
      Type: 'User',
      message: 'Rate Exceeded.',
      Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
    }
    const throttled = answer(429, 'TooManyRequestsException', body)
    expect(causeOf(throttled, isAws)).toEqual({
      kind: 'throttle',
      name: 'ReservedFunctionConcurrentInvocationLimitExceeded',
    })
    expect(messageOf(throttled)).toBe('Rate Exceeded.')
  })

  it('without a reason is called by its error', () => {
    expect(causeOf(answer(429, 'TooManyRequestsException:http://internal.amazon.com/', ''), isAws)).toEqual({
      kind: 'throttle',
      name: 'TooManyRequestsException',
    })
  })
})

describe('a function that failed', () => {
  it.each([
    ['its own error', { errorType: 'OrderRejected', errorMessage: 'no' }, 'function-error', 'OrderRejected', undefined],
    [
      'an exit',
      { errorType: 'Runtime.ExitError', errorMessage: 'RequestId: x' },
      'function-error',
      'Runtime.ExitError',
      undefined,
    ],
    ['no type', { errorMessage: 'no' }, 'function-error', 'Unhandled', undefined],
    [
      'a timeout',
      { errorType: 'Sandbox.Timedout', errorMessage: 'RequestId: x Error: Task timed out after 1.00 seconds' },
      'timeout',
      'Sandbox.Timedout',
      'handler',
    ],
    [
      'a timeout of before 2025',
      { errorMessage: '2024-03-01T10:00:00.000Z x Task timed out after 3.00 seconds' },
      'timeout',
      'Sandbox.Timedout',
      'handler',
    ],
    [
      'a host it cannot reach',
      { errorType: 'Error', errorMessage: 'connect ETIMEDOUT 10.0.0.5:5432' },
      'network',
      'Error',
      'ETIMEDOUT',
    ],
    [
      'a PostgreSQL that is full',
      { errorType: 'error', errorMessage: 'sorry, too many clients already' },
      'downstream-connections',
      'error',
      'too many clients already',
    ],
    [
      'a MySQL that is full, as Python says it',
      { errorType: 'OperationalError', errorMessage: "(1040, 'Too many connections')" },
      'downstream-connections',
      'OperationalError',
      'Too many connections',
    ],
    [
      'a Redis that is full',
      { errorType: 'ReplyError', errorMessage: 'ERR max number of clients reached' },
      'downstream-connections',
      'ReplyError',
      'max number of clients reached',
    ],
  ])('with %s', (_what, body, kind, name, detail) => {
    expect(causeOf(failed(body), isAws)).toEqual({ kind, name, ...(detail !== undefined && { detail }) })
  })
})

describe('what stands between Lambda and a VPC', () => {
  it.each([
    ['ENILimitReachedException', 'eni'],
    ['SubnetIPAddressLimitReachedException', 'subnet-addresses'],
    ['EC2ThrottledException', 'ec2-rate'],
    ['EC2AccessDeniedException', 'vpc'],
    ['ENINotReadyException', 'vpc'],
    ['ResourceNotReadyException', 'vpc'],
  ])('is told apart: %s', (name, kind) => {
    expect(causeOf(answer(502, name, { Type: 'User', Message: 'x' }), isAws)).toEqual({ kind, name })
  })
})

describe('every other answer', () => {
  it('of Isthmus that its machine is full is not AWS’s own failure', () => {
    const full = answer(500, 'ServiceException', { Message: 'all `100` execution environments were busy' })
    expect(causeOf(full, true)).toEqual({ kind: 'host-capacity', name: 'ServiceException' })
    expect(causeOf(full, false)).toEqual({ kind: 'service', name: 'ServiceException' })
  })

  it.each([
    [409, 'ResourceConflictException', 'function-state'],
    [404, 'ResourceNotFoundException', 'function-state'],
    [403, 'ExpiredTokenException', 'credentials'],
    [400, 'InvalidRequestContentException', 'request'],
    [413, 'RequestEntityTooLargeException', 'request'],
  ])('%d %s is of kind %s', (status, name, kind) => {
    expect(causeOf(answer(status, name, {}), isAws)).toEqual({ kind, name })
  })

  it('that is nobody’s has its status for a name', () => {
    expect(causeOf(answer(503, undefined, '<html>'), isAws)).toEqual({ kind: 'service', name: 'HTTP 503' })
    expect(messageOf(answer(503, undefined, '<html>'))).toBe('')
  })
})

it('silence is called by what the system says of the connection', () => {
  expect([CLIENT_TIMEOUT, 'ECONNREFUSED', 'ETIMEDOUT'].map(causeOfSilence)).toEqual([
    { kind: 'client-timeout', name: 'ClientTimeout' },
    { kind: 'connection', name: 'ECONNREFUSED' },
    { kind: 'connection', name: 'ETIMEDOUT', detail: 'connecting' },
  ])
})
