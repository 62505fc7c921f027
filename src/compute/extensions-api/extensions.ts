/**
 * The extensions of one runtime: they are started before it, take part in every invocation, and are told when it ends.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
 */
import type { FunctionImage } from '../compute.ts'
import { extensionCrash, extensionFailure, type Failure, launchFailure } from '../environment/failure.ts'
import type { RuntimeProcess } from '../executor/runtime-process.ts'
import { createLineSplitter, type LineSplitter } from '../logs/line-splitter.ts'
import type { Delivery } from '../runtime-api/session.ts'
import type { Dial } from '../telemetry/dial.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'
import { Extension, type ExtensionEventType, type ExternalExtension } from './extension.ts'

/** External and internal ones together. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const EXTENSIONS_MAX = 10

export type ShutdownReason = 'spindown' | 'timeout' | 'failure'

export interface ExtensionsListener {
  /** One owes nothing any more. */
  changed(): void
  /** Its process has ended before it was told to, or could not be started. */
  failed(failure: Failure): void
  /** A line that an external one has written, with its end. */
  line(line: string): void
  /** One has subscribed to telemetry: the line that the log has of it. */
  subscribed(line: string): void
}

export interface ExtensionsOptions {
  readonly image: FunctionImage
  readonly telemetry: Telemetry
  /** Reaches what the extensions listen to. */
  readonly dial: Dial
  readonly external: readonly ExternalExtension[]
}

export class Extensions {
  readonly image: FunctionImage
  readonly telemetry: Telemetry
  readonly dial: Dial
  /** Absent: nobody cares any more. */
  listener: ExtensionsListener | undefined
  readonly #all: Extension[] = []
  readonly #external: readonly ExternalExtension[]
  #registered: () => void = () => {}
  #closed = false
  #stopped = false
  /** Whoever reports a failure first names it; AWS waits for the end of the process. */
  #firstError: 'Extension.InitError' | 'Extension.ExitError' | undefined

  constructor({ image, telemetry, dial, external }: ExtensionsOptions) {
    this.image = image
    this.telemetry = telemetry
    this.dial = dial
    this.#external = external
    for (const { name } of external) this.#all.push(new Extension(name, true))
  }

  get all(): readonly Extension[] {
    return this.#all
  }

  get hasExternal(): boolean {
    return this.#external.length > 0
  }

  /** No registration is taken any more: the runtime has initialised. */
  get closed(): boolean {
    return this.#closed
  }

  /** Starts the external ones, and resolves when they have all registered. */
  async launch(): Promise<void> {
    for (const [index, external] of this.#external.entries()) {
      const extension = this.#all[index]
      if (extension === undefined || this.#stopped) return
      const problem =
        index >= EXTENSIONS_MAX
          ? ({ kind: 'TooManyExtensions', reason: 'ErrTooManyExtensions' } as const)
          : external.problem
      if (problem !== undefined) {
        extension.become('LaunchError')
        extension.errorType = problem.kind
        this.listener?.failed(launchFailure(problem.reason))
        return
      }
      this.#watch(extension, await external.start())
    }
    await new Promise<void>((resolve) => {
      this.#registered = resolve
      this.changed()
    })
  }

  #watch(extension: Extension, process: RuntimeProcess): void {
    extension.process = process
    process.sharesSandbox = true
    if (this.#stopped) process.kill()
    const streams = { stdout: this.#splitter(), stderr: this.#splitter() }
    process.output = (stream, chunk) => {
      if (stream !== 'frames') streams[stream].push(chunk)
    }
    void process.exited.then((status) => {
      for (const stream of Object.values(streams)) stream.finish()
      if (this.#stopped) return void extension.become('Exited')
      this.listener?.failed(
        this.#firstError === undefined ? extensionCrash(status) : extensionFailure(this.#firstError, status),
      )
    })
  }

  #splitter(): LineSplitter {
    return createLineSplitter((line) => this.listener?.line(line))
  }

  /** One of them has come a step further. */
  changed(): void {
    if (this.#all.every(({ state }) => state !== 'Started')) this.#registered()
    this.listener?.changed()
  }

  /** Every one waits for its next event. */
  get areIdle(): boolean {
    return this.#all.every((extension) => extension.isIdle)
  }

  get count(): number {
    return this.#all.length
  }

  find(id: string): Extension | undefined {
    return this.#all.find((extension) => extension.id === id)
  }

  named(name: string): Extension | undefined {
    return this.#all.find((extension) => extension.name === name)
  }

  addInternal(name: string): Extension {
    const extension = new Extension(name, false)
    this.#all.push(extension)
    return extension
  }

  reported(error: 'Extension.InitError' | 'Extension.ExitError'): void {
    this.#firstError ??= error
  }

  closeRegistration(): void {
    this.#closed = true
  }

  invoke({ deadlineMs, requestId, invokedFunctionArn, traceId }: Delivery): void {
    this.#tell('INVOKE', {
      eventType: 'INVOKE',
      deadlineMs,
      requestId,
      invokedFunctionArn,
      tracing: { type: 'X-Amzn-Trace-Id', value: traceId },
    })
  }

  /** From now on the end of their processes is expected. */
  stop(): void {
    this.#stopped = true
  }

  /** Those that have not registered for it are ended at once. */
  shutDown(shutdownReason: ShutdownReason, deadlineMs: number): void {
    for (const { isExternal, events, process } of this.#all) {
      if (isExternal && !events.includes('SHUTDOWN')) process?.kill()
    }
    this.#tell('SHUTDOWN', { eventType: 'SHUTDOWN', shutdownReason, deadlineMs })
  }

  /** Resolves when the external ones have ended. */
  async ended(): Promise<void> {
    await Promise.all(this.#all.map(({ process }) => process?.exited ?? Promise.resolve()))
  }

  kill(): void {
    for (const { process } of this.#all) process?.kill()
  }

  freeze(): void {
    for (const { process } of this.#all) process?.freeze()
  }

  thaw(): void {
    for (const { process } of this.#all) process?.thaw()
  }

  #tell(type: ExtensionEventType, event: object): void {
    for (const extension of this.#all) if (extension.events.includes(type)) extension.deliver(event)
  }
}
