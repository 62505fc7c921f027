/** Reserved concurrency: kept, enforced, and what it leaves to the account. */
import {
  DeleteFunctionConcurrencyCommand,
  GetAccountSettingsCommand,
  GetFunctionCommand,
  GetFunctionConcurrencyCommand,
  InvokeCommand,
  PutFunctionConcurrencyCommand,
  type LambdaClient,
} from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'
import { invokeAtOnce, startGate } from './gate.ts'
import {
  arnOf,
  createRole,
  deploy,
  failure,
  failureOf,
  invalidParameter,
  lambdaOf,
  notFound,
  iamOf,
} from './support.ts'

let cloud: TestCloud
let lambda: LambdaClient
let role: string

beforeAll(async () => {
  cloud = await startCloud()
  lambda = lambdaOf(cloud, 'target')
  role = await createRole(iamOf(cloud, 'target'), 'execution')
  await deploy(lambda, 'fn', { Role: role })
})
afterAll(() => cloud.close())

const reserve = (FunctionName: string, ReservedConcurrentExecutions: number) =>
  lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions }))
const reservedFor = async (FunctionName: string) =>
  (await lambda.send(new GetFunctionConcurrencyCommand({ FunctionName }))).ReservedConcurrentExecutions
const unreserved = async () =>
  (await lambda.send(new GetAccountSettingsCommand({}))).AccountLimit?.UnreservedConcurrentExecutions
const release = (FunctionName: string) => lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }))

test('a reservation is taken from the account and given back', async () => {
  expect(await reservedFor('fn')).toBeUndefined()
  expect((await reserve('fn', 40)).ReservedConcurrentExecutions).toBe(40)
  expect(await reservedFor('fn')).toBe(40)
  expect(await unreserved()).toBe(960)
  expect((await lambda.send(new GetFunctionCommand({ FunctionName: 'fn' }))).Concurrency).toEqual({
    ReservedConcurrentExecutions: 40,
  })
  expect((await release('fn')).$metadata.httpStatusCode).toBe(204)
  expect(await reservedFor('fn')).toBeUndefined()
  expect(await unreserved()).toBe(1000)
})

test('a function with none left to it is stopped, with the reason', async () => {
  await reserve('fn', 0)
  expect(await failureOf(lambda.send(new InvokeCommand({ FunctionName: 'fn' })))).toEqual({
    name: 'TooManyRequestsException',
    status: 429,
    message: 'Rate Exceeded.',
    Type: 'User',
    Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
  })
  expect((await lambda.send(new InvokeCommand({ FunctionName: 'fn', InvocationType: 'Event' }))).StatusCode).toBe(202)
  await release('fn')
  expect((await lambda.send(new InvokeCommand({ FunctionName: 'fn' }))).StatusCode).toBe(200)
})

test('no more invocations run at once than are reserved', async () => {
  const gate = await startGate()
  const code = `exports.handler = () => fetch('${gate.url}')`
  await deploy(lambda, 'slow', { Role: role, Timeout: 60, code })
  await reserve('slow', 2)
  const invoke = () => lambda.send(new InvokeCommand({ FunctionName: 'slow' }))
  const refusal = 'ReservedFunctionConcurrentInvocationLimitExceeded'
  expect(await invokeAtOnce(gate, invoke, { invoked: 5, refused: 3 })).toEqual([
    'ran',
    'ran',
    refusal,
    refusal,
    refusal,
  ])
  expect((await lambda.send(new InvokeCommand({ FunctionName: 'slow' }))).StatusCode).toBe(200)
  gate.close()
})

test('a hundred stay unreserved', async () => {
  await release('slow')
  await reserve('fn', 900)
  const refusal = failure(
    'InvalidParameterValueException',
    400,
    "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [100].",
  )
  expect(await failureOf(reserve('fn', 901))).toEqual(refusal)
  expect(await failureOf(reserve('slow', 1))).toEqual(refusal)
  await reserve('slow', 0)
  await release('fn')
})

test('only whole functions that exist have a reservation', async () => {
  expect(await failureOf(reserve('fn:1', 1))).toEqual(
    invalidParameter(
      'This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. Please specify either a function name or an unqualified function ARN.',
    ),
  )
  const missing = notFound(`Function not found: ${arnOf('target', 'nobody')}`)
  expect(await failureOf(reserve('nobody', 1))).toEqual(missing)
  expect(await failureOf(reservedFor('nobody'))).toEqual(missing)
  expect(await failureOf(release('nobody'))).toEqual(missing)
})
