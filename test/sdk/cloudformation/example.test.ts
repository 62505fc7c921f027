/** The example project's stacks, deployed as they are, and a call through them. */
import { readFileSync } from 'node:fs'

import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation'
import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam'
import { GetPolicyCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'
import { settledStack } from './stacks.ts'

const CALLEE_ARN = 'arn:aws:lambda:us-east-1:444455556666:function:callee:prod'
const CALLER_ROLE_ARN = 'arn:aws:iam::111122223333:role/caller-role'

const template = (name: string) =>
  readFileSync(new URL(`../../../examples/cross-account/${name}`, import.meta.url), 'utf8')

let cloud: TestCloud
let source: CloudFormationClient
let target: CloudFormationClient

beforeAll(async () => {
  cloud = await startCloud()
  source = cloud.client(CloudFormationClient, 'source')
  target = cloud.client(CloudFormationClient, 'target')
})

afterAll(async () => {
  await cloud?.close()
})

test('both stacks deploy, the call crosses, an update replaces the version, and deletion leaves nothing', async () => {
  const created = await source.send(
    new CreateStackCommand({
      StackName: 'cross-account-source',
      TemplateBody: template('source.yaml'),
      Capabilities: ['CAPABILITY_NAMED_IAM'],
      Parameters: [{ ParameterKey: 'CalleeArn', ParameterValue: CALLEE_ARN }],
    }),
  )
  expect(created.StackId).toMatch(
    /^arn:aws:cloudformation:us-east-1:111122223333:stack\/cross-account-source\/[-0-9a-f]{36}$/,
  )
  const sourceStack = await settledStack(source, 'cross-account-source')
  expect(sourceStack.StackStatus).toBe('CREATE_COMPLETE')
  expect(sourceStack.Outputs).toEqual([
    expect.objectContaining({
      OutputKey: 'CallerArn',
      OutputValue: 'arn:aws:lambda:us-east-1:111122223333:function:caller',
    }),
    expect.objectContaining({ OutputKey: 'CallerRoleArn', OutputValue: CALLER_ROLE_ARN }),
  ])

  await target.send(
    new CreateStackCommand({
      StackName: 'cross-account-target',
      TemplateBody: template('target.yaml'),
      Capabilities: ['CAPABILITY_NAMED_IAM'],
      Parameters: [{ ParameterKey: 'CallerRoleArn', ParameterValue: CALLER_ROLE_ARN }],
    }),
  )
  const targetStack = await settledStack(target, 'cross-account-target')
  expect(targetStack.StackStatus).toBe('CREATE_COMPLETE')
  const policy = await cloud
    .client(LambdaClient, 'target')
    .send(new GetPolicyCommand({ FunctionName: 'callee', Qualifier: 'prod' }))
  expect(policy.Policy).toContain(CALLER_ROLE_ARN)

  const caller = cloud.client(LambdaClient, 'source')
  const call = async (event: object) => {
    const answer = await caller.send(new InvokeCommand({ FunctionName: 'caller', Payload: JSON.stringify(event) }))
    return JSON.parse(Buffer.from(answer.Payload ?? []).toString()) as Record<string, unknown>
  }
  expect(await call({ payload: { greeting: 'hello' } })).toMatchObject({
    ok: true,
    status: 200,
    executedVersion: '1',
    payload: { event: { greeting: 'hello' }, functionVersion: '1', invokedFunctionArn: CALLEE_ARN },
  })
  expect(await call({ invocationType: 'Event' })).toMatchObject({ ok: true, status: 202 })
  expect(await call({ functionName: CALLEE_ARN.replace(':prod', '') })).toMatchObject({
    ok: false,
    status: 403,
    error: { name: 'AccessDeniedException' },
  })

  await target.send(
    new UpdateStackCommand({
      StackName: 'cross-account-target',
      TemplateBody: template('target.yaml')
        .replace('time: new', 'changed: true, time: new')
        .replaceAll('CalleeVersion', 'CalleeVersionTwo'),
      Capabilities: ['CAPABILITY_NAMED_IAM'],
      Parameters: [{ ParameterKey: 'CallerRoleArn', UsePreviousValue: true }],
    }),
  )
  expect((await settledStack(target, 'cross-account-target')).StackStatus).toBe('UPDATE_COMPLETE')
  expect(await call({})).toMatchObject({ ok: true, executedVersion: '2', payload: { changed: true } })
  const { StackEvents: events = [] } = await target.send(
    new DescribeStackEventsCommand({ StackName: 'cross-account-target' }),
  )
  const told = events.map((event) => `${event.LogicalResourceId} ${event.ResourceStatus}`).reverse()
  const update = told.slice(told.indexOf('cross-account-target UPDATE_IN_PROGRESS'))
  expect(update).toEqual([
    'cross-account-target UPDATE_IN_PROGRESS',
    'Callee UPDATE_IN_PROGRESS',
    'Callee UPDATE_COMPLETE',
    'CalleeVersionTwo CREATE_IN_PROGRESS',
    'CalleeVersionTwo CREATE_IN_PROGRESS',
    'CalleeVersionTwo CREATE_COMPLETE',
    'CalleeAlias UPDATE_IN_PROGRESS',
    'CalleeAlias UPDATE_COMPLETE',
    'cross-account-target UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
    'CalleeVersion DELETE_IN_PROGRESS',
    'CalleeVersion DELETE_COMPLETE',
    'cross-account-target UPDATE_COMPLETE',
  ])

  await target.send(new DeleteStackCommand({ StackName: 'cross-account-target' }))
  await source.send(new DeleteStackCommand({ StackName: 'cross-account-source' }))
  expect((await settledStack(target, targetStack.StackId ?? '')).StackStatus).toBe('DELETE_COMPLETE')
  expect((await settledStack(source, sourceStack.StackId ?? '')).StackStatus).toBe('DELETE_COMPLETE')
  await expect(target.send(new DescribeStacksCommand({ StackName: 'cross-account-target' }))).rejects.toThrow(
    'Stack with id cross-account-target does not exist',
  )
  await expect(cloud.client(IAMClient, 'target').send(new GetRoleCommand({ RoleName: 'callee-role' }))).rejects.toThrow(
    'callee-role',
  )
})
