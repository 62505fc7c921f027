/** Provisioned concurrency: environments that are really kept warm, what it takes from the account, and AWS's refusals. */
import {
  CreateAliasCommand,
  DeleteAliasCommand,
  DeleteFunctionConcurrencyCommand,
  DeleteProvisionedConcurrencyConfigCommand,
  GetAccountSettingsCommand,
  GetProvisionedConcurrencyConfigCommand,
  InvokeCommand,
  LambdaClient,
  ListProvisionedConcurrencyConfigsCommand,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  PutProvisionedConcurrencyConfigCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda'
import { RequestServiceQuotaIncreaseCommand, ServiceQuotasClient } from '@aws-sdk/client-service-quotas'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'
import { createHeldClock } from '../held-clock.ts'
import { invokeAtOnce, startGate } from './gate.ts'
import {
  arnOf,
  conflict,
  createRole,
  deploy,
  eventually,
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

const AT_GATE = Buffer.from('{"atGate": true}')
const gate = await startGate()
const WARM = `const initialised = process.env.AWS_LAMBDA_INITIALIZATION_TYPE
  let count = 0
  exports.handler = async ({ atGate }) => {
    if (atGate) await fetch('${gate.url}')
    return { initialised, count: ++count, version: process.env.AWS_LAMBDA_FUNCTION_VERSION }
  }`

const clock = createHeldClock()
let cloud: TestCloud
let lambda: LambdaClient
let role: string

beforeAll(async () => {
  cloud = await startCloud({ clock })
  lambda = lambdaOf(cloud, 'source')
  role = await createRole(iamOf(cloud, 'source'), 'execution')
  await deploy(lambda, 'warm', { Role: role, code: WARM, Timeout: 60 })
  await publish('warm', 1)
})
afterAll(async () => {
  gate.close()
  await cloud.close()
})

async function publish(FunctionName: string, version: number): Promise<void> {
  if (version > 1) {
    const ZipFile = await zipOf({ 'index.js': `${WARM}\n// ${version}` })
    await lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile }))
    await untilUpdated(lambda, FunctionName)
  }
  await lambda.send(new PublishVersionCommand({ FunctionName }))
}

const put = (FunctionName: string, Qualifier: string, ProvisionedConcurrentExecutions: number) =>
  lambda.send(new PutProvisionedConcurrencyConfigCommand({ FunctionName, Qualifier, ProvisionedConcurrentExecutions }))
const get = (FunctionName: string, Qualifier: string) =>
  lambda.send(new GetProvisionedConcurrencyConfigCommand({ FunctionName, Qualifier }))
const remove = (FunctionName: string, Qualifier: string) =>
  lambda.send(new DeleteProvisionedConcurrencyConfigCommand({ FunctionName, Qualifier }))
const reserve = (FunctionName: string, ReservedConcurrentExecutions: number) =>
  lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions }))
const unreserved = async () =>
  (await lambda.send(new GetAccountSettingsCommand({}))).AccountLimit?.UnreservedConcurrentExecutions
const ready = (name: string, qualifier: string) =>
  eventually(async () => {
    const config = await get(name, qualifier)
    return config.Status === 'IN_PROGRESS' ? undefined : config
  })
const invoke = async (FunctionName: string, event: object = {}) =>
  payloadOf(await lambda.send(new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(event)) })))

describe('environments that are provisioned', () => {
  test('become ready, take invocations, spill over, and are taken from the account', async () => {
    const asked = await put('warm', '1', 1)
    expect(asked.$metadata.httpStatusCode).toBe(202)
    expect(asked).toMatchObject({
      RequestedProvisionedConcurrentExecutions: 1,
      AvailableProvisionedConcurrentExecutions: 0,
      AllocatedProvisionedConcurrentExecutions: 0,
      Status: 'IN_PROGRESS',
    })
    expect(asked.LastModified).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000$/)
    expect(await ready('warm', '1')).toMatchObject({
      Status: 'READY',
      AvailableProvisionedConcurrentExecutions: 1,
      AllocatedProvisionedConcurrentExecutions: 1,
    })
    expect(await unreserved()).toBe(999)
    const both = [invoke('warm:1', { atGate: true }), invoke('warm:1', { atGate: true })]
    await gate.reached(2)
    gate.open()
    expect(await Promise.all(both)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ initialised: 'provisioned-concurrency' }),
        expect.objectContaining({ initialised: 'on-demand' }),
      ]),
    )
    expect(await invoke('warm:1')).toMatchObject({ initialised: 'provisioned-concurrency' })
    const { ProvisionedConcurrencyConfigs } = await lambda.send(
      new ListProvisionedConcurrencyConfigsCommand({ FunctionName: 'warm' }),
    )
    expect(ProvisionedConcurrencyConfigs).toMatchObject([
      { FunctionArn: arnOf('source', 'warm', '1'), Status: 'READY' },
    ])
    expect((await remove('warm', '1')).$metadata.httpStatusCode).toBe(204)
    expect(await unreserved()).toBe(1000)
    expect(await failureOf(get('warm', '1'))).toEqual(
      failure(
        'ProvisionedConcurrencyConfigNotFoundException',
        404,
        'No Provisioned Concurrency Config found for this function',
        'User',
      ),
    )
  })

  test('move with their alias, and go with it', async () => {
    await deploy(lambda, 'moving', { Role: role, code: WARM })
    await publish('moving', 1)
    await publish('moving', 2)
    await lambda.send(new CreateAliasCommand({ FunctionName: 'moving', Name: 'live', FunctionVersion: '1' }))
    await put('moving', 'live', 1)
    await ready('moving', 'live')
    expect(await invoke('moving:live')).toMatchObject({ initialised: 'provisioned-concurrency', version: '1' })
    await lambda.send(new UpdateAliasCommand({ FunctionName: 'moving', Name: 'live', FunctionVersion: '2' }))
    await ready('moving', 'live')
    expect(await invoke('moving:live')).toMatchObject({ initialised: 'provisioned-concurrency', version: '2' })
    await lambda.send(new DeleteAliasCommand({ FunctionName: 'moving', Name: 'live' }))
    const { ProvisionedConcurrencyConfigs } = await lambda.send(
      new ListProvisionedConcurrencyConfigsCommand({ FunctionName: 'moving' }),
    )
    expect(ProvisionedConcurrencyConfigs).toEqual([])
  })

  test('fail with the function’s own initialisation', async () => {
    await deploy(lambda, 'broken', { Role: role, code: "throw new Error('at start')" })
    await publish('broken', 1)
    await put('broken', '1', 1)
    expect(await ready('broken', '1')).toMatchObject({
      Status: 'FAILED',
      StatusReason: 'FUNCTION_ERROR_INIT_FAILURE',
      AvailableProvisionedConcurrentExecutions: 0,
    })
    await remove('broken', '1')
  })
})

describe('refused is', () => {
  test('what is no published version and no alias', async () => {
    expect(await failureOf(put('warm', '$LATEST', 1))).toEqual(
      invalidParameter('Provisioned Concurrency Configs cannot be applied to unpublished function versions.'),
    )
    expect(await failureOf(get('warm', '$LATEST'))).toEqual(
      invalidParameter('The function resource provided must be an alias or a published version.'),
    )
    expect(await failureOf(put('warm', 'noalias', 1))).toEqual(
      notFound(`Cannot find alias arn: ${arnOf('source', 'warm', 'noalias')}`),
    )
    expect(await failureOf(put('doesnotexist', '1', 1))).toEqual(
      notFound(`Function not found: ${arnOf('source', 'doesnotexist', '1')}`),
    )
  })

  test('a second configuration of the same version', async () => {
    await lambda.send(new CreateAliasCommand({ FunctionName: 'warm', Name: 'live', FunctionVersion: '1' }))
    await put('warm', '1', 1)
    expect(await failureOf(put('warm', 'live', 1))).toEqual(
      conflict("Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version"),
    )
    await remove('warm', '1')
    await put('warm', 'live', 1)
    expect(await failureOf(put('warm', '1', 1))).toEqual(
      conflict('Version is pointed by a Provisioned Concurrency alias'),
    )
    await remove('warm', 'live')
  })

  test('more than there is', async () => {
    const untyped = (message: string) => failure('InvalidParameterValueException', 400, message)
    expect(await failureOf(put('warm', '1', 901))).toEqual(
      untyped(
        "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [100].",
      ),
    )
    expect(await failureOf(put('warm', '1', 1001))).toEqual(
      untyped("Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [1000]."),
    )
    await reserve('warm', 2)
    expect(await failureOf(put('warm', '1', 3))).toEqual(
      invalidParameter(
        'Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function',
      ),
    )
    await put('warm', '1', 2)
    expect(await unreserved()).toBe(998)
    expect(await failureOf(reserve('warm', 1))).toEqual(
      untyped(
        " ReservedConcurrentExecutions  1 should not be lower than function's total provisioned concurrency [2].",
      ),
    )
    await remove('warm', '1')
    await lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName: 'warm' }))
  })
})

describe('a throttled request is told', () => {
  test('that the account has no more, under a quota that was lowered', async () => {
    const quotas = cloud.client(ServiceQuotasClient, 'target')
    await quotas.send(
      new RequestServiceQuotaIncreaseCommand({ ServiceCode: 'lambda', QuotaCode: 'L-B99A9384', DesiredValue: 3 }),
    )
    const them = lambdaOf(cloud, 'target')
    const theirRole = await createRole(iamOf(cloud, 'target'), 'execution')
    await deploy(them, 'few', { Role: theirRole, code: WARM, Timeout: 60 })
    await eventually(async () => {
      const { AccountLimit } = await them.send(new GetAccountSettingsCommand({}))
      return AccountLimit?.ConcurrentExecutions === 3 || undefined
    })
    const invokeFew = () => them.send(new InvokeCommand({ FunctionName: 'few', Payload: AT_GATE }))
    expect(await invokeAtOnce(gate, invokeFew, { invoked: 5, refused: 2 })).toEqual([
      'ConcurrentInvocationLimitExceeded',
      'ConcurrentInvocationLimitExceeded',
      'ran',
      'ran',
      'ran',
    ])
  })

  test('that it asks too often, and when to ask again', async () => {
    await reserve('warm', 1)
    // One environment serves ten requests in a second, of which none passes here; events are not counted.
    await invoke('warm')
    let refused: { Reason?: string; retryAfterSeconds?: string } | undefined
    await clock.whileHeld(async () => {
      for (let count = 0; count <= 10 && !refused; count++) {
        try {
          await lambda.send(new InvokeCommand({ FunctionName: 'warm' }))
        } catch (error) {
          refused = error as { Reason?: string; retryAfterSeconds?: string }
        }
      }
    })
    expect(refused).toMatchObject({
      name: 'TooManyRequestsException',
      Reason: 'ReservedFunctionInvocationRateLimitExceeded',
      retryAfterSeconds: '1',
    })
    await lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName: 'warm' }))
  })
})
