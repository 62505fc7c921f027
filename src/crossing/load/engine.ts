/** Runs the load on worker threads, so that neither the view nor the figures delay what is to be sent. */
import { UserError } from '../../core/user-error.ts'
import type { AccessKeys } from '../access.ts'
import { createCollector, type Collected } from './collector.ts'
import { type GeneratorCrossing, type GeneratorOrder, sharedNow } from './generator.ts'
import type { SecondRecord } from './recorder.ts'
import type { FromWorker, ToWorker } from './worker.ts'
import { startWorkerThread } from './worker-thread.ts'

export interface EngineOptions {
  readonly order: Omit<GeneratorOrder, 'share' | 'crossings'>
  readonly crossings: readonly (Omit<GeneratorCrossing, 'keys'> & { readonly keys: () => Promise<AccessKeys> })[]
  readonly workers: number
  /** `second` is over: every invocation that was to start in it has been sent or dropped, though not every one answered. */
  readonly onSecond: (second: number, records: readonly SecondRecord[]) => void
  readonly signal: AbortSignal
}

export interface EngineResult extends Collected {
  readonly startedAtEpochMs: number
  readonly journals: readonly Float64Array[]
}

/** All workers must have loaded before any begins. */
const START_DELAY_MS = 20
/** A session of a role is good for an hour at least. */
const RENEWAL_MS = 40 * 60_000
/** Seconds are told when their workers' last batches of them are in. */
const SECOND_LAG_MS = 400

export async function runLoad(options: EngineOptions): Promise<EngineResult> {
  const { order, workers, signal } = options
  const keys = await Promise.all(options.crossings.map((crossing) => crossing.keys()))
  const crossings = options.crossings.map((crossing, index) => ({
    ...crossing,
    keys: keys[index] ?? { accessKeyId: '', secretAccessKey: '' },
  }))
  const collector = createCollector()
  // To the last one: the cap on invocations is one.
  const share = (total: number, index: number) => Math.floor(total / workers) + (index < total % workers ? 1 : 0)
  const threads = Array.from({ length: workers }, (_, index) =>
    startThread(
      {
        ...order,
        crossings,
        share: { index, of: workers },
        inFlightMax: share(order.inFlightMax, index),
        invocationsMax: share(order.invocationsMax, index),
        journalRowsMax: share(order.journalRowsMax, index),
      },
      (batch) => collector.add(index, batch),
    ),
  )
  const tellAll = (message: ToWorker) => {
    for (const thread of threads) thread.tell(message)
  }
  const stop = () => tellAll({ kind: 'stop' })
  try {
    await Promise.all(threads.map(({ ready }) => ready))
    signal.addEventListener('abort', stop)
    const beginMs = sharedNow() + START_DELAY_MS
    const startedAtEpochMs = Date.now() + START_DELAY_MS + order.profile.warmUpMs
    tellAll({ kind: 'run', atMs: beginMs })
    if (signal.aborted) stop()
    let told = -Math.ceil(order.profile.warmUpMs / 1000)
    const ticking = setInterval(() => {
      const over = Math.floor((sharedNow() - beginMs - order.profile.warmUpMs - SECOND_LAG_MS) / 1000)
      for (; told < over; told++) options.onSecond(told, collector.second(told))
    }, 100)
    const renewing = setInterval(() => void renew(options.crossings, tellAll), RENEWAL_MS)
    try {
      const journals = await Promise.all(threads.map(({ done }) => done))
      const result = collector.result()
      for (const last = result.seconds.at(-1)?.second ?? told - 1; told <= last; told++) {
        options.onSecond(told, collector.second(told))
      }
      return { ...result, startedAtEpochMs, journals }
    } finally {
      clearInterval(ticking)
      clearInterval(renewing)
    }
  } finally {
    signal.removeEventListener('abort', stop)
    await Promise.all(threads.map((thread) => thread.end()))
  }
}

/** A session that cannot be renewed shows in the run as what AWS says to an expired one. */
async function renew(crossings: EngineOptions['crossings'], tellAll: (message: ToWorker) => void): Promise<void> {
  for (const [crossing, { keys }] of crossings.entries()) {
    const fresh = await keys().catch(() => undefined)
    if (fresh) tellAll({ kind: 'renew', crossing, keys: fresh })
  }
}

interface Thread {
  readonly ready: Promise<void>
  /** With its journal. */
  readonly done: Promise<Float64Array>
  tell(message: ToWorker): void
  end(): Promise<void>
}

function startThread(
  order: GeneratorOrder,
  onBatch: (batch: Extract<FromWorker, { kind: 'batch' }>['batch']) => void,
): Thread {
  const worker = startWorkerThread(order)
  const ready = deferred<void>()
  const done = deferred<Float64Array>()
  const fail = (error: Error) => {
    ready.reject(error)
    done.reject(error)
  }
  worker.on('message', (message: FromWorker) => {
    switch (message.kind) {
      case 'ready':
        return ready.resolve()
      case 'batch':
        return onBatch(message.batch)
      case 'done':
        return done.resolve(message.journal)
      case 'failed':
        return fail(message.isUserError ? new UserError(message.message) : new Error(message.message))
    }
  })
  worker.on('error', fail)
  worker.on('exit', () => fail(new Error('a generator ended before its work was done')))
  return {
    ready: ready.promise,
    done: done.promise,
    tell: (message) => worker.postMessage(message, []),
    end: async () => {
      await worker.terminate()
    },
  }
}

interface Deferred<Value> {
  readonly promise: Promise<Value>
  resolve(value: Value): void
  /** Nobody need be waiting: what failed is seen by whoever waits for it. */
  reject(error: Error): void
}

function deferred<Value>(): Deferred<Value> {
  let settle: Pick<Deferred<Value>, 'resolve' | 'reject'> | undefined
  const promise = new Promise<Value>((resolve, reject) => {
    settle = { resolve, reject }
  })
  promise.catch(() => undefined)
  return { promise, resolve: (value) => settle?.resolve(value), reject: (error) => settle?.reject(error) }
}
