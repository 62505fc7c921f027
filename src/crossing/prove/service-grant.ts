/**
 * A grant to a service principal, used for real: CloudWatch Logs invokes the callee for a subscription filter on a log group of the callee's
 * own account, as `logs.amazonaws.com` with that log group as its `SourceArn`.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
 */

import { loadPackage } from '../../core/load-package.ts'
import type { CallResult } from './call.ts'
import { replaceGrants, reversibly, type Undo } from './changes.ts'
import { putSubscription } from './put-subscription.ts'
import type { Scene } from './scene.ts'

const { CreateLogGroupCommand, DeleteLogGroupCommand } = loadPackage('@aws-sdk/client-cloudwatch-logs')

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
    perform: () => putSubscription(logs, { logGroupName, filterName: scene.prefix, destinationArn: to.arn }),
  }
}
