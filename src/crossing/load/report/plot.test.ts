/** Axes of any range. */
import * as fc from 'fast-check'
import { expect, it } from 'vitest'

import { drawPlot, niceTicks } from './plot.ts'

it('ticks are few, equally far apart, and reach the highest value', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-3, max: 1e7, noNaN: true }), fc.integer({ min: 2, max: 10 }), (peak, count) => {
      const ticks = niceTicks(peak, count)
      const step = ticks[1] ?? 0
      expect(ticks[0]).toBe(0)
      expect(ticks.at(-1)).toBeGreaterThanOrEqual(peak * 0.999_999)
      expect((ticks.at(-1) ?? 0) - step).toBeLessThan(peak)
      expect(ticks.length).toBeLessThanOrEqual(count + 1)
      for (const [index, tick] of ticks.entries()) expect(tick).toBeCloseTo(index * step, 6)
    }),
  )
})

const values = fc.array(fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }), { nil: undefined }), {
  minLength: 1,
  maxLength: 20,
})

it('everything drawn lies within the picture, and names cannot be markup', () => {
  fc.assert(
    fc.property(values, fc.constantFrom('lines' as const, 'columns' as const), (given, kind) => {
      const svg = drawPlot({
        title: '<b>',
        unit: 'ms',
        at: given.map((_, index) => index),
        axis: 's',
        kind,
        series: [{ name: 'a<script>', colour: 'c1', values: given }],
        limit: { value: 10, name: '"limit"' },
      })
      expect(svg).not.toMatch(/<script>|<b>|NaN|Infinity|undefined/)
      for (const [, y = ''] of svg.matchAll(/ y="(-?[\d.e-]+)"/g)) {
        expect(Number(y)).toBeGreaterThanOrEqual(0)
        expect(Number(y)).toBeLessThanOrEqual(240)
      }
      for (const [, x = ''] of svg.matchAll(/ x="(-?[\d.e-]+)"/g)) expect(Number(x)).toBeLessThanOrEqual(760)
    }),
  )
})
