/** How asynchronous invocations are configured: per qualifier, with AWS's refusals, and tried against the execution role. */
import {
  CreateAliasCommand,
  DeleteFunctionCommand,
  DeleteFunctionEventInvokeConfigCommand,
  GetFunctionConfigurationCommand,
  GetFunctionEventInvokeConfigCommand,
  GetFunctionRecursionConfigCommand,
  LambdaClient,
  ListFunctionEventInvokeConfigsCommand,
  PublishVersionCommand,
  PutFunctionEventInvokeConfigCommand,
  PutFunctionRecursionConfigCommand,
  UpdateFunctionConfigurationCommand,
  UpdateFunctionEventInvokeConfigCommand,
  type PutFunctionEventInvokeConfigCommandInput,
} from '@aws-sdk/client-lambda'
import { SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { ACCOUNTS, startCloud, type TestCloud } from '../cloud.ts'
import { createQueue } from '../sqs/support.ts'
import {
  arnOf,
  create,
  createRole,
  deploy,
  failureOf,
  iamOf,
  invalidParameter,
  lambdaOf,
  notFound,
  untilUpdated,
} from './support.ts'

let cloud: TestCloud
let lambda: LambdaClient
let role: string
let poorRole: string

const queue = (name: string) => `arn:aws:sqs:us-east-1:${ACCOUNTS.source}:${name}`
const topic = `arn:aws:sns:us-east-1:${ACCOUNTS.source}:t`

beforeAll(async () => {
  cloud = await startCloud()
  lambda = lambdaOf(cloud, 'source')
  const allow = {
    Action: ['sqs:SendMessage', 'sns:Publish', 'lambda:InvokeFunction', 'events:PutEvents'],
    Resource: '*',
  }
  role = await createRole(iamOf(cloud, 'source'), 'telling', { allow })
  poorRole = await createRole(iamOf(cloud, 'source'), 'mute')
  await createQueue(cloud.client(SQSClient, 'source'), 'q')
  await deploy(lambda, 'f', { Role: role })
  await deploy(lambda, 'other', { Role: role })
  await deploy(lambda, 'mute', { Role: poorRole })
  await lambda.send(new PublishVersionCommand({ FunctionName: 'f' }))
  await lambda.send(new CreateAliasCommand({ FunctionName: 'f', Name: 'live', FunctionVersion: '1' }))
})
afterAll(() => cloud.close())

const put = (FunctionName: string, input: Omit<PutFunctionEventInvokeConfigCommandInput, 'FunctionName'> = {}) =>
  lambda.send(new PutFunctionEventInvokeConfigCommand({ FunctionName, ...input }))
const get = (FunctionName: string) => lambda.send(new GetFunctionEventInvokeConfigCommand({ FunctionName }))
const to = (Destination: string) => ({ DestinationConfig: { OnSuccess: { Destination } } })

describe('a configuration', () => {
  test('is put, updated, read, listed and deleted, for each qualifier by itself', async () => {
    const first = await put('f', { MaximumRetryAttempts: 1 })
    expect(first).toMatchObject({
      FunctionArn: arnOf('source', 'f', '$LATEST'),
      MaximumRetryAttempts: 1,
      DestinationConfig: { OnSuccess: {}, OnFailure: {} },
    })
    expect(first.MaximumEventAgeInSeconds).toBeUndefined()
    expect(first.LastModified).toBeInstanceOf(Date)
    await put('f:live', { MaximumEventAgeInSeconds: 60, ...to(queue('q')) })
    const updated = await lambda.send(
      new UpdateFunctionEventInvokeConfigCommand({ FunctionName: 'f', Qualifier: 'live', MaximumRetryAttempts: 0 }),
    )
    expect(updated).toMatchObject({
      FunctionArn: arnOf('source', 'f', 'live'),
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 60,
      DestinationConfig: { OnSuccess: { Destination: queue('q') } },
    })
    // Put starts anew.
    await put('f:live', { MaximumRetryAttempts: 2 })
    expect((await get('f:live')).MaximumEventAgeInSeconds).toBeUndefined()
    const { FunctionEventInvokeConfigs } = await lambda.send(
      new ListFunctionEventInvokeConfigsCommand({ FunctionName: 'f' }),
    )
    expect(FunctionEventInvokeConfigs?.map(({ FunctionArn }) => FunctionArn)).toEqual([
      arnOf('source', 'f', '$LATEST'),
      arnOf('source', 'f', 'live'),
    ])
    await lambda.send(new DeleteFunctionEventInvokeConfigCommand({ FunctionName: 'f', Qualifier: 'live' }))
    expect(await failureOf(get('f:live'))).toEqual(
      notFound(`The function ${arnOf('source', 'f', 'live')} doesn't have an EventInvokeConfig`),
    )
  })

  test('goes with its function', async () => {
    await deploy(lambda, 'gone', { Role: role })
    await put('gone', { MaximumRetryAttempts: 0 })
    await lambda.send(new DeleteFunctionCommand({ FunctionName: 'gone' }))
    await deploy(lambda, 'gone', { Role: role })
    expect(await failureOf(get('gone'))).toEqual(
      notFound(`The function ${arnOf('source', 'gone', '$LATEST')} doesn't have an EventInvokeConfig`),
    )
  })

  test('is refused without function, without content, and out of range', async () => {
    expect(await failureOf(put('missing', { MaximumRetryAttempts: 1 }))).toEqual(
      notFound("The function doesn't exist."),
    )
    expect(await failureOf(put('f:missing', { MaximumRetryAttempts: 1 }))).toEqual(
      notFound("The function doesn't exist."),
    )
    expect(await failureOf(get('missing'))).toEqual(
      notFound(`The function ${arnOf('source', 'missing', '$LATEST')} doesn't have an EventInvokeConfig`),
    )
    expect(await failureOf(put('f'))).toEqual(
      invalidParameter('You must specify at least one of error handling or destination setting.'),
    )
    expect(await failureOf(put('f', { MaximumRetryAttempts: 3 }))).toMatchObject({ name: 'ValidationException' })
    expect(await failureOf(put('f', { MaximumEventAgeInSeconds: 59 }))).toMatchObject({ name: 'ValidationException' })
  })
})

describe('a destination', () => {
  test.each([
    ['itself', arnOf('source', 'f'), "You can't specify the function as a destination for itself."],
    [
      'a function that does not exist',
      arnOf('source', 'doesnotexist'),
      `The destination ARN ${arnOf('source', 'doesnotexist')} is invalid.`,
    ],
    [
      'of a service that is none',
      `arn:aws:iam:us-east-1:${ACCOUNTS.source}:function:f`,
      `The provided destination config DestinationConfig(onSuccess=OnSuccess(destination=arn:aws:iam:us-east-1:${ACCOUNTS.source}:function:f), onFailure=null) is invalid.`,
    ],
  ])('%s is refused', async (_what, destination, message) => {
    expect(await failureOf(put('f', to(destination)))).toEqual(invalidParameter(message))
  })

  test.each([
    [queue('q'), 'SendMessage'],
    [topic, 'Publish'],
    [arnOf('source', 'other'), 'InvokeFunction'],
    [`arn:aws:events:us-east-1:${ACCOUNTS.source}:event-bus/default`, 'PutEvents'],
  ])('%s needs the permission of the execution role', async (destination, action) => {
    await put('f', to(destination))
    expect(await failureOf(put('mute', to(destination)))).toEqual(
      invalidParameter(`The function's execution role does not have permissions to call ${action} on ${destination}`),
    )
  })

  test('in S3 is refused by name', async () => {
    const DestinationConfig = { OnFailure: { Destination: 'arn:aws:s3:::bucket' } }
    expect((await failureOf(put('f', { DestinationConfig }))).status).toBe(501)
  })

  test('in another account needs that account’s permission, too', async () => {
    const theirs = `arn:aws:sqs:us-east-1:${ACCOUNTS.target}:theirs`
    const QueueUrl = await createQueue(cloud.client(SQSClient, 'target'), 'theirs')
    expect((await failureOf(put('f', to(theirs)))).message).toContain('does not have permissions to call SendMessage')
    const { SetQueueAttributesCommand } = await import('@aws-sdk/client-sqs')
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Principal: { AWS: role }, Action: 'sqs:SendMessage', Resource: theirs },
    })
    await cloud.client(SQSClient, 'target').send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }))
    await put('f', to(theirs))
  })
})

describe('a dead-letter queue', () => {
  test('is configured with the function, and tried against its role', async () => {
    const DeadLetterConfig = { TargetArn: queue('q') }
    await deploy(lambda, 'lettered', { Role: role, DeadLetterConfig })
    const configuration = async () =>
      (await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: 'lettered' }))).DeadLetterConfig
    expect(await configuration()).toEqual(DeadLetterConfig)
    await lambda.send(
      new UpdateFunctionConfigurationCommand({ FunctionName: 'lettered', DeadLetterConfig: { TargetArn: '' } }),
    )
    await untilUpdated(lambda, 'lettered')
    expect(await configuration()).toBeUndefined()
    expect(await failureOf(create(lambda, 'unlettered', { Role: poorRole, DeadLetterConfig }))).toEqual(
      invalidParameter('The provided execution role does not have permissions to call SendMessage on SQS'),
    )
    expect(
      await failureOf(create(lambda, 'unlettered', { Role: poorRole, DeadLetterConfig: { TargetArn: topic } })),
    ).toEqual(invalidParameter('The provided execution role does not have permissions to call Publish on SNS'))
  })
})

test('recursive loops are stopped unless the function allows them', async () => {
  const read = async () =>
    (await lambda.send(new GetFunctionRecursionConfigCommand({ FunctionName: 'other' }))).RecursiveLoop
  expect(await read()).toBe('Terminate')
  await lambda.send(new PutFunctionRecursionConfigCommand({ FunctionName: 'other', RecursiveLoop: 'Allow' }))
  expect(await read()).toBe('Allow')
  await lambda.send(new PutFunctionRecursionConfigCommand({ FunctionName: 'other', RecursiveLoop: 'Terminate' }))
  expect(await read()).toBe('Terminate')
})
