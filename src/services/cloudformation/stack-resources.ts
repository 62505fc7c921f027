/** The resources of a stack. */
import { paginate, sortedBy } from '../pagination.ts'
import type { Caller } from '../caller.ts'
import type { ResourceRecord, StackRecord } from './records.ts'
import {
  invalidNextToken,
  stackPermission,
  stackToDescribe,
  type CloudFormationOperations,
  type CloudFormationService,
} from './service.ts'
import { validationError } from './template/validation-error.ts'

const PAGE_LENGTH = 100

const NOT_CHECKED = { StackResourceDriftStatus: 'NOT_CHECKED' } as const

export const stackResources: CloudFormationOperations = {
  DescribeStackResources: {
    permissions: (input, caller, cf) => [stackPermission('DescribeStackResources', input.StackName ?? '*', caller, cf)],
    handle(input, caller, cf) {
      const stack = stackOf(input.StackName, input.PhysicalResourceId, caller, cf)
      const resources = cf.store
        .resources(stack)
        .filter(({ logicalId }) => input.LogicalResourceId === undefined || logicalId === input.LogicalResourceId)
      return {
        StackResources: byLogicalId(resources).map((resource) => ({
          StackName: stack.name,
          StackId: stack.id,
          ...identityOf(resource),
          Timestamp: new Date(resource.updatedAtMs),
          DriftInformation: NOT_CHECKED,
        })),
      }
    },
  },

  DescribeStackResource: {
    permissions: (input, caller, cf) => [stackPermission('DescribeStackResource', input.StackName, caller, cf)],
    handle(input, caller, cf) {
      const stack = cf.store.find(caller, input.StackName)
      if (!stack) throw validationError(`Stack '${input.StackName}' does not exist`)
      const resource = cf.store.resource(stack, input.LogicalResourceId)
      if (!resource) {
        throw validationError(`Resource ${input.LogicalResourceId} does not exist for stack ${stack.name}`)
      }
      return {
        StackResourceDetail: {
          StackName: stack.name,
          StackId: stack.id,
          ...identityOf(resource),
          LastUpdatedTimestamp: new Date(resource.updatedAtMs),
          Metadata: JSON.stringify(resource.metadata ?? {}),
          DriftInformation: NOT_CHECKED,
        },
      }
    },
  },

  ListStackResources: {
    permissions: (input, caller, cf) => [stackPermission('ListStackResources', input.StackName, caller, cf)],
    handle(input, caller, cf) {
      const stack = stackToDescribe(input.StackName, caller, cf)
      const page = paginate(byLogicalId(cf.store.resources(stack)), {
        keyOf: ({ logicalId }) => logicalId,
        token: input.NextToken,
        limit: PAGE_LENGTH,
        invalidToken: invalidNextToken,
      })
      return {
        StackResourceSummaries: page.items.map((resource) => ({
          ...identityOf(resource),
          LastUpdatedTimestamp: new Date(resource.updatedAtMs),
          DriftInformation: NOT_CHECKED,
        })),
        NextToken: page.nextToken,
      }
    },
  },
}

function stackOf(
  nameOrId: string | undefined,
  physicalId: string | undefined,
  caller: Caller,
  cf: CloudFormationService,
): StackRecord {
  if (nameOrId !== undefined && physicalId !== undefined) {
    throw validationError('You must specify either StackName or PhysicalResourceId, but not both')
  }
  if (nameOrId !== undefined) return stackToDescribe(nameOrId, caller, cf)
  if (physicalId === undefined) throw validationError('You must specify either StackName or PhysicalResourceId')
  const owner = cf.store
    .everyResource(caller)
    .find((resource) => resource.physicalId === physicalId && !resource.status.startsWith('DELETE_'))
  const stack = owner && cf.store.stack(owner.stackId)
  if (!stack) throw validationError(`Stack for ${physicalId} does not exist`)
  return stack
}

function byLogicalId(resources: readonly ResourceRecord[]): ResourceRecord[] {
  return sortedBy(resources, ({ logicalId }) => logicalId)
}

function identityOf({ logicalId, physicalId, type, status, statusReason }: ResourceRecord) {
  return {
    LogicalResourceId: logicalId,
    PhysicalResourceId: physicalId,
    ResourceType: type,
    ResourceStatus: status,
    ResourceStatusReason: statusReason,
  }
}
