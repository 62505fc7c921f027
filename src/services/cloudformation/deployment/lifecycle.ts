/**
 * The phases of a stack operation, one for each status that is in progress: each does its work and answers the status that follows, so an
 * operation that was interrupted goes on from the status it was in.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
 */
import { AwsError } from '../../../core/aws-error.ts'
import { resolveDefinition } from '../definition.ts'
import { evaluateOutputs, exportInUse, exportProblem } from '../outputs.ts'
import type { Remnant, ResourceRecord, StackOutput, StackRecord, StackStatus } from '../records.ts'
import { importedExports, type ResolvedTemplate } from '../template/resolved-template.ts'
import { deleteResources } from './delete-resources.ts'
import { deployResources, scopesOf, stateOf, type Failures } from './deploy-resources.ts'
import { undoUpdate } from './rollback.ts'
import type { StackRun } from './stack-run.ts'

export interface Transition {
  readonly status: StackStatus
  readonly reason?: string
  readonly patch?: Partial<StackRecord>
}

export type Phase = (run: StackRun, interrupted: boolean) => Promise<Transition>

export const PHASES: Readonly<Partial<Record<StackStatus, Phase>>> = {
  CREATE_IN_PROGRESS: create,
  ROLLBACK_IN_PROGRESS: rollBackCreation,
  UPDATE_IN_PROGRESS: update,
  UPDATE_COMPLETE_CLEANUP_IN_PROGRESS: (run) => cleanUp(run, 'UPDATE_COMPLETE'),
  UPDATE_ROLLBACK_IN_PROGRESS: rollBackUpdate,
  UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS: (run) => cleanUp(run, 'UPDATE_ROLLBACK_COMPLETE'),
  DELETE_IN_PROGRESS: deleteStack,
}

async function create(run: StackRun, interrupted: boolean): Promise<Transition> {
  const result = await deploy(run, interrupted)
  if (result.ok) return { status: 'CREATE_COMPLETE', patch: { outputs: result.outputs } }
  switch (run.stack.operation.onFailure) {
    case 'DO_NOTHING':
      return { status: 'CREATE_FAILED', reason: result.reason }
    case 'DELETE':
      return {
        status: 'DELETE_IN_PROGRESS',
        reason: `${result.reason}Delete requested by user.`,
        patch: deletionBegins(run),
      }
    case 'ROLLBACK':
      return {
        status: 'ROLLBACK_IN_PROGRESS',
        reason: `${result.reason}Rollback requested by user.`,
        patch: deletionBegins(run),
      }
  }
}

async function rollBackCreation(run: StackRun): Promise<Transition> {
  const { retainExceptOnCreate } = run.stack.operation
  const remnants = run.engine.store
    .resources(run.stack)
    .filter(isPresent)
    .map((record) => remnantOf(record, record.deletionPolicy === 'Retain' && !retainExceptOnCreate))
  const failed = await deleteResources(run, remnants, { keepRecords: true })
  return failed.length === 0
    ? { status: 'ROLLBACK_COMPLETE', patch: { imports: [] } }
    : { status: 'ROLLBACK_FAILED', reason: failedToDelete(failed) }
}

async function update(run: StackRun, interrupted: boolean): Promise<Transition> {
  const result = await deploy(run, interrupted)
  const { store } = run.engine
  if (result.ok) {
    const remnants = obsoleteAfterUpdate(run, result.resolved)
    for (const { undo: _undo, ...record } of store.resources(run.stack)) run.putResource(record)
    const { previousDefinition: _previous, ...stack } = run.stack
    store.putStack(stack)
    return {
      status: 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
      patch: { outputs: result.outputs, remnants: [...run.stack.remnants, ...remnants] },
    }
  }
  if (run.stack.operation.onFailure === 'DO_NOTHING') return { status: 'UPDATE_FAILED', reason: result.reason }
  return { status: 'UPDATE_ROLLBACK_IN_PROGRESS', reason: result.reason }
}

async function rollBackUpdate(run: StackRun): Promise<Transition> {
  const { failed, remnants } = await undoUpdate(run)
  if (failed.length > 0) {
    return {
      status: 'UPDATE_ROLLBACK_FAILED',
      reason: `The following resource(s) failed to update: ${listed(failed)}. `,
    }
  }
  const { previousDefinition: definition, ...stack } = run.stack
  run.engine.store.putStack(stack)
  return {
    status: 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
    patch: {
      ...(definition && { definition, imports: importedExports(resolveDefinition(definition, stack)) }),
      remnants: [...stack.remnants, ...remnants],
    },
  }
}

/** Deletes what an update, done or undone, has left. A failure to do so does not fail the update. */
async function cleanUp(run: StackRun, status: StackStatus): Promise<Transition> {
  const isCurrent = ({ logicalId, state }: Remnant) => run.resource(logicalId)?.physicalId === state.physicalId
  const [removed, replaced] = partition(run.stack.remnants, isCurrent)
  const forget = (gone: Remnant) => {
    run.patchStack({ remnants: run.stack.remnants.filter((remnant) => remnant !== gone) })
  }
  await deleteResources(run, [...replaced, ...removed], { keepRecords: false, onGone: forget })
  for (const { logicalId } of removed) run.deleteResource(logicalId)
  return { status, patch: { remnants: [] } }
}

async function deleteStack(run: StackRun): Promise<Transition> {
  const { stack } = run
  const { retainResources, forceDelete } = stack.operation
  const blocked = exportInUse(stack, [], run.engine.store)
  if (blocked !== undefined) return { status: 'DELETE_FAILED', reason: blocked }
  const remnants = run.engine.store
    .resources(stack)
    .filter(isPresent)
    .map((record) =>
      remnantOf(record, record.deletionPolicy !== 'Delete' || retainResources.includes(record.logicalId)),
    )
  const leftovers = await deleteResources(run, stack.remnants, { keepRecords: false })
  const failed = [...leftovers, ...(await deleteResources(run, remnants, { keepRecords: true }))]
  if (failed.length > 0 && !forceDelete) return { status: 'DELETE_FAILED', reason: failedToDelete(failed) }
  return {
    status: 'DELETE_COMPLETE',
    patch: { outputs: [], imports: [], remnants: [], deletedAtMs: run.engine.clock.now() },
  }
}

type Result =
  | { readonly ok: true; readonly outputs: readonly StackOutput[]; readonly resolved: ResolvedTemplate }
  | { readonly ok: false; readonly reason: string }

/** Reasons end as AWS's do, so that a sentence about the rollback can follow. */
async function deploy(run: StackRun, interrupted: boolean): Promise<Result> {
  const resolved = resolveDefinition(run.stack.definition, run.stack)
  const imports = importedExports(resolved)
  const exports = run.engine.store.exports(run.stack)
  const missing = imports.find((name) => !exports.has(name))
  if (missing !== undefined) return { ok: false, reason: `No export named ${missing} found. ` }
  run.patchStack({ imports })
  const failures = interrupted ? failInterrupted(run) : await deployResources(run, resolved)
  if (interrupted) return { ok: false, reason: `Isthmus stopped during the operation. ${failureReason(failures)}` }
  if (failures.created.length + failures.updated.length > 0) return { ok: false, reason: failureReason(failures) }
  try {
    const outputs = evaluateOutputs(resolved, scopesOf(run, resolved).scope)
    const problem = exportProblem(run.stack, outputs, run.engine.store)
    return problem === undefined ? { ok: true, outputs, resolved } : { ok: false, reason: `${sentence(problem)} ` }
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    return { ok: false, reason: `${sentence(error.message)} ` }
  }
}

/**
 * Resources that were underway when the process ended count as failed: what became of them is not known. One with a name of ours is deleted
 * in the rollback; one with a custom name is left alone, because it may be somebody else's.
 */
function failInterrupted(run: StackRun): Failures {
  const created: string[] = []
  const updated: string[] = []
  for (const record of run.engine.store.resources(run.stack)) {
    const verb =
      record.status === 'CREATE_IN_PROGRESS' ? 'CREATE' : record.status === 'UPDATE_IN_PROGRESS' ? 'UPDATE' : undefined
    if (verb === undefined) continue
    const physicalId = record.physicalId ?? record.intendedId
    run.saveResource(
      { ...record, ...(physicalId !== undefined && { physicalId }) },
      `${verb}_FAILED`,
      'Isthmus stopped while this resource was underway',
    )
    ;(verb === 'CREATE' ? created : updated).push(record.logicalId)
  }
  return { created, updated }
}

function failureReason({ created, updated }: Failures): string {
  return [
    created.length > 0 ? `The following resource(s) failed to create: ${listed(created)}. ` : '',
    updated.length > 0 ? `The following resource(s) failed to update: ${listed(updated)}. ` : '',
  ].join('')
}

function failedToDelete(logicalIds: readonly string[]): string {
  return `The following resource(s) failed to delete: ${listed(logicalIds)}. `
}

function listed(logicalIds: readonly string[]): string {
  return `[${logicalIds.join(', ')}]`
}

function sentence(text: string): string {
  return text.endsWith('.') ? text : `${text}.`
}

/** AWS shows a DeletionTime from the moment a rollback begins to delete. */
function deletionBegins(run: StackRun): Partial<StackRecord> {
  return { deletedAtMs: run.engine.clock.now() }
}

/** Old versions of replaced resources, and resources that the template no longer has. */
function obsoleteAfterUpdate(run: StackRun, resolved: ResolvedTemplate): readonly Remnant[] {
  return run.engine.store.resources(run.stack).flatMap((record): Remnant[] => {
    const { logicalId, type, undo } = record
    if (!resolved.graph.has(logicalId)) {
      return isPresent(record) ? [remnantOf(record, record.deletionPolicy !== 'Delete')] : []
    }
    return undo?.kind === 'replaced'
      ? [{ logicalId, type, state: undo.state, retain: undo.state.updateReplacePolicy === 'Retain' }]
      : []
  })
}

function remnantOf(record: ResourceRecord, retain: boolean): Remnant {
  return { logicalId: record.logicalId, type: record.type, state: stateOf(record), retain }
}

function isPresent({ status }: ResourceRecord): boolean {
  return status !== 'DELETE_COMPLETE' && status !== 'DELETE_SKIPPED'
}

function partition<T>(items: readonly T[], test: (item: T) => boolean): readonly [T[], T[]] {
  return [items.filter(test), items.filter((item) => !test(item))]
}
