/** What a function leaves running stands still until it is invoked again. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'

import { createHarness } from './compute-harness.ts'

it('between invocations no timer fires and no process runs', async ({ skip }) => {
  const harness = await createHarness()
  try {
    const image = await harness.image('surroundings', { handler: 'background.handler', timeoutMs: 20_000 })
    await harness.invoke(image, { begin: true })
    skip(!harness.hasSandbox(), 'without a sandbox only what stays in the process group is known')
    // On a busy machine it takes a moment until all of it stands still.
    const stillMs = Date.now() + 1000
    await sleep(1700)
    const invokedMs = Date.now()
    const { value } = await harness.invoke(image)
    const { firedMs, ticksMs } = value as { firedMs?: number; ticksMs: number[] }
    // Due long before, it may be the first thing that happens now.
    expect(firedMs ?? Infinity).toBeGreaterThanOrEqual(invokedMs)
    expect(ticksMs.filter((ms) => ms > stillMs && ms < invokedMs)).toEqual([])
    expect(ticksMs.length).toBeGreaterThan(0)
    const again = (await harness.invoke(image)).value as { firedMs: number }
    expect(again.firedMs).toBeGreaterThanOrEqual(invokedMs)
  } finally {
    await harness.close()
  }
})

it('a frozen environment can be shut down, and many can be invoked again at once', async () => {
  const harness = await createHarness()
  const image = await harness.image('slow', { timeoutMs: 20_000 })
  const burst = () => Promise.all(Array.from({ length: 6 }, () => harness.invoke(image, { waitMs: 200 })))
  for (let round = 0; round < 3; round++) {
    const answers = await burst()
    expect(answers.map(({ functionError }) => functionError)).toEqual(Array(6).fill(undefined))
    await sleep(100)
  }
  await harness.close()
})
