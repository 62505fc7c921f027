/** What the state keeps of topics and subscriptions: plain JSON, replaced as a whole on every change. */
import type { AccountId } from '../../core/account.ts'
import type { Region } from '../../core/region.ts'
import type { AttachedPolicy } from '../attached-policy.ts'

export interface TopicRecord {
  readonly account: AccountId
  readonly region: Region
  readonly name: string
  /** Absent once its last statement has been removed. */
  readonly policy?: AttachedPolicy
  readonly displayName: string
  readonly tags: Readonly<Record<string, string>>
}

export type Protocol = 'sqs' | 'lambda'

/** What a filter policy is about. */
export type FilterScope = 'MessageAttributes' | 'MessageBody'

export interface SubscriptionRecord {
  /** `<topic ARN>:<uuid>` */
  readonly arn: string
  readonly topicArn: string
  /** The account that subscribed. */
  readonly owner: AccountId
  /** Who subscribed. */
  readonly principal: string
  readonly protocol: Protocol
  /** The ARN of a queue or a function. */
  readonly endpoint: string
  readonly rawMessageDelivery: boolean
  readonly deadLetterTargetArn?: string
  /** As it was given. */
  readonly filterPolicy?: string
  /** `MessageAttributes` when absent. Kept without a policy, too, though it is not shown then. */
  readonly filterScope?: FilterScope
  /** While the endpoint's owner has not confirmed it. */
  readonly pendingToken?: string
}

/** A published message, as it goes to every subscription. */
export interface Notification {
  readonly messageId: string
  readonly topicArn: string
  readonly subject?: string
  /** Per protocol; `default` for those that are not named. */
  readonly messages: Readonly<Record<string, string>>
  readonly attributes: Readonly<Record<string, NotificationAttribute>>
  readonly publishedAtMs: number
  readonly traceHeader?: string
}

export interface NotificationAttribute {
  readonly Type: string
  /** Binary values in base64. */
  readonly Value: string
}
