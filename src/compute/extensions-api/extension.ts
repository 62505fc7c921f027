/** One extension of an execution environment: what it has registered for, and the request in which it waits for an event. */
import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { RuntimeProcess } from '../executor/runtime-process.ts'
import { renderJson } from '../runtime-api/rendering.ts'
import { type ExtensionState, mayBecome } from './extension-state.ts'

export type ExtensionEventType = 'INVOKE' | 'SHUTDOWN'

/** An executable of `/opt/extensions`. */
export interface ExternalExtension {
  /** The file's name. */
  readonly name: string
  /** Why it cannot be executed, as Lambda's supervisor puts it; undefined when it can be. */
  readonly problem: LaunchProblem | undefined
  start(): Promise<RuntimeProcess>
}

export interface LaunchProblem {
  readonly kind: 'PermissionDenied' | 'UnknownError' | 'TooManyExtensions'
  /** `fork/exec /opt/extensions/x: permission denied` */
  readonly reason: string
}

export class Extension {
  readonly name: string
  /** `Lambda-Extension-Identifier` */
  readonly id = randomUUID()
  /** An external one has a process of its own; an internal one is part of the runtime. */
  readonly isExternal: boolean
  process: RuntimeProcess | undefined
  /** In the order of its registration. */
  events: readonly ExtensionEventType[] = []
  /** What it says has gone wrong, or what AWS says of its launch. */
  errorType: string | undefined
  #state: ExtensionState = 'Started'
  #waiting: ServerResponse | undefined
  #undelivered: object | undefined

  constructor(name: string, isExternal: boolean) {
    this.name = name
    this.isExternal = isExternal
  }

  get state(): ExtensionState {
    return this.#state
  }

  /** False, and nothing changes, when it may not do that now. */
  become(to: ExtensionState): boolean {
    if (!mayBecome(this.#state, to)) return false
    this.#state = to
    return true
  }

  /** Keeps its request open. An extension whose request was cut off may ask again. False when it may not ask now. */
  wait(response: ServerResponse): boolean {
    const again = this.#state === 'Ready' && this.#waiting === undefined
    if (!again && !this.become('Ready')) return false
    this.#waiting = response
    response.once('close', () => {
      if (this.#waiting === response) this.#waiting = undefined
    })
    const event = this.#undelivered
    this.#undelivered = undefined
    if (event !== undefined) this.deliver(event)
    return true
  }

  /** Answers its request, now or when it asks. */
  deliver(event: object): void {
    const response = this.#waiting
    if (response === undefined || !this.become('Running')) {
      this.#undelivered = event
      return
    }
    this.#waiting = undefined
    response.setHeader('lambda-extension-event-identifier', randomUUID())
    renderJson(response, 200, Buffer.from(JSON.stringify(event)))
  }

  /** It owes nothing: it waits for an event, and has been given none that it has not fetched. */
  get isIdle(): boolean {
    return this.#state === 'Ready' && this.#undelivered === undefined
  }
}
