/**
 * Pending → Active, and InProgress → Successful: what AWS does behind a function's back after it has answered.
 * https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
 */
import type { Clock, Timer } from '../../core/clock.ts'
import type { Ids } from '../../core/ids.ts'
import type { State } from '../../state/state.ts'
import type { FunctionStore } from './function-store.ts'
import type { Invoker } from './invoker.ts'
import type { FunctionRecord, VersionRecord } from './records.ts'
import type { Target } from './target.ts'

export interface Transitions {
  /** Completes what is pending of a function and its versions in a moment. */
  schedule(target: Target): void
  /** Schedules whatever a restart interrupted. */
  resume(): void
  /** Forgets everything scheduled. */
  stop(): void
}

/** FIDELITY: AWS takes about a second. */
const TRANSITION_MS = 80

export function createTransitions(options: {
  readonly store: FunctionStore
  readonly invoker: Invoker
  readonly state: State
  readonly clock: Clock
  readonly ids: Ids
  readonly onFailure: (error: unknown) => void
}): Transitions {
  const { store, invoker, state, clock, ids } = options
  const timers = new Set<Timer>()

  function completed(version: VersionRecord): VersionRecord {
    return { ...version, state: 'Active', lastUpdate: 'Successful', revisionId: ids.uuid() }
  }

  function complete(target: Target): void {
    const fn = store.find(target)
    if (!fn) return
    if (isUnderway(fn.latest)) {
      const { serving, ...rest } = fn
      const done: FunctionRecord = { ...rest, latest: completed(fn.latest) }
      store.put(done)
      if (serving) invoker.retire(serving)
    }
    for (const version of store.versionsOf(target)) if (isUnderway(version)) store.putVersion(completed(version))
    state.commit().catch(options.onFailure)
  }

  function schedule({ account, region, name }: Target): void {
    const timer = clock.after(TRANSITION_MS, () => {
      timers.delete(timer)
      complete({ account, region, name })
    })
    timers.add(timer)
  }

  return {
    schedule,
    resume() {
      for (const fn of store.all()) if (isUnderway(fn.latest)) schedule(fn)
      for (const version of store.allVersions()) {
        if (isUnderway(version)) schedule({ ...version, name: version.functionName })
      }
    },
    stop() {
      for (const timer of timers) timer.cancel()
      timers.clear()
    },
  }
}

function isUnderway(version: VersionRecord): boolean {
  return version.state === 'Pending' || version.lastUpdate === 'InProgress'
}
