/** An AWS service as a caller: what it does for a resource of a customer's, in its own name. */
import type { AccountId } from '../core/account.ts'
import type { Ids } from '../core/ids.ts'
import type { Region } from '../core/region.ts'
import type { Caller } from './caller.ts'

/** `source` is what the service acts for: `aws:SourceArn`, `aws:SourceAccount`. `region` is the one the request goes to. */
export function serviceCaller(
  service: 'events' | 'lambda' | 'sns',
  source: { readonly arn: string; readonly account: AccountId },
  {
    region,
    ids,
    traceHeader,
  }: { readonly region: Region; readonly ids: Ids; readonly traceHeader?: string | undefined },
): Caller {
  return {
    principal: { kind: 'service', service: `${service}.amazonaws.com` },
    account: source.account,
    region,
    requestId: ids.uuid(),
    source,
    ...(traceHeader !== undefined && { traceHeader }),
  }
}
