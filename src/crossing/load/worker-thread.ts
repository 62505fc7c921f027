/** Starts the generator's thread, from the build or from source. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'

import type { GeneratorOrder } from './generator.ts'

/** From source, what lets the main thread read TypeScript is not there in a thread of its own until it is asked for. */
const FROM_SOURCE = `
const { workerData } = require('node:worker_threads')
import('tsx/esm/api').then(({ register }) => {
  register()
  return import(workerData.program)
})`

export function startWorkerThread(order: GeneratorOrder): Worker {
  if (!import.meta.url.endsWith('.ts')) return new Worker(join(import.meta.dirname, 'worker.js'), { workerData: order })
  const program = pathToFileURL(join(import.meta.dirname, 'worker.ts')).href
  return new Worker(FROM_SOURCE, { eval: true, workerData: { ...order, program } })
}
