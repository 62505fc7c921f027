/** What an account's history holds, and how much of it. */
import { expect, it } from 'vitest'

import { systemClock } from '../../core/clock.ts'
import { createEventHistory } from './event-history.ts'
import type { EventRecord } from './event-record.ts'
import { HISTORY_EVENTS_MAX, HISTORY_KEPT_MS } from './limits.ts'

const ACCOUNT = '111122223333'

function recordOf(eventID: string, timeMs = Date.now()): EventRecord {
  return { eventID, eventTime: new Date(timeMs).toISOString(), recipientAccountId: ACCOUNT } as EventRecord
}

function idsOf(history: ReturnType<typeof createEventHistory>): string[] {
  return Array.from(history.of(ACCOUNT), ({ record }) => record.eventID)
}

it('keeps the newest, and gives them first', () => {
  const history = createEventHistory(systemClock, () => [])
  const count = 2 * HISTORY_EVENTS_MAX + 7
  for (let index = 0; index < count; index++) history.add(recordOf(String(index)), '')
  const ids = idsOf(history)
  expect(ids).toHaveLength(HISTORY_EVENTS_MAX)
  expect([ids[0], ids.at(-1)]).toEqual([String(count - 1), String(count - HISTORY_EVENTS_MAX)])
})

it('puts what was written before in front of what came since, each once', () => {
  const written = ['a', 'b', 'c'].map((id) => JSON.stringify(recordOf(id)))
  const history = createEventHistory(systemClock, () => written)
  history.add(recordOf('c'), '')
  history.add(recordOf('d'), '')
  expect(idsOf(history)).toEqual(['d', 'c', 'b', 'a'])
  const sequences = Array.from(history.of(ACCOUNT), ({ sequence }) => sequence)
  expect(sequences).toEqual([...new Set(sequences)].sort((a, b) => b - a))
})

it('takes no more from before than there is room', () => {
  const history = createEventHistory(systemClock, () => [JSON.stringify(recordOf('before'))])
  for (let index = 0; index < HISTORY_EVENTS_MAX; index++) history.add(recordOf(String(index)), '')
  expect(idsOf(history)).not.toContain('before')
})

it('forgets after ninety days', () => {
  const history = createEventHistory(systemClock, () => [])
  history.add(recordOf('old', Date.now() - HISTORY_KEPT_MS - 1000), '')
  history.add(recordOf('new'), '')
  expect(idsOf(history)).toEqual(['new'])
})
