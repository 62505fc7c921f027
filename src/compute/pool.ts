/**
 * Pre-booted runtimes: starting Node.js is most of a cold start, and it can be done before anybody asks.
 *
 * Refilling is kept off the invoke path: it waits while cold starts are under way.
 */
import { discardRuntime, type Runtime } from './environment/runtime.ts'
import type { RuntimeStarter } from './runtimes/starter.ts'

export interface Pool {
  /** Fills the pool in the background, now and whenever it is used. */
  fill(): void
  /** A pre-booted runtime, or one booted for the purpose. */
  take(): Promise<Runtime>
  close(): Promise<void>
}

/** Booting more at once only makes each slower. */
export function createPool(starter: RuntimeStarter, size: number, bootsMax: number): Pool {
  const parked: Runtime[] = []
  const waiting: (() => void)[] = []
  const booting = new Set<Promise<unknown>>()
  let filling = false
  let closed = false

  const boot = async (): Promise<Runtime> => {
    if (booting.size >= bootsMax) await new Promise<void>((resolve) => waiting.push(resolve))
    if (closed) throw new Error('compute is closed')
    const started = starter.blank()
    const tracked = started.catch(() => {})
    booting.add(tracked)
    try {
      return await started
    } finally {
      booting.delete(tracked)
      waiting.shift()?.()
    }
  }

  const refill = async (): Promise<void> => {
    filling = true
    try {
      for (;;) {
        if (closed || parked.length >= size || waiting.length > 0) return
        const runtime = await boot()
        if (closed) await discardRuntime(runtime)
        else park(runtime)
      }
    } catch {
      // A boot that fails here fails again, with somebody to tell, when an invocation needs it.
    } finally {
      filling = false
    }
  }

  const park = (runtime: Runtime): void => {
    parked.push(runtime)
    void runtime.process.exited.then(() => {
      const index = parked.indexOf(runtime)
      if (index < 0) return
      parked.splice(index, 1)
      void discardRuntime(runtime).catch(() => {})
    })
  }

  return {
    fill() {
      if (!filling && !closed && parked.length < size) void refill()
    },
    async take() {
      const runtime = parked.shift() ?? (await boot())
      if (!closed) return runtime
      await discardRuntime(runtime)
      throw new Error('compute is closed')
    },
    async close() {
      closed = true
      for (const proceed of waiting.splice(0)) proceed()
      await Promise.all([...parked.splice(0).map(discardRuntime), ...booting])
    },
  }
}
