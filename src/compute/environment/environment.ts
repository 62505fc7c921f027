/**
 * One execution environment: it initialises a runtime, gives it one invocation at a time, and resets or shuts it down.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
 */
import type { Clock, Timer } from '../../core/clock.ts'
import type {
  ComputeHost,
  FunctionImage,
  Invocation,
  InvocationResult,
  ResponseSink,
  RoleCredentials,
} from '../compute.ts'
import type { Extensions, ShutdownReason } from '../extensions-api/extensions.ts'
import type { EnvironmentLog } from '../logs/environment-log.ts'
import type { Trace } from '../logs/log-lines.ts'
import { deliver } from '../runtime-api/next.ts'
import type { Delivery } from '../runtime-api/session.ts'
import { runtimeVersion, runtimeVersionArn } from '../runtimes/catalogue.ts'
import { EntrypointError } from '../runtimes/entrypoint.ts'
import { Chronicle, type Say } from './chronicle.ts'
import { endGently } from './ending.ts'
import { letRegister } from './extensions-of.ts'
import { assertTransition, type EnvironmentState } from './environment-state.ts'
import {
  entrypointFailure,
  exitFailure,
  type Failure,
  outOfMemoryFailure,
  timeoutFailure,
  tooLargePayload,
} from './failure.ts'
import { guardMemory } from './memory-guard.ts'
import { conclude, type Conclusion, failureOf, type Outcome, resultOf, tellDone } from './outcome.ts'
import { type Runtime, type StartedRuntime, stopRuntime } from './runtime.ts'

/** https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib */
const INIT_TIMEOUT_MS = 10_000
/** Ahead of invocations an init may take as long as the function, and at least so long. */
const PROVISIONED_INIT_TIMEOUT_MS_MIN = 130_000
/** An environment whose credentials could run out during an invocation takes no more of them. */
const CREDENTIALS_MARGIN_MS = 60_000

export interface EnvironmentOptions {
  readonly image: FunctionImage
  readonly host: ComputeHost
  readonly clock: Clock
  readonly logStream: string
  readonly credentials: RoleCredentials
  /** A runtime for this image; rejects with `EntrypointError` when there is none to start. */
  readonly start: () => Promise<StartedRuntime>
  /** Told when the environment can take another invocation, and when it has been shut down. */
  readonly released: (environment: Environment) => void
  /** Removes what the environment leaves behind, once its runtime has ended. */
  readonly cleanUp: (stopped: Promise<void>) => void
}

export class Environment {
  readonly image: FunctionImage
  /** Set when its image has been superseded: it is to take no further invocation. */
  retired = false
  readonly #options: EnvironmentOptions
  readonly #clock: Clock
  readonly #chronicle: Chronicle
  readonly #log: EnvironmentLog
  readonly #say: Say
  /** A runtime with extensions takes its time to end. */
  #stopped: Promise<void> = Promise.resolve()
  #state: EnvironmentState = 'new'
  #runtime: Runtime | undefined
  /** Takes the outcome that is being waited for. */
  #settle: ((outcome: Outcome) => void) | undefined
  /** The function's own time limit, from the invocation until the runtime asks for the next. */
  #limit: Timer | undefined
  /** The invocation has been answered; the runtime has not asked for the next. */
  #lingering = false
  /** The runtime or an extension has ended between the answer and the report. */
  #gone: Failure | undefined
  #memoryMaxMb = 0
  #frozen = false
  /** Says so, once for each init. */
  #runtimeInitialised: (() => void) | undefined
  /** Of an init ahead of the first invocation, until that reports it. */
  #initMs: number | undefined

  constructor(options: EnvironmentOptions) {
    const { image, host, clock, logStream } = options
    this.image = image
    this.#options = options
    this.#clock = clock
    this.#chronicle = new Chronicle(image, clock, (events) => host.log(image, logStream, events))
    this.#log = this.#chronicle.log
    this.#say = this.#chronicle.say
  }

  get state(): EnvironmentState {
    return this.#state
  }

  /** Whether it may take another invocation, and its credentials outlive it. */
  get usable(): boolean {
    const remainingMs = this.#options.credentials.expiration.getTime() - this.#clock.now()
    return !this.retired && this.#state !== 'shutdown' && remainingMs > this.image.timeoutMs + CREDENTIALS_MARGIN_MS
  }

  /** Rejects when it is shut down meanwhile, or the host cannot start a process; whoever called then shuts it down. */
  async invoke(invocation: Invocation, sink?: ResponseSink): Promise<InvocationResult> {
    this.#thaw()
    const initMs = (await this.#coldStart()) ?? this.#takeInitMs()
    // Suppressed init: what failed, or was lost with the runtime, is done again on the function's own time.
    const restarted = this.#state === 'reset' ? await this.#startRuntime() : undefined
    this.#log.beginTail()
    const begunMs = performance.now()
    const deadlineMs = this.#clock.now() + this.image.timeoutMs
    this.#limit = this.#clock.after(this.image.timeoutMs, () => this.#timedOut())
    let outcome: Outcome = restarted === undefined ? READY : await this.#init(restarted, 'invoke')
    const trace = traceOf(invocation)
    this.#say((lines) => lines.start(invocation.requestId, trace))
    if (outcome.kind === 'ready') {
      outcome = await this.#run({ ...invocation, deadlineMs, ...(sink === undefined ? {} : { sink }) })
    }
    const isWorking = this.#extensions !== undefined && this.#areExtensionsAtWork(outcome)
    const ended = isWorking ? this.#nextOutcome() : undefined
    const durationMs = performance.now() - begunMs
    await this.#outputRead()
    if (outcome.kind === 'broken') throw outcome.error
    const { requestId } = invocation
    if (ended !== undefined) tellDone(this.#say, { requestId, outcome, durationMs, trace })
    if (sink !== undefined && outcome.kind === 'response') outcome = passOn(outcome.payload, sink)
    this.#gaugeMemory()
    const memoryMaxMb = this.#memoryMaxMb
    const isToldDone = ended !== undefined
    const figures = { durationMs, initMs, memoryMaxMb, trace }
    const conclusion: Conclusion = { requestId, outcome, late: undefined, isToldDone, ...figures }
    if (ended === undefined) return resultOf(conclusion, this.#conclude(conclusion), this.image)
    this.#log.flush()
    const concluded = ended.then((late) => this.#concludeLate(conclusion, late, performance.now() - begunMs))
    return { ...resultOf(conclusion, this.#log.tail(), this.image), ended: concluded }
  }

  /** Reports an invocation, and makes room for the next. */
  #conclude(conclusion: Conclusion): Buffer {
    const tail = conclude(this.image, this.#log, this.#say, conclusion)
    const { outcome, late } = conclusion
    const failure = (outcome.kind === 'failure' ? outcome.failure : late) ?? this.#gone
    this.#gone = undefined
    if (failure !== undefined && this.#state === 'invoke') this.#reset(failure)
    this.#lingering = true
    if (this.#state === 'reset' || this.#runtime?.session.state === 'Ready') this.#becomeIdle()
    return tail
  }

  /** The same when extensions have come to their end, or failed. */
  async #concludeLate(conclusion: Conclusion, late: Outcome, durationMs: number): Promise<Buffer> {
    await this.#outputRead()
    // It has been shut down.
    if (late.kind === 'broken') return this.#log.tail()
    this.#gaugeMemory()
    const failure = late.kind === 'failure' ? late.failure : undefined
    return this.#conclude({ ...conclusion, durationMs, late: failure, memoryMaxMb: this.#memoryMaxMb })
  }

  get #extensions(): Extensions | undefined {
    return this.#runtime?.session.extensions
  }

  /** An invocation that has been answered ends when the runtime and the extensions have asked for the next event. */
  #areExtensionsAtWork({ kind }: Outcome): boolean {
    if ((kind !== 'response' && kind !== 'error') || this.#state !== 'invoke') return false
    return this.#runtime?.session.state !== 'Ready' || this.#extensions?.areIdle !== true
  }

  /** Initialises it ahead of its first invocation. Undefined when it has become idle; otherwise why it has not, and it is to be shut down. */
  async initialise(): Promise<string | undefined> {
    this.#initMs = await this.#coldStart()
    if (this.#state !== 'idle') return 'the init of the function failed'
    this.#release()
    return undefined
  }

  #takeInitMs(): number | undefined {
    const initMs = this.#initMs
    this.#initMs = undefined
    return initMs
  }

  /** Between invocations nothing in it runs: a timer that is due fires when the next one begins. */
  freeze(): void {
    if (this.#state !== 'idle' || this.#runtime === undefined) return
    this.#frozen = true
    this.#runtime.process.freeze()
    this.#extensions?.freeze()
  }

  #thaw(): void {
    if (!this.#frozen) return
    this.#frozen = false
    this.#runtime?.process.thaw()
    this.#extensions?.thaw()
  }

  /** Ends it for good; an invocation under way is rejected. Harmless when repeated. */
  shutdown(): void {
    if (this.#state === 'shutdown') return
    this.#enter('shutdown')
    this.#stopRuntime('spindown')
    this.#options.cleanUp(this.#stopped)
    this.#settle?.({ kind: 'broken', error: new Error(SHUT_DOWN) })
    this.#release()
  }

  /** Announces an init; a new environment also goes through its init phase. Milliseconds, unless there was none or it failed. */
  async #coldStart(): Promise<number | undefined> {
    if (this.#state !== 'new' && this.#state !== 'reset') return undefined
    const { region, runtime } = this.image
    this.#chronicle.openTelemetry()
    this.#say((lines) => lines.initStart(runtimeVersion(runtime), runtimeVersionArn(region, runtime)))
    if (this.#state === 'reset') return undefined
    const started = await this.#startRuntime()
    const begunMs = performance.now()
    const limitMs = this.#initTimeoutMs()
    const timer = this.#clock.after(limitMs, () => {
      this.#settle?.({ kind: 'failure', failure: timeoutFailure(limitMs) })
    })
    const outcome = await this.#init(started, 'init')
    timer.cancel()
    if (outcome.kind === 'broken') throw outcome.error
    return outcome.kind === 'ready' ? performance.now() - begunMs : undefined
  }

  #initTimeoutMs(): number {
    const { initializationType, timeoutMs } = this.image
    return initializationType === 'on-demand' ? INIT_TIMEOUT_MS : Math.max(PROVISIONED_INIT_TIMEOUT_MS_MIN, timeoutMs)
  }

  /** The host's part of an init, on nobody's time: a busy machine must not look like a slow function. */
  async #startRuntime(): Promise<StartedRuntime | Failure> {
    this.#enter('init')
    this.#chronicle.openTelemetry()
    try {
      await this.#stopped
      const started = await this.#options.start()
      if (this.#state === 'init') return started
      stopRuntime(started.runtime)
    } catch (error) {
      if (error instanceof EntrypointError) return entrypointFailure(error.message)
      throw error
    }
    throw new Error(SHUT_DOWN)
  }

  async #init(started: StartedRuntime | Failure, phase: 'init' | 'invoke'): Promise<Outcome> {
    const begunMs = performance.now()
    this.#runtimeInitialised = () => this.#say((lines) => lines.initRuntimeDone({ phase }))
    const outcome: Outcome =
      'runtime' in started ? await this.#initialised(started) : { kind: 'failure', failure: started }
    this.#gaugeMemory()
    if (outcome.kind === 'ready') {
      this.#chronicle.sayExtensions(this.#extensions?.all)
      this.#say((lines) => lines.initReport({ durationMs: performance.now() - begunMs, phase }))
      this.#chronicle.closeSubscription()
      this.#enter('idle')
      return outcome
    }
    await this.#outputRead()
    if (outcome.kind === 'broken') return outcome
    const durationMs = performance.now() - begunMs
    const failure = failureOf(outcome)
    if (this.#runtimeInitialised !== undefined) this.#say((lines) => lines.initRuntimeDone({ phase, failure }))
    this.#chronicle.sayExtensions(this.#extensions?.all)
    this.#say((lines) => lines.initReport({ durationMs, phase, failure }))
    if (this.#state === 'init') this.#reset(failure)
    return outcome
  }

  #initialised({ runtime, begin, extensions: external }: StartedRuntime): Promise<Outcome> {
    const settled = this.#nextOutcome()
    this.#attach(runtime)
    letRegister(runtime, {
      image: this.image,
      chronicle: this.#chronicle,
      external,
      isInitialising: () => this.#state === 'init',
      failed: (failure) => {
        if (this.#runtime === runtime) this.#runtimeGone(failure)
      },
    })
    const launched = runtime.session.extensions?.launch()
    const begun = launched === undefined ? begin() : launched.then(begin)
    begun?.catch((error: unknown) => {
      if (this.#runtime !== runtime) return
      this.#settle?.(
        error instanceof EntrypointError
          ? { kind: 'failure', failure: entrypointFailure(error.message) }
          : { kind: 'broken', error },
      )
    })
    return settled
  }

  async #run(delivery: Delivery): Promise<Outcome> {
    this.#enter('invoke')
    const settled = this.#nextOutcome()
    this.#extensions?.invoke(delivery)
    if (this.#runtime !== undefined) deliver(this.#runtime.session, delivery)
    return settled
  }

  #attach(runtime: Runtime): void {
    this.#runtime = runtime
    runtime.process.output = (stream, chunk) => this.#log.output(stream, chunk)
    runtime.session.listener = {
      ready: () => {
        const { extensions } = runtime.session
        if (this.#state === 'init') this.#runtimeReady()
        if (extensions?.areIdle === false) return
        if (this.#state === 'init' || extensions !== undefined) this.#settle?.(READY)
        if (this.#lingering) this.#becomeIdle()
      },
      responded: (payload) => this.#settle?.({ kind: 'response', payload }),
      respondedTooMuch: (bytesMax) =>
        this.#settle?.({
          kind: 'error',
          payload: tooLargePayload(bytesMax),
          errorType: 'Function.ResponseSizeTooLarge',
        }),
      failed: (payload, errorType) => this.#settle?.({ kind: 'error', payload, errorType }),
      initFailed: (payload, errorType) => {
        // It is there until it has been answered.
        this.#gaugeMemory()
        this.#settle?.({ kind: 'error', payload, errorType })
      },
    }
    void runtime.process.exited.then((status) => {
      if (this.#runtime === runtime) this.#runtimeGone(exitFailure(status))
    })
    runtime.session.announceReady()
  }

  /** Its init is done, and with it the time in which extensions may register. */
  #runtimeReady(): void {
    this.#extensions?.closeRegistration()
    this.#runtimeInitialised?.()
    this.#runtimeInitialised = undefined
  }

  #runtimeGone(failure: Failure): void {
    if (this.#settle !== undefined) return this.#settle({ kind: 'failure', failure })
    if (this.#state === 'idle') this.#reset(failure)
    else if (this.#lingering) {
      this.#reset(failure)
      this.#becomeIdle()
    } else if (this.#state === 'invoke') this.#gone = failure
  }

  #timedOut(): void {
    if (this.#settle !== undefined) {
      return this.#settle({ kind: 'failure', failure: timeoutFailure(this.image.timeoutMs) })
    }
    if (!this.#lingering) return
    this.#reset({ status: 'timeout' })
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

  #reset({ status }: Pick<Failure, 'status'>): void {
    this.#stopRuntime(status === 'timeout' ? 'timeout' : 'failure')
    this.#enter('reset')
  }

  /** At once; one with extensions has the time that they are given. */
  #stopRuntime(reason: ShutdownReason): void {
    const runtime = this.#runtime
    const extensions = this.#extensions
    if (extensions !== undefined) this.#thaw()
    this.#frozen = false
    this.#runtime = undefined
    this.#chronicle.endTelemetry()
    if (runtime === undefined) return
    if (extensions === undefined) return stopRuntime(runtime)
    this.#stopped = endGently(runtime, extensions, reason, this.#clock).then(() => this.#log.flush())
  }

  /** One turn later all that a function wrote before its answer has been read: see runtime-process.ts. */
  #outputRead(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve))
  }

  #gaugeMemory(): void {
    this.#memoryMaxMb = Math.max(this.#memoryMaxMb, this.#runtime?.process.memory.peakMb() ?? 0)
  }

  #enter(state: EnvironmentState): void {
    assertTransition(this.#state, state)
    this.#state = state
  }
}

function traceOf({ traceId, segmentId }: Invocation): Trace | undefined {
  return segmentId === undefined ? undefined : { traceId, segmentId }
}

const READY: Outcome = { kind: 'ready' }
const SHUT_DOWN = 'the execution environment has been shut down'

/** A response that did not come in pieces is one. */
function passOn(payload: Buffer, sink: ResponseSink): Extract<Outcome, { kind: 'response' }> {
  if (payload.length > 0) {
    sink.begin('application/json')
    sink.write(payload)
  }
  return { kind: 'response', payload: Buffer.alloc(0) }
}
