/**
 * Pending → Active or Failed, InProgress → Successful or Failed, idle → Inactive → Pending: what AWS does behind a function's back.
 * https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
 */
import type { Clock, Timer } from '../../core/clock.ts'
import type { Ids } from '../../core/ids.ts'
import type { State } from '../../state/state.ts'
import type { FunctionStore } from './function-store.ts'
import { LATEST } from './function-name.ts'
import type { Invoker } from './invocation/invoker.ts'
import type { FunctionRecord, VersionRecord, VpcFailure } from './records.ts'
import type { Target } from './target.ts'
import type { VpcConnections } from './vpc/vpc-connections.ts'

export interface Transitions {
  /** Completes what is pending of a function and its versions in a moment. */
  schedule(target: Target): void
  /** An idle version was invoked: its network interfaces are made again. */
  restore(version: VersionRecord): void
  /** Schedules whatever a restart interrupted. */
  resume(): void
  /** Forgets everything scheduled. */
  stop(): void
}

/** FIDELITY: AWS takes about a second, and up to minutes for the first function with a subnet and its security groups. */
const TRANSITION_MS = 80
/** FIDELITY: AWS's pages say 14 days or "several weeks". */
const IDLE_MS_MAX = 14 * 24 * 3_600_000
const IDLENESS_INTERVAL_MS = 3_600_000

export function createTransitions(options: {
  readonly store: FunctionStore
  readonly invoker: Invoker
  readonly vpcConnections: VpcConnections
  readonly state: State
  readonly clock: Clock
  readonly ids: Ids
  readonly onFailure: (error: unknown) => void
}): Transitions {
  const { store, invoker, vpcConnections, state, clock, ids } = options
  const timers = new Set<Timer>()
  let idleness: Timer | undefined

  function settled(version: VersionRecord, failure: VpcFailure | undefined): VersionRecord {
    const { failure: _, restoring, ...rest } = version
    const revisionId = ids.uuid()
    if (!failure) return { ...rest, state: 'Active', lastUpdate: 'Successful', revisionId }
    if (version.lastUpdate === 'InProgress') return { ...rest, lastUpdate: 'Failed', failure, revisionId }
    return { ...rest, state: restoring ? 'Inactive' : 'Failed', failure, revisionId }
  }

  async function complete(target: Target): Promise<void> {
    const pending = [store.find(target)?.latest, ...store.versionsOf(target)].filter(
      (version) => version !== undefined && isUnderway(version),
    ) as readonly VersionRecord[]
    for (const version of pending) {
      const failure = await vpcConnections.connect(version)
      settle(target, version, failure)
    }
    await vpcConnections.reclaim(target)
    await state.commit()
  }

  /** Unless it has been changed or deleted while it was being connected. */
  function settle(target: Target, version: VersionRecord, failure: VpcFailure | undefined): void {
    const fn = store.find(target)
    if (version.version !== LATEST) {
      if (store.version(target, version.version) === version) store.putVersion(settled(version, failure))
      return
    }
    if (fn?.latest.deploymentId !== version.deploymentId || !isUnderway(fn.latest)) return
    const { serving, ...rest } = fn
    const latest = settled(fn.latest, failure)
    if (failure && serving) return store.put({ ...fn, latest })
    store.put({ ...rest, latest } satisfies FunctionRecord)
    if (serving) invoker.retire(serving)
  }

  function schedule({ account, region, name }: Target): void {
    const timer = clock.after(TRANSITION_MS, () => {
      timers.delete(timer)
      complete({ account, region, name }).catch(options.onFailure)
    })
    timers.add(timer)
  }

  function replace(version: VersionRecord): void {
    if (version.version !== LATEST) return store.putVersion(version)
    const fn = store.find({ ...version, name: version.functionName })
    if (fn) store.put({ ...fn, latest: version })
  }

  /** Takes the network interfaces of functions back that nobody has invoked for long. */
  async function reclaimIdle(): Promise<void> {
    const versions = [...store.all().map(({ latest }) => latest), ...store.allVersions()]
    const idle = versions.filter(
      (version) =>
        version.state === 'Active' &&
        version.lastUpdate === 'Successful' &&
        (version.settings.vpc?.subnetIds.length ?? 0) > 0 &&
        invoker.lastInvokedMs(version) + IDLE_MS_MAX <= clock.now(),
    )
    for (const version of idle) {
      invoker.retire(version)
      replace({ ...version, state: 'Inactive', revisionId: ids.uuid() })
    }
    for (const version of idle) await vpcConnections.reclaim(version)
    await state.commit()
  }

  function watchIdleness(): void {
    idleness = clock.after(IDLENESS_INTERVAL_MS, () => {
      reclaimIdle().catch(options.onFailure)
      watchIdleness()
    })
  }

  return {
    schedule,
    restore(version) {
      const { failure: _, ...rest } = version
      replace({ ...rest, state: 'Pending', restoring: true, revisionId: ids.uuid() })
      schedule({ ...version, name: version.functionName })
      state.commit().catch(options.onFailure)
    },
    resume() {
      for (const fn of store.all()) if (isUnderway(fn.latest)) schedule(fn)
      for (const version of store.allVersions()) {
        if (isUnderway(version)) schedule({ ...version, name: version.functionName })
      }
      watchIdleness()
    },
    stop() {
      for (const timer of timers) timer.cancel()
      timers.clear()
      idleness?.cancel()
      vpcConnections.stop()
    },
  }
}

function isUnderway(version: VersionRecord): boolean {
  return version.state === 'Pending' || version.lastUpdate === 'InProgress'
}
