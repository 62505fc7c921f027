/** A clock that is put forward. */
import { expect, test } from 'vitest'

import { createAdjustableClock } from './adjustable-clock.ts'
import { systemClock } from './clock.ts'

test('timers that are due fire at once, in the order of their times, and the others go on waiting', () => {
  const clock = createAdjustableClock(systemClock)
  const fired: string[] = []
  for (const [name, delayMs] of [
    ['later', 3_600_000],
    ['second', 60_000],
    ['first', 1000],
  ] as const) {
    clock.after(delayMs, () => fired.push(name))
  }
  const cancelled = clock.after(2000, () => fired.push('cancelled'))
  cancelled.cancel()
  const before = clock.now()
  clock.setOffset(60_000)
  expect(fired).toEqual(['first', 'second'])
  expect(clock.now() - before).toBeGreaterThanOrEqual(60_000)
  clock.setOffset(3_600_001)
  expect(fired).toEqual(['first', 'second', 'later'])
})

test('a timer longer than the platform allows waits for its time', () => {
  const clock = createAdjustableClock(systemClock)
  let fired = false
  clock.after(2 ** 32, () => (fired = true))
  clock.setOffset(2 ** 31)
  expect(fired).toBe(false)
  clock.setOffset(2 ** 32 + 1)
  expect(fired).toBe(true)
})

test('a clock that was put back fires nothing before its time', () => {
  const clock = createAdjustableClock(systemClock)
  clock.setOffset(60_000)
  let fired = false
  clock.after(1000, () => (fired = true))
  clock.setOffset(0)
  expect(fired).toBe(false)
  clock.setOffset(61_001)
  expect(fired).toBe(true)
})

test('timers fire by themselves, too', async () => {
  const clock = createAdjustableClock(systemClock)
  clock.setOffset(1_000_000)
  await new Promise<void>((resolve) => clock.after(5, resolve))
})
