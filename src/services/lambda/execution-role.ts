/**
 * The role a function runs as: passing it, and whether Lambda can assume it.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
 */
import { parseArn } from '../../core/arn.ts'
import { AwsError } from '../../core/aws-error.ts'
import { decide } from '../../policy/decide.ts'
import type { Caller } from '../caller.ts'
import type { RoleFacts } from '../directories.ts'
import type { Permission } from '../operation.ts'
import { createRequestContext, type ContextSources } from '../request-context.ts'
import { invalidParameter } from './errors.ts'
import { functionArn } from './function-name.ts'
import type { LambdaService } from './service.ts'
import { withoutQualifier, type Target } from './target.ts'

const LAMBDA = 'lambda.amazonaws.com'

/**
 * `iam:PassRole`, for a role of the function's own account; another account's role is refused by `requireExecutionRole`. The role's tags take
 * no part: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
 */
export function passRolePermissions(roleArn: string | undefined, target: Target): readonly Permission[] {
  const account = roleArn === undefined ? undefined : parseArn(roleArn)?.account
  if (roleArn === undefined || account !== target.account) return []
  return [
    {
      action: 'iam:PassRole',
      resource: roleArn,
      resourceAccount: account,
      context: {
        'iam:passedtoservice': LAMBDA,
        'iam:associatedresourcearn': functionArn(withoutQualifier(target)),
      },
    },
  ]
}

/** Throws `AwsError`: the role is another account's, does not exist, or does not trust Lambda. */
export function requireExecutionRole(
  roleArn: string,
  target: Target,
  { identities, trustsLambda }: Pick<LambdaService, 'identities' | 'trustsLambda'>,
): void {
  if (parseArn(roleArn)?.account !== target.account) {
    throw new AwsError('AccessDeniedException', 'Cross-account pass role is not allowed.', { status: 403 })
  }
  const role = identities.role(roleArn)
  if (!role || !trustsLambda(role, target)) {
    throw invalidParameter('The role defined for the function cannot be assumed by Lambda.')
  }
}

/** Whether Lambda can assume a role for a function. */
export type TrustsLambda = (role: RoleFacts, target: Target) => boolean

/** Lambda asks as a service principal, for the function: the role's trust policy has to allow it and no RCP of its account to deny it. */
export function createTrustsLambda(sources: ContextSources): TrustsLambda {
  return (role, target) => {
    const caller: Caller = {
      principal: { kind: 'service', service: LAMBDA },
      account: role.account,
      region: target.region,
      requestId: '',
      source: { arn: functionArn(withoutQualifier(target)), account: target.account },
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
