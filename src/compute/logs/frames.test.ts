/** Frames survive whatever pieces the pipe cuts them into. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { LogEvent } from '../compute.ts'
import { takeFrames } from './frames.ts'

function frame(message: string, timestampMs: number): Buffer {
  const bytes = Buffer.from(message)
  const header = Buffer.alloc(16)
  header.writeUInt32BE(0xa55a0003, 0)
  header.writeUInt32BE(bytes.length, 4)
  header.writeBigUInt64BE(BigInt(timestampMs) * 1000n, 8)
  return Buffer.concat([header, bytes])
}

describe('frames', () => {
  it('are read back whole, in order, however they are cut', () => {
    const message = fc.string({ unit: 'binary' })
    const events = fc.array(fc.record({ message, timestampMs: fc.nat(2 ** 31) }), { maxLength: 8 })
    fc.assert(
      fc.property(events, fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }), (sent, sizes) => {
        const stream = Buffer.concat(sent.map((event) => frame(event.message, event.timestampMs)))
        const received: LogEvent[] = []
        let held: Buffer = Buffer.alloc(0)
        for (let start = 0, turn = 0; start < stream.length; turn++) {
          const end = start + (sizes[turn % sizes.length] ?? 1)
          held = takeFrames(Buffer.concat([held, stream.subarray(start, end)]), (event) => received.push(event))
          start = end
        }
        expect(received).toEqual(sent)
        expect(held).toHaveLength(0)
      }),
    )
  })

  it('that are none are dropped', () => {
    const taken: LogEvent[] = []
    const rest = takeFrames(Buffer.from('a function wrote to a descriptor it does not know'), (event) =>
      taken.push(event),
    )
    expect({ taken, rest: rest.length }).toEqual({ taken: [], rest: 0 })
  })
})
