/** Load on a server from another process, with what the server itself spent on it. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { cpuMs } from './process.ts'

export interface LoadOrder {
  readonly port: number
  /** The requests of each connection, as bytes in Latin-1, sent in turn again and again. */
  readonly connections: readonly (readonly string[])[]
  readonly warmUpMs: number
  readonly measureMs: number
}

export interface LoadReport {
  readonly kind: 'report'
  readonly requests: number
  readonly failures: number
  /** The whole answer to the first request that was not answered 2xx. */
  readonly firstFailure?: string
  readonly elapsedMs: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly generatorCpuMs: number
}

type WorkerMessage = { readonly kind: 'measuring' } | { readonly kind: 'measured' } | LoadReport

export interface LoadFigures {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** CPU time of the server's process for one request; NaN where the platform does not tell. */
  readonly serverCpuUs: number
}

export interface LoadGenerator {
  /** Throws when a request was not answered 2xx. */
  run(order: LoadOrder, serverPid: number): Promise<LoadFigures>
  close(): Promise<void>
}

export function startLoadGenerator(): LoadGenerator {
  const worker = fork(join(import.meta.dirname, 'worker.ts'), { execArgv: ['--import', 'tsx'] })
  const exited = once(worker, 'exit')

  async function nextMessage<Kind extends WorkerMessage['kind']>(
    kind: Kind,
  ): Promise<Extract<WorkerMessage, { kind: Kind }>> {
    const [message] = (await Promise.race([once(worker, 'message'), exited])) as [WorkerMessage | number]
    if (typeof message !== 'object' || message.kind !== kind) throw new Error('the load generator has ended')
    return message as Extract<WorkerMessage, { kind: Kind }>
  }

  return {
    async run(order, serverPid) {
      worker.send(order)
      await nextMessage('measuring')
      const before = cpuMs(serverPid)
      await nextMessage('measured')
      const serverCpuMs = cpuMs(serverPid) - before
      const report = await nextMessage('report')
      if (report.failures > 0) {
        throw new Error(`${report.failures} of ${report.requests} requests failed, first with ${report.firstFailure}`)
      }
      return {
        perSecond: (report.requests / report.elapsedMs) * 1000,
        p50Ms: report.p50Ms,
        p99Ms: report.p99Ms,
        serverCpuUs: (serverCpuMs / report.requests) * 1000,
      }
    },
    async close() {
      worker.disconnect()
      await exited
    },
  }
}
