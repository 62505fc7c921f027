/** Logs outlive the process that took them: a second service over the same state and the same folder. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, it } from 'vitest'

import { parseAccountId } from '../../core/account.ts'
import { systemClock } from '../../core/clock.ts'
import { randomIds } from '../../core/ids.ts'
import { parseRegion } from '../../core/region.ts'
import { createState, type State } from '../../state/state.ts'
import type { Caller } from '../caller.ts'
import { createLogs, type Logs } from './index.ts'

const account = parseAccountId('111122223333')
const CALLER: Caller = {
  principal: { kind: 'root', account, arn: `arn:aws:iam::${account}:root` },
  account,
  region: parseRegion('us-east-1'),
  requestId: 'r',
}
const GROUP = { logGroupName: 'kept' }
const STREAM = { ...GROUP, logStreamName: 's' }

let directory: string
let state: State

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'isthmus-logs-'))
  state = createState()
})
afterEach(() => {
  rmSync(directory, { recursive: true, force: true })
})

const start = () =>
  createLogs({
    state,
    clock: systemClock,
    ids: randomIds,
    directory,
    call: () => Promise.reject(new Error('nothing is subscribed')),
    notice: (text) => {
      throw new Error(text)
    },
  })

async function call(logs: Logs, operation: string, input: object): Promise<object> {
  const bound = logs.service.operations[operation]
  if (!bound) throw new Error(`no operation ${operation}`)
  return bound.handle(input, CALLER)
}

const put = (logs: Logs, message: string) =>
  call(logs, 'PutLogEvents', { ...STREAM, logEvents: [{ timestamp: Date.now(), message }] })

async function messages(logs: Logs): Promise<readonly string[]> {
  const { events } = (await call(logs, 'FilterLogEvents', GROUP)) as { events: { message: string }[] }
  return events.map(({ message }) => message)
}

it('reads its events again and goes on', async () => {
  const before = start()
  await call(before, 'CreateLogGroup', GROUP)
  await call(before, 'CreateLogStream', STREAM)
  await put(before, 'before')
  before.close()

  const after = start()
  await put(after, 'after')
  expect(await messages(after)).toEqual(['before', 'after'])
  after.close()
  expect(await messages(start())).toEqual(['before', 'after'])
})

it('does not bring back what was deleted', async () => {
  const before = start()
  await call(before, 'CreateLogGroup', GROUP)
  await call(before, 'CreateLogStream', STREAM)
  await put(before, 'gone')
  await call(before, 'DeleteLogGroup', GROUP)
  await call(before, 'CreateLogGroup', GROUP)
  before.close()
  const after = start()
  expect(await messages(after)).toEqual([])
  await expect(put(after, 'x')).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
})

it('clears the files of groups that a reset took away', async () => {
  const before = start()
  await call(before, 'CreateLogGroup', GROUP)
  await call(before, 'CreateLogStream', STREAM)
  before.close()
  expect(readdirSync(directory)).toHaveLength(1)
  state.reset()
  start()
  expect(readdirSync(directory)).toEqual([])
})
