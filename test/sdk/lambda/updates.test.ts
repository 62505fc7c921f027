/** UpdateFunctionCode, UpdateFunctionConfiguration, PublishVersion, ListVersionsByFunction. */
import {
  DeleteFunctionCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  ListVersionsByFunctionCommand,
  paginateListVersionsByFunction,
  PublishVersionCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  type LambdaClient,
} from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'
import { createHeldClock } from '../held-clock.ts'
import {
  arnOf,
  conflict,
  create,
  createRole,
  deploy,
  failure,
  failureOf,
  invalidParameter,
  lambdaOf,
  notFound,
  payloadOf,
  untilActive,
  untilUpdated,
  zipOf,
  iamOf,
} from './support.ts'

const GET_FUNCTION =
  'The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id'
const STALE = failure('PreconditionFailedException', 412, GET_FUNCTION, 'User')

const clock = createHeldClock()
let cloud: TestCloud
let lambda: LambdaClient
let role: string

beforeAll(async () => {
  cloud = await startCloud({ clock })
  lambda = lambdaOf(cloud, 'target')
  role = await createRole(iamOf(cloud, 'target'), 'execution')
})
afterAll(() => cloud.close())

const configurationOf = (FunctionName: string) => lambda.send(new GetFunctionConfigurationCommand({ FunctionName }))
const invoke = async (FunctionName: string) => payloadOf(await lambda.send(new InvokeCommand({ FunctionName })))
const codeOf = (value: string) => zipOf({ 'index.js': `exports.handler = async () => ${JSON.stringify(value)}` })

describe('an update', () => {
  test('is in progress until it is successful, and then has another revision', async () => {
    await deploy(lambda, 'changing', { Role: role })
    const before = await configurationOf('changing')
    const { $metadata, ...answer } = await lambda.send(
      new UpdateFunctionConfigurationCommand({
        FunctionName: 'changing',
        Description: 'Changed-Description',
        Timeout: 10,
        MemorySize: 512,
        Runtime: 'python3.13',
        Handler: 'index.main',
        Environment: { Variables: { MARK: 'a' } },
        EphemeralStorage: { Size: 1024 },
        LoggingConfig: { LogGroup: '/other/group' },
      }),
    )
    expect($metadata.httpStatusCode).toBe(200)
    expect(answer).toMatchObject({
      State: 'Active',
      LastUpdateStatus: 'InProgress',
      LastUpdateStatusReason: 'The function is being created.',
      LastUpdateStatusReasonCode: 'Creating',
      Description: 'Changed-Description',
      MemorySize: 512,
      CodeSha256: before.CodeSha256,
    })
    await untilUpdated(lambda, 'changing')
    const after = await configurationOf('changing')
    expect(after).toMatchObject({
      LastUpdateStatus: 'Successful',
      Timeout: 10,
      Runtime: 'python3.13',
      Handler: 'index.main',
      Environment: { Variables: { MARK: 'a' } },
      EphemeralStorage: { Size: 1024 },
      LoggingConfig: { LogFormat: 'Text', LogGroup: '/other/group' },
    })
    expect(after.LastUpdateStatusReason).toBeUndefined()
    expect(new Set([before.RevisionId, answer.RevisionId, after.RevisionId]).size).toBe(3)
  })

  test('leaves out what was not given, and clears the environment with an empty one', async () => {
    await deploy(lambda, 'partly', { Role: role, Timeout: 7, Environment: { Variables: { MARK: 'a' } } })
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'partly', MemorySize: 256 }))
    await untilUpdated(lambda, 'partly')
    expect(await configurationOf('partly')).toMatchObject({ Timeout: 7, Environment: { Variables: { MARK: 'a' } } })
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'partly', Environment: {} }))
    await untilUpdated(lambda, 'partly')
    expect((await configurationOf('partly')).Environment).toEqual({ Variables: {} })
  })

  test('of code is what invocations run from then on, and until then they run what was there', async () => {
    await deploy(lambda, 'coded', { Role: role, code: 'exports.handler = async () => "old"' })
    expect(await invoke('coded')).toBe('old')
    await clock.whileHeld(async () => {
      const answer = await lambda.send(
        new UpdateFunctionCodeCommand({
          FunctionName: 'coded',
          ZipFile: await codeOf('new'),
          Architectures: ['arm64'],
        }),
      )
      expect(answer).toMatchObject({ LastUpdateStatus: 'InProgress', Architectures: ['arm64'] })
      expect(await invoke('coded')).toBe('old')
    })
    await untilUpdated(lambda, 'coded')
    expect(await invoke('coded')).toBe('new')
  })

  test('of code can be tried without doing it', async () => {
    await deploy(lambda, 'tried', { Role: role })
    const before = await configurationOf('tried')
    const tried = await lambda.send(
      new UpdateFunctionCodeCommand({ FunctionName: 'tried', ZipFile: await codeOf('x'), DryRun: true }),
    )
    expect(tried.CodeSha256).not.toBe(before.CodeSha256)
    expect(await configurationOf('tried')).toMatchObject({
      CodeSha256: before.CodeSha256,
      RevisionId: before.RevisionId,
    })
  })

  test('of code can publish a version, which is pending for a moment', async () => {
    await deploy(lambda, 'both', { Role: role })
    const version = await clock.whileHeld(async () => {
      const answer = await lambda.send(
        new UpdateFunctionCodeCommand({ FunctionName: 'both', ZipFile: await codeOf('x'), Publish: true }),
      )
      expect(await configurationOf('both:$LATEST')).toMatchObject({ State: 'Active', LastUpdateStatus: 'InProgress' })
      return answer
    })
    expect(version).toMatchObject({ FunctionArn: arnOf('target', 'both', '1'), Version: '1', State: 'Pending' })
    expect(version.LastUpdateStatus).toBeUndefined()
    await untilUpdated(lambda, 'both')
    expect(await configurationOf('both:1')).toMatchObject({ State: 'Active', CodeSha256: version.CodeSha256 })
    expect(await invoke('both:1')).toBe('x')
  })

  test('waits for the one before', async () => {
    await deploy(lambda, 'busy', { Role: role })
    const update = () => lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'busy', Timeout: 5 }))
    const ZipFile = await codeOf('x')
    const busy = conflict(
      `The operation cannot be performed at this time. An update is in progress for resource: ${arnOf('target', 'busy')}`,
    )
    await clock.whileHeld(async () => {
      await update()
      expect(await failureOf(update())).toEqual(busy)
      expect(await failureOf(lambda.send(new UpdateFunctionCodeCommand({ FunctionName: 'busy', ZipFile })))).toEqual(
        busy,
      )
      expect(await failureOf(lambda.send(new PublishVersionCommand({ FunctionName: 'busy' })))).toEqual(busy)
    })
    await untilUpdated(lambda, 'busy')
    await update()
  })

  test('waits for the creation', async () => {
    const pending = conflict(
      'The operation cannot be performed at this time. The function is currently in the following state: Pending',
    )
    await clock.whileHeld(async () => {
      await create(lambda, 'young', { Role: role })
      expect(
        await failureOf(lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'young', Timeout: 5 }))),
      ).toEqual(pending)
      expect(await failureOf(lambda.send(new InvokeCommand({ FunctionName: 'young' })))).toEqual(pending)
    })
    await untilActive(lambda, 'young')
  })

  test('is refused at another revision, of an absent function, and with parameters that make no sense', async () => {
    await deploy(lambda, 'strict', { Role: role })
    const ZipFile = await codeOf('x')
    const update = (more: object) =>
      failureOf(lambda.send(new UpdateFunctionCodeCommand({ FunctionName: 'strict', ZipFile, ...more })))
    const configure = (more: object) =>
      failureOf(lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'strict', ...more })))
    expect(await update({ RevisionId: 'wrong' })).toEqual(STALE)
    expect(await configure({ RevisionId: 'wrong' })).toEqual(STALE)
    const absent = notFound(`Function not found: ${arnOf('target', 'nobody')}`)
    expect(await update({ FunctionName: 'nobody' })).toEqual(absent)
    expect(await configure({ FunctionName: 'nobody' })).toEqual(absent)
    expect(await update({ ZipFile: undefined, ImageUri: 'image' })).toEqual(
      invalidParameter("Please don't provide ImageUri when updating a function with packageType Zip."),
    )
    expect(await update({ ZipFile: undefined, S3Bucket: 'bucket', S3Key: 'k' })).toMatchObject({ status: 501 })
    expect(await configure({ Runtime: 'go1.x' })).toMatchObject({
      message: expect.stringContaining('go1.x is no longer supported'),
    })
    expect(await configure({ Role: 'arn:aws:iam::444455556666:role/nobody' })).toEqual(
      invalidParameter('The role defined for the function cannot be assumed by Lambda.'),
    )
    const KMSKeyArn = 'arn:aws:kms:us-east-1:444455556666:key/k'
    expect(await configure({ KMSKeyArn })).toMatchObject({
      message: 'Isthmus does not implement the parameter KMSKeyArn of UpdateFunctionConfiguration',
    })
    expect(await configure({ FunctionName: 'strict:1' })).toEqual(
      invalidParameter(
        'This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. Please specify either a function name or an unqualified function ARN.',
      ),
    )
    const { RevisionId } = await configurationOf('strict')
    await lambda.send(new UpdateFunctionCodeCommand({ FunctionName: 'strict', ZipFile, RevisionId }))
  })
})

describe('publishing', () => {
  test('freezes code and configuration, with a description of its own', async () => {
    await deploy(lambda, 'frozen', { Role: role, Environment: { Variables: { MARK: 'one' } } })
    const { $metadata, ...first } = await lambda.send(
      new PublishVersionCommand({ FunctionName: 'frozen', Description: 'First version description :)' }),
    )
    expect($metadata.httpStatusCode).toBe(201)
    expect(first).toMatchObject({
      FunctionArn: arnOf('target', 'frozen', '1'),
      Version: '1',
      State: 'Active',
      LastUpdateStatus: 'Successful',
      Description: 'First version description :)',
    })
    await lambda.send(
      new UpdateFunctionConfigurationCommand({ FunctionName: 'frozen', Environment: { Variables: { MARK: 'two' } } }),
    )
    await untilUpdated(lambda, 'frozen')
    expect(await invoke('frozen:1')).toMatchObject({ env: 'one', version: '1', arn: arnOf('target', 'frozen', '1') })
    expect(await invoke('frozen')).toMatchObject({ env: 'two', version: '$LATEST' })
  })

  test('answers the version there is while nothing has changed', async () => {
    await deploy(lambda, 'same', { Role: role })
    const publish = () => lambda.send(new PublishVersionCommand({ FunctionName: 'same' }))
    const first = await publish()
    const again = await publish()
    expect(again).toMatchObject({ Version: '1', RevisionId: first.RevisionId })
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'same', Timeout: 9 }))
    await untilUpdated(lambda, 'same')
    expect((await publish()).Version).toBe('2')
  })

  test('counts every update as a change, also one that changes nothing', async () => {
    await deploy(lambda, 'updated', { Role: role })
    const publish = () => lambda.send(new PublishVersionCommand({ FunctionName: 'updated' }))
    const update = { FunctionName: 'updated', ZipFile: await codeOf('same') }
    expect((await publish()).Version).toBe('1')
    await lambda.send(new UpdateFunctionCodeCommand({ ...update, DryRun: true }))
    expect((await publish()).Version).toBe('1')
    await lambda.send(new UpdateFunctionCodeCommand(update))
    await untilUpdated(lambda, 'updated')
    expect((await publish()).Version).toBe('2')
    expect((await lambda.send(new UpdateFunctionCodeCommand({ ...update, Publish: true }))).Version).toBe('3')
    await untilUpdated(lambda, 'updated')
    expect((await publish()).Version).toBe('3')
  })

  test('uses no number twice, not even for a function that was deleted and made again', async () => {
    const publish = () => lambda.send(new PublishVersionCommand({ FunctionName: 'reborn' }))
    await deploy(lambda, 'reborn', { Role: role })
    expect((await publish()).Version).toBe('1')
    for (const first of ['2', '3']) {
      await lambda.send(new DeleteFunctionCommand({ FunctionName: 'reborn' }))
      await deploy(lambda, 'reborn', { Role: role })
      expect(await failureOf(lambda.send(new InvokeCommand({ FunctionName: 'reborn:1' })))).toMatchObject({
        status: 404,
      })
      expect((await publish()).Version).toBe(first)
      expect((await publish()).Version).toBe(first)
    }
  })

  test('can demand a revision and a hash', async () => {
    await deploy(lambda, 'demanding', { Role: role })
    const { RevisionId, CodeSha256 } = await configurationOf('demanding')
    const publish = (more: object) => lambda.send(new PublishVersionCommand({ FunctionName: 'demanding', ...more }))
    expect(await failureOf(publish({ RevisionId: 'wrong' }))).toEqual(STALE)
    expect(await failureOf(publish({ CodeSha256: 'somenonexistentsha256' }))).toEqual(
      invalidParameter(
        `CodeSHA256 (somenonexistentsha256) is different from current CodeSHA256 in $LATEST (${CodeSha256}). Please try again with the CodeSHA256 in $LATEST.`,
      ),
    )
    expect((await publish({ RevisionId, CodeSha256 })).Version).toBe('1')
    expect(await failureOf(publish({ FunctionName: 'nobody' }))).toEqual(
      notFound(`Function not found: ${arnOf('target', 'nobody')}`),
    )
  })

  test('is listed with $LATEST first, in pages, by number', async () => {
    await deploy(lambda, 'listed', { Role: role })
    for (let i = 1; i <= 11; i++) {
      await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'listed', Timeout: i + 1 }))
      await untilUpdated(lambda, 'listed')
      await lambda.send(new PublishVersionCommand({ FunctionName: 'listed' }))
    }
    const { Versions = [] } = await lambda.send(new ListVersionsByFunctionCommand({ FunctionName: 'listed' }))
    const numbers = Array.from({ length: 11 }, (_, i) => String(i + 1))
    expect(Versions.map(({ Version }) => Version)).toEqual(['$LATEST', ...numbers])
    expect(Versions[0]).toMatchObject({ FunctionArn: arnOf('target', 'listed', '$LATEST') })
    expect(Versions[0]?.State).toBeUndefined()
    const paged: (string | undefined)[] = []
    const pages = paginateListVersionsByFunction({ client: lambda, pageSize: 5 }, { FunctionName: 'listed' })
    for await (const page of pages) paged.push(...(page.Versions ?? []).map(({ Version }) => Version))
    expect(paged).toEqual(['$LATEST', ...numbers])
    expect(await failureOf(lambda.send(new ListVersionsByFunctionCommand({ FunctionName: 'nobody' })))).toEqual(
      notFound(`Function not found: ${arnOf('target', 'nobody')}`),
    )
  })
})
