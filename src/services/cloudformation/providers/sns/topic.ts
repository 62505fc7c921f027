/** AWS::SNS::Topic. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-topic.html */
import type { JsonObject } from '../../template/json.ts'
import { unlessMissing } from '../handler-error.ts'
import { list, object, refused, string, tags } from '../property-schema.ts'
import { objectsOf, textOf } from '../property-values.ts'
import type { CallService, ResourceProvider } from '../provider.ts'
import { isEmpty, mergedTags, tagChanges, tagList } from '../tags.ts'

const TOPIC_NAME_LENGTH_MAX = 256

const REFUSED = [
  'ArchivePolicy',
  'ContentBasedDeduplication',
  'DataProtectionPolicy',
  'DeliveryStatusLogging',
  'FifoThroughputScope',
  'FifoTopic',
  'KmsMasterKeyId',
  'SignatureVersion',
  'TracingConfig',
]

export const topic: ResourceProvider = {
  type: 'AWS::SNS::Topic',
  schema: object({
    ...Object.fromEntries(REFUSED.map((name) => [name, refused])),
    DisplayName: string,
    Subscription: list(object({ Endpoint: string, Protocol: string }, ['Endpoint', 'Protocol'])),
    Tags: tags,
    TopicName: string,
  }),
  replacedBy: new Set(['TopicName']),
  nameProperty: 'TopicName',
  attributes: ['TopicArn', 'TopicName'],
  taggable: true,

  async create(properties, { call, generateName, stackTags }, initiated) {
    const Name = textOf(properties, 'TopicName') ?? generateName(TOPIC_NAME_LENGTH_MAX)
    const allTags = mergedTags(properties, stackTags)
    const DisplayName = textOf(properties, 'DisplayName')
    const { TopicArn = '' } = await call('sns', 'CreateTopic', {
      Name,
      ...(DisplayName !== undefined && { Attributes: { DisplayName } }),
      Tags: isEmpty(allTags) ? undefined : tagList(allTags),
    })
    initiated(TopicArn)
    await subscribe(TopicArn, properties, {}, call)
    return { physicalId: TopicArn, attributes: { TopicArn, TopicName: Name } }
  },

  async update(next, previous, resource, { call, stackTags }) {
    const TopicArn = resource.physicalId
    await call('sns', 'SetTopicAttributes', {
      TopicArn,
      AttributeName: 'DisplayName',
      AttributeValue: textOf(next, 'DisplayName') ?? '',
    })
    await subscribe(TopicArn, next, previous.properties, call)
    const { set, removed } = tagChanges(
      mergedTags(previous.properties, previous.stackTags),
      mergedTags(next, stackTags),
    )
    if (!isEmpty(set)) await call('sns', 'TagResource', { ResourceArn: TopicArn, Tags: tagList(set) })
    if (removed.length > 0) await call('sns', 'UntagResource', { ResourceArn: TopicArn, TagKeys: removed })
    return resource
  },

  async delete(_properties, { physicalId: TopicArn }, { call }) {
    await unlessMissing(call('sns', 'DeleteTopic', { TopicArn }))
  },
}

/** Makes the subscriptions that are wanted, and ends those that were and are no longer. */
async function subscribe(TopicArn: string, next: JsonObject, before: JsonObject, call: CallService): Promise<void> {
  const wanted = endpointsOf(next)
  for (const { Protocol, Endpoint } of wanted) await call('sns', 'Subscribe', { TopicArn, Protocol, Endpoint })
  const obsolete = endpointsOf(before).filter((old) => !wanted.some((one) => isSame(one, old)))
  if (obsolete.length === 0) return
  const { Subscriptions = [] } = await call('sns', 'ListSubscriptionsByTopic', { TopicArn })
  for (const { SubscriptionArn = '', Protocol, Endpoint } of Subscriptions) {
    if (!obsolete.some((old) => isSame(old, { Protocol, Endpoint }))) continue
    if (SubscriptionArn.startsWith('arn:')) await unlessMissing(call('sns', 'Unsubscribe', { SubscriptionArn }))
  }
}

interface Endpoint {
  readonly Protocol: string | undefined
  readonly Endpoint: string | undefined
}

function endpointsOf(properties: JsonObject): readonly { Protocol: string; Endpoint: string }[] {
  return objectsOf(properties, 'Subscription').map((entry) => ({
    Protocol: textOf(entry, 'Protocol') ?? '',
    Endpoint: textOf(entry, 'Endpoint') ?? '',
  }))
}

function isSame(a: Endpoint, b: Endpoint): boolean {
  return a.Protocol === b.Protocol && a.Endpoint === b.Endpoint
}
