/** Begins what changes a stack: a creation, an update or a deletion, by a request or by a change set. */
import { isDeepStrictEqual } from 'node:util'

import { validationError } from './template/validation-error.ts'
import type { StackDefinition, StackOperation, StackRecord, StackStatus } from './records.ts'
import type { CloudFormationService } from './service.ts'
import { STACK_TYPE } from './stack-store.ts'
import { resolveDefinition, templateOf } from './definition.ts'
import { planUpdate, type Plan } from './plan.ts'

export const USER_INITIATED = 'User Initiated'

/** Stores a stack with the status its operation begins with, and tells it. */
export function beginStatus(cf: CloudFormationService, stack: StackRecord, status: StackStatus): void {
  cf.store.putStack({ ...stack, status, statusReason: USER_INITIATED })
  cf.store.appendEvent(stack.id, {
    logicalId: stack.name,
    physicalId: stack.id,
    type: STACK_TYPE,
    status,
    reason: USER_INITIATED,
  })
}

/** `stack` is new, or in review. */
export function beginCreation(cf: CloudFormationService, stack: StackRecord): void {
  beginStatus(cf, stack, 'CREATE_IN_PROGRESS')
  cf.deployments.begin(stack.id)
}

const UPDATABLE: ReadonlySet<StackStatus> = new Set([
  'CREATE_COMPLETE',
  'CREATE_FAILED',
  'UPDATE_COMPLETE',
  'UPDATE_FAILED',
  'UPDATE_ROLLBACK_COMPLETE',
])

export function requireUpdatable(stack: StackRecord): void {
  if (!UPDATABLE.has(stack.status)) {
    throw validationError(`Stack:${stack.id} is in ${stack.status} state and can not be updated.`)
  }
}

/** A resource keeps its type for life. */
export function refuseTypeChanges(cf: CloudFormationService, stack: StackRecord, definition: StackDefinition): void {
  const { resources } = templateOf(definition)
  const changed = cf.store
    .resources(stack)
    .filter(({ logicalId, type }) => resources[logicalId] !== undefined && resources[logicalId].type !== type)
  if (changed.length > 0) {
    throw validationError(
      `Update of resource type is not permitted. The new template modifies resource type of the following resources: [${changed
        .map(({ logicalId }) => logicalId)
        .join(', ')}]`,
    )
  }
}

/** What the definition would change. Nothing, when neither resources nor outputs nor tags differ and nothing is left from a failure. */
export function planFor(cf: CloudFormationService, stack: StackRecord, definition: StackDefinition): Plan {
  const plan = planUpdate(
    resolveDefinition(definition, stack),
    definition.tags,
    { resources: cf.store.resources(stack), outputs: stack.outputs },
    cf.store.exports(stack),
  )
  const isSettled = !stack.status.endsWith('_FAILED') && isDeepStrictEqual(definition.tags, stack.definition.tags)
  return { ...plan, isEmpty: plan.isEmpty && isSettled }
}

export function beginUpdate(
  cf: CloudFormationService,
  stack: StackRecord,
  definition: StackDefinition,
  operation: StackOperation,
): void {
  const next: StackRecord = {
    ...stack,
    definition,
    operation,
    // After an update that failed and stayed, the last stable definition is still the one to go back to.
    previousDefinition: stack.previousDefinition ?? stack.definition,
    updatedAtMs: cf.clock.now(),
    disableRollback: operation.onFailure === 'DO_NOTHING',
    ...(operation.changeSetId !== undefined && { changeSetId: operation.changeSetId }),
  }
  beginStatus(cf, next, 'UPDATE_IN_PROGRESS')
  cf.deployments.begin(stack.id)
}

/** Change sets were computed against what the stack is about to stop being. */
export function makeChangeSetsObsolete(cf: CloudFormationService, stack: StackRecord, except?: string): void {
  for (const changeSet of cf.store.changeSets(stack)) {
    if (changeSet.id !== except && changeSet.executionStatus === 'AVAILABLE') {
      cf.store.putChangeSet(stack, { ...changeSet, executionStatus: 'OBSOLETE' })
    }
  }
}
