/**
 * PutResourcePolicy, DescribeResourcePolicies, DeleteResourcePolicy: which AWS services may write to an account's log groups.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutResourcePolicy.html
 */
import type { ResourcePolicy } from '@aws-sdk/client-cloudwatch-logs'

import { AwsError } from '../../core/aws-error.ts'
import { validatePolicy } from '../../policy/parse.ts'
import { paginate, sortedBy } from '../pagination.ts'
import { invalidNextToken, invalidParameter } from './errors.ts'
import { DESCRIBE_PAGE_MAX, RESOURCE_POLICIES_MAX } from './limits.ts'
import type { ResourcePolicyRecord } from './records.ts'
import type { LogsOperations } from './service.ts'

export const resourcePolicies: LogsOperations = {
  PutResourcePolicy: {
    refuses: ['resourceArn', 'expectedRevisionId'],
    permissions: () => [{ action: 'logs:PutResourcePolicy', resource: '*' }],
    handle(input, caller, logs) {
      const { policyName: name, policyDocument: document } = input
      if (name === undefined || document === undefined) {
        throw invalidParameter('Both policyName and policyDocument are required.')
      }
      const problem = validatePolicy(document, 'resource')
      if (problem !== undefined) throw invalidParameter(problem)
      const shelf = logs.resourcePolicies(caller)
      if (!shelf.has(name) && shelf.size >= RESOURCE_POLICIES_MAX) {
        throw new AwsError('LimitExceededException', 'Resource limit exceeded.')
      }
      const record: ResourcePolicyRecord = { name, document, updatedAtMs: logs.clock.now() }
      shelf.put(name, record)
      return { resourcePolicy: describe(record) }
    },
  },

  DescribeResourcePolicies: {
    refuses: ['resourceArn', 'policyScope'],
    permissions: () => [{ action: 'logs:DescribeResourcePolicies', resource: '*' }],
    handle(input, caller, logs) {
      const keyOf = ({ name }: ResourcePolicyRecord) => name
      const page = paginate(sortedBy(logs.resourcePolicies(caller).values(), keyOf), {
        keyOf,
        token: input.nextToken,
        limit: input.limit ?? DESCRIBE_PAGE_MAX,
        invalidToken: invalidNextToken,
      })
      return {
        resourcePolicies: page.items.map(describe),
        ...(page.nextToken !== undefined && { nextToken: page.nextToken }),
      }
    },
  },

  DeleteResourcePolicy: {
    refuses: ['resourceArn', 'expectedRevisionId'],
    permissions: () => [{ action: 'logs:DeleteResourcePolicy', resource: '*' }],
    handle(input, caller, logs) {
      const name = input.policyName ?? ''
      if (!logs.resourcePolicies(caller).delete(name)) {
        throw new AwsError('ResourceNotFoundException', `Policy with name [${name}] does not exist.`)
      }
      return {}
    },
  },
}

function describe({ name, document, updatedAtMs }: ResourcePolicyRecord): ResourcePolicy {
  return { policyName: name, policyDocument: document, lastUpdatedTime: updatedAtMs }
}
