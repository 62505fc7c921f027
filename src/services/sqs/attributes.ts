/** GetQueueAttributes and SetQueueAttributes. */
import { displayedPolicy } from '../attached-policy.ts'
import { changedAttributes } from './attribute-values.ts'
import { unknownAttribute } from './errors.ts'
import { locationFromUrl, queueArn } from './queue-location.ts'
import type { QueueRecord } from './records.ts'
import type { SqsOperations, SqsService } from './service.ts'

export const attributes: SqsOperations = {
  GetQueueAttributes: {
    permissions: (input, caller, sqs) => sqs.permissionByUrl('GetQueueAttributes', input.QueueUrl, caller),
    handle(input, caller, sqs) {
      const queue = sqs.require(locationFromUrl(caller, input.QueueUrl))
      const names: readonly string[] = input.AttributeNames ?? []
      const unknown = names.find((name) => name !== 'All' && !KNOWN.has(name))
      if (unknown !== undefined) throw unknownAttribute(unknown)
      const wanted = Object.entries(attributesOf(queue, sqs)).filter(
        ([name, value]) => value !== undefined && (names.includes('All') || names.includes(name)),
      )
      return wanted.length === 0 ? {} : { Attributes: Object.fromEntries(wanted) }
    },
  },

  SetQueueAttributes: {
    permissions: (input, caller, sqs) => sqs.permissionByUrl('SetQueueAttributes', input.QueueUrl, caller),
    handle(input, caller, sqs) {
      const location = locationFromUrl(caller, input.QueueUrl)
      const { policy: _policy, redrive: _redrive, ...queue } = sqs.require(location)
      const settings = changedAttributes(sqs.require(location), input.Attributes, location, sqs)
      sqs.queues(location).put(location.name, { ...queue, ...settings, modifiedAtMs: sqs.clock.now() })
      return {}
    },
  },
}

function attributesOf(queue: QueueRecord, sqs: SqsService): Readonly<Record<string, string | undefined>> {
  const { numbers } = queue
  const counts = sqs.messages(queue).counts(numbers.MessageRetentionPeriod * 1000)
  return {
    QueueArn: queueArn(queue),
    ApproximateNumberOfMessages: String(counts.visible),
    ApproximateNumberOfMessagesNotVisible: String(counts.inFlight),
    ApproximateNumberOfMessagesDelayed: String(counts.delayed),
    CreatedTimestamp: seconds(queue.createdAtMs),
    LastModifiedTimestamp: seconds(queue.modifiedAtMs),
    VisibilityTimeout: String(numbers.VisibilityTimeout),
    MaximumMessageSize: String(numbers.MaximumMessageSize),
    MessageRetentionPeriod: String(numbers.MessageRetentionPeriod),
    DelaySeconds: String(numbers.DelaySeconds),
    Policy: queue.policy && displayedPolicy(queue.policy, sqs.identities),
    ReceiveMessageWaitTimeSeconds: String(numbers.ReceiveMessageWaitTimeSeconds),
    RedrivePolicy: queue.redrive && JSON.stringify(queue.redrive),
    SqsManagedSseEnabled: String(queue.managedEncryption),
  }
}

/** Those that AWS knows and this queue cannot have are simply not there. */
const KNOWN = new Set([
  'QueueArn',
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
  'CreatedTimestamp',
  'LastModifiedTimestamp',
  'VisibilityTimeout',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'DelaySeconds',
  'Policy',
  'ReceiveMessageWaitTimeSeconds',
  'RedrivePolicy',
  'RedriveAllowPolicy',
  'SqsManagedSseEnabled',
  'KmsMasterKeyId',
  'KmsDataKeyReusePeriodSeconds',
  'FifoQueue',
  'ContentBasedDeduplication',
  'DeduplicationScope',
  'FifoThroughputLimit',
])

function seconds(epochMs: number): string {
  return String(Math.floor(epochMs / 1000))
}
