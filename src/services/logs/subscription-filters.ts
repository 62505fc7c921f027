/**
 * Subscription filters: matching events go to a Lambda function, invoked by `logs.amazonaws.com` for the log group.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
 */
import { gzipSync } from 'node:zlib'

import type { SubscriptionFilter } from '@aws-sdk/client-cloudwatch-logs'

import { parseAccountId } from '../../core/account.ts'
import { parseArn } from '../../core/arn.ts'
import { AwsError } from '../../core/aws-error.ts'
import { parseRegion } from '../../core/region.ts'
import type { Caller } from '../caller.ts'
import { paginate, sortedBy } from '../pagination.ts'
import { groupArn, locate, type GroupLocation } from './arns.ts'
import { invalidNextToken, invalidParameter } from './errors.ts'
import { parseFilterPattern } from './filter-pattern.ts'
import type { InputEvent } from './group-log.ts'
import { DESCRIBE_PAGE_MAX, SUBSCRIPTION_FILTERS_MAX } from './limits.ts'
import type { SubscriptionFilterRecord } from './records.ts'
import { onStream, type LogsOperations, type LogsService } from './service.ts'

export const subscriptionFilters: LogsOperations = {
  PutSubscriptionFilter: {
    permissions: (input, caller, logs) => [onStream(logs, 'PutSubscriptionFilter', locate(caller, input.logGroupName))],
    refuses: ['fieldSelectionCriteria', 'emitSystemFields', 'applyOnTransformedLogs'],
    async handle(input, caller, logs) {
      const location = locate(caller, input.logGroupName)
      otherFilters(logs, location, input.filterName)
      parseFilterPattern(input.filterPattern)
      requireLambda(input.destinationArn, input.roleArn, location)
      if (input.roleArn !== undefined) {
        throw invalidParameter('destinationArn for vendor lambda cannot be used with roleArn')
      }
      await requireInvocable(input.destinationArn, location, logs)
      const record: SubscriptionFilterRecord = {
        name: input.filterName,
        pattern: input.filterPattern,
        destinationArn: input.destinationArn,
        distribution: input.distribution === 'Random' ? 'Random' : 'ByLogStream',
        createdAtMs: logs.clock.now(),
      }
      // Looked up again: others may have been put or deleted while the function was tried.
      const others = otherFilters(logs, location, input.filterName)
      logs.groups(location).put(location.name, { ...logs.record(location), subscriptionFilters: [...others, record] })
      return {}
    },
  },

  DescribeSubscriptionFilters: {
    permissions: (input, caller, logs) => [
      onStream(logs, 'DescribeSubscriptionFilters', locate(caller, input.logGroupName)),
    ],
    handle(input, caller, logs) {
      const location = locate(caller, input.logGroupName)
      const { subscriptionFilters: all = [] } = logs.record(location)
      const matching = all.filter(({ name }) => name.startsWith(input.filterNamePrefix ?? ''))
      const page = paginate(
        sortedBy(matching, ({ name }) => name),
        {
          keyOf: ({ name }) => name,
          token: input.nextToken,
          limit: input.limit ?? DESCRIBE_PAGE_MAX,
          invalidToken: invalidNextToken,
        },
      )
      return {
        subscriptionFilters: page.items.map((record) => describe(record, location)),
        ...(page.nextToken !== undefined && { nextToken: page.nextToken }),
      }
    },
  },

  DeleteSubscriptionFilter: {
    permissions: (input, caller, logs) => [
      onStream(logs, 'DeleteSubscriptionFilter', locate(caller, input.logGroupName)),
    ],
    handle(input, caller, logs) {
      const location = locate(caller, input.logGroupName)
      const record = logs.record(location)
      const kept = (record.subscriptionFilters ?? []).filter(({ name }) => name !== input.filterName)
      if (kept.length === (record.subscriptionFilters ?? []).length) {
        throw new AwsError('ResourceNotFoundException', 'The specified subscription filter does not exist.')
      }
      logs.groups(location).put(location.name, { ...record, subscriptionFilters: kept })
      return {}
    },
  },
}

/** Throws when the group has no room beside them. */
function otherFilters(
  logs: LogsService,
  location: GroupLocation,
  filterName: string,
): readonly SubscriptionFilterRecord[] {
  const others = (logs.record(location).subscriptionFilters ?? []).filter(({ name }) => name !== filterName)
  if (others.length >= SUBSCRIPTION_FILTERS_MAX) {
    throw new AwsError('LimitExceededException', 'Resource limit exceeded.')
  }
  return others
}

/** Hands new events to the group's subscribers; what cannot be delivered is dropped, as AWS drops it after its retries. */
export function deliverToSubscribers(
  logs: LogsService,
  location: GroupLocation,
  stream: string,
  events: readonly InputEvent[],
): void {
  for (const filter of logs.record(location).subscriptionFilters ?? []) {
    const matches = parseFilterPattern(filter.pattern)
    const matching = events.filter(({ message }) => matches(message))
    if (matching.length === 0) continue
    const message = {
      messageType: 'DATA_MESSAGE',
      owner: location.account,
      logGroup: location.name,
      logStream: stream,
      subscriptionFilters: [filter.name],
      logEvents: matching.map(({ timestamp, message: text }, index) => ({
        id: eventId(logs, timestamp, index),
        timestamp,
        message: text,
      })),
    }
    const payload = { awslogs: { data: gzipSync(JSON.stringify(message)).toString('base64') } }
    invoke(logs, location, filter.destinationArn, 'Event', payload).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error)
      logs.notice(`${location.name} could not be delivered to ${filter.destinationArn}: ${reason}`)
    })
  }
}

function requireLambda(destinationArn: string, roleArn: string | undefined, location: GroupLocation): void {
  const arn = parseArn(destinationArn)
  if (arn?.service === 'kinesis' && roleArn === undefined) {
    throw invalidParameter('destinationArn for vendor kinesis cannot be used without roleArn')
  }
  if (arn?.service !== 'lambda') {
    throw invalidParameter(`Isthmus delivers log events to Lambda functions only, not to \`${destinationArn}\``)
  }
  if (arn.account !== location.account) {
    throw new AwsError(
      'AccessDeniedException',
      'Cross-account lambda invocation passing is not allowed. You must use DestinationPolicies to create cross account lambda triggers.',
    )
  }
}

/** Logs tries, when the filter is put, whether it may invoke the function. */
async function requireInvocable(destinationArn: string, location: GroupLocation, logs: LogsService): Promise<void> {
  try {
    await invoke(logs, location, destinationArn, 'DryRun', {})
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    throw invalidParameter(
      'Could not execute the lambda function. Make sure you have given CloudWatch Logs permission to execute your function.',
    )
  }
}

async function invoke(
  logs: LogsService,
  location: GroupLocation,
  functionArn: string,
  type: 'DryRun' | 'Event',
  payload: object,
): Promise<void> {
  const caller: Caller = {
    // Templates often name Logs as it is in their Region.
    principal: {
      kind: 'service',
      service: 'logs.amazonaws.com',
      names: ['logs.amazonaws.com', `logs.${location.region}.amazonaws.com`],
    },
    account: parseAccountId(location.account),
    region: parseRegion(location.region),
    requestId: logs.ids.uuid(),
    source: { arn: `${groupArn(location)}:*`, account: location.account },
  }
  await logs.call(caller, 'lambda', 'Invoke', {
    FunctionName: functionArn,
    InvocationType: type,
    Payload: Buffer.from(JSON.stringify(payload)),
  })
}

function describe(record: SubscriptionFilterRecord, { name }: GroupLocation): SubscriptionFilter {
  return {
    filterName: record.name,
    logGroupName: name,
    filterPattern: record.pattern,
    destinationArn: record.destinationArn,
    distribution: record.distribution,
    creationTime: record.createdAtMs,
  }
}

/** 56 digits, distinct within a delivery. */
function eventId(logs: LogsService, timestamp: number, index: number): string {
  return `${String(timestamp).padStart(16, '0')}${String(logs.clock.now()).padStart(32, '0')}${String(index).padStart(8, '0')}`
}
