/** A topic's policy: the one it starts with, and AddPermission and RemovePermission. */
import { isAccountId } from '../../core/account.ts'
import {
  attachedPolicyFrom,
  statementsOf,
  withStatements,
  type AttachedPolicy,
  type PolicyStatementObject,
} from '../attached-policy.ts'
import { locateTopic, topicArn, type TopicLocation } from './arns.ts'
import { invalidParameter } from './errors.ts'
import type { SnsOperations, SnsService } from './service.ts'

export const topicPolicy: SnsOperations = {
  AddPermission: {
    permissions: (input, _caller, sns) => [sns.permission('AddPermission', locateTopic(input.TopicArn))],
    handle(input, _caller, sns) {
      const location = locateTopic(input.TopicArn)
      const topic = sns.require(location)
      const statements = topic.policy ? statementsOf(topic.policy) : []
      if (statements.some(({ Sid }) => Sid === input.Label)) throw invalidParameter('Statement already exists')
      const statement: PolicyStatementObject = {
        Sid: input.Label,
        Effect: 'Allow',
        Principal: { AWS: single(input.AWSAccountId.map(accountPrincipal)) },
        Action: single(input.ActionName.map(action)),
        Resource: topicArn(location),
      }
      putStatements(location, [...statements, statement], sns)
      return {}
    },
  },

  RemovePermission: {
    permissions: (input, _caller, sns) => [sns.permission('RemovePermission', locateTopic(input.TopicArn))],
    handle(input, _caller, sns) {
      const location = locateTopic(input.TopicArn)
      const { policy } = sns.require(location)
      const statements = policy ? statementsOf(policy) : []
      // Removing what is not there succeeds.
      putStatements(
        location,
        statements.filter(({ Sid }) => Sid !== input.Label),
        sns,
      )
      return {}
    },
  },
}

/** What AWS lets the owner's account do through a new topic's policy. */
const DEFAULT_ACTIONS = [
  'SNS:GetTopicAttributes',
  'SNS:SetTopicAttributes',
  'SNS:AddPermission',
  'SNS:RemovePermission',
  'SNS:DeleteTopic',
  'SNS:Subscribe',
  'SNS:ListSubscriptionsByTopic',
  'SNS:Publish',
]

export function defaultPolicy(location: TopicLocation): AttachedPolicy {
  const document = {
    Version: '2008-10-17',
    Id: '__default_policy_ID',
    Statement: [
      {
        Sid: '__default_statement_ID',
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: DEFAULT_ACTIONS,
        Resource: topicArn(location),
        Condition: { StringEquals: { 'AWS:SourceOwner': location.account } },
      },
    ],
  }
  return { text: JSON.stringify(document), bindings: {} }
}

/** Throws InvalidParameter. An empty text brings back the default. */
export function policyFrom(text: string, location: TopicLocation, { identities }: SnsService): AttachedPolicy {
  if (text === '') return defaultPolicy(location)
  const policy = attachedPolicyFrom(text, identities)
  if (!policy) throw invalidParameter('Policy Error: null')
  const actions = statementsOf(policy).flatMap(({ Action }) => [Action].flat())
  if (actions.some((name) => typeof name === 'string' && name !== '*' && !/^sns:/i.test(name))) {
    throw invalidParameter('Policy statement action out of service scope!')
  }
  return policy
}

function putStatements(location: TopicLocation, statements: readonly PolicyStatementObject[], sns: SnsService): void {
  const { policy: current = defaultPolicy(location), ...topic } = sns.require(location)
  const policy = withStatements(current, statements, sns.identities)
  sns.topics(location).put(location.name, policy ? { ...topic, policy } : topic)
}

function accountPrincipal(account: string): string {
  if (!isAccountId(account)) throw invalidParameter('AWSAccountId')
  return `arn:aws:iam::${account}:root`
}

function action(name: string): string {
  if (!/^(?:\*|[A-Z][A-Za-z]+)$/.test(name)) throw invalidParameter('Policy statement action out of service scope!')
  return `SNS:${name}`
}

function single(values: readonly string[]): string | readonly string[] {
  const [only] = values
  return values.length === 1 && only !== undefined ? only : values
}
