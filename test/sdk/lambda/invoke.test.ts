/** Invoke and InvokeAsync within one account: kinds, qualifiers, logs, payloads, errors. */
import { DeleteRoleCommand, DetachRolePolicyCommand, IAMClient } from '@aws-sdk/client-iam'
import {
  CreateAliasCommand,
  InvokeAsyncCommand,
  InvokeCommand,
  PublishVersionCommand,
  type InvokeCommandInput,
  type LambdaClient,
} from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'
import {
  arnOf,
  createRole,
  deploy,
  failure,
  failureOf,
  invalid,
  invalidParameter,
  lambdaOf,
  notFound,
  payloadOf,
  iamOf,
} from './support.ts'

let cloud: TestCloud
let lambda: LambdaClient
let role: string

beforeAll(async () => {
  cloud = await startCloud()
  lambda = lambdaOf(cloud, 'target')
  role = await createRole(iamOf(cloud, 'target'), 'execution')
  await deploy(lambda, 'echo', { Role: role })
  await lambda.send(new PublishVersionCommand({ FunctionName: 'echo' }))
  await lambda.send(new CreateAliasCommand({ FunctionName: 'echo', Name: 'live', FunctionVersion: '1' }))
})
afterAll(() => cloud.close())

const invoke = (more: Partial<InvokeCommandInput>) => lambda.send(new InvokeCommand({ FunctionName: 'echo', ...more }))

describe('a synchronous invocation', () => {
  test('answers what the function returned, under the id of the request', async () => {
    const answer = await invoke({ Payload: Buffer.from('{"a":[1,"ü"]}') })
    expect(answer.$metadata.httpStatusCode).toBe(200)
    expect(answer.StatusCode).toBe(200)
    expect(answer.ExecutedVersion).toBe('$LATEST')
    expect(answer.FunctionError).toBeUndefined()
    expect(answer.LogResult).toBeUndefined()
    expect(payloadOf(answer)).toMatchObject({
      event: { a: [1, 'ü'] },
      arn: arnOf('target', 'echo'),
      version: '$LATEST',
      requestId: answer.$metadata.requestId,
    })
  })

  test('runs what the qualifier stands for, and tells the function how it was called', async () => {
    const expectations: readonly (readonly [Partial<InvokeCommandInput>, string, string | undefined])[] = [
      [{ Qualifier: '1' }, '1', '1'],
      [{ Qualifier: 'live' }, '1', 'live'],
      [{ FunctionName: 'echo:live' }, '1', 'live'],
      [{ FunctionName: arnOf('target', 'echo', '1') }, '1', '1'],
      [{ FunctionName: '444455556666:function:echo' }, '$LATEST', undefined],
      [{ Qualifier: '$LATEST' }, '$LATEST', '$LATEST'],
      [{ FunctionName: 'echo:live', Qualifier: 'live' }, '1', 'live'],
    ]
    for (const [input, version, qualifier] of expectations) {
      const answer = await invoke(input)
      expect(answer.ExecutedVersion).toBe(version)
      expect(payloadOf(answer)).toMatchObject({ version, arn: arnOf('target', 'echo', qualifier) })
    }
  })

  test('without a payload gives the function an empty object', async () => {
    expect(payloadOf(await invoke({}))).toMatchObject({ event: {} })
  })

  test('carries a client context', async () => {
    // However it is written, it has to fit into a header.
    for (const text of ['{"custom":{"k":"v ☃"}}', '{\r\n\t"custom": {\n\t\t"k": "v ☃"\n\t}\n}\n']) {
      const ClientContext = Buffer.from(text).toString('base64')
      expect(payloadOf(await invoke({ ClientContext }))).toMatchObject({ client: { custom: { k: 'v ☃' } } })
    }
    expect(await failureOf(invoke({ ClientContext: Buffer.from('{').toString('base64') }))).toMatchObject({
      name: 'InvalidRequestContentException',
    })
  })

  test('answers the tail of the log when asked', async () => {
    const answer = await invoke({ LogType: 'Tail' })
    const log = Buffer.from(answer.LogResult ?? '', 'base64').toString()
    const id = answer.$metadata.requestId
    expect(log).toMatch(new RegExp(`START RequestId: ${id} Version: \\$LATEST\n`))
    expect(log).toMatch(new RegExp(`END RequestId: ${id}\nREPORT RequestId: ${id}\t`))
  })

  test('that fails in the function is a success with an error', async () => {
    await deploy(lambda, 'failing', {
      Role: role,
      code: 'exports.handler = async () => { throw new RangeError("no") }',
    })
    const answer = await invoke({ FunctionName: 'failing' })
    expect(answer).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled', ExecutedVersion: '$LATEST' })
    expect(payloadOf(answer)).toMatchObject({ errorType: 'RangeError', errorMessage: 'no' })
  })

  test('that returns nothing answers null', async () => {
    await deploy(lambda, 'silent', { Role: role, code: 'exports.handler = async () => {}' })
    const answer = await invoke({ FunctionName: 'silent' })
    expect(Buffer.from(answer.Payload ?? []).toString()).toBe('null')
  })

  test('sends the headers of AWS that its model does not list', async () => {
    const client = lambdaOf(cloud, 'target')
    let headers: Readonly<Record<string, string>> = {}
    client.middlewareStack.add(
      (next) => async (request) => {
        const answer = await next(request)
        headers = (answer.response as { readonly headers: Readonly<Record<string, string>> }).headers
        return answer
      },
      { step: 'deserialize', priority: 'low' },
    )
    await client.send(new InvokeCommand({ FunctionName: 'echo' }))
    expect(headers['x-amzn-remapped-content-length']).toBe('0')
    expect(headers['x-amzn-trace-id']).toMatch(
      /^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0;Lineage=1:[0-9a-f]{8}:0$/,
    )
  })

  test('has credentials of the execution role, one session per function', async () => {
    await deploy(lambda, 'whoami', {
      Role: role,
      code: `const { STSClient, GetCallerIdentityCommand } = require('@aws-sdk/client-sts')
        exports.handler = async () => (await new STSClient({}).send(new GetCallerIdentityCommand({}))).Arn`,
      Timeout: 10,
    })
    expect(payloadOf(await invoke({ FunctionName: 'whoami' }))).toBe(
      'arn:aws:sts::444455556666:assumed-role/execution/whoami',
    )
  })
})

describe('a dry run', () => {
  test('checks and runs nothing', async () => {
    const answer = await invoke({ InvocationType: 'DryRun' })
    expect(answer.StatusCode).toBe(204)
    expect(answer.ExecutedVersion).toBeUndefined()
    expect(await failureOf(invoke({ FunctionName: 'nobody', InvocationType: 'DryRun' }))).toMatchObject({ status: 404 })
  })
})

describe('refused are', () => {
  test('functions, versions and aliases that do not exist', async () => {
    expect(await failureOf(invoke({ FunctionName: 'doesnotexist' }))).toEqual(
      notFound(`Function not found: ${arnOf('target', 'doesnotexist', '$LATEST')}`),
    )
    expect(await failureOf(invoke({ Qualifier: 'non-existent-alias' }))).toEqual(
      notFound(`Function not found: ${arnOf('target', 'echo', 'non-existent-alias')}`),
    )
    expect(await failureOf(invoke({ Qualifier: '99', InvocationType: 'Event' }))).toEqual(
      notFound(`Function not found: ${arnOf('target', 'echo', '99')}`),
    )
  })

  test('names that cannot be read', async () => {
    const name = 'arn:aws:lambda:us-east-1:123400000000@function:myfn'
    expect(await failureOf(invoke({ FunctionName: name }))).toEqual(
      invalid(
        `1 validation error detected: Value '${name}' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?([a-zA-Z0-9-_\\.]+)(:(\\$LATEST(\\.PUBLISHED)?|[a-zA-Z0-9-_]+))?`,
      ),
    )
    expect(await failureOf(invoke({ FunctionName: 'echo:1', Qualifier: 'live' }))).toEqual(
      invalidParameter('The derived qualifier from the function name does not match the specified qualifier.'),
    )
    expect(await failureOf(invoke({ InvocationType: 'Sideways' as 'Event' }))).toMatchObject({
      name: 'ValidationException',
    })
  })

  test('payloads that are not JSON, in the words of Lambda’s parser', async () => {
    const at = (column: number) =>
      `[Source: REDACTED (\`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION\` disabled); line: 1, column: ${column}]`
    const refusal = (problem: string, column: number) =>
      failure(
        'InvalidRequestContentException',
        400,
        `Could not parse request body into json: Could not parse payload into json: ${problem}\n at ${at(column)}`,
        'User',
      )
    for (const InvocationType of ['RequestResponse', 'Event'] as const) {
      expect(
        await failureOf(invoke({ InvocationType, Payload: Buffer.from('\x99\xeb,j\x07\xa1zYh', 'latin1') })),
      ).toEqual(
        refusal(
          "Unexpected character ((CTRL-CHAR, code 153)): expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
          1,
        ),
      )
      expect(
        await failureOf(
          invoke({ InvocationType, Payload: Buffer.from('n\x87r\x9e\xe9\xb5\xd7I\xee\x9bmt', 'latin1') }),
        ),
      ).toEqual(refusal('Invalid UTF-8 start byte 0x87', 3))
    }
  })

  test('payloads that are too large, sooner for events', async () => {
    const Payload = (bytes: number) => Buffer.from(JSON.stringify('x'.repeat(bytes - 2)))
    const tooLarge = (bytes: number) =>
      expect.objectContaining({
        name: 'RequestEntityTooLargeException',
        status: 413,
        message: `Request must be smaller than ${bytes} bytes for the InvokeFunction operation`,
      }) as unknown
    expect(await failureOf(invoke({ Payload: Payload(6_291_457) }))).toEqual(tooLarge(6_291_456))
    expect(await failureOf(invoke({ Payload: Payload(1_048_577), InvocationType: 'Event' }))).toEqual(
      tooLarge(1_048_576),
    )
    expect((await invoke({ Payload: Payload(1_048_577), InvocationType: 'DryRun' })).StatusCode).toBe(204)
  })

  test('by name: parameters that are not honoured', async () => {
    expect(await failureOf(invoke({ DurableExecutionName: 'x' }))).toMatchObject({ status: 501 })
    expect(await failureOf(invoke({ TenantId: 'x' }))).toMatchObject({ status: 501 })
  })

  test('functions whose role is gone', async () => {
    const orphaned = await createRole(iamOf(cloud, 'target'), 'orphaned')
    await deploy(lambda, 'orphan', { Role: orphaned })
    const iam = cloud.client(IAMClient, 'target')
    await iam.send(
      new DetachRolePolicyCommand({
        RoleName: 'orphaned',
        PolicyArn: 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole',
      }),
    )
    await iam.send(new DeleteRoleCommand({ RoleName: 'orphaned' }))
    expect(await failureOf(invoke({ FunctionName: 'orphan' }))).toEqual(
      failure('AccessDeniedException', 403, 'The role defined for the function cannot be assumed by Lambda.'),
    )
  })
})

test('the deprecated InvokeAsync takes events, too, and smaller ones', async () => {
  const { $metadata } = await lambda.send(
    new InvokeAsyncCommand({ FunctionName: 'echo', InvokeArgs: Buffer.from('{}') }),
  )
  expect($metadata.httpStatusCode).toBe(202)
  expect(
    await failureOf(
      lambda.send(
        new InvokeAsyncCommand({ FunctionName: 'echo', InvokeArgs: Buffer.from(JSON.stringify('x'.repeat(262_144))) }),
      ),
    ),
  ).toMatchObject({
    status: 413,
    message: 'Request must be smaller than 262144 bytes for the InvokeAsync operation',
  })
})
