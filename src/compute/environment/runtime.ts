/** A runtime: a process, and its own conversation with the Runtime API. */
import type { RuntimeProcess } from '../executor/runtime-process.ts'
import type { Sandbox } from '../executor/sandbox.ts'
import type { ExternalExtension } from '../extensions-api/extension.ts'
import type { RuntimeApi } from '../runtime-api/server.ts'
import type { Session } from '../runtime-api/session.ts'

export interface Runtime {
  readonly session: Session
  readonly process: RuntimeProcess
  readonly api: RuntimeApi
  readonly sandbox: Sandbox
}

/** A runtime that has not begun its init, as far as it can be held back. */
export interface StartedRuntime {
  readonly runtime: Runtime
  /** Lets it begin; whoever calls has become its listener. Rejects with `EntrypointError` when there is nothing to execute. */
  readonly begin: () => void | Promise<void>
  /** To be started before it begins. */
  readonly extensions: readonly ExternalExtension[]
}

/** Ends a runtime at once, with everything it started; its sandbox is left for another. Harmless when repeated. */
export function stopRuntime(runtime: Runtime): void {
  runtime.session.listener = undefined
  runtime.session.parked = undefined
  runtime.process.output = () => {}
  runtime.process.kill()
  runtime.api.close()
}

/** Ends a runtime that has no environment yet, and its sandbox. */
export async function discardRuntime(runtime: Runtime): Promise<void> {
  stopRuntime(runtime)
  await runtime.sandbox.close()
}
