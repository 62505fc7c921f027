/**
 * The `Principal` element as sets to look a principal up in, and how directly it names the principal, on which the same-account rules depend.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
import { parseArn } from '../core/arn.ts'
import { isAccountId } from '../core/account.ts'
import type { PrincipalElement } from './document.ts'
import type { Principal } from './model.ts'

/**
 * - `account`: the account is named, which only delegates to its administrators; an identity policy has still to allow.
 * - `role`: the role, or the user behind a federated session, is named; boundary and session policies still limit the session.
 * - `direct`: the user or the session itself is named, or everyone.
 */
export type Grant = 'none' | 'account' | 'role' | 'direct'

export interface PrincipalSet {
  readonly anyone: boolean
  /** Whether nobody without credentials is meant, not even by `anyone`. */
  readonly isSignedOnly: boolean
  readonly accounts: ReadonlySet<string>
  readonly arns: ReadonlySet<string>
  /** AIDA… and AROA…: what AWS stores in place of the ARNs of users and roles. */
  readonly ids: ReadonlySet<string>
  readonly services: ReadonlySet<string>
}

const UNIQUE_ID = /^A[A-Z0-9]{3}[A-Z0-9]{12,}$/

export function createPrincipalSet(element: PrincipalElement, isSignedOnly = false): PrincipalSet {
  const accounts = new Set<string>()
  const arns = new Set<string>()
  const ids = new Set<string>()
  for (const value of element.aws) {
    const account = accountOf(value)
    if (account !== undefined) accounts.add(account)
    else if (isUniqueId(value)) ids.add(value)
    else arns.add(value)
  }
  return { anyone: element.anyone, isSignedOnly, accounts, arns, ids, services: new Set(element.service) }
}

export function isUniqueId(value: string): boolean {
  return UNIQUE_ID.test(value)
}

/** The account that `111122223333` or `arn:aws:iam::111122223333:root` stands for. */
export function accountOf(value: string): string | undefined {
  if (isAccountId(value)) return value
  const arn = parseArn(value)
  return arn?.service === 'iam' && arn.resource === 'root' && isAccountId(arn.account) ? arn.account : undefined
}

export function grantTo(set: PrincipalSet, principal: Principal): Grant {
  if (set.anyone) return set.isSignedOnly && principal.kind === 'anonymous' ? 'none' : 'direct'
  switch (principal.kind) {
    case 'anonymous':
      return 'none'
    case 'service':
      return namesService(set, principal) ? 'direct' : 'none'
    case 'root':
      return set.accounts.has(principal.account) ? 'account' : 'none'
    case 'user':
      if (set.arns.has(principal.arn) || set.ids.has(principal.uniqueId)) return 'direct'
      return set.accounts.has(principal.account) ? 'account' : 'none'
    case 'role-session':
      if (set.arns.has(principal.arn)) return 'direct'
      if (set.arns.has(principal.roleArn) || set.ids.has(principal.roleId)) return 'role'
      return set.accounts.has(principal.account) ? 'account' : 'none'
    case 'federated-user':
      if (set.arns.has(principal.arn)) return 'direct'
      if (set.arns.has(principal.userArn) || set.ids.has(principal.userId)) return 'role'
      return set.accounts.has(principal.account) ? 'account' : 'none'
  }
}

/**
 * Whether a `NotPrincipal` list spares the principal. AWS checks the account first, then the role, then the session, and each has to be
 * listed. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
 */
export function spares(set: PrincipalSet, principal: Principal): boolean {
  if (set.anyone) return true
  switch (principal.kind) {
    case 'anonymous':
      return false
    case 'service':
      return namesService(set, principal)
    case 'root':
      return set.accounts.has(principal.account)
    case 'user':
      return set.accounts.has(principal.account) && (set.arns.has(principal.arn) || set.ids.has(principal.uniqueId))
    case 'role-session':
      return (
        set.accounts.has(principal.account) &&
        (set.arns.has(principal.roleArn) || set.ids.has(principal.roleId)) &&
        set.arns.has(principal.arn)
      )
    case 'federated-user':
      return set.accounts.has(principal.account) && set.arns.has(principal.arn)
  }
}

/** A service may be named as such or as what it is in its Region. */
function namesService(
  { services }: PrincipalSet,
  { service, names }: Extract<Principal, { kind: 'service' }>,
): boolean {
  return services.has(service) || (names !== undefined && names.some((name) => services.has(name)))
}
