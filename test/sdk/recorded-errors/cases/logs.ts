/** CloudWatch Logs. */
import {
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DeleteLogStreamCommand,
  DeleteResourcePolicyCommand,
  DeleteSubscriptionFilterCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  DescribeSubscriptionFiltersCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  PutLogEventsCommand,
  PutResourcePolicyCommand,
  PutRetentionPolicyCommand,
  PutSubscriptionFilterCommand,
} from '@aws-sdk/client-cloudwatch-logs'

import type { Case, Outside } from '../../recorded-error.ts'
import type { logsRecordings } from '../recordings/logs.ts'

type Name = keyof typeof logsRecordings

const NAMES = { logGroupName: 'group', logStreamName: 'stream' }
const NO_GROUP = { logGroupName: 'not-existing-log-group' }
const now = Date.now()

const filter = (destinationArn: string) =>
  new PutSubscriptionFilterCommand({ logGroupName: 'group', filterName: 'test', filterPattern: '', destinationArn })

/** There are the group `group` with the stream `stream`, and ten resource policies. */
export const logs: Readonly<Partial<Record<Name, Case>>> = {
  'group-exists': { calls: [new CreateLogGroupCommand({ logGroupName: 'group' })] },
  'stream-exists': { calls: [new CreateLogStreamCommand(NAMES)] },
  'group-name-too-long': {
    calls: [
      new CreateLogGroupCommand({ logGroupName: 'a'.repeat(513) }),
      new CreateLogStreamCommand({ logGroupName: 'group', logStreamName: 'a'.repeat(513) }),
    ],
  },
  'no-group': {
    calls: [
      new CreateLogStreamCommand({ ...NO_GROUP, logStreamName: 'stream' }),
      new DeleteLogGroupCommand(NO_GROUP),
      new DescribeLogStreamsCommand(NO_GROUP),
      new DescribeSubscriptionFiltersCommand(NO_GROUP),
      new DeleteSubscriptionFilterCommand({ ...NO_GROUP, filterName: 'test' }),
      new PutRetentionPolicyCommand({ ...NO_GROUP, retentionInDays: 7 }),
      new FilterLogEventsCommand(NO_GROUP),
      new GetLogEventsCommand({ ...NO_GROUP, logStreamName: 'stream' }),
    ],
  },
  'no-stream': {
    calls: [
      new PutLogEventsCommand({ ...NAMES, logStreamName: 'invalid', logEvents: [{ timestamp: now, message: 'x' }] }),
      new GetLogEventsCommand({ ...NAMES, logStreamName: 'invalid' }),
      new DeleteLogStreamCommand({ ...NAMES, logStreamName: 'invalid' }),
    ],
  },
  'events-not-in-order': {
    calls: [
      new PutLogEventsCommand({
        ...NAMES,
        logEvents: [
          { timestamp: now, message: 'second' },
          { timestamp: now - 1000, message: 'first' },
        ],
      }),
    ],
  },
  'events-limit': { calls: [new GetLogEventsCommand({ ...NAMES, limit: 10_001 })] },
  'events-token': {
    calls: [
      new GetLogEventsCommand({ ...NAMES, nextToken: 'invalid-token' }),
      new FilterLogEventsCommand({ logGroupName: 'group', nextToken: 'invalid-token' }),
    ],
  },
  'groups-prefix-and-pattern': {
    calls: [new DescribeLogGroupsCommand({ logGroupNamePrefix: 'prefix', logGroupNamePattern: 'pattern' })],
  },
  'streams-name-and-arn': {
    calls: [new DescribeLogStreamsCommand({ logGroupName: 'group', logGroupIdentifier: 'group' })],
  },
  'resource-policy-none': { calls: [new DeleteResourcePolicyCommand({ policyName: 'non-existent' })] },
  'resource-policies-too-many': {
    calls: [new PutResourcePolicyCommand({ policyName: 'eleventh', policyDocument: resourcePolicy() })],
  },
  'filter-none': {
    calls: [new DeleteSubscriptionFilterCommand({ logGroupName: 'group', filterName: 'wrong-filter-name' })],
  },
  'filter-lambda-of-other-account': { calls: [filter('arn:aws:lambda:us-east-1:444455556666:function:test')] },
  'filter-stream-without-role': { calls: [filter('arn:aws:kinesis:us-east-1:111122223333:stream/test')] },
}

export function resourcePolicy(): string {
  const Principal = { Service: 'es.amazonaws.com' }
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal, Action: 'logs:PutLogEvents', Resource: '*' }],
  })
}

const METRICS: Outside = { notImplemented: ['PutMetricFilter', 'DescribeMetricFilters'] }
const EXPORTS: Outside = { notImplemented: ['CreateExportTask', 'CancelExportTask'] }
const DELIVERIES: Outside = {
  notImplemented: [
    'PutDeliverySource',
    'GetDeliverySource',
    'DeleteDeliverySource',
    'PutDeliveryDestination',
    'GetDeliveryDestination',
    'DeleteDelivery',
  ],
}

export const logsOutside: Readonly<Partial<Record<Name, Outside>>> = {
  'metric-name-too-long': METRICS,
  'metric-filter-name-too-long': METRICS,
  'metric-filter-prefix-too-long': METRICS,
  'metric-pattern-too-long': METRICS,
  'metric-transformations-two': METRICS,
  'export-no-bucket': EXPORTS,
  'export-none': EXPORTS,
  'delivery-source-no-service': DELIVERIES,
  'delivery-destination-none': DELIVERIES,
  'delivery-source-none': DELIVERIES,
  'delivery-source-delete-none': DELIVERIES,
  'delivery-none': DELIVERIES,
  'delivery-format': DELIVERIES,
  'query-no-group': { notImplemented: ['StartQuery'] },
}
