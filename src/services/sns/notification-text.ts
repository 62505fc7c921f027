/**
 * The documents in which SNS tells of a message: to a queue as text, to a function as an event.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
 */
import { isoTime } from '../../core/clock.ts'
import type { Ids } from '../../core/ids.ts'
import type { Notification, SubscriptionRecord } from './records.ts'

interface Words {
  readonly endpointUrl: string
  readonly ids: Ids
}

export function messageFor({ messages }: Notification, { protocol }: SubscriptionRecord): string {
  return messages[protocol] ?? messages['default'] ?? ''
}

/** As it goes to a queue, in SNS's own layout. */
export function notificationText(notification: Notification, subscription: SubscriptionRecord, words: Words): string {
  const { attributes } = notification
  return layout([
    ['Type', 'Notification'],
    ['MessageId', notification.messageId],
    ['TopicArn', notification.topicArn],
    ['Subject', notification.subject],
    ['Message', messageFor(notification, subscription)],
    ['Timestamp', isoTime(notification.publishedAtMs)],
    ['SignatureVersion', '1'],
    ['Signature', signature(words.ids)],
    ['SigningCertURL', certificateUrl(words)],
    ['UnsubscribeURL', unsubscribeUrl(subscription, words)],
    ['MessageAttributes', Object.keys(attributes).length > 0 ? attributes : undefined],
  ])
}

/** As it goes to a function: https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html */
export function lambdaEvent(notification: Notification, subscription: SubscriptionRecord, words: Words): object {
  return {
    Records: [
      {
        EventSource: 'aws:sns',
        EventVersion: '1.0',
        EventSubscriptionArn: subscription.arn,
        Sns: {
          Type: 'Notification',
          MessageId: notification.messageId,
          TopicArn: notification.topicArn,
          Subject: notification.subject ?? null,
          Message: messageFor(notification, subscription),
          Timestamp: isoTime(notification.publishedAtMs),
          SignatureVersion: '1',
          Signature: signature(words.ids),
          SigningCertUrl: certificateUrl(words),
          UnsubscribeUrl: unsubscribeUrl(subscription, words),
          MessageAttributes: notification.attributes,
        },
      },
    ],
  }
}

/** Asks the owner of an endpoint whether it wants the subscription. */
export function confirmationText(
  subscription: SubscriptionRecord,
  { messageId, nowMs, words }: { readonly messageId: string; readonly nowMs: number; readonly words: Words },
): string {
  const { topicArn, pendingToken = '' } = subscription
  const query = new URLSearchParams({ Action: 'ConfirmSubscription', TopicArn: topicArn, Token: pendingToken })
  return layout([
    ['Type', 'SubscriptionConfirmation'],
    ['MessageId', messageId],
    ['Token', pendingToken],
    ['TopicArn', topicArn],
    [
      'Message',
      `You have chosen to subscribe to the topic ${topicArn}.\nTo confirm the subscription, visit the SubscribeURL included in this message.`,
    ],
    ['SubscribeURL', `${words.endpointUrl}/?${query.toString()}`],
    ['Timestamp', isoTime(nowMs)],
    ['SignatureVersion', '1'],
    ['Signature', signature(words.ids)],
    ['SigningCertURL', certificateUrl(words)],
  ])
}

/** SNS writes one member a line, with a space before the colon. */
function layout(members: readonly (readonly [string, string | object | undefined])[]): string {
  const lines = members
    .filter(([, value]) => value !== undefined)
    .map(
      ([name, value]) =>
        `  ${JSON.stringify(name)} : ${typeof value === 'object' ? nested(value) : JSON.stringify(value)}`,
    )
  return `{\n${lines.join(',\n')}\n}`
}

function nested(value: object): string {
  const lines = Object.entries(value).map(([name, part]) => `    ${JSON.stringify(name)} : ${JSON.stringify(part)}`)
  return `{\n${lines.join(',\n')}\n  }`
}

/** FIDELITY: nobody but AWS can sign as SNS does; the signature is random, in the form of one. */
function signature(ids: Ids): string {
  return Buffer.from(ids.hex(512), 'hex').toString('base64')
}

function certificateUrl({ endpointUrl }: Words): string {
  return `${endpointUrl}/SimpleNotificationService.pem`
}

function unsubscribeUrl({ arn }: SubscriptionRecord, { endpointUrl }: Words): string {
  return `${endpointUrl}/?Action=Unsubscribe&SubscriptionArn=${arn}`
}
