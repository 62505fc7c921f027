/** The resource types there are. */
import { eventBus } from './events-event-bus.ts'
import { rule } from './events-rule.ts'
import { group } from './iam-group.ts'
import { managedPolicy } from './iam-managed-policy.ts'
import { policy } from './iam-policy.ts'
import { role } from './iam-role.ts'
import { user } from './iam-user.ts'
import { alias } from './lambda-alias.ts'
import { eventInvokeConfig } from './lambda-event-invoke-config.ts'
import { lambdaFunction } from './lambda-function.ts'
import { permission } from './lambda-permission.ts'
import { version } from './lambda-version.ts'
import { logGroup } from './logs-log-group.ts'
import type { ResourceProvider } from './provider.ts'
import { subscription } from './sns-subscription.ts'
import { topicPolicy } from './sns-topic-policy.ts'
import { topic } from './sns-topic.ts'
import { queuePolicy } from './sqs-queue-policy.ts'
import { queue } from './sqs-queue.ts'

const PROVIDERS: ReadonlyMap<string, ResourceProvider> = new Map(
  [
    group,
    managedPolicy,
    policy,
    role,
    user,
    alias,
    eventInvokeConfig,
    lambdaFunction,
    permission,
    version,
    logGroup,
    queue,
    queuePolicy,
    topic,
    topicPolicy,
    subscription,
    rule,
    eventBus,
  ].map((provider) => [provider.type, provider]),
)

export function isResourceType(type: string): boolean {
  return PROVIDERS.has(type)
}

/** INVARIANT: templates are refused before they get here with a type that is not in the registry. */
export function providerOf(type: string): ResourceProvider {
  const provider = PROVIDERS.get(type)
  if (!provider) throw new Error(`no provider for ${type}`)
  return provider
}
