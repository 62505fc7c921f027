/** The order of events in a stream, against a plain sorted list. */
import * as fc from 'fast-check'
import { expect, it } from 'vitest'

import { comparePositions, EventRing, type LogEvent } from './event-ring.ts'

const events = fc
  .array(fc.integer({ min: 0, max: 30 }), { maxLength: 60 })
  .map((timestamps) =>
    timestamps.map((timestamp, index): LogEvent => ({ timestamp, sequence: index + 1, message: '', ingestionTime: 0 })),
  )
const position = fc.record({ timestamp: fc.integer({ min: 0, max: 31 }), sequence: fc.integer({ min: 0, max: 61 }) })

function ringOf(list: readonly LogEvent[], dropped: number): { ring: EventRing; kept: readonly LogEvent[] } {
  const ring = new EventRing()
  for (const event of list) ring.add(event)
  for (let i = 0; i < dropped; i++) ring.dropOldest()
  return { ring, kept: [...list].sort(comparePositions).slice(dropped) }
}

it('keeps events by time, those of one time as they arrived, and drops the oldest', () => {
  fc.assert(
    fc.property(events, fc.nat(10), (list, dropped) => {
      const { ring, kept } = ringOf(list, dropped)
      expect([...ring.after({ timestamp: -1, sequence: 0 })]).toEqual(kept)
      expect(ring.size).toBe(kept.length)
      expect(ring.oldest).toEqual(kept[0])
      expect(ring.newest).toEqual(kept.at(-1))
    }),
  )
})

it('walks from any position in both directions without the position itself', () => {
  fc.assert(
    fc.property(events, fc.nat(10), position, (list, dropped, at) => {
      const { ring, kept } = ringOf(list, dropped)
      expect([...ring.after(at)]).toEqual(kept.filter((event) => comparePositions(event, at) > 0))
      expect([...ring.before(at)]).toEqual(kept.filter((event) => comparePositions(event, at) < 0).reverse())
    }),
  )
})

it('gives back the room of what it dropped', () => {
  const ring = new EventRing()
  for (let sequence = 1; sequence <= 5_000; sequence++) {
    ring.add({ timestamp: sequence, sequence, message: '', ingestionTime: 0 })
    if (ring.size > 10) ring.dropOldest()
  }
  expect([...ring.after({ timestamp: 0, sequence: 0 })].map(({ sequence }) => sequence)).toEqual(
    Array.from({ length: 10 }, (_, index) => 4_991 + index),
  )
})
