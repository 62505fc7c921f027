/** Many environments: reuse, concurrency, capacity, and when an environment goes. */
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'

import type { Clock, Timer } from '../../src/core/clock.ts'
import { systemClock } from '../../src/core/clock.ts'
import { HostCapacityError } from '../../src/compute/host-capacity-error.ts'
import { createHarness, type Harness, type HarnessOptions } from './compute-harness.ts'
import { processesWith } from './compute-processes.ts'

async function withHarness(options: HarnessOptions, use: (harness: Harness) => Promise<void>): Promise<void> {
  const harness = await createHarness(options)
  try {
    await use(harness)
  } finally {
    await harness.close()
  }
}

/** Time that passes as it does, and can be moved on. */
class MovableClock implements Clock {
  #aheadMs = 0
  readonly #timers = new Set<{ dueMs: number; run: () => void }>()

  now(): number {
    return systemClock.now() + this.#aheadMs
  }

  after(delayMs: number, action: () => void): Timer {
    const timer = {
      dueMs: this.now() + delayMs,
      run: () => {
        real.cancel()
        if (this.#timers.delete(timer)) action()
      },
    }
    const real = systemClock.after(delayMs, timer.run)
    this.#timers.add(timer)
    return {
      cancel: () => {
        real.cancel()
        this.#timers.delete(timer)
      },
    }
  }

  advance(ms: number): void {
    this.#aheadMs += ms
    for (const timer of this.#timers) if (timer.dueMs <= this.now()) timer.run()
  }
}

describe('the fleet', () => {
  it('gives one invocation after the other to the same environment', () =>
    withHarness({}, async (harness) => {
      const image = await harness.image('slow')
      for (const calls of [1, 2, 3]) expect((await harness.invoke(image)).value).toMatchObject({ calls })
      expect(harness.streams.size).toBe(1)
    }))

  it('runs twenty invocations at once in twenty environments, one each', () =>
    withHarness({}, async (harness) => {
      harness.compute.warmUp()
      const image = await harness.image('slow', { timeoutMs: 20_000 })
      const answers = await Promise.all(Array.from({ length: 20 }, () => harness.invoke(image, { waitMs: 3000 })))
      expect(answers.map(({ value }) => value)).toEqual(Array.from({ length: 20 }, () => ({ calls: 1, marked: false })))
      expect(harness.streams.size).toBe(20)
      const again = await Promise.all(Array.from({ length: 20 }, () => harness.invoke(image, { waitMs: 100 })))
      expect(again.every(({ tail }) => !tail.includes('Init Duration'))).toBe(true)
      expect(harness.streams.size).toBe(20)
    }))

  it('keeps images apart', () =>
    withHarness({}, async (harness) => {
      const image = await harness.image('slow')
      await harness.invoke(image)
      expect((await harness.invoke({ ...image, key: 'another revision' })).value).toMatchObject({ calls: 1 })
    }))

  it('stops the idle environments of a retired image, and lets the busy ones finish', () =>
    withHarness({}, async (harness) => {
      const image = await harness.image('slow')
      const [, busy] = [await harness.invoke(image), harness.invoke(image, { waitMs: 500 })]
      await sleep(100)
      harness.compute.retire(image.key)
      expect((await busy).value).toMatchObject({ calls: 2 })
      expect((await harness.invoke(image)).value).toMatchObject({ calls: 1 })
      harness.compute.retire(image.key)
      expect((await harness.invoke(image)).value).toMatchObject({ calls: 1 })
    }))

  it('makes room by stopping the environment that has been idle longest', () =>
    withHarness({ environmentsMax: 2 }, async (harness) => {
      const [first, second, third] = await Promise.all(['slow', 'slow', 'slow'].map((name) => harness.image(name)))
      if (first === undefined || second === undefined || third === undefined) throw new Error('three images')
      await harness.invoke(first)
      await harness.invoke(second)
      await harness.invoke(third)
      expect((await harness.invoke(second)).value).toMatchObject({ calls: 2 })
      expect((await harness.invoke(first)).value).toMatchObject({ calls: 1 })
    }))

  it('lets an invocation wait for room, and gives up when there is none', () => {
    const clock = new MovableClock()
    return withHarness({ environmentsMax: 1, clock }, async (harness) => {
      const image = await harness.image('slow', { timeoutMs: 900_000 })
      const [busy, next] = [harness.invoke(image, { waitMs: 100 }), harness.invoke(image)]
      expect((await busy).value).toMatchObject({ calls: 1 })
      expect((await next).value).toMatchObject({ calls: 2 })
      const [long, hopeless] = [harness.invoke(image, { waitMs: 500 }), harness.invoke(image)]
      const refused = expect(hopeless).rejects.toThrow(HostCapacityError)
      clock.advance(10_000)
      await refused
      expect((await long).value).toMatchObject({ calls: 3 })
    })
  })

  it('stops an environment that has been idle for five minutes', () => {
    const clock = new MovableClock()
    return withHarness({ clock }, async (harness) => {
      const image = await harness.image('slow')
      await harness.invoke(image)
      clock.advance(250_000)
      expect((await harness.invoke(image)).value).toMatchObject({ calls: 2 })
      clock.advance(300_000)
      expect((await harness.invoke(image)).value).toMatchObject({ calls: 1 })
    })
  })

  it('uses no environment whose credentials could run out', () => {
    let expiresInMs = 30_000
    const credentials = () => ({
      accessKeyId: 'ASIAEXAMPLE',
      secretAccessKey: 'secret',
      sessionToken: 'token',
      expiration: new Date(systemClock.now() + expiresInMs),
    })
    return withHarness({ hostChanges: { credentials } }, async (harness) => {
      const image = await harness.image('slow')
      await harness.invoke(image)
      expiresInMs = 3_600_000
      expect((await harness.invoke(image)).value).toMatchObject({ calls: 1 })
      expect((await harness.invoke(image)).value).toMatchObject({ calls: 2 })
    })
  })

  it.skipIf(process.platform !== 'linux')('outlives a runtime that dies while it is idle', () =>
    withHarness({}, async (harness) => {
      const image = await harness.image('echo')
      await harness.invoke(image)
      const processes = () => processesWith(image.codeDirectory.replace(/\/code\/.*/, ''))
      const killed = processes()
      for (const pid of killed) process.kill(pid, 'SIGKILL')
      await expect.poll(() => processes().filter((pid) => killed.includes(pid))).toEqual([])
      await sleep(100)
      expect((await harness.invoke(image)).functionError).toBeUndefined()
    }),
  )

  it('ends with everything it made', async () => {
    const harness = await createHarness()
    harness.compute.warmUp()
    const image = await harness.image('slow', { timeoutMs: 60_000 })
    await harness.invoke(image)
    const pending = harness.invoke(image, { busy: true })
    const rejected = expect(pending).rejects.toThrow('has been shut down')
    await sleep(300)
    await harness.close()
    await harness.compute.close()
    await rejected
    await expect(harness.compute.invoke(image, invocation)).rejects.toThrow('compute is closed')
    expect(existsSync(image.codeDirectory)).toBe(false)
  })
})

const invocation = { requestId: 'none', payload: Buffer.from('{}'), invokedFunctionArn: 'none', traceId: 'none' }
