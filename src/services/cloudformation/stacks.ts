/** Creating, updating and deleting stacks. */
import { AwsError } from '../../core/aws-error.ts'
import type { Caller } from '../caller.ts'
import { definitionFrom } from './definition.ts'
import { isUnderway, type OnFailure, type StackDefinition, type StackOperation, type StackRecord } from './records.ts'
import {
  refuseNonEmpty,
  REFUSED_FOR_STACKS,
  requestTags,
  stackArn,
  stackPermission,
  stackToChange,
  type CloudFormationOperations,
  type CloudFormationService,
} from './service.ts'
import {
  beginCreation,
  beginStatus,
  beginUpdate,
  makeChangeSetsObsolete,
  planFor,
  refuseTypeChanges,
  requireUpdatable,
} from './stack-operations.ts'
import { validationError } from './template/validation-error.ts'

export const stacks: CloudFormationOperations = {
  CreateStack: {
    permissions: (input, caller, cf) => [
      stackPermission('CreateStack', input.StackName, caller, cf, {
        requestTags: requestTags(input.Tags),
        ...(input.ResourceTypes && { context: { 'cloudformation:resourcetypes': input.ResourceTypes } }),
      }),
    ],
    refuses: [...REFUSED_FOR_STACKS, 'StackPolicyBody', 'StackPolicyURL', 'TimeoutInMinutes'],
    handle(input, caller, cf) {
      const { StackName: name, ClientRequestToken: token, NotificationARNs, RollbackConfiguration } = input
      refuseNonEmpty('CreateStack', { NotificationARNs, RollbackConfiguration })
      const existing = cf.store.find(caller, name)
      if (existing && existing.status !== 'REVIEW_IN_PROGRESS') {
        const { operation } = existing
        const isRetry = token !== undefined && operation.name === 'CREATE' && operation.clientRequestToken === token
        if (isRetry) return { StackId: existing.id }
        throw new AwsError('AlreadyExistsException', `Stack [${name}] already exists`)
      }
      if (input.OnFailure !== undefined && input.DisableRollback !== undefined) {
        throw validationError('You cannot specify both OnFailure and DisableRollback')
      }
      const id = existing?.id ?? newStackId(caller, name, cf)
      const facts = { account: caller.account, region: caller.region, name, id }
      const onFailure: OnFailure = input.OnFailure ?? (input.DisableRollback === true ? 'DO_NOTHING' : 'ROLLBACK')
      const stack = newStack(cf, facts, definitionFrom(input, undefined, facts), {
        ...newOperation('CREATE', caller, token),
        onFailure,
        retainExceptOnCreate: input.RetainExceptOnCreate === true,
      })
      if (existing) makeChangeSetsObsolete(cf, existing)
      beginCreation(cf, {
        ...stack,
        lastEventMs: existing?.lastEventMs ?? 0,
        terminationProtection: input.EnableTerminationProtection === true,
      })
      return { StackId: id }
    },
  },

  UpdateStack: {
    permissions: (input, caller, cf) => [
      stackPermission('UpdateStack', input.StackName, caller, cf, {
        requestTags: requestTags(input.Tags),
        ...(input.ResourceTypes && { context: { 'cloudformation:resourcetypes': input.ResourceTypes } }),
      }),
    ],
    refuses: [
      ...REFUSED_FOR_STACKS,
      'StackPolicyBody',
      'StackPolicyURL',
      'StackPolicyDuringUpdateBody',
      'StackPolicyDuringUpdateURL',
    ],
    handle(input, caller, cf) {
      const { ClientRequestToken: token, NotificationARNs, RollbackConfiguration } = input
      refuseNonEmpty('UpdateStack', { NotificationARNs, RollbackConfiguration })
      const stack = stackToChange(input.StackName, caller, cf)
      const { operation } = stack
      const isRetry = token !== undefined && operation.name === 'UPDATE' && operation.clientRequestToken === token
      if (isRetry) return { StackId: stack.id }
      requireUpdatable(stack)
      const definition = definitionFrom(input, stack.definition, stack)
      refuseTypeChanges(cf, stack, definition)
      if (planFor(cf, stack, definition).isEmpty) throw validationError('No updates are to be performed.')
      makeChangeSetsObsolete(cf, stack)
      beginUpdate(cf, stack, definition, {
        ...newOperation('UPDATE', caller, token),
        onFailure: input.DisableRollback === true ? 'DO_NOTHING' : 'ROLLBACK',
        retainExceptOnCreate: input.RetainExceptOnCreate === true,
      })
      return { StackId: stack.id }
    },
  },

  DeleteStack: {
    permissions: (input, caller, cf) => [stackPermission('DeleteStack', input.StackName, caller, cf)],
    refuses: ['RoleARN', 'DeploymentConfig'],
    handle(input, caller, cf) {
      const stack = cf.store.find(caller, input.StackName)
      // Deleting what is not there, or no longer there, is no error.
      if (!stack || stack.status === 'DELETE_COMPLETE' || stack.status === 'DELETE_IN_PROGRESS') return {}
      if (stack.terminationProtection) {
        throw validationError(`Stack [${stack.name}] cannot be deleted while TerminationProtection is enabled`)
      }
      if (isUnderway(stack.status) && stack.status.startsWith('UPDATE_')) {
        throw validationError(`Stack [${stack.name}] cannot be deleted while in status ${stack.status}`)
      }
      const retainResources = input.RetainResources ?? []
      if (retainResources.length > 0) checkRetained(cf, stack, retainResources)
      makeChangeSetsObsolete(cf, stack)
      const operation: StackOperation = {
        ...newOperation('DELETE', caller, input.ClientRequestToken),
        retainResources,
        forceDelete: input.DeletionMode === 'FORCE_DELETE_STACK',
      }
      beginStatus(cf, { ...stack, operation, deletedAtMs: cf.clock.now() }, 'DELETE_IN_PROGRESS')
      cf.deployments.beginDeletion(stack.id)
      return {}
    },
  },

  ContinueUpdateRollback: {
    permissions: (input, caller, cf) => [stackPermission('ContinueUpdateRollback', input.StackName, caller, cf)],
    refuses: ['RoleARN', 'ForceRollback'],
    handle(input, caller, cf) {
      const stack = stackToChange(input.StackName, caller, cf)
      if (stack.status !== 'UPDATE_ROLLBACK_FAILED') {
        throw validationError(
          `Stack:${stack.id} is in ${stack.status} state and can not continue the rollback of an update.`,
        )
      }
      for (const logicalId of input.ResourcesToSkip ?? []) {
        const { undo: _undo, ...resource } = cf.store.resource(stack, logicalId) ?? unknownResource(logicalId, stack)
        cf.store.putResource(stack, { ...resource, status: 'UPDATE_COMPLETE' })
      }
      const operation = { ...stack.operation, ...newOperation('UPDATE', caller, input.ClientRequestToken) }
      beginStatus(cf, { ...stack, operation }, 'UPDATE_ROLLBACK_IN_PROGRESS')
      cf.deployments.begin(stack.id)
      return {}
    },
  },

  UpdateTerminationProtection: {
    permissions: (input, caller, cf) => [stackPermission('UpdateTerminationProtection', input.StackName, caller, cf)],
    handle(input, caller, cf) {
      const stack = stackToChange(input.StackName, caller, cf)
      cf.store.putStack({ ...stack, terminationProtection: input.EnableTerminationProtection })
      return { StackId: stack.id }
    },
  },
}

export function newStackId(caller: Caller, name: string, { ids }: CloudFormationService): string {
  return stackArn(caller, `${name}/${ids.uuid()}`)
}

export function newOperation(
  name: StackOperation['name'],
  caller: Caller,
  clientRequestToken: string | undefined,
): StackOperation {
  return {
    name,
    caller,
    ...(clientRequestToken !== undefined && { clientRequestToken }),
    onFailure: 'ROLLBACK',
    retainResources: [],
    forceDelete: false,
    retainExceptOnCreate: false,
  }
}

export function newStack(
  cf: CloudFormationService,
  facts: Pick<StackRecord, 'account' | 'region' | 'name' | 'id'>,
  definition: StackDefinition,
  operation: StackOperation,
): StackRecord {
  return {
    ...facts,
    status: 'CREATE_IN_PROGRESS',
    createdAtMs: cf.clock.now(),
    definition,
    operation,
    outputs: [],
    imports: [],
    remnants: [],
    disableRollback: operation.onFailure === 'DO_NOTHING',
    terminationProtection: false,
    lastEventMs: 0,
  }
}

function checkRetained(cf: CloudFormationService, stack: StackRecord, logicalIds: readonly string[]): void {
  if (stack.status !== 'DELETE_FAILED') {
    throw validationError(
      `Invalid operation on stack [${stack.id}]. RetainResources can be specified only for stacks that are in DELETE_FAILED state.`,
    )
  }
  for (const logicalId of logicalIds) {
    if (!cf.store.resource(stack, logicalId)) unknownResource(logicalId, stack)
  }
}

function unknownResource(logicalId: string, stack: StackRecord): never {
  throw validationError(`Resource ${logicalId} does not exist for stack ${stack.name}`)
}
