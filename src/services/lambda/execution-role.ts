/**
 * The role a function runs as: passing it, and whether Lambda can assume it.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
 */
import { parseArn } from '../../core/arn.ts'
import { AwsError } from '../../core/aws-error.ts'
import { decide } from '../../policy/decide.ts'
import type { RequestContext } from '../../policy/model.ts'
import type { IdentityDirectory, RoleFacts } from '../directories.ts'
import type { Permission } from '../operation.ts'
import { invalidParameter } from './errors.ts'
import { functionArn } from './function-name.ts'
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
export function requireExecutionRole(roleArn: string, target: Target, identities: IdentityDirectory): void {
  if (parseArn(roleArn)?.account !== target.account) {
    throw new AwsError('AccessDeniedException', 'Cross-account pass role is not allowed.', { status: 403 })
  }
  const role = identities.role(roleArn)
  if (!role || !trustsLambda(role, functionArn(withoutQualifier(target)))) {
    throw invalidParameter('The role defined for the function cannot be assumed by Lambda.')
  }
}

export function trustsLambda(role: RoleFacts, sourceArn: string): boolean {
  const { outcome } = decide(
    {
      principal: { kind: 'service', service: LAMBDA },
      action: 'sts:AssumeRole',
      resource: role.arn,
      resourceAccount: role.account,
      context: serviceContext(sourceArn, role.account),
    },
    { identity: [], resource: role.trustPolicy, resourceKind: 'trust' },
  )
  return outcome === 'allow'
}

function serviceContext(sourceArn: string, sourceAccount: string): RequestContext {
  return new Map([
    ['aws:sourcearn', sourceArn],
    ['aws:sourceaccount', sourceAccount],
    ['aws:principalisawsservice', 'true'],
    ['aws:principalservicename', LAMBDA],
  ])
}
