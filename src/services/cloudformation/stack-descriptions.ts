/** Describing stacks. */
import type { Stack, StackStatus as SdkStackStatus } from '@aws-sdk/client-cloudformation'

import { paginate, sortedBy } from '../pagination.ts'
import { shownParameters, templateOf } from './definition.ts'
import { isUnderway, type StackRecord } from './records.ts'
import {
  invalidNextToken,
  stackArn,
  stackPermission,
  stackToDescribe,
  type CloudFormationOperations,
} from './service.ts'

/**
 * FIDELITY: describing one stack that is in progress waits this long for it to settle. AWS answers at once and works for minutes; here the
 * work takes less than a second, and the waiters of the CLI and the SDKs sleep for thirty between two looks.
 */
const SETTLING_MS_MAX = 1_500

const PAGE_LENGTH = 100

export const stackDescriptions: CloudFormationOperations = {
  DescribeStacks: {
    permissions: (input, caller, cf) => [stackPermission('DescribeStacks', input.StackName ?? '*', caller, cf)],
    async handle(input, caller, cf) {
      if (input.StackName !== undefined) {
        const { id, status } = stackToDescribe(input.StackName, caller, cf)
        if (isUnderway(status)) await cf.deployments.settled(id, SETTLING_MS_MAX)
        return { Stacks: [describedStack(cf.store.stack(id) ?? stackToDescribe(id, caller, cf))] }
      }
      const live = cf.store.stacks(caller).filter(({ status }) => status !== 'DELETE_COMPLETE')
      const page = pageOf(live, input.NextToken)
      return { Stacks: page.items.map(describedStack), NextToken: page.nextToken }
    },
  },

  ListStacks: {
    permissions: (_input, caller) => [{ action: 'cloudformation:ListStacks', resource: stackArn(caller, '*/*') }],
    handle(input, caller, cf) {
      const filter = input.StackStatusFilter ?? []
      const wanted = cf.store
        .stacks(caller)
        .filter(({ status }) => filter.length === 0 || filter.includes(status as SdkStackStatus))
      const page = pageOf(wanted, input.NextToken)
      return {
        StackSummaries: page.items.map((stack) => ({
          StackId: stack.id,
          StackName: stack.name,
          TemplateDescription: descriptionOf(stack),
          ...timesOf(stack),
          StackStatus: stack.status,
          StackStatusReason: stack.statusReason,
          DriftInformation: { StackDriftStatus: 'NOT_CHECKED' },
        })),
        NextToken: page.nextToken,
      }
    },
  },
}

/** Newest first. */
function pageOf(stacks: readonly StackRecord[], token: string | undefined) {
  const keyOf = ({ createdAtMs, id }: StackRecord) => `${String(NEWEST_MS - createdAtMs).padStart(16, '0')} ${id}`
  return paginate(sortedBy(stacks, keyOf), { keyOf, token, limit: PAGE_LENGTH, invalidToken: invalidNextToken })
}

/** The last millisecond a date can have: subtracting from it turns the order round. */
const NEWEST_MS = 8.64e15

function describedStack(stack: StackRecord): Stack {
  const { definition, status } = stack
  // A stack in review has nothing yet: what it may become is in its change set.
  const isReview = status === 'REVIEW_IN_PROGRESS'
  const parameters = isReview ? [] : shownParameters(definition)
  return {
    StackId: stack.id,
    StackName: stack.name,
    ChangeSetId: stack.changeSetId,
    Description: descriptionOf(stack),
    Parameters: parameters.length > 0 ? parameters : undefined,
    ...timesOf(stack),
    RollbackConfiguration: {},
    StackStatus: status,
    StackStatusReason: stack.statusReason,
    DisableRollback: stack.disableRollback,
    NotificationARNs: [],
    Capabilities:
      definition.capabilities.length > 0 && !isReview
        ? ([...definition.capabilities] as NonNullable<Stack['Capabilities']>)
        : undefined,
    Outputs:
      stack.outputs.length > 0
        ? stack.outputs.map(({ key, value, description, exportName }) => ({
            OutputKey: key,
            OutputValue: value,
            Description: description,
            ExportName: exportName,
          }))
        : undefined,
    Tags: isReview ? [] : Object.entries(definition.tags).map(([Key, Value]) => ({ Key, Value })),
    EnableTerminationProtection: status === 'DELETE_COMPLETE' ? undefined : stack.terminationProtection,
    DriftInformation: { StackDriftStatus: 'NOT_CHECKED' },
  }
}

function timesOf({ createdAtMs, updatedAtMs, deletedAtMs }: StackRecord) {
  return {
    CreationTime: new Date(createdAtMs),
    LastUpdatedTime: updatedAtMs === undefined ? undefined : new Date(updatedAtMs),
    DeletionTime: deletedAtMs === undefined ? undefined : new Date(deletedAtMs),
  }
}

function descriptionOf({ status, definition }: StackRecord): string | undefined {
  return status === 'REVIEW_IN_PROGRESS' ? undefined : templateOf(definition).description
}
