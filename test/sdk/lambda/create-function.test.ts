/** CreateFunction: the answer, the way to Active, and everything it refuses. */
import {
  CreateFunctionCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  type CreateFunctionCommandInput,
  type LambdaClient,
} from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ZipFile } from 'yazl'

import { startCloud, type TestCloud } from '../cloud.ts'
import {
  arnOf,
  conflict,
  create,
  createRole,
  deploy,
  failure,
  failureOf,
  invalid,
  invalidParameter,
  lambdaOf,
  notFound,
  untilActive,
  zipOf,
  iamOf,
} from './support.ts'

let cloud: TestCloud
let lambda: LambdaClient
let role: string
let code: Buffer

beforeAll(async () => {
  cloud = await startCloud()
  lambda = lambdaOf(cloud, 'target')
  role = await createRole(iamOf(cloud, 'target'), 'execution')
  code = await zipOf({ 'index.js': 'exports.handler = async () => 1' })
})
afterAll(() => cloud.close())

const send = (more: Partial<CreateFunctionCommandInput>) =>
  lambda.send(
    new CreateFunctionCommand({
      FunctionName: 'refused',
      Role: role,
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Code: { ZipFile: code },
      ...more,
    }),
  )

test('a new function is answered as pending, with AWS’s defaults', async () => {
  const { $metadata, ...answer } = await send({ FunctionName: 'fresh' })
  expect($metadata.httpStatusCode).toBe(201)
  expect(answer).toEqual({
    Architectures: ['x86_64'],
    CodeSha256: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/),
    CodeSize: code.length,
    Description: '',
    EphemeralStorage: { Size: 512 },
    FunctionArn: arnOf('target', 'fresh'),
    FunctionName: 'fresh',
    Handler: 'index.handler',
    LastModified: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/),
    LoggingConfig: { LogFormat: 'Text', LogGroup: '/aws/lambda/fresh' },
    MemorySize: 128,
    PackageType: 'Zip',
    RevisionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    Role: role,
    Runtime: 'nodejs22.x',
    RuntimeVersionConfig: {
      RuntimeVersionArn: expect.stringMatching(/^arn:aws:lambda:us-east-1::runtime:[0-9a-f]{64}$/),
    },
    SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
    State: 'Pending',
    StateReason: 'The function is being created.',
    StateReasonCode: 'Creating',
    Timeout: 3,
    TracingConfig: { Mode: 'PassThrough' },
    Version: '$LATEST',
  })

  await untilActive(lambda, 'fresh')
  const { Configuration, Code } = await lambda.send(new GetFunctionCommand({ FunctionName: 'fresh' }))
  expect(Configuration?.State).toBe('Active')
  expect(Configuration?.LastUpdateStatus).toBe('Successful')
  expect(Configuration?.StateReason).toBeUndefined()
  expect(Configuration?.RevisionId).not.toBe(answer.RevisionId)
  expect(Code?.RepositoryType).toBe('S3')

  const download = await fetch(Code?.Location ?? '')
  expect(Buffer.from(await download.arrayBuffer()).equals(code)).toBe(true)
})

test('settings are kept as given', async () => {
  await deploy(lambda, 'configured', {
    Role: role,
    Description: 'words',
    Timeout: 900,
    MemorySize: 10_240,
    EphemeralStorage: { Size: 10_240 },
    Architectures: ['arm64'],
    Environment: { Variables: { MARK: '1' } },
    LoggingConfig: { LogFormat: 'JSON', LogGroup: '/my/group' },
    VpcConfig: { SubnetIds: [], SecurityGroupIds: [] },
    Layers: [],
    TracingConfig: { Mode: 'PassThrough' },
    SnapStart: { ApplyOn: 'None' },
    Tags: { team: 'a' },
  })
  const { Configuration, Tags } = await lambda.send(new GetFunctionCommand({ FunctionName: 'configured' }))
  expect(Configuration).toMatchObject({
    Description: 'words',
    Timeout: 900,
    MemorySize: 10_240,
    EphemeralStorage: { Size: 10_240 },
    Architectures: ['arm64'],
    Environment: { Variables: { MARK: '1' } },
    LoggingConfig: {
      LogFormat: 'JSON',
      LogGroup: '/my/group',
      ApplicationLogLevel: 'INFO',
      SystemLogLevel: 'INFO',
    },
    VpcConfig: { SubnetIds: [], SecurityGroupIds: [], VpcId: '', Ipv6AllowedForDualStack: false },
  })
  expect(Tags).toEqual({ team: 'a' })
})

test('an empty Environment is shown, an absent one is not', async () => {
  const empty = await create(lambda, 'empty-environment', { Role: role, Environment: { Variables: {} } })
  expect(empty.Environment).toEqual({ Variables: {} })
  const absent = await create(lambda, 'no-environment', { Role: role })
  expect(absent.Environment).toBeUndefined()
})

test('publishing at once answers version 1 under the unqualified ARN', async () => {
  const created = await create(lambda, 'published', { Role: role, Publish: true })
  expect(created).toMatchObject({ Version: '1', FunctionArn: arnOf('target', 'published'), State: 'Pending' })
  await untilActive(lambda, 'published')
  const version = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: 'published:1' }))
  expect(version).toMatchObject({ State: 'Active', FunctionArn: arnOf('target', 'published', '1') })
})

test('a name may be an ARN or a partial ARN of the caller’s own account', async () => {
  expect((await create(lambda, arnOf('target', 'by-arn'), { Role: role })).FunctionName).toBe('by-arn')
  expect((await create(lambda, '444455556666:function:by-partial-arn', { Role: role })).FunctionName).toBe(
    'by-partial-arn',
  )
  expect((await create(lambda, 'function:function', { Role: role })).FunctionName).toBe('function')
})

describe('refused are', () => {
  test('a name that is taken', async () => {
    await create(lambda, 'taken', { Role: role })
    expect(await failureOf(send({ FunctionName: 'taken' }))).toEqual(conflict('Function already exist: taken'))
  })

  test('only one of two creations at once', async () => {
    const outcomes = await Promise.allSettled([send({ FunctionName: 'race' }), send({ FunctionName: 'race' })])
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  test('names that are too long', async () => {
    const long = 'a'.repeat(65)
    expect(await failureOf(send({ FunctionName: long }))).toEqual(
      invalidParameter(
        `1 validation error detected: Value '${long}' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to 64`,
      ),
    )
    const longArn = arnOf('target', 'a'.repeat(100))
    expect(await failureOf(send({ FunctionName: longArn }))).toEqual(
      invalid(
        `1 validation error detected: Value '${longArn}' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to 140`,
      ),
    )
  })

  test('names that are none', async () => {
    expect((await failureOf(send({ FunctionName: 'invalid:function:name' }))).message).toBe(
      "1 validation error detected: Value 'invalid:function:name' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?",
    )
  })

  test('another account and another Region', async () => {
    expect(await failureOf(send({ FunctionName: arnOf('source', 'abroad') }))).toMatchObject({
      name: 'AccessDeniedException',
      status: 403,
    })
    expect(
      await failureOf(send({ FunctionName: 'arn:aws:lambda:ap-southeast-1:444455556666:function:abroad' })),
    ).toEqual(notFound("Functions from 'ap-southeast-1' are not reachable in this region ('us-east-1')"))
  })

  test('runtimes that are unknown, retired, or not to be had here', async () => {
    const list =
      '[nodejs20.x, python3.14, provided.al2023, python3.12, python3.13, nodejs24.x, nodejs22.x, java25, python3.10, python3.11, java21, ruby3.3, ruby3.4, ruby3.2, python3.8, python3.9, java17, nodejs16.x, dotnet10, dotnet8, java11, dotnet6, nodejs18.x, provided.al2, java8.al2]'
    for (const runtime of ['non-existent-runtime', 'PYTHON3.9']) {
      expect(await failureOf(send({ Runtime: runtime as 'nodejs22.x' }))).toEqual(
        invalidParameter(
          `Value ${runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: ${list} or be a valid ARN`,
        ),
      )
    }
    for (const runtime of [
      'dotnetcore3.1',
      'go1.x',
      'java8',
      'nodejs12.x',
      'nodejs14.x',
      'provided',
      'python3.7',
      'ruby2.7',
    ] as const) {
      expect(await failureOf(send({ Runtime: runtime }))).toEqual(
        invalidParameter(
          `The runtime parameter of ${runtime} is no longer supported for creating or updating AWS Lambda functions. We recommend you use a supported runtime while creating or updating functions.`,
        ),
      )
    }
    expect(await failureOf(send({ Runtime: 'java21' }))).toMatchObject({
      status: 501,
      message: expect.stringContaining('java21'),
    })
  })

  test('a package without runtime or handler', async () => {
    const message = 'Runtime and Handler are mandatory parameters for functions created with deployment packages.'
    expect(await failureOf(send({ Runtime: undefined }))).toEqual(invalidParameter(message))
    expect(await failureOf(send({ Handler: undefined }))).toEqual(invalidParameter(message))
  })

  test('architectures that Lambda does not have', async () => {
    expect(await failureOf(send({ Architectures: ['X86_64' as 'x86_64'] }))).toEqual(
      invalid(
        "1 validation error detected: Value '[X86_64]' at 'architectures' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]",
      ),
    )
    expect(await failureOf(send({ Architectures: ['x86_64', 'arm64'] }))).toEqual(
      invalid(
        "1 validation error detected: Value '[x86_64, arm64]' at 'architectures' failed to satisfy constraint: Member must have length less than or equal to 1",
      ),
    )
  })

  test('too much time and too much memory', async () => {
    expect(await failureOf(send({ Timeout: 901 }))).toEqual(
      invalid(
        "1 validation error detected: Value '901' at 'timeout' failed to satisfy constraint: Member must have value less than or equal to 900",
      ),
    )
    expect(await failureOf(send({ MemorySize: 10_241 }))).toEqual(
      invalidParameter(
        "'MemorySize' value failed to satisfy constraint: Member must have value less than or equal to 10240",
      ),
    )
  })

  test('environments that are too large or meddle with Lambda’s own', async () => {
    const large = 'x'.repeat(4096)
    expect(await failureOf(send({ Environment: { Variables: { LARGE_VAR: large } } }))).toEqual(
      invalidParameter(
        `Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit. String measured: {"LARGE_VAR":"${large}"}`,
      ),
    )
    expect(
      await failureOf(send({ Environment: { Variables: { AWS_REGION: 'x', FINE: 'y', AWS_SESSION_TOKEN: 'z' } } })),
    ).toEqual(
      invalidParameter(
        'Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: AWS_REGION, AWS_SESSION_TOKEN',
      ),
    )
  })

  test('what is no package', async () => {
    expect(await failureOf(send({ Code: { ZipFile: Buffer.from('this is not a zipfile') } }))).toEqual(
      invalidParameter('Could not unzip uploaded file. Please check your file, then try to upload again.'),
    )
    const empty = new ZipFile()
    empty.end()
    const { buffer } = await import('node:stream/consumers')
    expect(await failureOf(send({ Code: { ZipFile: await buffer(empty.outputStream) } }))).toEqual(
      invalidParameter('Uploaded file must be a non-empty zip'),
    )
    expect(await failureOf(send({ Code: {} }))).toEqual(invalidParameter('Please provide a source for function code.'))
  })

  test('a package that is too large, zipped or not', async () => {
    const zeros = await zipOf({ 'index.js': '', zeros: '' })
    // The archive claims an entry of 300 MB; nothing is unpacked to find that out.
    const sizeOfZeros = zeros.lastIndexOf('zeros') - 46 + 24
    const claim = Buffer.from(zeros)
    claim.writeUInt32LE(300 * 1024 * 1024, sizeOfZeros)
    expect(await failureOf(send({ Code: { ZipFile: claim } }))).toEqual(
      invalidParameter('Unzipped size must be smaller than 262144000 bytes'),
    )
    expect(await failureOf(send({ Code: { ZipFile: Buffer.alloc(52_428_801) } }))).toMatchObject({
      name: 'RequestEntityTooLargeException',
      status: 413,
      message: 'Zipped size must be smaller than 52428800 bytes',
    })
  })

  test('too many tags', async () => {
    const Tags = Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`k${i}`, 'v']))
    expect(await failureOf(send({ Tags }))).toEqual(invalidParameter('Number of tags exceeds resource tag limit.'))
  })

  test('roles that are no ARN, of another account, absent, or closed to Lambda', async () => {
    expect(await failureOf(send({ Role: 'r1' }))).toEqual(
      invalid(
        "1 validation error detected: Value 'r1' at 'role' failed to satisfy constraint: Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+",
      ),
    )
    expect(await failureOf(send({ Role: 'arn:aws:iam::111122223333:role/theirs' }))).toEqual(
      failure('AccessDeniedException', 403, 'Cross-account pass role is not allowed.'),
    )
    const unassumable = invalidParameter('The role defined for the function cannot be assumed by Lambda.')
    expect(await failureOf(send({ Role: 'arn:aws:iam::444455556666:role/nobody' }))).toEqual(unassumable)
    const closed = await createRole(iamOf(cloud, 'target'), 'for-ec2', {
      trust: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      },
    })
    expect(await failureOf(send({ Role: closed }))).toEqual(unassumable)
  })

  test('by name: every parameter that is not honoured', async () => {
    const refused: readonly (readonly [string, Partial<CreateFunctionCommandInput>])[] = [
      ['Code.S3Bucket', { Code: { S3Bucket: 'bucket', S3Key: 'key' } }],
      ['Code.ImageUri', { Code: { ImageUri: 'x' } }],
      ['PackageType Image', { PackageType: 'Image' }],
      ['VpcConfig.Ipv6AllowedForDualStack', { VpcConfig: { Ipv6AllowedForDualStack: true } }],
      ['KMSKeyArn', { KMSKeyArn: 'arn:aws:kms:us-east-1:444455556666:key/k' }],
      ['Layers of AWS itself (awslayer)', { Layers: ['arn:aws:lambda:::awslayer:AmazonLinux1803'] }],
      ['SnapStart.ApplyOn PublishedVersions', { SnapStart: { ApplyOn: 'PublishedVersions' } }],
      ['ImageConfig', { ImageConfig: { Command: ['x'] } }],
      ['DurableConfig', { DurableConfig: { ExecutionTimeout: 60 } }],
      ['TenancyConfig', { TenancyConfig: { TenantIsolationMode: 'PER_TENANT' } }],
    ]
    for (const [parameter, input] of refused) {
      expect(await failureOf(send(input))).toMatchObject({
        status: 501,
        message: `Isthmus does not implement the parameter ${parameter} of CreateFunction`,
      })
    }
  })
})
