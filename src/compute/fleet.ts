/** All execution environments: which one takes an invocation, how many there may be, and when they go. */
import { rm } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import type { Timer } from '../core/clock.ts'
import { CAPACITY_WAIT_MS_MAX, ENVIRONMENTS_MAX } from '../core/host-capacity.ts'
import type { Compute, ComputeOptions, FunctionImage, Invocation, InvocationResult, ResponseSink } from './compute.ts'
import type { Environment } from './environment/environment.ts'
import { createEnvironmentFactory } from './environment/environment-factory.ts'
import { createSandboxes } from './executor/sandboxes.ts'
import { HostCapacityError } from './host-capacity-error.ts'
import { createPool } from './pool.ts'
import { createProvisioning } from './provisioning.ts'
import { createPlaceApi } from './runtime-api/server.ts'
import { createLayers } from './runtimes/layers.ts'
import { createRuntimeStarter } from './runtimes/starter.ts'
import { createTaskSurroundings } from './runtimes/task-surroundings.ts'

const POOL_SIZE = 2
/** FIDELITY: AWS keeps an idle environment for a time it does not promise; here it is five minutes. */
const IDLE_MS_MAX = 5 * 60_000
/**
 * FIDELITY: AWS freezes an environment at once. To stop and continue a process costs more than a warm invocation has to spare, so one that
 * is invoked again within this time is not stopped in between. Among many, each has to wait longer for its turn.
 */
const FREEZE_AFTER_MS = 5
const FREEZE_AFTER_MS_FOR_EACH = 0.5
const REAP_INTERVAL_MS = 30_000

export function createFleet(options: ComputeOptions): Compute {
  const { host, clock, ids, workDirectory, places } = options
  const environmentsMax = options.environmentsMax ?? ENVIRONMENTS_MAX
  const surroundings = createTaskSurroundings()
  const sandboxes = createSandboxes({ host, clock, ids, workDirectory, places, surroundings })
  const placeApi = createPlaceApi()
  const starter = createRuntimeStarter({ host, clock, sandboxes, placeApi })
  const pool = createPool(starter, options.poolSize ?? POOL_SIZE, availableParallelism() + 1)
  const layers = createLayers(workDirectory)
  const environments = createEnvironmentFactory({ compute: options, starter, pool, sandboxes, layers, released })
  const all = new Set<Environment>()
  const startsMax = availableParallelism() + 1
  const provisioning = createProvisioning({ create: makeRoomAndCreate, startsMax })
  /** Idle environments of each image, the one used last at the end: it is taken first, so that the others grow old. Provisioned ones after all. */
  const idle = new Map<string, Environment[]>()
  /** Since when, in the order in which they became idle. */
  const idleSince = new Map<Environment, number>()
  /** Those of them that still run. */
  const unfrozen = new Set<Environment>()
  const waiting: (() => void)[] = []
  let freezer: Timer | undefined
  let reaper: Timer | undefined
  let closed = false

  return {
    invoke: (image, invocation) => invoke(image, invocation),
    invokeStream: invoke,

    provision(image, count, changed) {
      starter.require(image.runtime)
      provisioning.set(image, count, changed)
    },

    retire(key) {
      provisioning.giveUp(key)
      for (const environment of all) if (environment.image.key === key) environment.retired = true
      for (const environment of idle.get(key)?.slice() ?? []) environment.shutdown()
    },

    onRuntimeConnection: (socket, placeAddress) => placeApi.onConnection(socket, placeAddress),

    warmUp: () => pool.fill(),

    async close() {
      closed = true
      provisioning.close()
      freezer?.cancel()
      reaper?.cancel()
      for (const proceed of waiting.splice(0)) proceed()
      for (const environment of all) environment.shutdown()
      await Promise.all([pool.close(), environments.settled()])
      await surroundings.remove()
      await rm(workDirectory, { recursive: true, force: true })
    },
  }

  async function invoke(image: FunctionImage, invocation: Invocation, sink?: ResponseSink): Promise<InvocationResult> {
    starter.require(image.runtime)
    const environment = takeIdle(image.key) ?? (await makeRoomOrTakeIdle(image))
    try {
      return await environment.invoke(invocation, sink)
    } catch (error) {
      environment.shutdown()
      throw error
    }
  }

  function takeIdle(key: string): Environment | undefined {
    const stack = idle.get(key)
    for (let environment = stack?.pop(); environment !== undefined; environment = stack?.pop()) {
      idleSince.delete(environment)
      unfrozen.delete(environment)
      if (environment.usable) return environment
      environment.shutdown()
    }
    return undefined
  }

  async function makeRoomOrTakeIdle(image: FunctionImage): Promise<Environment> {
    for (;;) {
      if (all.size < environmentsMax) return create(image)
      await makeRoom()
      const environment = takeIdle(image.key)
      if (environment !== undefined) return environment
    }
  }

  async function makeRoomAndCreate(image: FunctionImage): Promise<Environment> {
    while (all.size >= environmentsMax) await makeRoom()
    return create(image)
  }

  function create(image: FunctionImage): Environment {
    if (closed) throw new Error('compute is closed')
    const created = environments.create(image)
    all.add(created)
    return created
  }

  /** Ends the environment that has been idle longest, or waits for one to become so. */
  async function makeRoom(): Promise<void> {
    if (closed) throw new Error('compute is closed')
    const oldest = [...idleSince.keys()].find(isOnDemand)
    if (oldest === undefined) await room()
    else oldest.shutdown()
  }

  /** Resolves when an environment has become idle or gone. */
  function room(): Promise<void> {
    return new Promise((resolve, reject) => {
      const proceed = () => {
        timer.cancel()
        resolve()
      }
      const timer = clock.after(CAPACITY_WAIT_MS_MAX, () => {
        waiting.splice(waiting.indexOf(proceed), 1)
        reject(
          new HostCapacityError(
            `all \`${environmentsMax}\` execution environments of this machine were busy for ${CAPACITY_WAIT_MS_MAX / 1000} s`,
          ),
        )
      })
      waiting.push(proceed)
    })
  }

  function released(environment: Environment): void {
    if (environment.state === 'shutdown') forget(environment)
    // Comes back here once it has ended.
    else if (closed || !environment.usable) return environment.shutdown()
    else {
      const stack = idle.get(environment.image.key) ?? []
      idle.set(environment.image.key, stack)
      if (isOnDemand(environment)) stack.splice(stack.findLastIndex(isOnDemand) + 1, 0, environment)
      else stack.push(environment)
      idleSince.set(environment, clock.now())
      unfrozen.add(environment)
      freezer ??= clock.after(freezeAfterMs(), freeze)
      reaper ??= clock.after(REAP_INTERVAL_MS, reap)
    }
    waiting.shift()?.()
    if (!closed) pool.fill()
  }

  function forget(environment: Environment): void {
    all.delete(environment)
    provisioning.ended(environment)
    idleSince.delete(environment)
    unfrozen.delete(environment)
    const stack = idle.get(environment.image.key)
    if (stack === undefined) return
    const index = stack.indexOf(environment)
    if (index >= 0) stack.splice(index, 1)
    if (stack.length === 0) idle.delete(environment.image.key)
  }

  function freezeAfterMs(): number {
    return Math.max(FREEZE_AFTER_MS, all.size * FREEZE_AFTER_MS_FOR_EACH)
  }

  function freeze(): void {
    freezer = undefined
    const idleBeforeMs = clock.now() - freezeAfterMs()
    for (const environment of unfrozen) {
      if ((idleSince.get(environment) ?? 0) > idleBeforeMs) break
      unfrozen.delete(environment)
      environment.freeze()
    }
    if (unfrozen.size > 0) freezer = clock.after(freezeAfterMs(), freeze)
  }

  function reap(): void {
    reaper = undefined
    const idleBeforeMs = clock.now() - IDLE_MS_MAX
    for (const [environment, sinceMs] of idleSince) {
      if (sinceMs <= idleBeforeMs && isOnDemand(environment)) environment.shutdown()
    }

    if (idleSince.size > 0) reaper = clock.after(REAP_INTERVAL_MS, reap)
  }
}

function isOnDemand({ image }: Environment): boolean {
  return image.initializationType === 'on-demand'
}
