/** A subscription filter as a call of its destination: CloudWatch Logs makes sure that it may invoke the function. */
import type { CloudWatchLogsClient, PutSubscriptionFilterCommandInput } from '@aws-sdk/client-cloudwatch-logs'

import { loadPackage } from '../../core/load-package.ts'
import type { CallResult } from './call.ts'

const { CloudWatchLogsServiceException, PutSubscriptionFilterCommand } = loadPackage('@aws-sdk/client-cloudwatch-logs')

export async function putSubscription(
  logs: CloudWatchLogsClient,
  filter: Omit<PutSubscriptionFilterCommandInput, 'filterPattern'>,
): Promise<CallResult> {
  const started = performance.now()
  try {
    const { $metadata } = await logs.send(new PutSubscriptionFilterCommand({ ...filter, filterPattern: '' }))
    const durationMs = performance.now() - started
    return { outcome: 'allowed', status: 200, requestId: $metadata.requestId ?? '', answer: undefined, durationMs }
  } catch (error) {
    if (!(error instanceof CloudWatchLogsServiceException)) throw error
    const { name, message, $metadata } = error
    const durationMs = performance.now() - started
    return { outcome: 'failed', error: name, message, requestId: $metadata.requestId ?? '', durationMs }
  }
}
