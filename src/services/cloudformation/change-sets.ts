/**
 * Change sets: what an update or a creation would do, kept until it is executed. `aws cloudformation deploy` works through them.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-changesets.html
 */
import type { Change, DescribeChangeSetOutput } from '@aws-sdk/client-cloudformation'

import { AwsError } from '../../core/aws-error.ts'
import type { Caller } from '../caller.ts'
import { paginate, sortedBy } from '../pagination.ts'
import { changeSetArn, findChangeSet, lookUpChangeSet, namedChangeSet, stackNameOf } from './change-set-names.ts'
import { definitionFrom, shownParameters } from './definition.ts'
import type { ChangeSetRecord, OnFailure, PlannedChange, StackRecord } from './records.ts'
import {
  invalidNextToken,
  refuseNonEmpty,
  REFUSED_FOR_STACKS,
  requestTags,
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
import { newOperation, newStack, newStackId } from './stacks.ts'
import { validationError } from './template/validation-error.ts'

const PAGE_LENGTH = 100

const NO_CHANGES =
  "The submitted information didn't contain changes. Submit different information to create a change set."

export const changeSets: CloudFormationOperations = {
  CreateChangeSet: {
    permissions: (input, caller, cf) => [
      stackPermission('CreateChangeSet', input.StackName, caller, cf, {
        requestTags: requestTags(input.Tags),
        context: {
          'cloudformation:changesetname': input.ChangeSetName,
          ...(input.ResourceTypes && { 'cloudformation:resourcetypes': input.ResourceTypes }),
        },
      }),
    ],
    refuses: [...REFUSED_FOR_STACKS, 'ResourcesToImport', 'DeploymentMode'],
    handle(input, caller, cf) {
      const { NotificationARNs, RollbackConfiguration, IncludeNestedStacks, ImportExistingResources } = input
      refuseNonEmpty('CreateChangeSet', {
        NotificationARNs,
        RollbackConfiguration,
        IncludeNestedStacks,
        ImportExistingResources,
      })
      const kind = input.ChangeSetType ?? 'UPDATE'
      if (kind === 'IMPORT') {
        throw new AwsError('NotImplemented', 'Isthmus does not implement the value IMPORT of ChangeSetType', {
          status: 501,
        })
      }
      const existing = cf.store.find(caller, input.StackName)
      const current = kind === 'CREATE' ? stackToReview(existing, input, caller, cf) : stackToUpdate(existing, input)
      const retried = namedChangeSet(current, input.ChangeSetName, cf)
      if (retried) return sameChangeSet(retried, input.ClientToken)
      const definition = definitionFrom(input, existing && kind === 'UPDATE' ? current.definition : undefined, current)
      if (kind === 'UPDATE') refuseTypeChanges(cf, current, definition)
      const plan = planFor(cf, current, definition)
      const isEmpty = kind === 'UPDATE' && plan.isEmpty
      if (!existing) beginStatus(cf, { ...current, definition }, 'REVIEW_IN_PROGRESS')
      const changeSet: ChangeSetRecord = {
        id: changeSetArn(caller, input.ChangeSetName, cf),
        name: input.ChangeSetName,
        stackId: current.id,
        stackName: current.name,
        ...(input.Description !== undefined && { description: input.Description }),
        kind,
        createdAtMs: cf.clock.now(),
        status: isEmpty ? 'FAILED' : 'CREATE_COMPLETE',
        ...(isEmpty && { statusReason: NO_CHANGES }),
        executionStatus: isEmpty ? 'UNAVAILABLE' : 'AVAILABLE',
        definition,
        ...(input.OnStackFailure && { onStackFailure: input.OnStackFailure }),
        ...(input.ClientToken !== undefined && { clientToken: input.ClientToken }),
        changes: plan.changes,
      }
      cf.store.putChangeSet(current, changeSet)
      return { Id: changeSet.id, StackId: current.id }
    },
  },

  DescribeChangeSet: {
    permissions: (input, caller, cf) => [changeSetPermission('DescribeChangeSet', input, caller, cf)],
    handle(input, caller, cf) {
      const changeSet = findChangeSet(input.ChangeSetName, input.StackName, caller, cf)
      const numbered = changeSet.changes.map((change, index) => ({ change, key: String(index).padStart(4, '0') }))
      const page = paginate(numbered, {
        keyOf: ({ key }) => key,
        token: input.NextToken,
        limit: PAGE_LENGTH,
        invalidToken: invalidNextToken,
      })
      return {
        ...describedChangeSet(changeSet),
        Changes: page.items.map(({ change }) => describedChange(change, input.IncludePropertyValues === true)),
        NextToken: page.nextToken,
      }
    },
  },

  ExecuteChangeSet: {
    permissions: (input, caller, cf) => [changeSetPermission('ExecuteChangeSet', input, caller, cf)],
    handle(input, caller, cf) {
      const changeSet = findChangeSet(input.ChangeSetName, input.StackName, caller, cf)
      if (changeSet.executionStatus !== 'AVAILABLE') {
        const status = changeSet.status === 'FAILED' ? changeSet.status : changeSet.executionStatus
        throw invalidStatus(changeSet, 'executed', status)
      }
      const stack = stackToChange(changeSet.stackId, caller, cf)
      if (input.DisableRollback !== undefined && changeSet.onStackFailure) {
        throw validationError('You cannot specify both OnStackFailure and DisableRollback')
      }
      const onFailure: OnFailure =
        input.DisableRollback === true ? 'DO_NOTHING' : (changeSet.onStackFailure ?? 'ROLLBACK')
      const operation = {
        ...newOperation(changeSet.kind, caller, input.ClientRequestToken),
        onFailure,
        retainExceptOnCreate: input.RetainExceptOnCreate === true,
        changeSetId: changeSet.id,
      }
      if (changeSet.kind === 'UPDATE') requireUpdatable(stack)
      cf.store.putChangeSet(stack, { ...changeSet, executionStatus: 'EXECUTE_IN_PROGRESS' })
      makeChangeSetsObsolete(cf, stack, changeSet.id)
      if (changeSet.kind === 'UPDATE') beginUpdate(cf, stack, changeSet.definition, operation)
      else {
        beginCreation(cf, {
          ...stack,
          definition: changeSet.definition,
          operation,
          changeSetId: changeSet.id,
          updatedAtMs: cf.clock.now(),
          disableRollback: onFailure === 'DO_NOTHING',
        })
      }
      return {}
    },
  },

  DeleteChangeSet: {
    permissions: (input, caller, cf) => [changeSetPermission('DeleteChangeSet', input, caller, cf)],
    handle(input, caller, cf) {
      const changeSet = lookUpChangeSet(input.ChangeSetName, input.StackName, caller, cf)
      if (!changeSet) return {}
      if (changeSet.executionStatus === 'EXECUTE_IN_PROGRESS') {
        throw invalidStatus(changeSet, 'deleted', changeSet.executionStatus)
      }
      cf.store.deleteChangeSet(caller, changeSet.id)
      return {}
    },
  },

  ListChangeSets: {
    permissions: (input, caller, cf) => [stackPermission('ListChangeSets', input.StackName, caller, cf)],
    handle(input, caller, cf) {
      const stack = stackToChange(input.StackName, caller, cf)
      const keyOf = ({ createdAtMs, id }: ChangeSetRecord) => `${String(createdAtMs).padStart(16, '0')} ${id}`
      const page = paginate(sortedBy(cf.store.changeSets(stack), keyOf), {
        keyOf,
        token: input.NextToken,
        limit: PAGE_LENGTH,
        invalidToken: invalidNextToken,
      })
      return {
        Summaries: page.items.map((changeSet) => ({ ...identityOf(changeSet), IncludeNestedStacks: false })),
        NextToken: page.nextToken,
      }
    },
  },
}

function changeSetPermission(
  action: string,
  input: { readonly StackName?: string | undefined; readonly ChangeSetName: string },
  caller: Caller,
  cf: CloudFormationService,
) {
  return stackPermission(action, stackNameOf(input, caller, cf), caller, cf, {
    context: { 'cloudformation:changesetname': input.ChangeSetName },
  })
}

interface Names {
  readonly StackName: string
  readonly ChangeSetName: string
}

/** A change set that creates makes its stack, in review; or is one more for a stack that is still in review. */
function stackToReview(
  existing: StackRecord | undefined,
  input: Names,
  caller: Caller,
  cf: CloudFormationService,
): StackRecord {
  if (existing?.status === 'REVIEW_IN_PROGRESS') return existing
  if (existing || input.StackName.startsWith('arn:')) {
    throw validationError(
      `Stack [${input.StackName}] already exists and cannot be created again with the changeSet [${input.ChangeSetName}].`,
    )
  }
  const { account, region } = caller
  const facts = { account, region, name: input.StackName, id: newStackId(caller, input.StackName, cf) }
  const nothing = { templateBody: '', parameters: {}, capabilities: [], tags: {} }
  return newStack(cf, facts, nothing, newOperation('CREATE', caller, undefined))
}

function stackToUpdate(existing: StackRecord | undefined, input: Names): StackRecord {
  if (!existing) throw validationError(`Stack [${input.StackName}] does not exist`)
  requireUpdatable(existing)
  return existing
}

/** The same token again is a retry; the same name without it is not. */
function sameChangeSet(changeSet: ChangeSetRecord, token: string | undefined): { Id: string; StackId: string } {
  if (token === undefined || token !== changeSet.clientToken) {
    throw new AwsError('AlreadyExistsException', `ChangeSet [${changeSet.name}] already exists`)
  }
  return { Id: changeSet.id, StackId: changeSet.stackId }
}

function invalidStatus({ id }: ChangeSetRecord, verb: string, status: string): AwsError {
  return new AwsError(
    'InvalidChangeSetStatusException',
    `ChangeSet [${id}] cannot be ${verb} in its current status of [${status}]`,
  )
}

function identityOf(changeSet: ChangeSetRecord) {
  return {
    StackId: changeSet.stackId,
    StackName: changeSet.stackName,
    ChangeSetId: changeSet.id,
    ChangeSetName: changeSet.name,
    Description: changeSet.description,
    CreationTime: new Date(changeSet.createdAtMs),
    ExecutionStatus: changeSet.executionStatus,
    Status: changeSet.status,
    StatusReason: changeSet.statusReason,
  }
}

function describedChangeSet(changeSet: ChangeSetRecord): DescribeChangeSetOutput {
  const { definition } = changeSet
  const parameters = shownParameters(definition)
  const tags = Object.entries(definition.tags).map(([Key, Value]) => ({ Key, Value }))
  return {
    ...identityOf(changeSet),
    Parameters: parameters.length > 0 ? parameters : undefined,
    NotificationARNs: [],
    RollbackConfiguration: {},
    Capabilities: [...definition.capabilities] as NonNullable<DescribeChangeSetOutput['Capabilities']>,
    Tags: tags.length > 0 ? tags : undefined,
    IncludeNestedStacks: false,
    OnStackFailure: changeSet.onStackFailure,
  }
}

function describedChange(change: PlannedChange, withValues: boolean): Change {
  return {
    Type: 'Resource',
    ResourceChange: {
      PolicyAction: change.policyAction,
      Action: change.action,
      LogicalResourceId: change.logicalId,
      PhysicalResourceId: change.physicalId,
      ResourceType: change.type,
      Replacement: change.replacement,
      Scope: [...change.scope],
      Details: change.details.map((detail) => ({
        Target: { Attribute: detail.attribute, Name: detail.name, RequiresRecreation: detail.requiresRecreation },
        Evaluation: detail.evaluation,
        ChangeSource: detail.source,
        CausingEntity: detail.causingEntity,
      })),
      ...(withValues && { BeforeContext: change.before, AfterContext: change.after }),
    },
  }
}
