/** Stacks outlive the process, and an operation that was cut off comes to an end. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation'
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { startCloud, type TestCloud } from '../cloud.ts'
import { created, logGroup, resources, settledStack, story } from './stacks.ts'

let directory: string
let cloud: TestCloud
let cfn: CloudFormationClient

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'isthmus-test-'))
  await start()
})

afterEach(async () => {
  await cloud.close()
  rmSync(directory, { recursive: true, force: true })
})

async function start(): Promise<void> {
  cloud = await startCloud({ stateDirectory: directory })
  cfn = cloud.client(CloudFormationClient, 'source')
}

async function restart(): Promise<void> {
  await cloud.close()
  await start()
}

/** One group after the other, so that there is time to be cut off. */
const chain = (prefix: string, length = 40) =>
  resources(
    Object.fromEntries(
      Array.from({ length }, (_, n) => [
        `G${n}`,
        logGroup({ LogGroupName: `${prefix}-${n}` }, n === 0 ? {} : { DependsOn: `G${n - 1}` }),
      ]),
    ),
  )

async function groups(prefix: string): Promise<number> {
  const logs = cloud.client(CloudWatchLogsClient, 'source')
  return (await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: prefix }))).logGroups?.length ?? 0
}

test('a stack is as it was after a restart', async () => {
  const before = await created(
    cfn,
    'lasting',
    resources({ G: logGroup() }, { Outputs: { O: { Value: { Ref: 'G' } } } }),
  )
  const told = await story(cfn, 'lasting')
  await restart()
  expect(await settledStack(cfn, 'lasting')).toEqual({ ...before })
  expect(await story(cfn, 'lasting')).toEqual(told)
  await cfn.send(new DeleteStackCommand({ StackName: 'lasting' }))
  expect((await settledStack(cfn, before.StackId ?? '')).StackStatus).toBe('DELETE_COMPLETE')
})

test('a creation that was cut off is rolled back', async () => {
  const body = JSON.stringify(chain('cut'))
  await cfn.send(new CreateStackCommand({ StackName: 'cut', TemplateBody: body }))
  await restart()
  expect((await settledStack(cfn, 'cut')).StackStatus).toBe('ROLLBACK_COMPLETE')
  expect(await groups('cut-')).toBe(0)
  const told = await story(cfn, 'cut')
  expect(told.some((line) => line.startsWith('cut ROLLBACK_IN_PROGRESS (Isthmus stopped during the operation.'))).toBe(
    true,
  )
})

test('an update that was cut off is rolled back', async () => {
  await created(cfn, 'cut-update', chain('old', 5))
  await cfn.send(new UpdateStackCommand({ StackName: 'cut-update', TemplateBody: JSON.stringify(chain('new')) }))
  await restart()
  expect((await settledStack(cfn, 'cut-update')).StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE')
  expect([await groups('old-'), await groups('new-')]).toEqual([5, 0])
})

test('a deletion that was cut off goes on', async () => {
  const stack = await created(cfn, 'cut-deletion', chain('deleted'))
  await cfn.send(new DeleteStackCommand({ StackName: 'cut-deletion' }))
  await restart()
  expect((await settledStack(cfn, stack.StackId ?? '')).StackStatus).toBe('DELETE_COMPLETE')
  expect(await groups('deleted-')).toBe(0)
})
