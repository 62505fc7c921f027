/** Every error of Lambda that AWS was recorded to answer: the call that provokes it here is answered with the very same. */
import { UpdateFunctionConfigurationCommand, type LambdaClient } from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { implementedIn } from '../../../../scripts/list-operations.ts'
import { startCloud, type TestCloud } from '../../cloud.ts'
import { createHeldClock } from '../../held-clock.ts'
import {
  expectedError,
  noLongerOutside,
  refusals,
  rowsOf,
  seenError,
  uncovered,
  untested,
} from '../../recorded-error.ts'
import { aliases } from './cases/aliases.ts'
import { eventConfigs } from './cases/event-configs.ts'
import { functions } from './cases/functions.ts'
import { layers } from './cases/layers.ts'
import { names } from './cases/names.ts'
import { permissions } from './cases/permissions.ts'
import { provisioned } from './cases/provisioned.ts'
import { tags } from './cases/tags.ts'
import { urls } from './cases/urls.ts'
import { outside } from './outside.ts'
import { recordings } from './recordings.ts'
import { ACCOUNT, populate } from './world.ts'

const tables = { functions, names, aliases, permissions, provisioned, eventConfigs, tags, layers, urls }

const clock = createHeldClock()
let cloud: TestCloud
let lambda: LambdaClient
let release: () => void

beforeAll(async () => {
  cloud = await startCloud({ clock })
  lambda = await populate(cloud)
  // `busy` is being updated for as long as the calls are made.
  await new Promise<void>((started, failed) => {
    clock
      .whileHeld(async () => {
        await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'busy', Description: 'x' }))
        await new Promise<void>((resolve) => {
          release = resolve
          started()
        })
      })
      .catch(failed)
  })
})
afterAll(async () => {
  release()
  await cloud.close()
})

describe.each(Object.entries(tables))('of %s', (_table, cases) => {
  test.each(rowsOf(cases, recordings))('$title', async ({ command, recording, values }) => {
    expect(await seenError(lambda, command, recording)).toEqual(expectedError(recording, ACCOUNT, values))
  })
})

test('no recording is left out', async () => {
  expect(Object.keys(recordings)).toHaveLength(166)
  expect(uncovered(recordings, Object.assign({}, ...Object.values(tables)) as typeof functions, outside)).toEqual([])
  expect(noLongerOutside(outside, await implementedIn('lambda'))).toEqual([])
  expect(untested(recordings, outside)).toEqual([])
  for (const { parameter, message } of await refusals(lambda, outside)) expect(message).toContain(parameter)
})
