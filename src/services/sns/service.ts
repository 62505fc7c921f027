/** What SNS's operations work with, and the permission they ask for. */
import { scopeOf, type Collection, type Shelf } from '../../state/state.ts'
import { createPolicyCompiler } from '../attached-policy.ts'
import { DeliveringService, type DeliveringOptions } from '../delivering-service.ts'
import type { Operations, Permission } from '../operation.ts'
import { topicArn, topicOfSubscription, type TopicLocation } from './arns.ts'
import { subscriptionNotFound, topicNotFound } from './errors.ts'
import type { SubscriptionRecord, TopicRecord } from './records.ts'

export type SnsOperations = Operations<typeof import('@aws-sdk/client-sns'), SnsService>

type Place = Pick<TopicLocation, 'account' | 'region'>

export class SnsService extends DeliveringService {
  readonly #topics: Collection<TopicRecord>
  readonly #subscriptions: Collection<SubscriptionRecord>
  readonly #compile = createPolicyCompiler('topic policy')

  constructor(options: DeliveringOptions) {
    super(options)
    this.#topics = options.state.collection<TopicRecord>('sns.topics')
    this.#subscriptions = options.state.collection<SubscriptionRecord>('sns.subscriptions')
  }

  topics({ account, region }: Place): Shelf<TopicRecord> {
    return this.#topics.in(scopeOf(account, region))
  }

  /** Of the topics of an account in a Region. */
  subscriptions({ account, region }: Place): Shelf<SubscriptionRecord> {
    return this.#subscriptions.in(scopeOf(account, region))
  }

  allSubscriptions(): readonly SubscriptionRecord[] {
    return this.#subscriptions.scopes().flatMap((scope) => this.#subscriptions.in(scope).values())
  }

  subscriptionsOf(topic: TopicLocation): readonly SubscriptionRecord[] {
    const arn = topicArn(topic)
    return this.subscriptions(topic)
      .values()
      .filter((subscription) => subscription.topicArn === arn)
  }

  find(location: TopicLocation): TopicRecord | undefined {
    return this.topics(location).get(location.name)
  }

  /** Throws NotFound. */
  require(location: TopicLocation): TopicRecord {
    const topic = this.find(location)
    if (!topic) throw topicNotFound()
    return topic
  }

  findSubscription(arn: string): SubscriptionRecord | undefined {
    return this.subscriptions(topicOfSubscription(arn)).get(arn)
  }

  /** Throws NotFound. */
  requireSubscription(arn: string): SubscriptionRecord {
    const subscription = this.findSubscription(arn)
    if (!subscription) throw subscriptionNotFound()
    return subscription
  }

  /** SNS prints its prefix in capitals when it denies an action. */
  permission(action: string, location: TopicLocation, more: Partial<Permission> = {}): Permission {
    const topic = this.find(location)
    return {
      action: `sns:${action}`,
      actionText: `SNS:${action}`,
      resource: topicArn(location),
      resourceAccount: location.account,
      resourcePolicy: this.#compile(topic?.policy),
      resourceTags: topic?.tags,
      ...more,
    }
  }
}
