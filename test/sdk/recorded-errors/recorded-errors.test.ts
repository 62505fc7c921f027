/** Every error of the other services that AWS was recorded to answer: the call that provokes it here is answered with the very same. */
import { CloudFormationClient, DeleteStackCommand } from '@aws-sdk/client-cloudformation'
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
import { EC2Client } from '@aws-sdk/client-ec2'
import { IAMClient } from '@aws-sdk/client-iam'
import { STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { implementedIn } from '../../../scripts/list-operations.ts'
import { ACCOUNTS, startCloud } from '../cloud.ts'
import { createHeldClock } from '../held-clock.ts'
import {
  expectedError,
  noLongerOutside,
  refusals,
  rowsOf,
  seenError,
  uncovered,
  untested,
  type Case,
  type Outside,
  type Recordings,
} from '../recorded-error.ts'
import { stacks, stacksOutside } from './cases/cloudformation.ts'
import { ec2, ec2Outside } from './cases/ec2.ts'
import { iam, iamOutside } from './cases/iam.ts'
import { logs, logsOutside } from './cases/logs.ts'
import { sts, stsOutside } from './cases/sts.ts'
import { templates } from './cases/templates.ts'
import { cloudformationRecordings } from './recordings/cloudformation.ts'
import { ec2Recordings } from './recordings/ec2.ts'
import { iamRecordings } from './recordings/iam.ts'
import { logsRecordings } from './recordings/logs.ts'
import { otherRecordings } from './recordings/other-services.ts'
import { stsRecordings } from './recordings/sts.ts'
import { populate } from './world.ts'

const clock = createHeldClock()
const cloud = await startCloud({ clock })
// The calls are about what there is, so it has to be there before the tests are collected.
const stackIds = await populate(cloud)
let release: () => void

beforeAll(async () => {
  // A deletion that does not go on for as long as the calls are made.
  await new Promise<void>((begun, failed) => {
    const hold = async () => {
      const client = cloud.client(CloudFormationClient, 'source')
      await client.send(new DeleteStackCommand({ StackName: stackIds.deleting }))
      await new Promise<void>((resolve) => {
        release = resolve
        begun()
      })
    }
    clock.whileHeld(hold).catch(failed)
  })
})
afterAll(async () => {
  release()
  await cloud.close()
})

interface Service {
  readonly constructor: new (settings: never) => { send(command: never): Promise<unknown> }
  readonly recordings: Recordings
  readonly cases: Readonly<Record<string, Case>>
  readonly outside: Readonly<Record<string, Outside>>
}

const services: Readonly<Record<string, Service>> = {
  iam: { constructor: IAMClient, recordings: iamRecordings, cases: iam, outside: iamOutside },
  sts: { constructor: STSClient, recordings: stsRecordings, cases: sts, outside: stsOutside },
  ec2: { constructor: EC2Client, recordings: ec2Recordings, cases: ec2, outside: ec2Outside },
  logs: { constructor: CloudWatchLogsClient, recordings: logsRecordings, cases: logs, outside: logsOutside },
  cloudformation: {
    constructor: CloudFormationClient,
    recordings: cloudformationRecordings,
    cases: { ...templates, ...stacks(stackIds) },
    outside: stacksOutside,
  },
}

describe.each(Object.entries(services))('of %s', (folder, { constructor, recordings, cases, outside }) => {
  const client = cloud.client<InstanceType<Service['constructor']>>(constructor as never, 'source')

  test.each(rowsOf(cases, recordings))('$title', async ({ command, recording, values }) => {
    expect(await seenError(client, command, recording)).toEqual(expectedError(recording, ACCOUNTS.source, values))
  })

  test('none is left out', async () => {
    expect(uncovered(recordings, cases, outside)).toEqual([])
    expect(noLongerOutside(outside, await implementedIn(folder))).toEqual([])
    expect(untested(recordings, outside)).toEqual([])
    for (const { parameter, message } of await refusals(client, outside)) expect(message).toContain(parameter)
  })
})

test('of services that are not here there are few', () => {
  const ours = Object.values(services).flatMap(({ recordings }) => Object.keys(recordings))
  expect(ours.length + Object.keys(otherRecordings).length).toBe(127)
})
