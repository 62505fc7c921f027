/** What a group keeps, what it forgets, and that it can be written down and read again. */
import { expect, it } from 'vitest'

import { GroupLog } from './group-log.ts'
import { GROUP_BYTES_MAX, STREAM_EVENTS_MAX } from './limits.ts'

const START = { timestamp: -1, sequence: 0 }

function messages(log: GroupLog, stream: string): readonly string[] {
  return [...(log.stream(stream)?.events.after(START) ?? [])].map(({ message }) => message)
}

it('is the same after its entries were read again', () => {
  const log = new GroupLog()
  log.createStream('a', 1)
  log.createStream('b', 2)
  log.add('a', [{ timestamp: 20, message: 'later' }], 21)
  log.add('a', [{ timestamp: 10, message: 'earlier' }], 22)
  const copy = new GroupLog(log.entries())
  expect([...copy.entries()]).toEqual([...log.entries()])
  expect(messages(copy, 'a')).toEqual(['earlier', 'later'])
  expect(copy.bytes).toBe(log.bytes)
})

it('forgets the events of a deleted stream', () => {
  const log = new GroupLog([
    ['stream', 'a', 1],
    ['event', 'a', 1, 1, 'x'],
    ['deleted', 'a'],
    ['stream', 'a', 2],
  ])
  expect(messages(log, 'a')).toEqual([])
  expect(log.bytes).toBe(0)
})

it('keeps the newest events of a stream', () => {
  const log = new GroupLog()
  log.createStream('a', 0)
  for (let timestamp = 0; timestamp < STREAM_EVENTS_MAX + 5; timestamp++) {
    log.add('a', [{ timestamp, message: String(timestamp) }], timestamp)
  }
  expect(log.stream('a')?.events.size).toBe(STREAM_EVENTS_MAX)
  expect(messages(log, 'a')[0]).toBe('5')
})

it('makes room at the cost of the streams longest unwritten', () => {
  const log = new GroupLog()
  const megabyte = 'x'.repeat(1_000_000)
  for (const name of ['idle', 'busy']) log.createStream(name, 0)
  log.add('idle', [{ timestamp: 1, message: 'old' }], 1)
  for (let timestamp = 0; timestamp < 80; timestamp++) log.add('busy', [{ timestamp, message: megabyte }], timestamp)
  expect(log.bytes).toBeLessThanOrEqual(GROUP_BYTES_MAX)
  expect(messages(log, 'idle')).toEqual([])
  expect(messages(log, 'busy').length).toBeGreaterThan(50)
  expect(log.stream('idle')).toBeDefined()
})
