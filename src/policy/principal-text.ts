/** A principal as AWS writes it: in messages, and as the values of condition keys. */
import type { Principal } from './model.ts'

/**
 * `arn:aws:sts::…:assumed-role/R/S`, which drops the role's path, `arn:aws:iam::…:user/U`, …; a service principal's name; `anonymous`.
 */
export function callerArn(principal: Principal): string {
  switch (principal.kind) {
    case 'anonymous':
      return 'anonymous'
    case 'service':
      return principal.service
    case 'root':
    case 'user':
    case 'role-session':
    case 'federated-user':
      return principal.arn
  }
}

/** `aws:PrincipalArn`: of a role's session, the role's ARN with its path. */
export function principalArn(principal: Principal): string | undefined {
  switch (principal.kind) {
    case 'role-session':
      return principal.roleArn
    case 'root':
    case 'user':
    case 'federated-user':
      return principal.arn
    case 'service':
    case 'anonymous':
      return undefined
  }
}

/** `aws:PrincipalType` */
export function principalType(principal: Principal): string | undefined {
  return PRINCIPAL_TYPES[principal.kind]
}

const PRINCIPAL_TYPES = {
  root: 'Account',
  user: 'User',
  'federated-user': 'FederatedUser',
  'role-session': 'AssumedRole',
  anonymous: 'Anonymous',
  service: undefined,
} as const
