/** Roles that EventBridge assumes to reach a target. */
import { parseArn } from '../../core/arn.ts'
import type { Caller } from '../caller.ts'
import type { Permission } from '../operation.ts'

export const EVENTS = 'events.amazonaws.com'

/** `iam:PassRole`, for a role of the caller's own account; a rule knows no others. */
export function passRole(roleArn: string | undefined, caller: Caller): readonly Permission[] {
  if (roleArn === undefined || parseArn(roleArn)?.account !== caller.account) return []
  return [
    {
      action: 'iam:PassRole',
      resource: roleArn,
      resourceAccount: caller.account,
      context: { 'iam:passedtoservice': EVENTS },
    },
  ]
}
