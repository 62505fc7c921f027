/** ARNs of topics and subscriptions. */
import { isAccountId, parseAccountId, type AccountId } from '../../core/account.ts'
import { formatArn, parseArn } from '../../core/arn.ts'
import { isRegion, type Region } from '../../core/region.ts'
import { invalidParameter } from './errors.ts'

export interface TopicLocation {
  readonly account: AccountId
  readonly region: Region
  readonly name: string
}

export function topicArn({ account, region, name }: TopicLocation): string {
  return formatArn({ service: 'sns', region, account, resource: name })
}

const ARN_ELEMENTS = 6

/** Throws InvalidParameter, naming the request's parameter. */
export function locateTopic(text: string, parameter = 'TopicArn'): TopicLocation {
  const arn = parseArn(text)
  const elements = text.split(':').length
  if (elements < ARN_ELEMENTS) {
    throw invalidParameter(`${parameter} Reason: An ARN must have at least ${ARN_ELEMENTS} elements, not ${elements}`)
  }
  if (arn?.service !== 'sns' || !isRegion(arn.region) || !isAccountId(arn.account) || arn.resource.includes(':')) {
    throw invalidParameter(parameter)
  }
  return { account: parseAccountId(arn.account), region: arn.region, name: arn.resource }
}

/** The topic of a subscription. Throws InvalidParameter. */
export function topicOfSubscription(subscriptionArn: string): TopicLocation {
  const colon = subscriptionArn.lastIndexOf(':')
  if (subscriptionArn.split(':').length !== ARN_ELEMENTS + 1) {
    throw invalidParameter('SubscriptionArn Reason: An ARN must have at least 6 elements, not 1')
  }
  return locateTopic(subscriptionArn.slice(0, colon), 'SubscriptionArn')
}
