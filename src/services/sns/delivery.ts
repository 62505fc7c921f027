/**
 * Takes messages to queues and functions as `sns.amazonaws.com`, for the topic. FIDELITY: before Publish answers, so that an acknowledged
 * message is where it belongs; AWS delivers afterwards and retries.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
 */
import { parseArn } from '../../core/arn.ts'
import { AwsError } from '../../core/aws-error.ts'
import { parseRegion } from '../../core/region.ts'
import type { Caller } from '../caller.ts'
import { serviceCaller } from '../service-caller.ts'
import { topicArn, type TopicLocation } from './arns.ts'
import { passesFilter } from './filter-policy.ts'
import { RAW_ATTRIBUTES_MAX } from './limits.ts'
import { confirmationText, lambdaEvent, messageFor, notificationText } from './notification-text.ts'
import type { Notification, SubscriptionRecord } from './records.ts'
import type { SnsService } from './service.ts'

/** Resolves when every confirmed subscription whose filter lets the message pass has it, or its dead-letter queue does, or the message has been dropped. */
export async function deliver(notification: Notification, topic: TopicLocation, sns: SnsService): Promise<void> {
  const interested = sns
    .subscriptionsOf(topic)
    .filter((subscription) => subscription.pendingToken === undefined && isInterested(subscription, notification))
  await Promise.all(interested.map((subscription) => deliverTo(subscription, notification, topic, sns)))
}

function isInterested(subscription: SubscriptionRecord, notification: Notification): boolean {
  const { filterPolicy, filterScope = 'MessageAttributes' } = subscription
  if (filterPolicy === undefined) return true
  return passesFilter(filterPolicy, filterScope, notification, messageFor(notification, subscription))
}

export async function sendConfirmation(
  subscription: SubscriptionRecord,
  topic: TopicLocation,
  sns: SnsService,
): Promise<void> {
  const text = confirmationText(subscription, {
    messageId: sns.ids.uuid(),
    nowMs: sns.clock.now(),
    words: { endpointUrl: sns.endpointUrl(), ids: sns.ids },
  })
  await attempt(subscription, topic, sns, async () => {
    if (subscription.protocol === 'sqs') await sendToQueue(subscription.endpoint, topic, { MessageBody: text }, sns)
    else await invoke(subscription.endpoint, topic, JSON.parse(text) as object, undefined, sns)
  })
}

async function deliverTo(
  subscription: SubscriptionRecord,
  notification: Notification,
  topic: TopicLocation,
  sns: SnsService,
): Promise<void> {
  const words = { endpointUrl: sns.endpointUrl(), ids: sns.ids }
  const { traceHeader } = notification
  const message = () =>
    subscription.rawMessageDelivery
      ? rawMessage(notification, subscription)
      : { MessageBody: notificationText(notification, subscription, words) }
  const isDelivered = await attempt(subscription, topic, sns, async () => {
    if (subscription.protocol === 'sqs')
      await sendToQueue(subscription.endpoint, topic, { ...message(), traceHeader }, sns)
    else await invoke(subscription.endpoint, topic, lambdaEvent(notification, subscription, words), traceHeader, sns)
  })
  const { deadLetterTargetArn } = subscription
  if (isDelivered || deadLetterTargetArn === undefined) return
  await attempt(subscription, topic, sns, () =>
    sendToQueue(deadLetterTargetArn, topic, { ...message(), traceHeader }, sns),
  )
}

/** False when the endpoint refused. */
async function attempt(
  { endpoint }: SubscriptionRecord,
  topic: TopicLocation,
  sns: SnsService,
  perform: () => Promise<void>,
): Promise<boolean> {
  try {
    await perform()
    return true
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    sns.notice(`${topicArn(topic)} could not deliver to ${endpoint}: ${error.message}`)
    return false
  }
}

async function sendToQueue(
  queueArn: string,
  topic: TopicLocation,
  message: {
    readonly MessageBody: string
    readonly MessageAttributes?: object
    readonly traceHeader?: string | undefined
  },
  sns: SnsService,
): Promise<void> {
  const { traceHeader, ...input } = message
  const arn = parseArn(queueArn)
  const QueueUrl = `${sns.endpointUrl()}/${arn?.account}/${arn?.resource}`
  await sns.call(callerFor(queueArn, topic, traceHeader, sns), 'sqs', 'SendMessage', { QueueUrl, ...input })
}

async function invoke(
  functionArn: string,
  topic: TopicLocation,
  event: object,
  traceHeader: string | undefined,
  sns: SnsService,
): Promise<void> {
  await sns.call(callerFor(functionArn, topic, traceHeader, sns), 'lambda', 'Invoke', {
    FunctionName: functionArn,
    InvocationType: 'Event',
    Payload: Buffer.from(JSON.stringify(event)),
  })
}

function callerFor(
  endpoint: string,
  topic: TopicLocation,
  traceHeader: string | undefined,
  { ids }: SnsService,
): Caller {
  const region = parseRegion(parseArn(endpoint)?.region ?? topic.region)
  return serviceCaller('sns', { arn: topicArn(topic), account: topic.account }, { region, ids, traceHeader })
}

/** The message as it was published: its attributes become the queue's, of which there may be ten. */
function rawMessage(notification: Notification, subscription: SubscriptionRecord) {
  const attributes = Object.entries(notification.attributes).slice(0, RAW_ATTRIBUTES_MAX)
  return {
    MessageBody: messageFor(notification, subscription),
    MessageAttributes: Object.fromEntries(
      attributes.map(([name, { Type, Value }]) => [
        name,
        Type === 'Binary'
          ? { DataType: Type, BinaryValue: Buffer.from(Value, 'base64') }
          : { DataType: Type, StringValue: Value },
      ]),
    ),
  }
}
