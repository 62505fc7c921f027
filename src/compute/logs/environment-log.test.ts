/** Lines, batches and the tail of one environment's log. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { Clock } from '../../core/clock.ts'
import { EnvironmentLog } from './environment-log.ts'

function logWithClock() {
  const written: string[][] = []
  const timers: (() => void)[] = []
  const clock: Clock = {
    now: () => 1_700_000_000_000,
    after: (_delayMs, action) => {
      timers.push(action)
      return { cancel: () => {} }
    },
  }
  const log = new EnvironmentLog(clock, (events) => written.push(events.map(({ message }) => message)))
  return { log, written, timers }
}

function frame(timestampMs: number, message: string): Buffer {
  const bytes = Buffer.alloc(16 + message.length)
  bytes.writeUInt32BE(0xa55a0003, 0)
  bytes.writeUInt32BE(message.length, 4)
  bytes.writeBigUInt64BE(BigInt(timestampMs) * 1000n, 8)
  bytes.write(message, 16)
  return bytes
}

describe('the log of an environment', () => {
  it('makes one event of each line, whatever pieces it comes in', () => {
    const line = fc.string().map((text) => `${text.replaceAll('\n', ' ')}\n`)
    fc.assert(
      fc.property(fc.array(line), fc.integer({ min: 1, max: 9 }), (lines, size) => {
        const { log, written } = logWithClock()
        const bytes = Buffer.from(lines.join(''))
        for (let start = 0; start < bytes.length; start += size) {
          log.output('stdout', bytes.subarray(start, start + size))
        }
        log.flush()
        expect(written.flat()).toEqual(lines)
      }),
    )
  })

  it('is in order, whatever time a function tells', () => {
    const written: number[] = []
    const nowMs = 1_700_000_000_000
    const clock: Clock = { now: () => nowMs, after: () => ({ cancel: () => {} }) }
    const log = new EnvironmentLog(clock, (events) => written.push(...events.map(({ timestampMs }) => timestampMs)))
    for (const timestampMs of [nowMs - 3, nowMs + 60_000, nowMs - 2]) {
      log.output('frames', frame(timestampMs, 'a line'))
      log.platform('END\n')
    }
    log.flush()
    expect(written).toEqual([nowMs - 3, nowMs, nowMs, nowMs, nowMs, nowMs])
  })

  it('ends an unfinished line before a line of the platform', () => {
    const { log, written } = logWithClock()
    log.output('stdout', Buffer.from('out'))
    log.output('stderr', Buffer.from('err'))
    log.platform('END\n')
    log.flush()
    expect(written).toEqual([['out', 'err', 'END\n']])
  })

  it('is written now and then while a function runs', () => {
    const { log, written, timers } = logWithClock()
    log.platform('START\n')
    log.platform('more\n')
    expect(timers).toHaveLength(1)
    timers[0]?.()
    expect(written).toEqual([['START\n', 'more\n']])
    log.platform('later\n')
    expect(timers).toHaveLength(2)
  })

  it('cuts a line that does not end', () => {
    const { log, written } = logWithClock()
    log.output('stdout', Buffer.alloc(300_000, 'x'))
    log.flush()
    expect(written.flat().map(({ length }) => length)).toEqual([300_000])
  })

  it('has the last 4096 bytes since the invocation began as its tail', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 900 }), { maxLength: 12 }), (messages) => {
        const { log } = logWithClock()
        log.platform('of the invocation before\n')
        log.beginTail()
        for (const message of messages) log.platform(`${message}\n`)
        const whole = Buffer.from(messages.map((message) => `${message}\n`).join(''))
        expect(log.tail()).toEqual(whole.subarray(Math.max(0, whole.length - 4096)))
      }),
    )
  })
})
