/** Layers: published, listed, given to functions and deleted, with AWS's own refusals. */
import {
  AddLayerVersionPermissionCommand,
  CreateFunctionCommand,
  DeleteLayerVersionCommand,
  GetAccountSettingsCommand,
  GetFunctionConfigurationCommand,
  GetLayerVersionByArnCommand,
  GetLayerVersionCommand,
  GetLayerVersionPolicyCommand,
  InvokeCommand,
  ListLayersCommand,
  ListLayerVersionsCommand,
  paginateListLayerVersions,
  PublishLayerVersionCommand,
  PublishVersionCommand,
  RemoveLayerVersionPermissionCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  type LambdaClient,
  type PublishLayerVersionCommandInput,
} from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { ACCOUNTS, startCloud, type TestCloud } from '../cloud.ts'
import {
  createRole,
  deploy,
  failure,
  failureOf,
  iamOf,
  invalidParameter,
  lambdaOf,
  notFound,
  payloadOf,
  untilUpdated,
  zipOf,
} from './support.ts'

/** Answers what the module of its layers says. */
const LOOKS = `exports.handler = async () => require('layered').text`

let cloud: TestCloud
let lambda: LambdaClient
let role: string

beforeAll(async () => {
  cloud = await startCloud()
  lambda = lambdaOf(cloud, 'target')
  role = await createRole(iamOf(cloud, 'target'), 'layered-role')
})
afterAll(() => cloud.close())

const arn = (name: string, version?: number, region = 'us-east-1') =>
  `arn:aws:lambda:${region}:${ACCOUNTS.target}:layer:${name}${version === undefined ? '' : `:${version}`}`

const moduleSaying = (text: string) =>
  zipOf({ 'nodejs/node_modules/layered/index.js': `exports.text = ${JSON.stringify(text)}` })

async function publish(LayerName: string, more: Partial<PublishLayerVersionCommandInput> = {}, client = lambda) {
  const ZipFile = await moduleSaying(LayerName)
  return client.send(new PublishLayerVersionCommand({ LayerName, Content: { ZipFile }, ...more }))
}

async function answerOf(name: string, more: object = {}): Promise<unknown> {
  return payloadOf(await lambda.send(new InvokeCommand({ FunctionName: name, ...more })))
}

describe('a layer', () => {
  test('is published in numbered versions, which can be read by number and by ARN', async () => {
    const first = await publish('tools', {
      Description: 'a tool',
      LicenseInfo: 'MIT',
      CompatibleRuntimes: ['nodejs22.x', 'python3.12'],
      CompatibleArchitectures: ['x86_64'],
    })
    expect(first).toMatchObject({
      LayerArn: arn('tools'),
      LayerVersionArn: arn('tools', 1),
      Version: 1,
      Description: 'a tool',
      LicenseInfo: 'MIT',
      CompatibleRuntimes: ['nodejs22.x', 'python3.12'],
      CompatibleArchitectures: ['x86_64'],
    })
    expect(first.$metadata.httpStatusCode).toBe(201)
    expect(first.CreatedDate).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/)
    expect((await publish(arn('tools'))).Version).toBe(2)

    const {
      $metadata: _,
      Content,
      ...got
    } = await lambda.send(new GetLayerVersionCommand({ LayerName: 'tools', VersionNumber: 1 }))
    const { $metadata: __, Content: content, ...published } = first
    expect(got).toEqual(published)
    const archive = Buffer.from(await (await fetch(Content?.Location ?? '')).arrayBuffer())
    expect(archive).toEqual(await moduleSaying('tools'))
    expect(Content).toMatchObject({ CodeSha256: content?.CodeSha256, CodeSize: archive.length })
    const byArn = await lambda.send(new GetLayerVersionByArnCommand({ Arn: arn('tools', 2) }))
    expect(byArn).toMatchObject({ Version: 2, Description: '', LayerArn: arn('tools') })
    expect(byArn.LicenseInfo).toBeUndefined()
  })

  test('uses no number twice, and leaves the lists with its last version', async () => {
    await publish('passing')
    const deletion = new DeleteLayerVersionCommand({ LayerName: 'passing', VersionNumber: 1 })
    expect((await lambda.send(deletion)).$metadata.httpStatusCode).toBe(204)
    expect((await lambda.send(deletion)).$metadata.httpStatusCode).toBe(204)
    const { Layers = [] } = await lambda.send(new ListLayersCommand({}))
    expect(Layers.map(({ LayerName }) => LayerName)).not.toContain('passing')
    expect((await publish('passing')).Version).toBe(2)
  })

  test('is listed with its newest version that fits, page by page, the newest first', async () => {
    await publish('listed', { CompatibleRuntimes: ['python3.12'] })
    await publish('listed', { CompatibleRuntimes: ['python3.12'], CompatibleArchitectures: ['arm64'] })
    await publish('listed')
    const newest = async (wanted: object) => {
      const { Layers = [] } = await lambda.send(new ListLayersCommand(wanted))
      return Layers.find(({ LayerName }) => LayerName === 'listed')?.LatestMatchingVersion?.Version
    }
    expect(await newest({})).toBe(3)
    expect(await newest({ CompatibleRuntime: 'python3.12' })).toBe(2)
    expect(await newest({ CompatibleRuntime: 'nodejs22.x' })).toBeUndefined()
    expect(await newest({ CompatibleArchitecture: 'arm64' })).toBe(2)

    const versions: (number | undefined)[] = []
    const pages = paginateListLayerVersions({ client: lambda, pageSize: 2 }, { LayerName: 'listed' })
    for await (const { LayerVersions = [] } of pages) versions.push(...LayerVersions.map(({ Version }) => Version))
    expect(versions).toEqual([3, 2, 1])
    const { LayerVersions } = await lambda.send(new ListLayerVersionsCommand({ LayerName: 'unheard-of' }))
    expect(LayerVersions).toEqual([])
  })

  test('is compatible also with runtimes that AWS’s message does not list', async () => {
    const CompatibleRuntimes = ['nodejs12.x' as const, 'ruby4.0' as const]
    expect((await publish('for-old-and-new', { CompatibleRuntimes })).CompatibleRuntimes).toEqual(CompatibleRuntimes)
    const { Layers = [] } = await lambda.send(new ListLayersCommand({ CompatibleRuntime: 'ruby4.0' }))
    expect(Layers.map(({ LayerName }) => LayerName)).toEqual(['for-old-and-new'])
  })

  test('is refused in AWS’s words', async () => {
    const get = (LayerName: string, VersionNumber: number) =>
      failureOf(lambda.send(new GetLayerVersionCommand({ LayerName, VersionNumber })))
    expect(await get('unheard-of', 1)).toEqual(notFound('The resource you requested does not exist.'))
    expect(await failureOf(publish('x', { Content: { ZipFile: Buffer.from('no zip') } }))).toEqual(
      invalidParameter('Could not unzip uploaded file. Please check your file, then try to upload again.'),
    )
    expect((await failureOf(publish('x', { Content: { S3Bucket: 'bucket', S3Key: 'key' } }))).message).toBe(
      'Isthmus does not implement the parameter Content.S3Bucket of PublishLayerVersion',
    )
  })

  test('counts as code of its account', async () => {
    const used = async () => (await lambda.send(new GetAccountSettingsCommand({}))).AccountUsage?.TotalCodeSize ?? 0
    const before = await used()
    const { Content } = await publish('weighed')
    expect(await used()).toBe(before + (Content?.CodeSize ?? 0))
  })
})

describe('a function with layers', () => {
  test('runs with what they hold, a later one over an earlier, and shows them', async () => {
    const lower = await publish('lower')
    const upper = await publish('upper')
    const [below = '', above = ''] = [lower.LayerVersionArn, upper.LayerVersionArn]
    const created = await deploy(lambda, 'layered', { Role: role, code: LOOKS, Layers: [below, above] })
    expect(created.Layers).toEqual([
      { Arn: below, CodeSize: lower.Content?.CodeSize },
      { Arn: above, CodeSize: upper.Content?.CodeSize },
    ])
    expect(await answerOf('layered')).toBe('upper')

    const update = (more: object) =>
      lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'layered', ...more }))
    await update({ Layers: [above, below] })
    await untilUpdated(lambda, 'layered')
    expect(await answerOf('layered')).toBe('lower')

    const { Version } = await lambda.send(new PublishVersionCommand({ FunctionName: 'layered' }))
    await lambda.send(new DeleteLayerVersionCommand({ LayerName: 'lower', VersionNumber: 1 }))
    await update({ Description: 'keeps a deleted layer' })
    await untilUpdated(lambda, 'layered')
    expect(await answerOf('layered')).toBe('lower')
    expect(await failureOf(update({ Layers: [above, below] }))).toEqual(
      invalidParameter(`Layer version ${below} does not exist.`),
    )

    await update({ Layers: [] })
    await untilUpdated(lambda, 'layered')
    const bare = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: 'layered' }))
    expect(bare.Layers).toBeUndefined()
    expect(await answerOf('layered')).toMatchObject({
      errorMessage: expect.stringContaining("Cannot find module 'layered'"),
    })
    expect(await answerOf('layered', { Qualifier: Version })).toBe('lower')
  })

  test('is refused when it is too large together with them', async () => {
    const half = 132_000_000
    const ZipFile = await zipOf({ 'nodejs/zeros': '\0'.repeat(half) })
    const { LayerVersionArn = '' } = await publish('heavy', { Content: { ZipFile } })
    const tooLarge = failure(
      'InvalidParameterValueException',
      400,
      `Function code combined with layers exceeds the maximum allowed size of 262144000 bytes. The actual size is ${2 * half} bytes.`,
      'User',
    )
    const settings = { Runtime: 'nodejs22.x', Handler: 'index.handler', Role: role } as const
    const made = lambda.send(
      new CreateFunctionCommand({ FunctionName: 'heavy', ...settings, Code: { ZipFile }, Layers: [LayerVersionArn] }),
    )
    expect(await failureOf(made)).toEqual(tooLarge)
    await deploy(lambda, 'light', { Role: role, Layers: [LayerVersionArn] })
    const updated = lambda.send(new UpdateFunctionCodeCommand({ FunctionName: 'light', ZipFile }))
    expect(await failureOf(updated)).toEqual(tooLarge)
  })
})

describe('the policy of a layer version', () => {
  test('is built statement by statement', async () => {
    await publish('shared')
    const version = { LayerName: 'shared', VersionNumber: 1 }
    const add = (StatementId: string, Principal: string, more: object = {}) =>
      lambda.send(
        new AddLayerVersionPermissionCommand({
          ...version,
          StatementId,
          Action: 'lambda:GetLayerVersion',
          Principal,
          ...more,
        }),
      )
    const read = () => lambda.send(new GetLayerVersionPolicyCommand(version))
    expect(await failureOf(read())).toEqual(notFound('No policy is associated with the given resource.'))
    const first = await add('account', ACCOUNTS.source)
    const account = {
      Sid: 'account',
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${ACCOUNTS.source}:root` },
      Action: 'lambda:GetLayerVersion',
      Resource: arn('shared', 1),
    }
    expect(first.Statement).toBe(JSON.stringify(account))
    const second = await add('organization', '*', { OrganizationId: 'o-abcdefghij', RevisionId: first.RevisionId })
    const organization = {
      ...account,
      Sid: 'organization',
      Principal: '*',
      Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-abcdefghij' } },
    }
    expect(await read()).toMatchObject({
      Policy: JSON.stringify({ Version: '2012-10-17', Id: 'default', Statement: [account, organization] }),
      RevisionId: second.RevisionId,
    })

    expect(await failureOf(add('more', '*', { RevisionId: first.RevisionId }))).toEqual(
      failure(
        'PreconditionFailedException',
        412,
        'The Revision Id provided does not match the latest Revision Id. Call the GetLayerPolicy API to retrieve the latest Revision Id',
        'User',
      ),
    )
    const remove = (StatementId: string) =>
      lambda.send(new RemoveLayerVersionPermissionCommand({ ...version, StatementId }))
    await remove('account')
    expect(JSON.parse((await read()).Policy ?? '')).toMatchObject({ Statement: [organization] })
    await remove('organization')
    expect(await failureOf(read())).toEqual(notFound('No policy is associated with the given resource.'))
  })
})
