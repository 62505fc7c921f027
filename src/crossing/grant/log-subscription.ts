/**
 * The one service that calls functions in a scratch cloud: CloudWatch Logs, which for every subscription filter makes sure that it may invoke
 * the function. https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
 */
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'

import { loadPackage } from '../../core/load-package.ts'
import { parseArn } from '../../core/arn.ts'
import type { CallResult } from '../prove/call.ts'
import { putSubscription } from '../prove/put-subscription.ts'
import type { ServiceCaller } from './grant.ts'

const { CreateLogGroupCommand, DeleteLogGroupCommand } = loadPackage('@aws-sdk/client-cloudwatch-logs')

/** The log group that Logs acts for; undefined for another service, another account's or for a pattern of names. */
export function logGroupOf({ service, sourceArn }: ServiceCaller, account: string): string | undefined {
  const arn = parseArn(sourceArn)
  if (service !== 'logs.amazonaws.com' || arn?.service !== 'logs' || arn.account !== account) return undefined
  return /^log-group:([^:*?]+):\*$/.exec(arn.resource)?.[1]
}

export async function subscribe(
  logs: CloudWatchLogsClient,
  logGroupName: string,
  destinationArn: string,
): Promise<CallResult> {
  await logs.send(new CreateLogGroupCommand({ logGroupName }))
  try {
    return await putSubscription(logs, { logGroupName, filterName: 'isthmus-grant', destinationArn })
  } finally {
    await logs.send(new DeleteLogGroupCommand({ logGroupName }))
  }
}
