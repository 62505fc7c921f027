/** Durations in and out. */
import { expect, it } from 'vitest'

import { formatDuration, parseDuration } from './duration.ts'

it.each([
  ['250ms', 250, '250 ms'],
  ['1.5s', 1500, '1.5 s'],
  ['30s', 30_000, '30 s'],
  ['1m30s', 90_000, '1 min 30 s'],
  ['2h', 7_200_000, '120 min'],
  ['0s', 0, '0 ms'],
  ['119.6s', 119_600, '2 min'],
  ['59.97s', 59_970, '1 min'],
  ['999.7ms', 999.7, '1 s'],
])('%s is %d ms, shown as %s', (text, ms, shown) => {
  expect(parseDuration(text)).toBe(ms)
  expect(formatDuration(ms)).toBe(shown)
})

it.each(['', '30', '5 s', 's', '-1s', '1d', '1s2'])('%j is no duration', (text) => {
  expect(() => parseDuration(text)).toThrow('is not a duration')
})
