/** PutResourcePolicy, GetResourcePolicy, DeleteResourcePolicy: a whole policy at once, beside AddPermission. */
import {
  AddPermissionCommand,
  DeleteResourcePolicyCommand,
  GetPolicyCommand,
  GetResourcePolicyCommand,
  InvokeCommand,
  PutResourcePolicyCommand,
  type LambdaClient,
} from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'
import { arnOf, createRole, deploy, failure, failureOf, iamOf, lambdaOf, notFound } from './support.ts'

const ResourceArn = arnOf('target', 'fn')

let cloud: TestCloud
let owner: LambdaClient
let caller: LambdaClient

beforeAll(async () => {
  cloud = await startCloud()
  owner = lambdaOf(cloud, 'target')
  caller = lambdaOf(cloud, 'source')
  await deploy(owner, 'fn', { Role: await createRole(iamOf(cloud, 'target'), 'execution') })
})
afterAll(() => cloud.close())

const statement = (more: object) => ({
  Sid: 'one',
  Effect: 'Allow',
  Principal: { AWS: 'arn:aws:iam::111122223333:root' },
  Action: 'lambda:InvokeFunction',
  Resource: ResourceArn,
  ...more,
})
const put = (statements: readonly object[], more: object = {}) =>
  owner.send(
    new PutResourcePolicyCommand({
      ResourceArn,
      Policy: JSON.stringify({ Version: '2012-10-17', Statement: statements }),
      ...more,
    }),
  )
const get = () => owner.send(new GetResourcePolicyCommand({ ResourceArn }))
const invoke = () => caller.send(new InvokeCommand({ FunctionName: ResourceArn }))

test('a policy replaces what was there, and AddPermission appends to it', async () => {
  const answer = await put([statement({}), statement({ Sid: 'two', Effect: 'Deny', Action: 'lambda:PublishVersion' })])
  expect(await get()).toMatchObject({ Policy: answer.Policy, RevisionId: answer.RevisionId })
  expect((await invoke()).StatusCode).toBe(200)

  await owner.send(
    new AddPermissionCommand({
      FunctionName: 'fn',
      StatementId: 'three',
      Action: 'lambda:InvokeFunction',
      Principal: 's3.amazonaws.com',
    }),
  )
  const { Policy, RevisionId } = await owner.send(new GetPolicyCommand({ FunctionName: 'fn' }))
  const { Statement } = JSON.parse(Policy ?? '') as { readonly Statement: readonly { readonly Sid: string }[] }
  expect(Statement.map(({ Sid }) => Sid)).toEqual(['one', 'two', 'three'])

  await put([statement({ Sid: 'only' })], { RevisionId })
  expect((await get()).Policy).not.toContain('three')
})

test('a policy may deny what its account could otherwise do', async () => {
  await put([statement({}), statement({ Sid: 'no', Effect: 'Deny', Principal: '*' })])
  const denial = (user: string) =>
    failure(
      'AccessDeniedException',
      403,
      `User: arn:aws:iam::${user}:user/administrator is not authorized to perform: lambda:InvokeFunction on resource: ${ResourceArn} with an explicit deny in a resource-based policy`,
    )
  expect(await failureOf(invoke())).toEqual(denial('111122223333'))
  expect(await failureOf(owner.send(new InvokeCommand({ FunctionName: 'fn' })))).toEqual(denial('444455556666'))
})

test('a policy is deleted with its revision, and then is not there', async () => {
  const { RevisionId } = await put([statement({})])
  const remove = (RevisionId?: string) =>
    owner.send(new DeleteResourcePolicyCommand({ ResourceArn, ...(RevisionId !== undefined && { RevisionId }) }))
  expect(await failureOf(remove('00000000-0000-0000-0000-000000000000'))).toMatchObject({
    name: 'PreconditionFailedException',
    status: 412,
  })
  expect((await remove(RevisionId)).$metadata.httpStatusCode).toBe(204)
  const gone = notFound('The resource you requested does not exist.')
  expect(await failureOf(get())).toEqual(gone)
  expect(await failureOf(remove())).toEqual(gone)
  expect(await failureOf(invoke())).toMatchObject({ status: 403 })
})

test('documents that are no policy of this function are refused', async () => {
  for (const bad of [
    statement({ Resource: arnOf('target', 'other') }),
    statement({ Principal: { AWS: 'arn:aws:iam::111122223333:role/nobody' } }),
    statement({ Effect: 'Perhaps' }),
  ]) {
    expect(await failureOf(put([bad]))).toMatchObject({ name: 'InvalidParameterValueException', status: 400 })
  }
  expect(await failureOf(put([statement({})], { RevisionId: '00000000-0000-0000-0000-000000000000' }))).toMatchObject({
    status: 412,
  })
  const nobody = arnOf('target', 'nobody')
  expect(await failureOf(put([statement({ Resource: nobody })], { ResourceArn: nobody }))).toEqual(
    notFound(`Function not found: ${nobody}`),
  )
})
