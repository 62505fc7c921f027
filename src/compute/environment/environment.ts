/**
 * One execution environment: it initialises a runtime, gives it one invocation at a time, and resets or shuts it down.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
 */
import type { Clock, Timer } from '../../core/clock.ts'
import type { ComputeHost, FunctionImage, Invocation, InvocationResult, RoleCredentials } from '../compute.ts'
import { EnvironmentLog } from '../logs/environment-log.ts'
import { type LogLines, logLinesFor } from '../logs/log-lines.ts'
import { deliver } from '../runtime-api/next.ts'
import { RESPONSE_BYTES_MAX } from '../runtime-api/rendering.ts'
import type { Delivery } from '../runtime-api/session.ts'
import { runtimeVersion, runtimeVersionArn } from '../runtimes/catalogue.ts'
import { EntrypointError } from '../runtimes/entrypoint.ts'
import { assertTransition, type EnvironmentState } from './environment-state.ts'
import {
  entrypointFailure,
  exitFailure,
  type Failure,
  failurePayload,
  outOfMemoryFailure,
  timeoutFailure,
  tooLargePayload,
} from './failure.ts'
import { guardMemory } from './memory-guard.ts'
import { type Runtime, stopRuntime } from './runtime.ts'

/** https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib */
const INIT_TIMEOUT_MS = 10_000
/** An environment whose credentials could run out during an invocation takes no more of them. */
const CREDENTIALS_MARGIN_MS = 60_000

export interface EnvironmentOptions {
  readonly image: FunctionImage
  readonly host: ComputeHost
  readonly clock: Clock
  readonly logStream: string
  readonly credentials: RoleCredentials
  /** Passes on a started runtime before it can say a word; rejects with `EntrypointError` when there is none to start. */
  readonly start: (attach: (runtime: Runtime) => void) => Promise<void>
  /** Told when the environment can take another invocation, and when it has been shut down. */
  readonly released: (environment: Environment) => void
  /** Removes what the environment leaves behind. */
  readonly cleanUp: () => void
}

/** How init or an invocation ended. */
type Outcome =
  | { readonly kind: 'ready' }
  | { readonly kind: 'response'; readonly payload: Buffer }
  | { readonly kind: 'error'; readonly payload: Buffer; readonly errorType: string }
  | { readonly kind: 'failure'; readonly failure: Failure }
  /** Our side, not the function, could not go on. */
  | { readonly kind: 'broken'; readonly error: unknown }

export class Environment {
  readonly image: FunctionImage
  /** Set when its image has been superseded: it is to take no further invocation. */
  retired = false
  readonly #options: EnvironmentOptions
  readonly #clock: Clock
  readonly #log: EnvironmentLog
  readonly #lines: LogLines
  #state: EnvironmentState = 'new'
  #runtime: Runtime | undefined
  /** The start that is awaited; a runtime of an earlier one comes too late. */
  #attempt: object | undefined
  /** Takes the outcome that is being waited for. */
  #settle: ((outcome: Outcome) => void) | undefined
  /** The function's own time limit, from the invocation until the runtime asks for the next. */
  #limit: Timer | undefined
  /** The invocation has been answered; the runtime has not asked for the next. */
  #lingering = false
  #memoryMaxMb = 0

  constructor(options: EnvironmentOptions) {
    const { image, host, clock, logStream } = options
    this.image = image
    this.#options = options
    this.#clock = clock
    this.#log = new EnvironmentLog(clock, (events) => host.log(image, logStream, events))
    this.#lines = logLinesFor(image, () => clock.now())
  }

  get state(): EnvironmentState {
    return this.#state
  }

  /** Whether it may take another invocation, and its credentials outlive it. */
  get usable(): boolean {
    const remainingMs = this.#options.credentials.expiration.getTime() - this.#clock.now()
    return !this.retired && this.#state !== 'shutdown' && remainingMs > this.image.timeoutMs + CREDENTIALS_MARGIN_MS
  }

  /** Rejects when it is shut down meanwhile, or cannot start a process; whoever called then shuts it down. */
  async invoke(invocation: Invocation): Promise<InvocationResult> {
    const initMs = await this.#initialise()
    this.#log.beginTail()
    const begunMs = performance.now()
    const deadlineMs = this.#clock.now() + this.image.timeoutMs
    this.#limit = this.#clock.after(this.image.timeoutMs, () => this.#timedOut())
    // Suppressed init: what failed, or was lost with the runtime, is done again on the function's own time.
    let outcome: Outcome = this.#state === 'reset' ? await this.#init('invoke') : READY
    this.#log.platform(this.#lines.start(invocation.requestId))
    if (outcome.kind === 'ready') outcome = await this.#run({ ...invocation, deadlineMs })
    const durationMs = performance.now() - begunMs
    // One turn later all that the function wrote before its answer has been read: see runtime-process.ts.
    await new Promise((resolve) => setImmediate(resolve))
    this.#gaugeMemory()
    if (outcome.kind === 'failure' && this.#state === 'invoke') this.#reset()
    if (outcome.kind === 'broken') throw outcome.error
    const result = this.#conclude(invocation.requestId, outcome, durationMs, initMs)
    this.#lingering = true
    if (this.#state === 'reset' || this.#runtime?.session.state === 'Ready') this.#becomeIdle()
    return result
  }

  /** Ends it for good; an invocation under way is rejected. Harmless when repeated. */
  shutdown(): void {
    if (this.#state === 'shutdown') return
    this.#enter('shutdown')
    this.#stopRuntime()
    this.#options.cleanUp()
    this.#settle?.({ kind: 'broken', error: new Error('the execution environment has been shut down') })
    this.#release()
  }

  /** The init phase of a new environment; undefined when there is none, or it failed. Milliseconds. */
  async #initialise(): Promise<number | undefined> {
    if (this.#state !== 'new' && this.#state !== 'reset') return undefined
    const { region, runtime } = this.image
    this.#log.platform(this.#lines.initStart(runtimeVersion(runtime), runtimeVersionArn(region, runtime)))
    if (this.#state === 'reset') return undefined
    const begunMs = performance.now()
    const timer = this.#clock.after(INIT_TIMEOUT_MS, () => {
      this.#settle?.({ kind: 'failure', failure: timeoutFailure(INIT_TIMEOUT_MS) })
    })
    const outcome = await this.#init('init')
    timer.cancel()
    if (outcome.kind === 'broken') throw outcome.error
    return outcome.kind === 'ready' ? performance.now() - begunMs : undefined
  }

  async #init(phase: 'init' | 'invoke'): Promise<Outcome> {
    const begunMs = performance.now()
    this.#enter('init')
    const settled = this.#nextOutcome()
    const attempt = {}
    this.#attempt = attempt
    this.#options
      .start((runtime) => this.#attach(runtime, attempt))
      .catch((error: unknown) => {
        if (this.#attempt !== attempt) return
        const failed = error instanceof EntrypointError
        this.#settle?.(
          failed ? { kind: 'failure', failure: entrypointFailure(error.message) } : { kind: 'broken', error },
        )
      })
    const outcome = await settled
    if (outcome.kind === 'ready') {
      this.#gaugeMemory()
      this.#enter('idle')
      return outcome
    }
    this.#attempt = undefined
    this.#gaugeMemory()
    await new Promise((resolve) => setImmediate(resolve))
    if (outcome.kind !== 'broken') {
      const durationMs = performance.now() - begunMs
      this.#log.platform(this.#lines.initReport({ durationMs, phase, failure: failureOf(outcome) }))
    }
    if (this.#state === 'init') this.#reset()
    return outcome
  }

  async #run(delivery: Delivery): Promise<Outcome> {
    this.#enter('invoke')
    const settled = this.#nextOutcome()
    if (this.#runtime !== undefined) deliver(this.#runtime.session, delivery)
    return settled
  }

  #conclude(
    requestId: string,
    outcome: Exclude<Outcome, { kind: 'broken' }>,
    durationMs: number,
    initMs: number | undefined,
  ): InvocationResult {
    const failure = outcome.kind === 'failure' ? outcome.failure : undefined
    const timedOut = failure?.status === 'timeout'
    // AWS reports no more than the limit.
    const shownMs = timedOut ? this.image.timeoutMs : durationMs
    if (timedOut) this.#log.platform(this.#lines.timedOut(requestId, this.image.timeoutMs))
    else if (failure !== undefined) {
      this.#log.platform(this.#lines.fault(requestId, failure.errorType, failure.reason))
    }
    this.#log.platform(this.#lines.end(requestId))
    this.#log.platform(
      this.#lines.report({
        requestId,
        durationMs: shownMs,
        billedMs: Math.ceil(shownMs + (initMs ?? 0)),
        memoryMb: this.image.memoryMb,
        memoryMaxUsedMb: Math.min(this.#memoryMaxMb, this.image.memoryMb),
        ...(initMs === undefined ? {} : { initMs }),
        ...(failure === undefined ? {} : { failure }),
      }),
    )
    this.#log.flush()
    const logTail = this.#log.tail()
    if (failure !== undefined) {
      return { payload: failurePayload(requestId, failure), functionError: 'Unhandled', logTail }
    }
    if (outcome.kind === 'error') return { payload: outcome.payload, functionError: 'Unhandled', logTail }
    return { payload: outcome.kind === 'response' ? outcome.payload : Buffer.alloc(0), logTail }
  }

  #attach(runtime: Runtime, attempt: object): void {
    if (this.#attempt !== attempt) return stopRuntime(runtime)
    this.#runtime = runtime
    runtime.process.output = (stream, chunk) => this.#log.output(stream, chunk)
    runtime.session.listener = {
      ready: () => {
        if (this.#state === 'init') this.#settle?.(READY)
        else if (this.#lingering) this.#becomeIdle()
      },
      responded: (payload) => this.#settle?.({ kind: 'response', payload }),
      respondedTooMuch: () =>
        this.#settle?.({
          kind: 'error',
          payload: tooLargePayload(RESPONSE_BYTES_MAX),
          errorType: 'Function.ResponseSizeTooLarge',
        }),
      failed: (payload, errorType) => this.#settle?.({ kind: 'error', payload, errorType }),
      initFailed: (payload, errorType) => this.#settle?.({ kind: 'error', payload, errorType }),
    }
    void runtime.process.exited.then((status) => {
      if (this.#runtime === runtime) this.#runtimeGone(exitFailure(status))
    })
    runtime.session.announceReady()
  }

  #runtimeGone(failure: Failure): void {
    if (this.#settle !== undefined) return this.#settle({ kind: 'failure', failure })
    if (this.#state === 'idle') this.#reset()
    else if (this.#lingering) {
      this.#reset()
      this.#becomeIdle()
    }
  }

  #timedOut(): void {
    if (this.#settle !== undefined) {
      return this.#settle({ kind: 'failure', failure: timeoutFailure(this.image.timeoutMs) })
    }
    if (!this.#lingering) return
    this.#reset()
    this.#becomeIdle()
  }

  /** After an invocation: the runtime waits for the next one, or will be started again by it. */
  #becomeIdle(): void {
    if (this.#state === 'invoke') this.#enter('idle')
    this.#release()
  }

  #release(): void {
    this.#lingering = false
    this.#limit?.cancel()
    this.#limit = undefined
    this.#log.flush()
    this.#options.released(this)
  }

  #nextOutcome(): Promise<Outcome> {
    return new Promise((resolve) => {
      const guard = guardMemory(
        this.#clock,
        this.image.memoryMb,
        () => this.#runtime?.process.memory.currentMb() ?? 0,
        () => this.#settle?.({ kind: 'failure', failure: outOfMemoryFailure() }),
      )
      this.#settle = (outcome) => {
        guard.cancel()
        this.#settle = undefined
        resolve(outcome)
      }
    })
  }

  #reset(): void {
    this.#stopRuntime()
    this.#enter('reset')
  }

  #stopRuntime(): void {
    const runtime = this.#runtime
    this.#runtime = undefined
    this.#attempt = undefined
    if (runtime !== undefined) stopRuntime(runtime)
  }

  #gaugeMemory(): void {
    this.#memoryMaxMb = Math.max(this.#memoryMaxMb, this.#runtime?.process.memory.peakMb() ?? 0)
  }

  #enter(state: EnvironmentState): void {
    assertTransition(this.#state, state)
    this.#state = state
  }
}

const READY: Outcome = { kind: 'ready' }

function failureOf(outcome: Outcome): Pick<Failure, 'status' | 'errorType'> {
  if (outcome.kind === 'failure') return outcome.failure
  return { status: 'error', errorType: outcome.kind === 'error' ? outcome.errorType : 'Runtime.Unknown' }
}
