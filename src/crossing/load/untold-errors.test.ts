/** Failures of which only their number is known, spread over a load. */
import * as fc from 'fast-check'
import { expect, it } from 'vitest'

import { withEventFailures } from './event-failures.ts'
import { Histogram } from './histogram.ts'
import { spreadFailures } from './untold-errors.ts'

const second = fc.record({ crossing: fc.integer({ min: 0, max: 2 }), succeeded: fc.integer({ min: 0, max: 9 }) })

it('takes as many successes as failed, of these crossings only, and never more than there are', () => {
  fc.assert(
    fc.property(fc.array(second, { maxLength: 30 }), fc.integer({ min: 0, max: 60 }), (load, count) => {
      const records = load.map((record, index) => ({
        ...record,
        second: index,
        sent: record.succeeded,
        dropped: 0,
        inFlightMax: 1,
        latency: new Histogram().toData(),
        causes: [],
      }))
      const successes = (of: readonly { readonly crossing: number; readonly succeeded: number }[], own: boolean) =>
        of.reduce((sum, { crossing, succeeded }) => sum + (crossing < 2 === own ? succeeded : 0), 0)
      const failures = spreadFailures(count, records, new Set([0, 1]))
      const after = withEventFailures(records, failures)
      expect(after.every(({ succeeded }) => succeeded >= 0)).toBe(true)
      expect(successes(after, true)).toBe(successes(records, true) - Math.min(count, successes(records, true)))
      expect(successes(after, false)).toBe(successes(records, false))
    }),
  )
})
