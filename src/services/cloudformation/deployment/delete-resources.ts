/** Deletes resources, each after everything that needs it. */
import { providerOf } from '../providers/registry.ts'
import type { Remnant, ResourceStatus } from '../records.ts'
import { Stopped, type StackRun } from './stack-run.ts'

export interface DeletionOptions {
  /** Called after each outcome that is final, so that an interrupted deletion does not start over. */
  readonly onGone?: (remnant: Remnant) => void
  /** Keeps the stack's record of the resource in step with the events. */
  readonly keepRecords: boolean
}

/** Answers the logical ids that could not be deleted; what those need is left alone. */
export async function deleteResources(
  run: StackRun,
  remnants: readonly Remnant[],
  options: DeletionOptions,
): Promise<readonly string[]> {
  const failed: Remnant[] = []
  let remaining = [...remnants]
  while (remaining.length > 0) {
    const isFree = (remnant: Remnant, others: readonly Remnant[]) =>
      !others.some((other) => other !== remnant && other.state.needs.includes(remnant.logicalId))
    const free = remaining.filter((remnant) => isFree(remnant, remaining))
    // Remnants of two updates may need one another by name; then the order is unknown and all are tried.
    const wave = free.length > 0 ? free : remaining
    const outcomes = await Promise.all(
      wave
        .filter((remnant) => isFree(remnant, failed))
        .map(async (remnant) => ({ remnant, isGone: await deleteResource(run, remnant, options) })),
    )
    failed.push(...outcomes.filter(({ isGone }) => !isGone).map(({ remnant }) => remnant))
    remaining = remaining.filter((remnant) => !wave.includes(remnant))
  }
  return failed.map(({ logicalId }) => logicalId)
}

async function deleteResource(run: StackRun, remnant: Remnant, options: DeletionOptions): Promise<boolean> {
  const { logicalId, type, state, retain } = remnant
  const save = (status: ResourceStatus, reason?: string) => {
    const record = options.keepRecords ? run.resource(logicalId) : undefined
    if (record) run.saveResource({ ...record, ...state }, status, reason)
    else run.tell({ ...state, logicalId, type }, status, reason)
  }
  if (retain) {
    save('DELETE_SKIPPED')
    options.onGone?.(remnant)
    return true
  }
  const { physicalId } = state
  if (physicalId !== undefined) {
    save('DELETE_IN_PROGRESS')
    try {
      const context = run.contextFor(logicalId, type, state.stackTags)
      await providerOf(type).delete(state.properties, { physicalId, attributes: state.attributes }, context)
    } catch (error) {
      if (error instanceof Stopped) throw error
      save('DELETE_FAILED', run.failureReason(error, { ...state, type }))
      return false
    }
  }
  save('DELETE_COMPLETE')
  options.onGone?.(remnant)
  return true
}
