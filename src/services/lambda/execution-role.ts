/**
 * The role a function runs as: passing it, and whether Lambda can assume it.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
 */
import { parseArn } from '../../core/arn.ts'
import { AwsError } from '../../core/aws-error.ts'
import type { RoleFacts } from '../directories.ts'
import type { Permission } from '../operation.ts'
import type { ContextSources } from '../request-context.ts'
import { createTrustsService } from '../service-trust.ts'
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

export function createTrustsLambda(sources: ContextSources): TrustsLambda {
  const trusts = createTrustsService(sources)
  return (role, target) =>
    trusts('lambda.amazonaws.com', role, {
      region: target.region,
      source: { arn: functionArn(withoutQualifier(target)), account: target.account },
    })
}
