/**
 * Environments that are initialised before anybody asks, and kept.
 * https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html
 */
import type { FunctionImage, ProvisionStatus } from './compute.ts'
import type { Environment } from './environment/environment.ts'

export interface Provisioning {
  set(image: FunctionImage, count: number, changed: (status: ProvisionStatus) => void): void
  /** Its environments are no longer replaced. */
  giveUp(key: string): void
  /** An environment has been shut down; one that was provisioned is replaced. */
  ended(environment: Environment): void
  close(): void
}

export interface ProvisioningOptions {
  /** Makes room for one more environment. Rejects with `HostCapacityError`. */
  readonly create: (image: FunctionImage) => Promise<Environment>
  /** Initialising more at once only makes each slower. */
  readonly startsMax: number
}

interface Provision {
  readonly image: FunctionImage
  readonly count: number
  readonly changed: (status: ProvisionStatus) => void
  readonly available: Set<Environment>
  starting: number
  failure: ProvisionStatus['failure']
}

export function createProvisioning({ create, startsMax }: ProvisioningOptions): Provisioning {
  const provisions = new Map<string, Provision>()
  let starting = 0
  let closed = false

  const report = (provision: Provision): void => {
    const { count, available, failure, changed } = provision
    const state = failure !== undefined ? 'failed' : available.size < count ? 'in-progress' : 'ready'
    changed({ requested: count, available: available.size, state, ...(failure === undefined ? {} : { failure }) })
  }

  const isCurrent = (provision: Provision) => !closed && provisions.get(provision.image.key) === provision

  const startOne = async (provision: Provision): Promise<void> => {
    let environment: Environment | undefined
    try {
      environment = await create(provision.image)
      const reason = await environment.initialise()
      if (reason !== undefined) provision.failure = { of: 'function', message: reason }
    } catch (error) {
      provision.failure = { of: 'machine', message: (error as Error).message }
    }
    const isWanted = isCurrent(provision) && provision.failure === undefined
    if (environment !== undefined && isWanted) provision.available.add(environment)
    else environment?.shutdown()
  }

  const fill = (): void => {
    for (const provision of provisions.values()) {
      while (starting < startsMax && wants(provision)) {
        starting += 1
        provision.starting += 1
        void startOne(provision).then(() => {
          starting -= 1
          provision.starting -= 1
          if (isCurrent(provision)) report(provision)
          fill()
        })
      }
    }
  }

  return {
    set(image, count, changed) {
      const previous = provisions.get(image.key)
      const kept = [...(previous?.available ?? [])]
      for (const environment of kept.splice(count)) {
        environment.retired = true
        if (environment.state === 'idle' || environment.state === 'reset') environment.shutdown()
      }
      provisions.delete(image.key)
      if (count === 0 || closed) return
      const provision: Provision = {
        image: { ...image, initializationType: 'provisioned-concurrency' },
        count,
        changed,
        available: new Set(kept),
        starting: 0,
        failure: undefined,
      }
      provisions.set(image.key, provision)
      if (kept.length === count) queueMicrotask(() => report(provision))
      fill()
    },
    giveUp: (key) => void provisions.delete(key),
    ended(environment) {
      const provision = provisions.get(environment.image.key)
      if (provision?.available.delete(environment) !== true || closed) return
      report(provision)
      fill()
    },
    close() {
      closed = true
      provisions.clear()
    },
  }
}

/** What has failed once would fail again: it waits for another `set`. */
function wants({ available, starting, count, failure }: Provision): boolean {
  return failure === undefined && available.size + starting < count
}
