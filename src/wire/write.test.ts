/** The bodies AWS was recorded to send, and the envelopes around them. */
import * as iam from '@aws-sdk/client-iam'
import * as lambda from '@aws-sdk/client-lambda'
import * as logs from '@aws-sdk/client-cloudwatch-logs'
import * as organizations from '@aws-sdk/client-organizations'
import * as sts from '@aws-sdk/client-sts'
import { describe, expect, test } from 'vitest'
import { AwsError } from '../core/aws-error.ts'
import { createServiceModel, serviceDescriptions, type ServiceModel } from './service-model.ts'
import { writeError, writeOutput } from './write.ts'

const ID = '12345678-1234-4234-8234-123456789012'
const models = {
  lambda: createServiceModel(serviceDescriptions.lambda, lambda),
  iam: createServiceModel(serviceDescriptions.iam, iam),
  sts: createServiceModel(serviceDescriptions.sts, sts),
  organizations: createServiceModel(serviceDescriptions.organizations, organizations),
  logs: createServiceModel(serviceDescriptions.logs, logs),
}

function errorOf(model: ServiceModel, error: AwsError) {
  return writeError({ model, protocol: model.description.protocol }, error, ID)
}

function output(model: ServiceModel, name: string, value: object) {
  const operation = model.operation(name)
  if (!operation) throw new Error(`no operation ${name}`)
  return writeOutput(model, model.description.protocol, operation, value, ID)
}

describe('a Lambda error', () => {
  test('has its name in a header, and Type and Message as its shape spells them', () => {
    const { status, headers, body } = errorOf(
      models.lambda,
      new AwsError('ResourceNotFoundException', 'Function not found: f'),
    )
    expect(status).toBe(404)
    expect(headers['x-amzn-errortype']).toBe('ResourceNotFoundException')
    expect(headers['x-amzn-requestid']).toBe(ID)
    expect(body).toBe('{"Type":"User","Message":"Function not found: f"}')
  })

  test('spells message with a small letter where its shape does', () => {
    const { status, body } = errorOf(models.lambda, new AwsError('ResourceConflictException', 'exists'))
    expect([status, body]).toEqual([409, '{"Type":"User","message":"exists"}'])
  })

  test('of the service’s own fault says Service', () => {
    const { status, body } = errorOf(models.lambda, new AwsError('ServiceException', 'oops'))
    expect([status, body]).toEqual([500, '{"Type":"Service","Message":"oops"}'])
  })

  test('leaves Type out where it was thrown without', () => {
    const error = new AwsError('InvalidParameterValueException', 'no', { fields: { Type: undefined } })
    expect(errorOf(models.lambda, error).body).toBe('{"message":"no"}')
  })

  test('about throttling carries the reason and when to try again', () => {
    const fields = { Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded', retryAfterSeconds: '1' }
    const { status, headers, body } = errorOf(
      models.lambda,
      new AwsError('TooManyRequestsException', 'Rate Exceeded.', { fields }),
    )
    expect(status).toBe(429)
    expect(headers['retry-after']).toBe('1')
    expect(JSON.parse(body as string)).toEqual({
      Type: 'User',
      message: 'Rate Exceeded.',
      Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
    })
  })

  test.each([
    ['ValidationException', 400, '{"message":"no"}'],
    ['AccessDeniedException', 403, '{"Message":"no"}'],
    ['RequestEntityTooLargeException', 413, '{"Message":"no"}'],
    ['SerializationException', 400, '{"Message":"no"}'],
  ])('outside the model: %s', (name, status, body) => {
    expect(errorOf(models.lambda, new AwsError(name, 'no'))).toMatchObject({ status, body })
  })
})

describe('a query-protocol error', () => {
  test('has the code of the query protocol, not the shape’s name, and is indented as AWS indents it', () => {
    const { status, headers, body } = errorOf(models.iam, new AwsError('NoSuchEntityException', 'no <role>'))
    expect([status, headers['content-type']]).toEqual([404, 'text/xml'])
    expect(body).toBe(`<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <Error>
    <Type>Sender</Type>
    <Code>NoSuchEntity</Code>
    <Message>no &lt;role&gt;</Message>
  </Error>
  <RequestId>${ID}</RequestId>
</ErrorResponse>
`)
  })

  test('without a message has no element for it', () => {
    const { body } = errorOf(models.sts, new AwsError('MalformedInput', ''))
    expect(body).not.toContain('Message')
  })

  test('from before the service has AWS’s own namespace', () => {
    const error = new AwsError('InvalidAction', 'Could not find operation X for version 2011-06-15')
    expect(errorOf(models.sts, error).body).toContain('xmlns="http://webservices.amazon.com/AWSFault/2005-15-09"')
  })

  test('of the server’s fault names the receiver', () => {
    expect(errorOf(models.sts, new AwsError('InternalFailure', 'oops'))).toMatchObject({
      status: 500,
      body: expect.stringContaining('<Type>Receiver</Type>') as string,
    })
  })
})

describe('a JSON RPC error', () => {
  test('has its name in the body, and 400 whatever its shape says', () => {
    const { status, body } = errorOf(models.organizations, new AwsError('PolicyNotFoundException', 'none'))
    expect([status, body]).toEqual([400, '{"__type":"PolicyNotFoundException","Message":"none"}'])
  })

  test('spells message as its shape does', () => {
    const { body } = errorOf(
      models.logs,
      new AwsError('ResourceNotFoundException', 'The specified log group does not exist.'),
    )
    expect(body).toBe('{"__type":"ResourceNotFoundException","message":"The specified log group does not exist."}')
  })

  test('without a message is only a name', () => {
    expect(errorOf(models.logs, new AwsError('SerializationException', '')).body).toBe(
      '{"__type":"SerializationException"}',
    )
  })
})

test('a REST output has its members where their bindings put them', () => {
  const invoked = { StatusCode: 200, ExecutedVersion: '$LATEST', Payload: Buffer.from('null') }
  expect(output(models.lambda, 'Invoke', invoked)).toEqual({
    status: 200,
    headers: { 'content-type': 'application/json', 'x-amz-executed-version': '$LATEST', 'x-amzn-requestid': ID },
    body: Buffer.from('null'),
  })
  expect(output(models.lambda, 'Invoke', { StatusCode: 202 })).toMatchObject({ status: 202, body: '' })
  expect(output(models.lambda, 'InvokeAsync', { Status: 202 })).toMatchObject({ status: 202, body: '' })
  expect(output(models.lambda, 'DeleteAlias', {})).toMatchObject({ status: 204, body: '' })
  expect(output(models.lambda, 'CreateAlias', { Name: 'a' })).toMatchObject({ status: 201, body: '{"Name":"a"}' })
})

test('a query-protocol output is enveloped and indented as AWS’s are', () => {
  const { body } = output(models.sts, 'GetCallerIdentity', {
    Arn: 'arn:aws:iam::111122223333:root',
    UserId: '1',
    Account: '2',
  })
  expect(body).toBe(`<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetCallerIdentityResult>
    <UserId>1</UserId>
    <Account>2</Account>
    <Arn>arn:aws:iam::111122223333:root</Arn>
  </GetCallerIdentityResult>
  <ResponseMetadata>
    <RequestId>${ID}</RequestId>
  </ResponseMetadata>
</GetCallerIdentityResponse>
`)
  expect(output(models.iam, 'DeleteRole', {}).body).not.toContain('Result>')
})

test('members that the shape does not have are left out', () => {
  expect(output(models.organizations, 'DescribePolicy', { Secret: 1 }).body).toBe('{}')
})
