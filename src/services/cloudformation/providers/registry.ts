/** The resource types there are. */
import { alias } from './lambda-alias.ts'
import { group } from './iam-group.ts'
import { lambdaFunction } from './lambda-function.ts'
import { logGroup } from './logs-log-group.ts'
import { managedPolicy } from './iam-managed-policy.ts'
import { permission } from './lambda-permission.ts'
import { policy } from './iam-policy.ts'
import type { ResourceProvider } from './provider.ts'
import { role } from './iam-role.ts'
import { user } from './iam-user.ts'
import { version } from './lambda-version.ts'

const PROVIDERS: ReadonlyMap<string, ResourceProvider> = new Map(
  [group, managedPolicy, policy, role, user, alias, lambdaFunction, permission, version, logGroup].map((provider) => [
    provider.type,
    provider,
  ]),
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
