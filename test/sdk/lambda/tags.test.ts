/** TagResource, UntagResource, ListTags, and the 50 tags a function may have. */
import {
  ListTagsCommand,
  PublishVersionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  type LambdaClient,
} from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'
import {
  arnOf,
  create,
  createRole,
  deploy,
  failureOf,
  invalid,
  invalidParameter,
  lambdaOf,
  notFound,
  iamOf,
} from './support.ts'

let cloud: TestCloud
let lambda: LambdaClient
let role: string
const Resource = arnOf('target', 'fn')

beforeAll(async () => {
  cloud = await startCloud()
  lambda = lambdaOf(cloud, 'target')
  role = await createRole(iamOf(cloud, 'target'), 'execution')
  await deploy(lambda, 'fn', { Role: role, Tags: { a: '1' } })
  await lambda.send(new PublishVersionCommand({ FunctionName: 'fn' }))
})
afterAll(() => cloud.close())

const list = async (Resource: string) => (await lambda.send(new ListTagsCommand({ Resource }))).Tags
const tag = (Resource: string, Tags: Record<string, string>) => lambda.send(new TagResourceCommand({ Resource, Tags }))
const untag = (Resource: string, TagKeys: string[]) => lambda.send(new UntagResourceCommand({ Resource, TagKeys }))

test('tags are added, replaced and removed', async () => {
  expect((await tag(Resource, { b: '2', a: '3' })).$metadata.httpStatusCode).toBe(204)
  expect(await list(Resource)).toEqual({ a: '3', b: '2' })
  expect((await untag(Resource, ['a', 'not-there'])).$metadata.httpStatusCode).toBe(204)
  expect(await list(Resource)).toEqual({ b: '2' })
})

test('a function has at most fifty tags', async () => {
  const many = (count: number, prefix: string) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`${prefix}${i}`, 'v']))
  const refusal = invalidParameter('Number of tags exceeds resource tag limit.')
  expect(await failureOf(tag(Resource, many(51, 'k')))).toEqual(refusal)
  await tag(Resource, many(49, 'k'))
  expect(await failureOf(tag(Resource, { one: 'too many' }))).toEqual(refusal)
  await untag(Resource, Object.keys(many(49, 'k')))
})

test('keys that begin with aws: are for AWS alone', async () => {
  const refusal = invalidParameter('aws: prefixed tag key names are not allowed for external use.')
  expect(await failureOf(tag(Resource, { 'aws:owner': 'me' }))).toEqual(refusal)
  expect(await failureOf(create(lambda, 'usurper', { Role: role, Tags: { 'AWS:owner': 'me' } }))).toEqual(refusal)
})

test('only a function that exists carries tags', async () => {
  const unsupported = invalidParameter(
    'Tags on function aliases and versions are not supported. Please specify a function ARN.',
  )
  for (const qualified of [arnOf('target', 'fn', '1'), arnOf('target', 'fn', '$LATEST')]) {
    expect(await failureOf(tag(qualified, { a: 'b' }))).toEqual(unsupported)
    expect(await failureOf(list(qualified))).toEqual(unsupported)
  }
  const missing = arnOf('target', 'nobody')
  for (const call of [() => list(missing), () => tag(missing, { a: 'b' }), () => untag(missing, ['a'])]) {
    expect(await failureOf(call())).toEqual(notFound(`Function not found: ${missing}`))
  }
  const mapping = 'arn:aws:lambda:us-east-1:444455556666:event-source-mapping:00000000-0000-0000-0000-000000000000'
  expect(await failureOf(list(mapping))).toEqual(notFound(`Event source mapping not found: ${mapping}`))
  const provider = 'arn:aws:lambda:us-east-1:444455556666:capacity-provider:none'
  expect(await failureOf(list(provider))).toEqual(notFound(`Capacity provider not found: ${provider}`))
})

test('what is no ARN of Lambda’s is refused, and so is nothing to add or remove', async () => {
  expect(await failureOf(tag(Resource, {}))).toEqual(
    invalidParameter('An error occurred and the request cannot be processed.'),
  )
  expect((await failureOf(list('arn:aws:something'))).message).toMatch(
    /^1 validation error detected: Value 'arn:aws:something' at 'resource' failed to satisfy constraint: Member must satisfy regular expression pattern: arn:\(aws\[a-zA-Z-\]\*\):lambda:/,
  )
  expect((await failureOf(list('arn:aws:lambda:us-east-1:444455556666:foobar:fn'))).name).toBe('ValidationException')
  expect(await failureOf(lambda.send(new UntagResourceCommand({ Resource, TagKeys: [] })))).toEqual(
    invalid(
      "1 validation error detected: Value null at 'tagKeys' failed to satisfy constraint: Member must not be null",
    ),
  )
})
