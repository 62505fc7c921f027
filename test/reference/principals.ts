/**
 * Whom a statement of a resource-based policy means, and how closely.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
 */
import type { Principal } from '../../src/policy/model.ts'
import { listOf, type PrincipalElement, type Statement } from './documents.ts'

/**
 * How a grant reaches the caller, and so what else has to allow within one account:
 * `session`: nothing. `entity` (a role, or the user behind a federated user): boundary and session policies. `account`: the identity policies, too.
 */
export type Closeness = 'session' | 'entity' | 'account'

/** Undefined: the statement is about others. */
export function closenessOf(
  statement: Statement,
  principal: Principal,
  { hasBoundary, isTrust }: { readonly hasBoundary: boolean; readonly isTrust: boolean },
): Closeness | undefined {
  // Nobody assumes a role without credentials: "everyone" in a trust policy is everyone who has some.
  if (isTrust && principal.kind === 'anonymous' && statement.Effect === 'Allow') return undefined
  if (statement.NotPrincipal !== undefined) {
    return isSpared(statement.NotPrincipal, principal, hasBoundary) ? undefined : 'session'
  }
  if (statement.Principal === undefined) return 'session'
  const named = namesOf(statement.Principal)
  if (named.includes('AWS *')) {
    return 'session'
  }
  return identitiesOf(principal).find(({ name }) => named.includes(name))?.closeness
}

/**
 * A principal is spared only if it is named together with its account and, for a session of a role, with the role; and never if it has a
 * permissions boundary. Of a federated user's IAM user the documentation asks nothing.
 */
function isSpared(element: PrincipalElement, principal: Principal, hasBoundary: boolean): boolean {
  if (hasBoundary) return false
  const named = namesOf(element)
  if (named.includes('AWS *')) return true
  const identities = identitiesOf(principal)
  const asked =
    principal.kind === 'federated-user' ? identities.filter(({ closeness }) => closeness !== 'entity') : identities
  const isNamed = (level: Closeness): boolean =>
    identities.some(({ name, closeness }) => closeness === level && named.includes(name))
  return asked.length > 0 && asked.every(({ closeness }) => isNamed(closeness))
}

/** `AWS 111122223333`, `Service s3.amazonaws.com`: each entry of a Principal element, an account always by its id. */
function namesOf(element: PrincipalElement): readonly string[] {
  if (element === '*') return ['AWS *']
  return Object.entries(element).flatMap(([type, values]) =>
    listOf(values).map((value) => {
      const account = /^arn:aws:iam::(\d{12}):root$/.exec(value)?.[1]
      return `${type} ${account ?? value}`
    }),
  )
}

/** Every name by which a policy can mean the principal, closest first. */
function identitiesOf(principal: Principal): readonly { readonly name: string; readonly closeness: Closeness }[] {
  switch (principal.kind) {
    case 'anonymous':
      return []
    case 'service':
      return [principal.service, ...(principal.names ?? [])].map((name) => ({
        name: `Service ${name}`,
        closeness: 'session',
      }))
    case 'root':
      return [{ name: `AWS ${principal.account}`, closeness: 'account' }]
    case 'user':
      return [
        { name: `AWS ${principal.arn}`, closeness: 'session' },
        { name: `AWS ${principal.uniqueId}`, closeness: 'session' },
        { name: `AWS ${principal.account}`, closeness: 'account' },
      ]
    case 'role-session':
      return [
        { name: `AWS ${principal.arn}`, closeness: 'session' },
        { name: `AWS ${principal.roleArn}`, closeness: 'entity' },
        { name: `AWS ${principal.roleId}`, closeness: 'entity' },
        { name: `AWS ${principal.account}`, closeness: 'account' },
      ]
    case 'federated-user':
      return [
        { name: `AWS ${principal.arn}`, closeness: 'session' },
        { name: `AWS ${principal.userArn}`, closeness: 'entity' },
        { name: `AWS ${principal.userId}`, closeness: 'entity' },
        { name: `AWS ${principal.account}`, closeness: 'account' },
      ]
  }
}
