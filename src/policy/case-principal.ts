/** The principal behind an ARN, for requests that are described rather than made. */
import { parseArn } from '../core/arn.ts'
import { isAccountId } from '../core/account.ts'
import { UserError } from '../core/user-error.ts'
import type { Principal, RequestContext } from './model.ts'

/** No session has this name, so that a role's ARN matches only what is granted to the role. */
const ANY_SESSION = '*'

const SERVICE_LINKED_PATH = '/aws-service-role/'
const SERVICE_LINKED_PREFIX = 'AWSServiceRoleFor'

/**
 * A session's ARN leaves out the role's path and every ARN leaves out unique ids: they are taken from `aws:PrincipalArn` and `aws:userid` where
 * the context has them. Throws `UserError` for an ARN that is no principal's.
 */
export function principalFromArn(arn: string, context: RequestContext): Principal {
  const parsed = parseArn(arn)
  if (parsed === undefined || !isAccountId(parsed.account)) throw notPrincipal(arn)
  const { account } = parsed
  const [type, ...names] = parsed.resource.split('/')
  const name = names.at(-1) ?? ''
  const userId = textOf(context, 'aws:userid') ?? ''
  const kind = `${parsed.service}:${type}`
  if (kind === 'iam:root' && names.length === 0) return { kind: 'root', account, arn }
  if (name === '') throw notPrincipal(arn)
  switch (kind) {
    case 'iam:user':
      return { kind: 'user', account, arn, uniqueId: userId, name }
    case 'iam:role':
      return roleSession(account, arn, { roleName: name, sessionName: ANY_SESSION, userId })
    case 'sts:assumed-role': {
      const [roleName = ''] = names
      const roleArn = textOf(context, 'aws:principalarn') ?? `arn:${parsed.partition}:iam::${account}:role/${roleName}`
      if (names.length !== 2) throw notPrincipal(arn)
      return roleSession(account, roleArn, { roleName, sessionName: name, userId })
    }
    case 'sts:federated-user':
      return { kind: 'federated-user', account, arn, userArn: '', userId: '', name }
    default:
      throw notPrincipal(arn)
  }
}

interface SessionNames {
  readonly roleName: string
  readonly sessionName: string
  /** `AROA…:session` */
  readonly userId: string
}

function roleSession(account: string, roleArn: string, { roleName, sessionName, userId }: SessionNames): Principal {
  return {
    kind: 'role-session',
    account,
    arn: `${roleArn.slice(0, roleArn.indexOf(':iam:'))}:sts::${account}:assumed-role/${roleName}/${sessionName}`,
    roleArn,
    roleId: userId.split(':')[0] ?? '',
    roleName,
    sessionName,
    serviceLinked: roleArn.includes(`:role${SERVICE_LINKED_PATH}`) || roleName.startsWith(SERVICE_LINKED_PREFIX),
  }
}

function textOf(context: RequestContext, key: string): string | undefined {
  const value = context.get(key)
  return typeof value === 'string' ? value : undefined
}

function notPrincipal(arn: string): UserError {
  return new UserError(
    `\`${arn}\` is not a principal, expected the ARN of a root user, user, role, role session or federated user`,
  )
}
