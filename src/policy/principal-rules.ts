/** Which principals a policy may name, by its kind. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html */
import type { PrincipalElement } from './document.ts'
import { findFirst } from './first-problem.ts'
import { accountOf, isUniqueId } from './principal-set.ts'
import type { WrittenDocument, WrittenStatement } from './syntax.ts'

const NOT_HERE = 'Policy document should not specify a principal.'
const MISSING = 'Missing required field Principal'

const PRINCIPAL_ARN =
  /^arn:aws[a-z-]*:(iam|sts)::\d{12}:(root|user\/\S+|role\/\S+|assumed-role\/[^/\s]+\/\S+|federated-user\/\S+)$/
const SERVICE = /^[a-z0-9][a-z0-9.-]*\.[a-z]+$/
const FEDERATED = /^(arn:aws[a-z-]*:iam::\d{12}:(saml|oidc)-provider\/\S+|[a-z0-9.-]+\.[a-z]+(\/\S*)?)$/

export function findPrincipalProblem({ kind, statements }: WrittenDocument): string | undefined {
  switch (kind) {
    case 'identity':
    case 'managed':
    case 'session':
    case 'scp':
      return statements.some(({ principal }) => principal !== undefined) ? NOT_HERE : undefined
    case 'endpoint':
      return undefined
    case 'trust':
      if (statements.some(({ principal }) => principal?.negated === true)) return 'Has prohibited field NotPrincipal'
      return findFirst(statements, findProblem)
    case 'resource':
    case 'rcp':
      return findFirst(statements, findProblem)
  }
}

function findProblem({ principal }: WrittenStatement): string | undefined {
  if (principal === undefined || isEmpty(principal)) return MISSING
  return (
    findFirst(principal.aws, (value) => (isAwsPrincipal(value) ? undefined : invalid('AWS', value))) ??
    findFirst(principal.service, (value) => (SERVICE.test(value) ? undefined : invalid('SERVICE', value))) ??
    findFirst(principal.federated, (value) =>
      FEDERATED.test(value) ? undefined : 'Federated principals must be valid domain names or SAML metadata ARNs',
    )
  )
}

/** No wildcard stands for a part of a name. */
function isAwsPrincipal(value: string): boolean {
  if (accountOf(value) !== undefined || isUniqueId(value)) return true
  return PRINCIPAL_ARN.test(value) && !/[*?]/.test(value)
}

function isEmpty({ anyone, aws, service, federated, canonicalUser }: PrincipalElement): boolean {
  return !anyone && aws.length + service.length + federated.length + canonicalUser.length === 0
}

function invalid(type: string, value: string): string {
  return `Invalid principal in policy: "${type}":"${value}"`
}
