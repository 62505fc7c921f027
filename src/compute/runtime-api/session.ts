/**
 * One runtime's conversation with the Runtime API: its state, the request that waits for the next invocation, and who is told.
 *
 * INVARIANT: a session knows only its own invocation, so a runtime can neither read nor answer another environment's.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Invocation, ResponseSink } from '../compute.ts'
import type { Extensions } from '../extensions-api/extensions.ts'
import { mayBecome, type RuntimeState } from './runtime-state.ts'

const ASSIGNMENT_KEY_BYTES = 16

export interface Delivery extends Invocation {
  /** Epoch milliseconds at which the function is stopped. */
  readonly deadlineMs: number
  /** Takes what a streaming function writes, as it comes. */
  readonly sink?: ResponseSink
}

/** What the owner of a runtime learns from it. */
export interface RuntimeListener {
  /** The runtime waits for an invocation and owes no answer. */
  ready(): void
  responded(payload: Buffer): void
  respondedTooMuch(bytesMax: number): void
  failed(payload: Buffer, errorType: string): void
  initFailed(payload: Buffer, errorType: string): void
}

export class Session {
  listener: RuntimeListener | undefined
  /** Only the blank runtime itself knows it: whoever asks for the assignment gets a function's credentials. */
  readonly assignmentKey: string
  /** Those of the runtime's environment; absent while there is none. */
  extensions: Extensions | undefined
  /** For one that registers: undefined when none may any more. */
  openExtensions: () => Extensions | undefined = () => this.extensions
  /** Called once, when a blank runtime asks for its function. */
  parked: (() => void) | undefined
  #state: RuntimeState
  #waiting: ServerResponse | undefined
  #undelivered: Delivery | undefined
  #requestId: string | undefined
  #invocationId: string | undefined
  #sink: ResponseSink | undefined
  #receiving = false

  constructor(initial: 'Blank' | 'Started') {
    this.#state = initial
    this.assignmentKey = randomBytes(ASSIGNMENT_KEY_BYTES).toString('hex')
  }

  get state(): RuntimeState {
    return this.#state
  }

  get requestId(): string | undefined {
    return this.#requestId
  }

  /** False, and nothing changes, when the runtime may not do that now. */
  become(to: RuntimeState): boolean {
    if (!mayBecome(this.#state, to)) return false
    this.#state = to
    return true
  }

  /** Keeps a request open: for the next invocation, or for a blank runtime's function. */
  hold(response: ServerResponse): void {
    this.#waiting = response
    response.once('close', () => {
      if (this.#waiting === response) this.#waiting = undefined
    })
  }

  /** A runtime whose request was cut off may ask again. */
  get isWaiting(): boolean {
    return this.#waiting !== undefined
  }

  /** For a runtime that is between two requests for its next invocation. */
  keep(delivery: Delivery): void {
    this.#undelivered = delivery
  }

  takeUndelivered(): Delivery | undefined {
    const delivery = this.#undelivered
    this.#undelivered = undefined
    return delivery
  }

  takeWaiting(): ServerResponse | undefined {
    const response = this.#waiting
    this.#waiting = undefined
    return response
  }

  /** The id of this very attempt, which a runtime may send back with its answer. */
  begin({ requestId, sink }: Delivery): string {
    this.#requestId = requestId
    this.#sink = sink
    this.#invocationId = randomUUID()
    return this.#invocationId
  }

  /** Whether an answer is to the invocation that is under way; a runtime that does not name the attempt is believed. */
  isAnswer(request: IncomingMessage): boolean {
    const named = request.headers['lambda-runtime-invocation-id']
    return named === undefined || named === this.#invocationId
  }

  /** Of the invocation that is being answered; it is over when somebody else answers for the runtime. */
  get sink(): ResponseSink | undefined {
    return this.listener === undefined ? undefined : this.#sink
  }

  /** An answer's headers are here, its body is not: a pipelined `next` may arrive before the body ends. */
  receive(): void {
    this.#receiving = true
    this.#requestId = undefined
  }

  received(): void {
    this.#receiving = false
    this.announceReady()
  }

  announceReady(): void {
    if (this.#state === 'Ready' && !this.#receiving && this.#waiting !== undefined) this.listener?.ready()
  }
}
