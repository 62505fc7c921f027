/** Undoes an update that failed: puts changed resources back and says what its new ones leave to clean up. */
import { providerOf } from '../providers/registry.ts'
import type { Remnant, ResourceRecord, ResourceState } from '../records.ts'
import { stateOf } from './deploy-resources.ts'
import { Stopped, type StackRun } from './stack-run.ts'

export interface Undone {
  /** Logical ids of resources that could not be put back. */
  readonly failed: readonly string[]
  /** Resources the update made; what it replaced is among the stack's remnants already. */
  readonly remnants: readonly Remnant[]
}

export async function undoUpdate(run: StackRun): Promise<Undone> {
  const failed: string[] = []
  const remnants: Remnant[] = []
  for (const record of inOrderOfNeed(run.engine.store.resources(run.stack))) {
    const { undo, logicalId, type } = record
    if (!undo) continue
    if (undo.kind === 'changed') {
      if (!(await putBack(run, record, undo.state))) failed.push(logicalId)
      continue
    }
    const remnant: Remnant = { logicalId, type, state: stateOf(record), retain: false }
    if (undo.kind === 'created') {
      const isRetained = record.deletionPolicy === 'Retain' && !run.stack.operation.retainExceptOnCreate
      remnants.push({ ...remnant, retain: isRetained })
      continue
    }
    // The old one was never touched; the new one goes in the clean-up. Kept at once: the record forgets it in the next line.
    if (record.physicalId !== undefined) run.patchStack({ remnants: [...run.stack.remnants, remnant] })
    run.saveResource({ ...identityOf(record), ...undo.state }, 'UPDATE_COMPLETE')
  }
  return { failed, remnants }
}

async function putBack(run: StackRun, record: ResourceRecord, state: ResourceState): Promise<boolean> {
  const { logicalId, type, physicalId = '', attributes } = record
  run.saveResource(record, 'UPDATE_IN_PROGRESS')
  try {
    const restored = await providerOf(type).update(
      state.properties,
      { properties: record.properties, stackTags: record.stackTags },
      { physicalId, attributes },
      run.contextFor(logicalId, type, state.stackTags),
    )
    run.saveResource({ ...identityOf(record), ...state, ...restored }, 'UPDATE_COMPLETE')
    return true
  } catch (error) {
    if (error instanceof Stopped) throw error
    run.saveResource(record, 'UPDATE_FAILED', run.failureReason(error, record))
    return false
  }
}

function identityOf({ logicalId, type }: ResourceRecord): Pick<ResourceRecord, 'logicalId' | 'type'> {
  return { logicalId, type }
}

function inOrderOfNeed(records: readonly ResourceRecord[]): readonly ResourceRecord[] {
  const ordered: ResourceRecord[] = []
  let remaining = [...records]
  while (remaining.length > 0) {
    const waiting = new Set(remaining.map(({ logicalId }) => logicalId))
    const ready = remaining.filter(
      ({ logicalId, needs }) => !needs.some((need) => need !== logicalId && waiting.has(need)),
    )
    const wave = ready.length > 0 ? ready : remaining
    ordered.push(...wave)
    remaining = remaining.filter((record) => !wave.includes(record))
  }
  return ordered
}
