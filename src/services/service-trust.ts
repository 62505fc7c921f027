/** Whether an AWS service may assume a role for one of its resources. */
import type { AccountId } from '../core/account.ts'
import type { Region } from '../core/region.ts'
import { decide } from '../policy/decide.ts'
import type { Caller } from './caller.ts'
import type { RoleFacts } from './directories.ts'
import type { Permission } from './operation.ts'
import { createRequestContext, type ContextSources } from './request-context.ts'

/** `service` is a principal: `lambda.amazonaws.com`. */
export type TrustsService = (
  service: string,
  role: RoleFacts,
  on: { readonly region: Region; readonly source: { readonly arn: string; readonly account: AccountId } },
) => boolean

/** The service asks in its own name, for the resource: the role's trust policy has to allow it and no RCP of its account to deny it. */
export function createTrustsService(sources: ContextSources): TrustsService {
  return (service, role, { region, source }) => {
    const caller: Caller = {
      principal: { kind: 'service', service },
      account: role.account,
      region,
      requestId: '',
      source,
    }
    const permission: Permission = {
      action: 'sts:AssumeRole',
      resource: role.arn,
      resourceAccount: role.account,
      resourceTags: role.tags,
    }
    const rcps = sources.organizations.rcpsOf(role.account)
    const { outcome } = decide(
      {
        principal: caller.principal,
        action: permission.action,
        resource: role.arn,
        resourceAccount: role.account,
        context: createRequestContext(caller, permission, sources),
      },
      { identity: [], resource: role.trustPolicy, resourceKind: 'trust', ...(rcps && { rcps }) },
    )
    return outcome === 'allow'
  }
}
