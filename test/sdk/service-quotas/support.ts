/** What tests at a limit share: another value for a quota, in force. */
import {
  GetRequestedServiceQuotaChangeCommand,
  RequestServiceQuotaIncreaseCommand,
  ServiceQuotasClient,
} from '@aws-sdk/client-service-quotas'

import type { AccountName, TestCloud } from '../cloud.ts'
import { eventually } from '../lambda/support.ts'

/** A cloud in this process or in one of its own. */
type AnyCloud = Pick<TestCloud, 'client'>

/** Resolves when the value applies: `setQuota(cloud, 'vpc', 'L-F678F1CE', 20)`. */
export async function setQuota(
  cloud: AnyCloud,
  serviceCode: string,
  quotaCode: string,
  value: number,
  who: AccountName = 'source',
): Promise<void> {
  const client = cloud.client(ServiceQuotasClient, who)
  const { RequestedQuota } = await client.send(
    new RequestServiceQuotaIncreaseCommand({ ServiceCode: serviceCode, QuotaCode: quotaCode, DesiredValue: value }),
  )
  const RequestId = RequestedQuota?.Id ?? ''
  await eventually(async () => {
    const { RequestedQuota: now } = await client.send(new GetRequestedServiceQuotaChangeCommand({ RequestId }))
    return now?.Status === 'APPROVED' || undefined
  })
}
