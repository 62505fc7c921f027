/** What is answered about stacks and resources that are not there. */
import {
  CloudFormationClient,
  DescribeStackEventsCommand,
  DescribeStackResourceCommand,
  DescribeStackResourcesCommand,
  ListChangeSetsCommand,
  ListStackResourcesCommand,
  UpdateTerminationProtectionCommand,
  ValidateTemplateCommand,
} from '@aws-sdk/client-cloudformation'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'
import { created, eventsOf, logGroup, resources, updated } from './stacks.ts'

let cloud: TestCloud
let cfn: CloudFormationClient

beforeAll(async () => {
  cloud = await startCloud()
  cfn = cloud.client(CloudFormationClient, 'source')
  await created(cfn, 'there', resources({ G: logGroup() }))
})

afterAll(async () => {
  await cloud?.close()
})

test('each operation has its own words for a stack that does not exist', async () => {
  const StackName = 'does-not-exist'
  const message = async (promise: Promise<unknown>) => {
    const error: unknown = await promise.then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    expect(error).toMatchObject({ name: 'ValidationError', $metadata: { httpStatusCode: 400 } })
    return (error as Error).message
  }
  expect([
    await message(cfn.send(new DescribeStackEventsCommand({ StackName }))),
    await message(cfn.send(new DescribeStackResourcesCommand({ StackName }))),
    await message(cfn.send(new ListStackResourcesCommand({ StackName }))),
    await message(cfn.send(new ListChangeSetsCommand({ StackName }))),
    await message(cfn.send(new DescribeStackResourceCommand({ StackName, LogicalResourceId: 'G' }))),
    await message(cfn.send(new UpdateTerminationProtectionCommand({ StackName, EnableTerminationProtection: true }))),
    await message(cfn.send(new DescribeStackResourceCommand({ StackName: 'there', LogicalResourceId: 'Nope' }))),
    await message(cfn.send(new DescribeStackResourcesCommand({ PhysicalResourceId: 'nope' }))),
    await message(cfn.send(new DescribeStackResourcesCommand({}))),
    await message(cfn.send(new DescribeStackResourcesCommand({ StackName: 'there', PhysicalResourceId: 'x' }))),
  ]).toEqual([
    'Stack [does-not-exist] does not exist',
    'Stack with id does-not-exist does not exist',
    'Stack with id does-not-exist does not exist',
    'Stack [does-not-exist] does not exist',
    "Stack 'does-not-exist' does not exist",
    'Stack [does-not-exist] does not exist',
    'Resource Nope does not exist for stack there',
    'Stack for nope does not exist',
    'You must specify either StackName or PhysicalResourceId',
    'You must specify either StackName or PhysicalResourceId, but not both',
  ])
})

test('the stacks of one account and Region are nobody else’s', async () => {
  for (const other of [
    cloud.client(CloudFormationClient, 'target'),
    cloud.client(CloudFormationClient, 'source', 'eu-west-1'),
  ]) {
    await expect(other.send(new ListStackResourcesCommand({ StackName: 'there' }))).rejects.toThrow('does not exist')
  }
})

test('names and templates are held to AWS’s limits', async () => {
  await expect(created(cfn, '*@da591fa3_$', resources({ G: logGroup() }))).rejects.toThrow(
    "1 validation error detected: Value '*@da591fa3_$' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*",
  )
  await expect(cfn.send(new ValidateTemplateCommand({ TemplateBody: '' }))).rejects.toThrow('templateBody')
})

test('a property out of Lambda’s range fails as Lambda says', async () => {
  const stack = await created(cfn, 'range', {
    Resources: {
      F: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          Role: 'arn:aws:iam::111122223333:role/none',
          Runtime: 'nodejs22.x',
          Handler: 'index.handler',
          MemorySize: 64,
          Code: { ZipFile: '1' },
        },
      },
    },
  })
  expect(stack.StackStatus).toBe('ROLLBACK_COMPLETE')
  expect((await eventsOf(cfn, 'range')).map(({ ResourceStatusReason }) => ResourceStatusReason)).toContainEqual(
    expect.stringContaining("Value '64' at 'memorySize' failed to satisfy constraint"),
  )
})

test('events come in pages, newest first', async () => {
  for (let days = 0; days < 30; days++) {
    const RetentionInDays = days % 2 === 0 ? 1 : 3
    await updated(cfn, 'there', resources({ G: logGroup({ RetentionInDays }) }))
  }
  const page = await cfn.send(new DescribeStackEventsCommand({ StackName: 'there' }))
  expect(page.StackEvents).toHaveLength(100)
  expect(page.StackEvents?.[0]).toMatchObject({ LogicalResourceId: 'there', ResourceStatus: 'UPDATE_COMPLETE' })
  const all = await eventsOf(cfn, 'there')
  expect(all).toHaveLength(5 + 30 * 5)
  expect(new Set(all.map(({ EventId }) => EventId)).size).toBe(all.length)
  const times = all.map(({ Timestamp }) => Timestamp?.getTime() ?? 0)
  expect(times).toEqual([...times].sort((a, b) => a - b))
})
