/** Runs stack operations in the background, one at a time for each stack, and takes up those that a restart interrupted. */
import { isUnderway, type StackRecord, type StackStatus } from '../records.ts'
import { PHASES } from './lifecycle.ts'
import { StackRun, Stopped, type Engine } from './stack-run.ts'

interface Running {
  readonly run: StackRun
  readonly done: Promise<void>
}

export class Deployments {
  readonly #engine: Engine
  readonly #running = new Map<string, Running>()

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** Starts on the operation that the stack's status stands for, after the request that asked for it has been answered. */
  begin(stackId: string, interrupted = false): void {
    const run = new StackRun(this.#engine, stackId)
    const done = new Promise<void>((resolve) => {
      this.#engine.clock.after(0, () => {
        void this.#execute(run, interrupted).finally(() => {
          if (this.#running.get(stackId)?.run === run) this.#running.delete(stackId)
          resolve()
        })
      })
    })
    this.#running.set(stackId, { run, done })
  }

  /**
   * The stack's status has become DELETE_IN_PROGRESS: begins to delete, or makes the creation that runs end and then delete.
   */
  beginDeletion(stackId: string): void {
    const running = this.#running.get(stackId)
    if (running) running.run.cancel()
    else this.begin(stackId)
  }

  /** Resolves when nothing runs for the stack any more, or after the time. */
  async settled(stackId: string, timeoutMs: number): Promise<void> {
    const running = this.#running.get(stackId)
    if (!running) return
    await new Promise<void>((resolve) => {
      const timer = this.#engine.clock.after(timeoutMs, resolve)
      void running.done.then(() => {
        timer.cancel()
        resolve()
      })
    })
  }

  start(): void {
    for (const { id, status } of this.#engine.store.everyStack()) if (isUnderway(status)) this.begin(id, true)
  }

  /** What runs goes no further; `start` takes it up again. */
  close(): void {
    for (const { run } of this.#running.values()) run.stop()
    this.#running.clear()
  }

  async #execute(run: StackRun, wasInterrupted: boolean): Promise<void> {
    let interrupted = wasInterrupted
    try {
      for (;;) {
        const phase = PHASES[run.stack.status]
        if (!phase) break
        const next = await phase(run, interrupted)
        interrupted = false
        if (run.takeCancellation()) continue
        run.setStatus(next.status, next.reason, next.patch)
      }
      this.#afterwards(run.stack)
      await this.#engine.state.commit()
    } catch (error) {
      if (!(error instanceof Stopped)) this.#abandon(run, error)
    }
  }

  #afterwards(stack: StackRecord): void {
    const { store } = this.#engine
    const { changeSetId } = stack.operation
    const changeSet = changeSetId === undefined ? undefined : store.changeSet(stack, changeSetId)
    if (changeSet?.executionStatus === 'EXECUTE_IN_PROGRESS') {
      const isComplete = stack.status === 'CREATE_COMPLETE' || stack.status === 'UPDATE_COMPLETE'
      store.putChangeSet(stack, { ...changeSet, executionStatus: isComplete ? 'EXECUTE_COMPLETE' : 'EXECUTE_FAILED' })
    }
    if (stack.status === 'DELETE_COMPLETE') store.prune(stack)
  }

  /** A bug of ours must not leave the stack in progress for ever. */
  #abandon(run: StackRun, error: unknown): void {
    const status = AFTER_BUG[run.stack.status]
    const text = error instanceof Error ? error.message : String(error)
    if (status) run.setStatus(status, `Internal Failure: ${text}`)
  }
}

const AFTER_BUG: Readonly<Partial<Record<StackStatus, StackStatus>>> = {
  CREATE_IN_PROGRESS: 'CREATE_FAILED',
  ROLLBACK_IN_PROGRESS: 'ROLLBACK_FAILED',
  UPDATE_IN_PROGRESS: 'UPDATE_FAILED',
  UPDATE_COMPLETE_CLEANUP_IN_PROGRESS: 'UPDATE_FAILED',
  UPDATE_ROLLBACK_IN_PROGRESS: 'UPDATE_ROLLBACK_FAILED',
  UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS: 'UPDATE_ROLLBACK_FAILED',
  DELETE_IN_PROGRESS: 'DELETE_FAILED',
}
