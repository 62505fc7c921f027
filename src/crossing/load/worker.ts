/** The thread of one generator: takes its order when it is started, tells what happened while it runs, and ends. */
import { parentPort, workerData } from 'node:worker_threads'

import { UserError } from '../../core/user-error.ts'
import type { AccessKeys } from '../access.ts'
import { createGenerator, type GeneratorOrder } from './generator.ts'
import type { Batch } from './recorder.ts'

export type ToWorker =
  | { readonly kind: 'run'; readonly atMs: number }
  | { readonly kind: 'stop' }
  | { readonly kind: 'renew'; readonly crossing: number; readonly keys: AccessKeys }

export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'batch'; readonly batch: Batch }
  | { readonly kind: 'done'; readonly journal: Float64Array<ArrayBuffer>; readonly cpuMs: number }
  | { readonly kind: 'failed'; readonly message: string; readonly isUserError: boolean }

const BATCH_MS = 250

if (parentPort) {
  const port = parentPort
  const tell = (message: FromWorker, transfer: readonly ArrayBuffer[] = []) => port.postMessage(message, transfer)
  const fail = (error: unknown) => {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
    const isUserError = error instanceof UserError
    tell({ kind: 'failed', message: isUserError ? error.message : message, isUserError })
    port.close()
  }
  // A payload that cannot be made is the user's to know of, though a timer asked for it.
  process.on('uncaughtException', fail)
  createGenerator(workerData as GeneratorOrder).then((generator) => {
    const run = async (atMs: number): Promise<void> => {
      const before = performance.eventLoopUtilization()
      const telling = setInterval(() => tell({ kind: 'batch', batch: generator.take() }), BATCH_MS)
      await generator.run(atMs)
      clearInterval(telling)
      tell({ kind: 'batch', batch: generator.take() })
      const journal = generator.journal()
      tell({ kind: 'done', journal, cpuMs: performance.eventLoopUtilization(before).active }, [journal.buffer])
      port.close()
    }
    port.on('message', (message: ToWorker) => {
      if (message.kind === 'run') run(message.atMs).catch(fail)
      else if (message.kind === 'stop') generator.stop()
      else generator.renew(message.crossing, message.keys)
    })
    tell({ kind: 'ready' })
  }, fail)
}
