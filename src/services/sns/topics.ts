/** CreateTopic, DeleteTopic, ListTopics, GetTopicAttributes, SetTopicAttributes. */
import type { Tag } from '@aws-sdk/client-sns'

import { displayedPolicy } from '../attached-policy.ts'
import type { Caller } from '../caller.ts'
import { paginate, sortedBy } from '../pagination.ts'
import { locateTopic, topicArn, type TopicLocation } from './arns.ts'
import { invalidParameter, notImplemented } from './errors.ts'
import { LIST_PAGE } from './limits.ts'
import type { TopicRecord } from './records.ts'
import type { SnsOperations, SnsService } from './service.ts'
import { tagsFrom } from './tags.ts'
import { defaultPolicy, policyFrom } from './topic-policy.ts'

export const topics: SnsOperations = {
  CreateTopic: {
    refuses: ['DataProtectionPolicy'],
    permissions(input, caller, sns) {
      const location = ownTopic(caller, input.Name)
      const requestTags = recordOf(input.Tags)
      return [
        sns.permission('CreateTopic', location, { requestTags }),
        ...(requestTags ? [sns.permission('TagResource', location, { requestTags })] : []),
      ]
    },
    handle(input, caller, sns) {
      const location = ownTopic(caller, input.Name)
      const given = input.Attributes ?? {}
      if (location.name.endsWith('.fifo') || given['FifoTopic'] === 'true') throw notImplemented('FIFO topics')
      if (!/^[A-Za-z0-9_-]{1,256}$/.test(location.name)) throw invalidParameter('Topic Name')
      const tags = tagsFrom(input.Tags ?? [])
      const initial: TopicRecord = { ...location, policy: defaultPolicy(location), displayName: '', tags }
      const existing = sns.find(location)
      let topic = existing ?? initial
      for (const [name, value] of Object.entries(given)) topic = withAttribute(topic, name, value, sns)
      if (existing) {
        if (topic.displayName !== existing.displayName || topic.policy?.text !== existing.policy?.text) {
          throw invalidParameter('Attributes Reason: Topic already exists with different attributes')
        }
        if (input.Tags && JSON.stringify(tags) !== JSON.stringify(existing.tags)) {
          throw invalidParameter('Tags Reason: Topic already exists with different tags')
        }
      } else sns.topics(location).put(location.name, topic)
      return { TopicArn: topicArn(location) }
    },
  },

  DeleteTopic: {
    permissions: (input, _caller, sns) => [sns.permission('DeleteTopic', locateTopic(input.TopicArn))],
    handle(input, _caller, sns) {
      const location = locateTopic(input.TopicArn)
      // Deleting what is not there succeeds.
      sns.topics(location).delete(location.name)
      for (const { arn } of sns.subscriptionsOf(location)) sns.subscriptions(location).delete(arn)
      return {}
    },
  },

  ListTopics: {
    permissions: () => [{ action: 'sns:ListTopics', actionText: 'SNS:ListTopics', resource: '*' }],
    handle(input, caller, sns) {
      const keyOf = (topic: TopicRecord) => topic.name
      const page = paginate(sortedBy(sns.topics(caller).values(), keyOf), {
        keyOf,
        token: input.NextToken,
        limit: LIST_PAGE,
        invalidToken: () => invalidParameter('NextToken'),
      })
      return {
        Topics: page.items.map((topic) => ({ TopicArn: topicArn(topic) })),
        ...(page.nextToken !== undefined && { NextToken: page.nextToken }),
      }
    },
  },

  GetTopicAttributes: {
    permissions: (input, _caller, sns) => [sns.permission('GetTopicAttributes', locateTopic(input.TopicArn))],
    handle(input, _caller, sns) {
      const topic = sns.require(locateTopic(input.TopicArn))
      const subscriptions = sns.subscriptionsOf(topic)
      const pending = subscriptions.filter(({ pendingToken }) => pendingToken !== undefined).length
      return {
        Attributes: {
          TopicArn: topicArn(topic),
          Owner: topic.account,
          ...(topic.policy && { Policy: displayedPolicy(topic.policy, sns.identities) }),
          DisplayName: topic.displayName,
          SubscriptionsConfirmed: String(subscriptions.length - pending),
          SubscriptionsPending: String(pending),
          SubscriptionsDeleted: '0',
          EffectiveDeliveryPolicy: EFFECTIVE_DELIVERY_POLICY,
        },
      }
    },
  },

  SetTopicAttributes: {
    permissions: (input, _caller, sns) => [sns.permission('SetTopicAttributes', locateTopic(input.TopicArn))],
    handle(input, _caller, sns) {
      const location = locateTopic(input.TopicArn)
      const changed = withAttribute(sns.require(location), input.AttributeName, input.AttributeValue ?? '', sns)
      sns.topics(location).put(location.name, changed)
      return {}
    },
  },
}

/** What AWS answers for a topic without a delivery policy; it is about HTTP endpoints only. */
const EFFECTIVE_DELIVERY_POLICY = JSON.stringify({
  http: {
    defaultHealthyRetryPolicy: {
      minDelayTarget: 20,
      maxDelayTarget: 20,
      numRetries: 3,
      numMaxDelayRetries: 0,
      numNoDelayRetries: 0,
      numMinDelayRetries: 0,
      backoffFunction: 'linear',
    },
    disableSubscriptionOverrides: false,
    defaultRequestPolicy: { headerContentType: 'text/plain; charset=UTF-8' },
  },
})

function withAttribute(topic: TopicRecord, name: string, value: string, sns: SnsService): TopicRecord {
  switch (name) {
    case 'DisplayName':
      return { ...topic, displayName: value }
    case 'Policy':
      return { ...topic, policy: policyFrom(value, topic, sns) }
    case 'FifoTopic':
      return topic
    default:
      throw KNOWN.has(name) ? notImplemented(`the attribute ${name}`) : invalidParameter('AttributeName')
  }
}

const KNOWN = new Set([
  'DeliveryPolicy',
  'TracingConfig',
  'KmsMasterKeyId',
  'SignatureVersion',
  'ArchivePolicy',
  'ContentBasedDeduplication',
  'FifoThroughputScope',
  ...['HTTP', 'Lambda', 'SQS', 'Firehose', 'Application'].flatMap((kind) =>
    ['SuccessFeedbackRoleArn', 'SuccessFeedbackSampleRate', 'FailureFeedbackRoleArn'].map((suffix) => kind + suffix),
  ),
])

function ownTopic({ account, region }: Caller, name: string): TopicLocation {
  return { account, region, name }
}

function recordOf(tags: readonly Tag[] | undefined): Record<string, string> | undefined {
  if (!tags || tags.length === 0) return undefined
  return Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]))
}
