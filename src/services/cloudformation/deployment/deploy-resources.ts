/** Makes a stack's resources what its template wants: creates, updates and replaces them, each as soon as those it needs are there. */
import { AwsError } from '../../../core/aws-error.ts'
import { checkProperties } from '../providers/property-schema.ts'
import { providerOf } from '../providers/registry.ts'
import type { ResourceRecord, ResourceState } from '../records.ts'
import { liveScope } from '../scopes.ts'
import type { Scope } from '../template/intrinsics.ts'
import { masked, type ResolvedTemplate } from '../template/resolved-template.ts'
import {
  differenceBetween,
  isDifferent,
  isReplacement,
  wantedResource,
  type WantedResource,
} from '../wanted-resource.ts'
import { Stopped, type StackRun } from './stack-run.ts'

/** Logical ids of the resources that failed. */
export interface Failures {
  readonly created: readonly string[]
  readonly updated: readonly string[]
}

type Working = Omit<ResourceRecord, 'stackId' | 'status' | 'updatedAtMs'>

/** Records how to undo each change when the operation is an update. */
export async function deployResources(run: StackRun, resolved: ResolvedTemplate): Promise<Failures> {
  const created: string[] = []
  const updated: string[] = []
  const deployed = new Map<string, Promise<boolean>>()
  const scopes = scopesOf(run, resolved)
  for (const [logicalId, needs] of resolved.graph) {
    const ready = Promise.all(needs.map((need) => deployed.get(need) ?? Promise.resolve(false)))
    deployed.set(
      logicalId,
      ready.then(async (outcomes) => {
        if (run.halted || run.stopped || outcomes.includes(false)) return false
        const outcome = await deployResource(run, resolved, logicalId, scopes)
        if (outcome === 'done') return true
        run.halt()
        ;(outcome === 'create failed' ? created : updated).push(logicalId)
        return false
      }),
    )
  }
  await settleAll([...deployed.values()])
  run.assertRunning()
  run.resume()
  return { created, updated }
}

/** Waits for every one, then rethrows the first failure: `Promise.all` would leave the others running unattended. */
async function settleAll(promises: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(promises)
  const failures = results.filter((result) => result.status === 'rejected')
  const bug = failures.find(({ reason }) => !(reason instanceof Stopped)) ?? failures[0]
  if (bug) throw bug.reason
}

interface Scopes {
  readonly scope: Scope
  readonly shown: Scope
}

export function scopesOf(run: StackRun, resolved: ResolvedTemplate): Scopes {
  const exports = run.engine.store.exports(run.stack)
  const scope = liveScope(resolved.base, (id) => run.resource(id), exports)
  const shownBase = masked(resolved)
  return { scope, shown: shownBase === resolved.base ? scope : liveScope(shownBase, (id) => run.resource(id), exports) }
}

type Outcome = 'done' | 'create failed' | 'update failed'

async function deployResource(
  run: StackRun,
  resolved: ResolvedTemplate,
  logicalId: string,
  scopes: Scopes,
): Promise<Outcome> {
  const type = resolved.template.resources[logicalId]?.type ?? ''
  const found = run.resource(logicalId)
  const existing = found && found.status !== 'DELETE_COMPLETE' && found.physicalId !== undefined ? found : undefined
  let wanted: WantedResource
  try {
    wanted = wantedResource(resolved, logicalId, { ...scopes, tags: run.stack.definition.tags })
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    return refuse(run, existing ?? blank(logicalId, type), existing, error.message)
  }
  const checked = checkProperties(providerOf(type).schema, wanted.properties)
  if (!checked.ok) {
    const reason = `Properties validation failed for resource ${logicalId} with message:\n[${checked.problems.join(', ')}]`
    return refuse(run, { ...(existing ?? blank(logicalId, type)), ...wanted }, existing, reason)
  }
  const next = { ...wanted, properties: checked.properties }
  if (!existing) return create(run, { ...blank(logicalId, type), ...next, ...undoOfCreation(run) })
  if (existing.status === 'CREATE_FAILED') return recreate(run, existing, next)
  const difference = differenceBetween(existing, next)
  if (!isDifferent(difference) && existing.status !== 'UPDATE_FAILED') {
    // Policies and dependencies take effect without an update of the resource.
    run.putResource({ ...existing, ...next })
    return 'done'
  }
  return isReplacement(difference, providerOf(type)) ? replace(run, existing, next) : update(run, existing, next)
}

function blank(logicalId: string, type: string): Working {
  return {
    logicalId,
    type,
    attributes: {},
    properties: {},
    stackTags: {},
    needs: [],
    deletionPolicy: 'Delete',
    updateReplacePolicy: 'Delete',
  }
}

function undoOfCreation(run: StackRun): Pick<ResourceRecord, 'undo'> {
  return run.stack.status === 'UPDATE_IN_PROGRESS' ? { undo: { kind: 'created' } } : {}
}

/** Fails a resource before its handler is called. */
function refuse(run: StackRun, resource: Working, existing: ResourceRecord | undefined, reason: string): Outcome {
  if (existing) {
    run.tell(resource, 'UPDATE_IN_PROGRESS')
    run.saveResource({ ...existing }, 'UPDATE_FAILED', reason)
    return 'update failed'
  }
  const undone = { ...resource, ...undoOfCreation(run) }
  run.saveResource(undone, 'CREATE_IN_PROGRESS')
  run.saveResource(undone, 'CREATE_FAILED', reason)
  return 'create failed'
}

async function create(run: StackRun, resource: Working): Promise<Outcome> {
  run.saveResource(resource, 'CREATE_IN_PROGRESS')
  return bringUp(run, resource, 'CREATE')
}

/** A resource that an earlier operation left half-made starts again from nothing. */
async function recreate(run: StackRun, existing: ResourceRecord, next: WantedResource): Promise<Outcome> {
  const { physicalId, intendedId: _name, statusReason: _reason, ...rest } = existing
  try {
    await providerOf(existing.type).delete(
      existing.properties,
      { physicalId: physicalId ?? '', attributes: existing.attributes },
      run.contextFor(existing.logicalId, existing.type, existing.stackTags),
    )
  } catch (error) {
    if (error instanceof Stopped) throw error
    run.saveResource(existing, 'CREATE_FAILED', run.failureReason(error, existing))
    return 'create failed'
  }
  return create(run, { ...rest, ...next, attributes: {}, ...undoOfCreation(run) })
}

async function replace(run: StackRun, existing: ResourceRecord, next: WantedResource): Promise<Outcome> {
  const { nameProperty } = providerOf(existing.type)
  const customName = nameProperty === undefined ? undefined : next.properties[nameProperty]
  if (
    nameProperty !== undefined &&
    typeof customName === 'string' &&
    customName === existing.properties[nameProperty]
  ) {
    const reason = `CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename ${customName} and update the stack again.`
    return refuse(run, { ...existing, ...next }, existing, reason)
  }
  const { physicalId, intendedId: _name, statusReason: _reason, ...rest } = existing
  const replacement: Working = {
    ...rest,
    ...next,
    attributes: {},
    undo: undoOfReplacement(run, existing),
  }
  run.saveResource(
    replacement,
    'UPDATE_IN_PROGRESS',
    'Requested update requires the creation of a new physical resource; hence creating one.',
    physicalId,
  )
  return bringUp(run, replacement, 'UPDATE')
}

/** After an update that failed without being rolled back, what there is to go back to is the state before that update. */
function undoOfReplacement(run: StackRun, existing: ResourceRecord): NonNullable<ResourceRecord['undo']> {
  const { undo, logicalId, type } = existing
  const state = stateOf(existing)
  if (!undo) return { kind: 'replaced', state }
  if (undo.kind === 'changed') return { kind: 'replaced', state: undo.state }
  run.patchStack({ remnants: [...run.stack.remnants, { logicalId, type, state, retain: false }] })
  return undo
}

/** Calls the create handler, for a new resource or a replacement. */
async function bringUp(run: StackRun, resource: Working, verb: 'CREATE' | 'UPDATE'): Promise<Outcome> {
  const { logicalId, type } = resource
  const failed: Outcome = verb === 'CREATE' ? 'create failed' : 'update failed'
  const latest = (): Working => run.resource(logicalId) ?? resource
  try {
    const made = await providerOf(type).create(
      resource.properties,
      run.contextFor(logicalId, type, resource.stackTags),
      (physicalId) => {
        run.saveResource({ ...latest(), physicalId }, `${verb}_IN_PROGRESS`, 'Resource creation Initiated')
      },
    )
    if (run.halted) {
      run.saveResource({ ...latest(), ...made }, `${verb}_FAILED`, CANCELLED[verb])
      return failed
    }
    run.saveResource({ ...latest(), ...made }, `${verb}_COMPLETE`)
    return 'done'
  } catch (error) {
    if (error instanceof Stopped) throw error
    run.saveResource(latest(), `${verb}_FAILED`, run.failureReason(error, latest()))
    return failed
  }
}

const CANCELLED = { CREATE: 'Resource creation cancelled', UPDATE: 'Resource update cancelled' }

async function update(run: StackRun, existing: ResourceRecord, next: WantedResource): Promise<Outcome> {
  const { logicalId, type, physicalId = '', attributes } = existing
  const working: Working = {
    ...existing,
    ...next,
    undo: existing.undo ?? { kind: 'changed', state: stateOf(existing) },
  }
  run.saveResource(working, 'UPDATE_IN_PROGRESS')
  try {
    const updated = await providerOf(type).update(
      next.properties,
      { properties: existing.properties, stackTags: existing.stackTags },
      { physicalId, attributes },
      run.contextFor(logicalId, type, next.stackTags),
    )
    if (run.halted) {
      run.saveResource({ ...working, ...updated }, 'UPDATE_FAILED', CANCELLED.UPDATE)
      return 'update failed'
    }
    run.saveResource({ ...working, ...updated }, 'UPDATE_COMPLETE')
    return 'done'
  } catch (error) {
    if (error instanceof Stopped) throw error
    run.saveResource(working, 'UPDATE_FAILED', run.failureReason(error, working))
    return 'update failed'
  }
}

/** The part of a record that is one version of the resource. */
export function stateOf(record: ResourceState): ResourceState {
  const { physicalId, attributes, properties, shownProperties, stackTags, metadata, needs } = record
  return {
    ...(physicalId !== undefined && { physicalId }),
    attributes,
    properties,
    ...(shownProperties && { shownProperties }),
    stackTags,
    ...(metadata && { metadata }),
    needs,
    deletionPolicy: record.deletionPolicy,
    updateReplacePolicy: record.updateReplacePolicy,
  }
}
