/** Subscribe, ConfirmSubscription, Unsubscribe, the lists and the attributes of subscriptions. Endpoints are queues and functions. */
import type { Subscription } from '@aws-sdk/client-sns'

import { isAccountId, parseAccountId } from '../../core/account.ts'
import { parseArn } from '../../core/arn.ts'
import { isRegion } from '../../core/region.ts'
import { callerArn } from '../../policy/principal-text.ts'
import type { Caller } from '../caller.ts'
import { paginate, sortedBy } from '../pagination.ts'
import { locateTopic, topicArn, topicOfSubscription } from './arns.ts'
import { sendConfirmation } from './delivery.ts'
import { invalidParameter, notImplemented } from './errors.ts'
import { checkFilterPolicy } from './filter-policy.ts'
import { LIST_PAGE } from './limits.ts'
import type { Protocol, SubscriptionRecord } from './records.ts'
import type { SnsOperations, SnsService } from './service.ts'

const PENDING = 'PendingConfirmation'

export const subscriptions: SnsOperations = {
  Subscribe: {
    permissions: (input, _caller, sns) => [
      sns.permission('Subscribe', locateTopic(input.TopicArn), {
        context: {
          'sns:protocol': input.Protocol,
          ...(input.Endpoint !== undefined && { 'sns:endpoint': input.Endpoint }),
        },
      }),
    ],
    async handle(input, caller, sns) {
      const location = locateTopic(input.TopicArn)
      const protocol = protocolFrom(input.Protocol)
      const { endpoint, isCallersOwn } = endpointFrom(protocol, input.Endpoint, caller)
      let wanted: SubscriptionRecord = {
        arn: `${topicArn(location)}:${sns.ids.uuid()}`,
        topicArn: topicArn(location),
        owner: caller.account,
        principal: callerArn(caller.principal),
        protocol,
        endpoint,
        rawMessageDelivery: false,
        // Whoever owns the endpoint has said yes by asking.
        ...(!isCallersOwn && { pendingToken: sns.ids.hex(64) }),
      }
      for (const [name, value] of Object.entries(input.Attributes ?? {})) {
        wanted = withAttribute(wanted, name, value, 'Attributes Reason: ')
      }
      checkFilter(wanted, 'Attributes Reason: ')
      sns.require(location)
      const existing = sns
        .subscriptionsOf(location)
        .find((subscription) => subscription.protocol === protocol && subscription.endpoint === endpoint)
      if (existing) {
        if (!hasSameAttributes(existing, wanted) && input.Attributes) {
          throw invalidParameter('Attributes Reason: Subscription already exists with different attributes')
        }
        return { SubscriptionArn: existing.pendingToken === undefined ? existing.arn : 'pending confirmation' }
      }
      sns.subscriptions(location).put(wanted.arn, wanted)
      if (wanted.pendingToken === undefined) return { SubscriptionArn: wanted.arn }
      await sendConfirmation(wanted, location, sns)
      return { SubscriptionArn: input.ReturnSubscriptionArn === true ? wanted.arn : 'pending confirmation' }
    },
  },

  ConfirmSubscription: {
    permissions: (input, _caller, sns) => [sns.permission('ConfirmSubscription', locateTopic(input.TopicArn))],
    handle(input, _caller, sns) {
      const location = locateTopic(input.TopicArn)
      sns.require(location)
      const found = sns.subscriptionsOf(location).find(({ pendingToken }) => pendingToken === input.Token)
      if (!found) throw invalidParameter('Token')
      const { pendingToken: _, ...confirmed } = found
      sns.subscriptions(location).put(found.arn, confirmed)
      return { SubscriptionArn: found.arn }
    },
  },

  Unsubscribe: {
    permissions: (input, caller, sns) => [onSubscription('Unsubscribe', input.SubscriptionArn, caller, sns)],
    handle(input, _caller, sns) {
      // Ending what is not there succeeds.
      sns.subscriptions(topicOfSubscription(input.SubscriptionArn)).delete(input.SubscriptionArn)
      return {}
    },
  },

  ListSubscriptions: {
    permissions: () => [{ action: 'sns:ListSubscriptions', actionText: 'SNS:ListSubscriptions', resource: '*' }],
    handle(input, caller, sns) {
      const own = sns
        .allSubscriptions()
        .filter(({ owner, topicArn: arn }) => owner === caller.account && parseArn(arn)?.region === caller.region)
      return listed(own, input.NextToken)
    },
  },

  ListSubscriptionsByTopic: {
    permissions: (input, _caller, sns) => [sns.permission('ListSubscriptionsByTopic', locateTopic(input.TopicArn))],
    handle(input, _caller, sns) {
      const topic = sns.require(locateTopic(input.TopicArn))
      return listed(sns.subscriptionsOf(topic), input.NextToken)
    },
  },

  GetSubscriptionAttributes: {
    permissions: (input, caller, sns) => [
      onSubscription('GetSubscriptionAttributes', input.SubscriptionArn, caller, sns),
    ],
    handle(input, _caller, sns) {
      const subscription = sns.requireSubscription(input.SubscriptionArn)
      const isConfirmed = subscription.pendingToken === undefined
      return {
        Attributes: {
          SubscriptionArn: subscription.arn,
          TopicArn: subscription.topicArn,
          Owner: subscription.owner,
          Protocol: subscription.protocol,
          Endpoint: subscription.endpoint,
          SubscriptionPrincipal: subscription.principal,
          RawMessageDelivery: String(subscription.rawMessageDelivery),
          PendingConfirmation: String(!isConfirmed),
          ConfirmationWasAuthenticated: String(isConfirmed),
          ...(subscription.filterPolicy !== undefined && {
            FilterPolicy: subscription.filterPolicy,
            FilterPolicyScope: subscription.filterScope ?? 'MessageAttributes',
          }),
          ...(subscription.deadLetterTargetArn !== undefined && {
            RedrivePolicy: JSON.stringify({ deadLetterTargetArn: subscription.deadLetterTargetArn }),
          }),
        },
      }
    },
  },

  SetSubscriptionAttributes: {
    permissions: (input, caller, sns) => [
      onSubscription('SetSubscriptionAttributes', input.SubscriptionArn, caller, sns),
    ],
    handle(input, _caller, sns) {
      const subscription = sns.requireSubscription(input.SubscriptionArn)
      const changed = withAttribute(subscription, input.AttributeName, input.AttributeValue ?? '', '')
      checkFilter(changed, '')
      sns.subscriptions(topicOfSubscription(subscription.arn)).put(subscription.arn, changed)
      return {}
    },
  },
}

/** The account that subscribed owns the subscription, whosever the topic is. */
function onSubscription(action: string, arn: string, caller: Caller, sns: SnsService) {
  const location = topicOfSubscription(arn)
  const isOwner = sns.findSubscription(arn)?.owner === caller.account
  return sns.permission(action, location, { ...(isOwner && { resourceAccount: caller.account }) })
}

const PROTOCOLS = new Set(['http', 'https', 'email', 'email-json', 'sms', 'application', 'firehose'])

function protocolFrom(text: string): Protocol {
  if (text === 'sqs' || text === 'lambda') return text
  if (PROTOCOLS.has(text)) throw notImplemented(`the protocol ${text}`)
  throw invalidParameter(`Amazon SNS does not support this protocol string: ${text}`)
}

function endpointFrom(
  protocol: Protocol,
  text: string | undefined,
  caller: Caller,
): { readonly endpoint: string; readonly isCallersOwn: boolean } {
  if (text === undefined || text === '') throw invalidParameter('Endpoint')
  const arn = parseArn(text)
  if (arn?.service !== protocol || !isRegion(arn.region) || !isAccountId(arn.account)) {
    throw invalidParameter(`${protocol === 'sqs' ? 'SQS' : 'Lambda'} endpoint ARN`)
  }
  return { endpoint: text, isCallersOwn: parseAccountId(arn.account) === caller.account }
}

/** `where` precedes the attribute's name in AWS's words about filter policies. */
function withAttribute(
  subscription: SubscriptionRecord,
  name: string,
  value: string,
  where: string,
): SubscriptionRecord {
  switch (name) {
    case 'FilterPolicy': {
      const { filterPolicy: _, ...rest } = subscription
      return value === '' ? rest : { ...rest, filterPolicy: value }
    }
    case 'FilterPolicyScope':
      if (value !== 'MessageAttributes' && value !== 'MessageBody') {
        throw invalidParameter(
          `${where}FilterPolicyScope: Invalid value [${value}]. Please use either MessageBody or MessageAttributes`,
        )
      }
      return { ...subscription, filterScope: value }
    case 'RawMessageDelivery':
      if (value !== 'true' && value !== 'false') {
        throw invalidParameter(
          `Attributes Reason: RawMessageDelivery: Invalid value [${value}]. Must be true or false.`,
        )
      }
      // Functions always get the whole notification.
      if (value === 'true' && subscription.protocol === 'lambda') {
        throw invalidParameter(
          'Attributes Reason: RawMessageDelivery: Delivery protocol [lambda] does not support raw message delivery.',
        )
      }
      return { ...subscription, rawMessageDelivery: value === 'true' }
    case 'RedrivePolicy': {
      const { deadLetterTargetArn: _, ...rest } = subscription
      return value === '' ? rest : { ...rest, deadLetterTargetArn: deadLetterTarget(value) }
    }
    case 'DeliveryPolicy':
    case 'SubscriptionRoleArn':
    case 'ReplayPolicy':
      throw notImplemented(`the attribute ${name}`)
    default:
      throw invalidParameter('AttributeName')
  }
}

/** A policy and its scope come in any order, so they are checked together. */
function checkFilter({ filterPolicy, filterScope = 'MessageAttributes' }: SubscriptionRecord, where: string): void {
  if (filterPolicy === undefined) return
  checkFilterPolicy(filterPolicy, filterScope, (reason) => invalidParameter(`${where}${reason}`))
}

function deadLetterTarget(text: string): string {
  let target: unknown
  try {
    target = (JSON.parse(text) as { readonly deadLetterTargetArn?: unknown }).deadLetterTargetArn
  } catch {
    throw invalidParameter('RedrivePolicy: failed to parse JSON.')
  }
  if (typeof target === 'string' && parseArn(target)?.service === 'sqs') return target
  throw invalidParameter('RedrivePolicy: deadLetterTargetArn is an invalid arn')
}

function hasSameAttributes(a: SubscriptionRecord, b: SubscriptionRecord): boolean {
  return (['rawMessageDelivery', 'deadLetterTargetArn', 'filterPolicy', 'filterScope'] as const).every(
    (name) => a[name] === b[name],
  )
}

function listed(all: readonly SubscriptionRecord[], token: string | undefined) {
  const keyOf = ({ arn }: SubscriptionRecord) => arn
  const page = paginate(sortedBy(all, keyOf), {
    keyOf,
    token,
    limit: LIST_PAGE,
    invalidToken: () => invalidParameter('NextToken'),
  })
  return {
    Subscriptions: page.items.map(describe),
    ...(page.nextToken !== undefined && { NextToken: page.nextToken }),
  }
}

function describe({
  arn,
  owner,
  protocol,
  endpoint,
  topicArn: TopicArn,
  pendingToken,
}: SubscriptionRecord): Subscription {
  return {
    SubscriptionArn: pendingToken === undefined ? arn : PENDING,
    Owner: owner,
    Protocol: protocol,
    Endpoint: endpoint,
    TopicArn,
  }
}
