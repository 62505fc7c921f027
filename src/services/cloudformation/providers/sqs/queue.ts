/** AWS::SQS::Queue. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queue.html */
import { formatArn } from '../../../../core/arn.ts'
import type { JsonObject } from '../../template/json.ts'
import { unlessMissing } from '../handler-error.ts'
import { boolean, document, integer, object, refused, string, tags } from '../property-schema.ts'
import { booleanOf, documentOf, numberOf, textOf } from '../property-values.ts'
import type { Resource, ResourceContext, ResourceProvider } from '../provider.ts'
import { isEmpty, mergedTags, tagChanges } from '../tags.ts'

const QUEUE_NAME_LENGTH_MAX = 80

/** What a number goes back to when the template no longer has it. */
const DEFAULTS: Readonly<Record<string, number>> = {
  DelaySeconds: 0,
  MaximumMessageSize: 1_048_576,
  MessageRetentionPeriod: 345_600,
  ReceiveMessageWaitTimeSeconds: 0,
  VisibilityTimeout: 30,
}

export const queue: ResourceProvider = {
  type: 'AWS::SQS::Queue',
  schema: object({
    ...Object.fromEntries(Object.keys(DEFAULTS).map((name) => [name, integer])),
    ContentBasedDeduplication: refused,
    DeduplicationScope: refused,
    FifoQueue: refused,
    FifoThroughputLimit: refused,
    KmsDataKeyReusePeriodSeconds: refused,
    KmsMasterKeyId: refused,
    QueueName: string,
    RedriveAllowPolicy: refused,
    RedrivePolicy: document,
    SqsManagedSseEnabled: boolean,
    Tags: tags,
  }),
  replacedBy: new Set(['QueueName']),
  nameProperty: 'QueueName',
  attributes: ['Arn', 'QueueName', 'QueueUrl'],
  taggable: true,

  async create(properties, context, initiated) {
    const QueueName = textOf(properties, 'QueueName') ?? context.generateName(QUEUE_NAME_LENGTH_MAX)
    const allTags = mergedTags(properties, context.stackTags)
    const { QueueUrl = '' } = await context.call('sqs', 'CreateQueue', {
      QueueName,
      Attributes: attributesOf(properties),
      tags: isEmpty(allTags) ? undefined : allTags,
    })
    initiated(QueueUrl)
    return describe(QueueUrl, QueueName, context)
  },

  async update(next, previous, resource, { call, stackTags }) {
    const QueueUrl = resource.physicalId
    const defaults = Object.fromEntries(Object.entries(DEFAULTS).map(([name, value]) => [name, String(value)]))
    await call('sqs', 'SetQueueAttributes', {
      QueueUrl,
      Attributes: { ...defaults, SqsManagedSseEnabled: 'true', RedrivePolicy: '', ...attributesOf(next) },
    })
    const { set, removed } = tagChanges(
      mergedTags(previous.properties, previous.stackTags),
      mergedTags(next, stackTags),
    )
    if (!isEmpty(set)) await call('sqs', 'TagQueue', { QueueUrl, Tags: set })
    if (removed.length > 0) await call('sqs', 'UntagQueue', { QueueUrl, TagKeys: removed })
    return resource
  },

  async delete(_properties, { physicalId: QueueUrl }, { call }) {
    await unlessMissing(call('sqs', 'DeleteQueue', { QueueUrl }))
  },
}

function attributesOf(properties: JsonObject): Record<string, string> {
  const numbers = Object.keys(DEFAULTS).flatMap((name) => {
    const value = numberOf(properties, name)
    return value === undefined ? [] : [[name, String(value)] as const]
  })
  const encrypted = booleanOf(properties, 'SqsManagedSseEnabled')
  const redrive = documentOf(properties, 'RedrivePolicy')
  return {
    ...Object.fromEntries(numbers),
    ...(encrypted !== undefined && { SqsManagedSseEnabled: String(encrypted) }),
    ...(redrive !== undefined && { RedrivePolicy: redrive }),
  }
}

function describe(QueueUrl: string, QueueName: string, { account, region }: ResourceContext): Resource {
  const Arn = formatArn({ service: 'sqs', region, account, resource: QueueName })
  return { physicalId: QueueUrl, attributes: { Arn, QueueName, QueueUrl } }
}
