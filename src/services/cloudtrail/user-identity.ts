/** Who called, as CloudTrail has it. https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html */
import { callerUserId, type Caller } from '../caller.ts'
import { eventTime } from './event-time.ts'

/** As the caller's own account is told. */
export function userIdentity(caller: Caller): object {
  const { principal, accessKeyId, calledVia } = caller
  const principalId = callerUserId(principal)
  const key = { ...(accessKeyId !== undefined && { accessKeyId }) }
  const invokedBy = { ...(calledVia && { invokedBy: calledVia.at(-1) }) }
  switch (principal.kind) {
    case 'anonymous':
      return { type: 'AWSAccount', principalId: '', accountId: 'ANONYMOUS_PRINCIPAL' }
    case 'service':
      return { type: 'AWSService', invokedBy: principal.service }
    case 'root':
      return { type: 'Root', principalId, arn: principal.arn, accountId: principal.account, ...key, ...invokedBy }
    case 'user':
      return {
        type: 'IAMUser',
        principalId,
        arn: principal.arn,
        accountId: principal.account,
        ...key,
        userName: principal.name,
        ...sessionContext(caller, undefined),
        ...invokedBy,
      }
    case 'role-session': {
      const { roleId, roleArn, account, roleName } = principal
      const issuer = { type: 'Role', principalId: roleId, arn: roleArn, accountId: account, userName: roleName }
      return {
        type: 'AssumedRole',
        principalId,
        arn: principal.arn,
        accountId: account,
        ...key,
        ...sessionContext(caller, issuer),
        ...invokedBy,
      }
    }
    case 'federated-user': {
      const { userArn, userId, account } = principal
      const userName = userArn.slice(userArn.lastIndexOf('/') + 1)
      const issuer = { type: 'IAMUser', principalId: userId, arn: userArn, accountId: account, userName }
      return {
        type: 'FederatedUser',
        principalId,
        arn: principal.arn,
        accountId: account,
        ...key,
        ...sessionContext(caller, issuer),
        ...invokedBy,
      }
    }
  }
}

/** As another account is told, whose resource it is: of which account the caller is, and nothing by which it could be named. */
export function foreignIdentity({ principal, account }: Caller): object {
  return { type: 'AWSAccount', principalId: callerUserId(principal), accountId: account }
}

/** The account of the caller; a service has none. */
export function callerAccount({ principal }: Caller): string | undefined {
  return 'account' in principal ? principal.account : undefined
}

function sessionContext({ session }: Caller, sessionIssuer: object | undefined): object {
  if (!session) return {}
  return {
    sessionContext: {
      ...(sessionIssuer && { sessionIssuer }),
      ...(session.sourceIdentity !== undefined && { sourceIdentity: session.sourceIdentity }),
      attributes: {
        creationDate: eventTime(session.issuedAtMs),
        mfaAuthenticated: String(session.multiFactorAuthenticated === true),
      },
    },
  }
}
