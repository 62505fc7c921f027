/**
 * A grant to a service principal, used for real: CloudWatch Logs invokes the callee for a subscription filter on a log group of the callee's
 * own account, as `logs.amazonaws.com` with that log group as its `SourceArn`.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
 */

import { loadPackage } from '../../core/load-package.ts'
import type { CallResult } from './call.ts'
import { replaceGrants, reversibly, type Undo } from './changes.ts'
import type { Scene } from './scene.ts'

const { CloudWatchLogsServiceException, CreateLogGroupCommand, DeleteLogGroupCommand, PutSubscriptionFilterCommand } =
  loadPackage('@aws-sdk/client-cloudwatch-logs')

/** Logs checks that it may invoke the function when the filter is put, and refuses the filter with these words. */
export const LOGS_MAY_NOT_INVOKE =
  'Could not execute the lambda function. Make sure you have given CloudWatch Logs permission to execute your function.'

/** Grants the callee to Logs for `grantedLogGroup`, and has Logs use it for a log group of its own. */
export async function subscribeCallee(
  scene: Scene,
  grantedLogGroup: 'the same log group' | 'another log group',
): Promise<{ readonly undo: Undo; readonly perform: () => Promise<CallResult> }> {
  const { to } = scene.crossing
  const { logs } = scene.target
  const logGroupName = `/isthmus/${scene.prefix}`
  const granted = grantedLogGroup === 'the same log group' ? logGroupName : `${logGroupName}-other`
  const undo = await reversibly(async (undos) => {
    await logs.send(new CreateLogGroupCommand({ logGroupName }))
    undos.push(async () => {
      await logs.send(new DeleteLogGroupCommand({ logGroupName }))
    })
    undos.push(
      await replaceGrants(scene, to.arn, [
        {
          Principal: 'logs.amazonaws.com',
          SourceArn: `arn:aws:logs:${to.region}:${to.account}:log-group:${granted}:*`,
          SourceAccount: to.account,
        },
      ]),
    )
  })
  return {
    undo,
    perform: async () => {
      const started = performance.now()
      try {
        const filter = { logGroupName, filterName: scene.prefix, filterPattern: '', destinationArn: to.arn }
        const { $metadata } = await logs.send(new PutSubscriptionFilterCommand(filter))
        const durationMs = performance.now() - started
        return { outcome: 'allowed', status: 200, requestId: $metadata.requestId ?? '', answer: undefined, durationMs }
      } catch (error) {
        if (!(error instanceof CloudWatchLogsServiceException)) throw error
        const { name, message, $metadata } = error
        const durationMs = performance.now() - started
        return { outcome: 'failed', error: name, message, requestId: $metadata.requestId ?? '', durationMs }
      }
    },
  }
}
