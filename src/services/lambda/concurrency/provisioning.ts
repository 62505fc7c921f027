/**
 * Keeps as many environments initialised as provisioned concurrency asks for, and tells how far that has come.
 * https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html
 */
import type { ProvisionStatus } from '../../../compute/compute.ts'
import { parseAccountId } from '../../../core/account.ts'
import { parseRegion } from '../../../core/region.ts'
import type { State } from '../../../state/state.ts'
import type { FunctionStore } from '../function-store.ts'
import type { Invoker } from '../invocation/invoker.ts'
import type { ProvisionedRecord, ProvisionedStore } from './provisioned-store.ts'
import type { VersionRecord } from '../records.ts'

export interface Provisioning {
  /** Starts what the record asks for, and ends what a version of it had before. */
  apply(record: ProvisionedRecord): void
  /** The configuration is gone, or its alias or version is. */
  end(record: ProvisionedRecord): void
  /** Everything that is asked for, after a start. */
  resume(): void
  /** Forgets everything; the records stay. */
  stop(): void
}

export function createProvisioning(options: {
  readonly store: FunctionStore
  readonly provisioned: ProvisionedStore
  readonly invoker: Invoker
  readonly state: State
  readonly onFailure: (error: unknown) => void
}): Provisioning {
  const { store, provisioned, invoker, state } = options
  /** Qualified name → the version that has its environments. */
  const serving = new Map<string, VersionRecord>()

  function versionOf({ account, region, functionName, qualifier }: ProvisionedRecord): VersionRecord | undefined {
    // FIDELITY: of an alias with two versions AWS gives each its share; here the first gets all.
    return store.resolve({
      account: parseAccountId(account),
      region: parseRegion(region),
      name: functionName,
      qualifier,
    })?.version
  }

  function report(
    record: ProvisionedRecord,
    version: VersionRecord,
    { available, state: stage, failure }: ProvisionStatus,
  ) {
    const current = provisioned.get(record, record.functionName, record.qualifier)
    // Whatever took its place tells of itself.
    if (!current || serving.get(keyOf(record)) !== version || current.modifiedAtMs !== record.modifiedAtMs) return
    const { statusReason: _, ...rest } = current
    provisioned.put({
      ...rest,
      available,
      status: STATUS[stage],
      ...(failure && { statusReason: failure.of === 'function' ? 'FUNCTION_ERROR_INIT_FAILURE' : failure.message }),
    })
    state.commit().catch(options.onFailure)
  }

  function apply(record: ProvisionedRecord): void {
    const version = versionOf(record)
    const before = serving.get(keyOf(record))
    if (before && before.deploymentId !== version?.deploymentId)
      invoker.provision(before, 0, () => {}).catch(options.onFailure)
    if (!version) return
    serving.set(keyOf(record), version)
    invoker.provision(version, record.requested, (status) => report(record, version, status)).catch(options.onFailure)
  }

  return {
    apply,
    end(record) {
      const version = serving.get(keyOf(record))
      serving.delete(keyOf(record))
      if (version) invoker.provision(version, 0, () => {}).catch(options.onFailure)
    },
    resume() {
      for (const record of provisioned.all()) {
        const fresh = { ...record, available: 0, status: 'IN_PROGRESS' as const }
        provisioned.put(fresh)
        apply(fresh)
      }
    },
    stop() {
      for (const version of serving.values()) invoker.provision(version, 0, () => {}).catch(options.onFailure)
      serving.clear()
    },
  }
}

const STATUS = { 'in-progress': 'IN_PROGRESS', ready: 'READY', failed: 'FAILED' } as const

function keyOf({ account, region, functionName, qualifier }: ProvisionedRecord): string {
  return `${account}/${region}/${functionName}:${qualifier}`
}
