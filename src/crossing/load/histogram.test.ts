/** The histogram against the exact values it was given. */
import * as fc from 'fast-check'
import { expect, it } from 'vitest'

import { bucketOf, Histogram, lowestOf } from './histogram.ts'

const ERROR_MAX = 1 / 256
const ms = fc.oneof(fc.double({ min: 0, max: 5, noNaN: true }), fc.double({ min: 0, max: 4e6, noNaN: true }))

function histogramOf(values: readonly number[]): Histogram {
  const histogram = new Histogram()
  for (const value of values) histogram.record(value)
  return histogram
}

it('has every percentile within its error of the exact one', () => {
  fc.assert(
    fc.property(fc.array(ms, { minLength: 1 }), fc.double({ min: 0, max: 1, noNaN: true }), (values, quantile) => {
      const sorted = values.toSorted((a, b) => a - b)
      const exact = sorted[Math.max(1, Math.ceil(quantile * values.length)) - 1] ?? Number.NaN
      // Half a microsecond is lost where a value is made whole.
      expect(Math.abs(histogramOf(values).percentile(quantile) - exact)).toBeLessThanOrEqual(exact * ERROR_MAX + 0.001)
    }),
  )
})

it('is the same whether it is filled at once or merged from parts, through JSON', () => {
  fc.assert(
    fc.property(fc.array(fc.array(ms)), (parts) => {
      const merged = Histogram.of(
        ...parts.map(
          (part) => JSON.parse(JSON.stringify(histogramOf(part).toData())) as ReturnType<Histogram['toData']>,
        ),
      ).toData()
      const whole = histogramOf(parts.flat()).toData()
      expect(merged).toEqual({ ...whole, sumMs: expect.closeTo(whole.sumMs, 3) as number })
    }),
  )
})

it('has exact extremes and mean', () => {
  fc.assert(
    fc.property(fc.array(ms, { minLength: 1 }), (values) => {
      const histogram = histogramOf(values)
      expect([histogram.minMs, histogram.maxMs]).toEqual([Math.min(...values), Math.max(...values)])
      expect(histogram.meanMs).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / values.length, 3)
    }),
  )
})

it('has buckets that follow each other without gap or overlap', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 42 }), (us) => {
      const bucket = bucketOf(us)
      expect(lowestOf(bucket)).toBeLessThanOrEqual(us)
      expect(lowestOf(bucket + 1)).toBeGreaterThan(us)
      expect(bucketOf(lowestOf(bucket + 1))).toBe(bucket + 1)
    }),
  )
})

it('answers nothing of nothing', () => {
  expect([new Histogram().percentile(0.99), new Histogram().minMs, new Histogram().meanMs]).toEqual([0, 0, 0])
})
