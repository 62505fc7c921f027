/** Aliases: life, routing, and everything refused. */
import {
  CreateAliasCommand,
  DeleteAliasCommand,
  GetAliasCommand,
  InvokeCommand,
  ListAliasesCommand,
  paginateListAliases,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionConfigurationCommand,
  type CreateAliasCommandInput,
  type LambdaClient,
  type UpdateAliasCommandInput,
} from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'
import {
  arnOf,
  conflict,
  createRole,
  deploy,
  failure,
  failureOf,
  invalid,
  invalidParameter,
  lambdaOf,
  notFound,
  payloadOf,
  untilUpdated,
  iamOf,
} from './support.ts'

let cloud: TestCloud
let lambda: LambdaClient

beforeAll(async () => {
  cloud = await startCloud()
  lambda = lambdaOf(cloud, 'target')
  const role = await createRole(iamOf(cloud, 'target'), 'execution')
  await deploy(lambda, 'fn', { Role: role })
  await lambda.send(new PublishVersionCommand({ FunctionName: 'fn' }))
  await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'fn', Timeout: 5 }))
  await untilUpdated(lambda, 'fn')
  await lambda.send(new PublishVersionCommand({ FunctionName: 'fn' }))
})
afterAll(() => cloud.close())

const create = (Name: string, more: Partial<CreateAliasCommandInput> = {}) =>
  lambda.send(new CreateAliasCommand({ FunctionName: 'fn', Name, FunctionVersion: '1', ...more }))
const update = (Name: string, more: Partial<UpdateAliasCommandInput>) =>
  lambda.send(new UpdateAliasCommand({ FunctionName: 'fn', Name, ...more }))
const get = (Name: string, FunctionName = 'fn') => lambda.send(new GetAliasCommand({ FunctionName, Name }))
const weights = (weights: Record<string, number>) => ({ RoutingConfig: { AdditionalVersionWeights: weights } })

test('an alias is created, read, updated and deleted', async () => {
  const { $metadata, ...created } = await create('life', { Description: 'custom-alias', ...weights({ 2: 0.2 }) })
  expect($metadata.httpStatusCode).toBe(201)
  expect(created).toEqual({
    AliasArn: arnOf('target', 'fn', 'life'),
    Description: 'custom-alias',
    FunctionVersion: '1',
    Name: 'life',
    RevisionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    RoutingConfig: { AdditionalVersionWeights: { 2: 0.2 } },
  })
  expect(await get('life')).toMatchObject(created)

  const updated = await update('life', { RoutingConfig: {}, RevisionId: created.RevisionId })
  expect(updated).toMatchObject({ FunctionVersion: '1', Description: 'custom-alias' })
  expect(updated.RoutingConfig).toBeUndefined()
  expect(updated.RevisionId).not.toBe(created.RevisionId)
  expect(await update('life', { FunctionVersion: '2', Description: '' })).toMatchObject({
    FunctionVersion: '2',
    Description: '',
  })

  const { $metadata: deleted } = await lambda.send(new DeleteAliasCommand({ FunctionName: 'fn', Name: 'life' }))
  expect(deleted.httpStatusCode).toBe(204)
  expect(await failureOf(get('life'))).toEqual(notFound(`Cannot find alias arn: ${arnOf('target', 'fn', 'life')}`))
  await lambda.send(new DeleteAliasCommand({ FunctionName: 'fn', Name: 'life' }))
})

test('an update that says nothing of the routing keeps it', async () => {
  await create('kept', weights({ 2: 0.5 }))
  expect((await update('kept', { Description: 'x' })).RoutingConfig).toEqual({ AdditionalVersionWeights: { 2: 0.5 } })
})

test('an alias may point at $LATEST, alone', async () => {
  expect(await create('latest', { FunctionVersion: '$LATEST' })).toMatchObject({ FunctionVersion: '$LATEST' })
  expect(await failureOf(create('mixed', { FunctionVersion: '$LATEST', ...weights({ 1: 0.5 }) }))).toEqual(
    failure(
      'InvalidParameterValueException',
      400,
      '$LATEST is not supported for an alias pointing to more than 1 version',
    ),
  )
})

test('a weighted alias invokes both versions, in about the shares it was told', async () => {
  await create('weighted', weights({ 2: 0.25 }))
  const counts: Record<string, number> = {}
  for (let i = 0; i < 200; i++) {
    const answer = await lambda.send(new InvokeCommand({ FunctionName: 'fn', Qualifier: 'weighted' }))
    const { version, arn } = payloadOf(answer) as { readonly version: string; readonly arn: string }
    expect(answer.ExecutedVersion).toBe(version)
    expect(arn).toBe(arnOf('target', 'fn', 'weighted'))
    counts[version] = (counts[version] ?? 0) + 1
  }
  expect((counts['1'] ?? 0) + (counts['2'] ?? 0)).toBe(200)
  expect(counts['2']).toBeGreaterThan(15)
  expect(counts['2']).toBeLessThan(95)
})

test('aliases are listed by name, for one version if asked, in pages', async () => {
  const other = 'listed'
  const role = await createRole(iamOf(cloud, 'target'), 'listing')
  await deploy(lambda, other, { Role: role })
  await lambda.send(new PublishVersionCommand({ FunctionName: other }))
  for (const Name of ['c', 'a', 'b']) {
    await lambda.send(new CreateAliasCommand({ FunctionName: other, Name, FunctionVersion: '1' }))
  }
  await lambda.send(new CreateAliasCommand({ FunctionName: other, Name: 'head', FunctionVersion: '$LATEST' }))
  const list = async (more: object) =>
    ((await lambda.send(new ListAliasesCommand({ FunctionName: other, ...more }))).Aliases ?? []).map(
      ({ Name }) => Name,
    )
  expect(await list({})).toEqual(['a', 'b', 'c', 'head'])
  expect(await list({ FunctionVersion: '1' })).toEqual(['a', 'b', 'c'])
  const pages: number[] = []
  for await (const page of paginateListAliases({ client: lambda, pageSize: 3 }, { FunctionName: other })) {
    pages.push(page.Aliases?.length ?? 0)
  }
  expect(pages).toEqual([3, 1])
})

describe('refused are', () => {
  test('routing configurations that AWS does not take', async () => {
    expect(await failureOf(create('bad', weights({ 1: 0.1, 2: 0.1 })))).toEqual(
      invalidParameter('Number of items in AdditionalVersionWeights cannot be greater than 1'),
    )
    expect(await failureOf(create('bad', weights({ 1: 0.5 })))).toEqual(
      invalidParameter('Invalid function version 1. Function version 1 is already included in routing configuration.'),
    )
    const range =
      'Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member must have value greater than or equal to 0.0, Member must not be null]'
    expect(await failureOf(create('bad', weights({ 2: 2 })))).toEqual(
      invalid(
        `1 validation error detected: Value '{2=2.0}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: ${range}`,
      ),
    )
    expect(await failureOf(create('bad', weights({ 2: -1 })))).toEqual(
      invalid(
        `1 validation error detected: Value '{2=-1.0}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: ${range}`,
      ),
    )
    expect((await failureOf(create('bad', weights({ $LATEST: 0.5 })))).message).toMatch(
      /^1 validation error detected: Value '\{\$LATEST=0.5\}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map keys must satisfy constraint: \[/,
    )
  })

  test('versions and functions that do not exist', async () => {
    const missing = notFound(`Function not found: ${arnOf('target', 'fn', '10')}`)
    expect(await failureOf(create('bad', { FunctionVersion: '10' }))).toEqual(missing)
    expect(await failureOf(create('bad', weights({ 10: 0.5 })))).toEqual(missing)
    expect(await failureOf(create('bad', { FunctionName: 'fn-unknown' }))).toEqual(
      notFound(`Function not found: ${arnOf('target', 'fn-unknown', '1')}`),
    )
    expect(await failureOf(get('x', 'nobody'))).toEqual(notFound(`Function not found: ${arnOf('target', 'nobody')}`))
  })

  test('names that are taken, and numbers for names', async () => {
    await create('custom')
    expect(await failureOf(create('custom'))).toEqual(
      conflict(`Alias already exists: ${arnOf('target', 'fn', 'custom')}`),
    )
    expect(await failureOf(create('2024'))).toEqual(
      invalid(
        "1 validation error detected: Value '2024' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)",
      ),
    )
  })

  test('updates of an alias that is not there or has moved on', async () => {
    expect(await failureOf(update('non-existent', { Description: 'x' }))).toEqual(
      notFound(`Alias not found: ${arnOf('target', 'fn', 'non-existent')}`),
    )
    await create('moved')
    expect(await failureOf(update('moved', { RevisionId: 'wrong' }))).toEqual(
      failure(
        'PreconditionFailedException',
        412,
        'The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id',
        'User',
      ),
    )
  })
})
