/** A process that will be started later, and can be listened to and ended already. */
import type { ExitStatus } from '../environment/failure.ts'
import type { RuntimeProcess } from './runtime-process.ts'

export interface DeferredProcess {
  readonly process: RuntimeProcess
  /** Starts it, once; not when it has been ended before. */
  begin(): Promise<void>
}

const NOT_STARTED: ExitStatus = { code: null, signal: 'SIGKILL' }

export function deferProcess(start: () => Promise<RuntimeProcess>): DeferredProcess {
  let started: RuntimeProcess | undefined
  let ended = false
  let resolveExit: (status: ExitStatus) => void = () => {}
  const process: RuntimeProcess = {
    memory: {
      peakMb: () => started?.memory.peakMb() ?? 0,
      currentMb: () => started?.memory.currentMb() ?? 0,
    },
    exited: new Promise((resolve) => (resolveExit = resolve)),
    output: () => {},
    sharesSandbox: false,
    kill() {
      ended = true
      if (started === undefined) resolveExit(NOT_STARTED)
      else started.kill()
    },
    terminate() {
      if (started === undefined) this.kill()
      else started.terminate()
    },
    freeze: () => started?.freeze(),
    thaw: () => started?.thaw(),
  }
  return {
    process,
    async begin() {
      if (ended) return
      started = await start()
      started.sharesSandbox = process.sharesSandbox
      started.output = (stream, chunk) => process.output(stream, chunk)
      void started.exited.then(resolveExit)
      if (ended) started.kill()
    },
  }
}
