/**
 * The evaluation logic written down a second time, as plainly as AWS's pages put it: no compilation, no caches, no sets, JSON in hand. Slow, and
 * only for the worlds of `worlds.ts`; the engine is held against it.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
 */
import type { AuthorizationRequest, Outcome, Principal } from '../../src/policy/model.ts'
import type { StatementJson, World } from './worlds.ts'

type Names = 'everyone' | 'itself' | 'its role' | 'its account' | 'nobody'

export function decideByTheBook(request: AuthorizationRequest, world: World): Outcome {
  const { principal } = request
  const account = 'account' in principal ? principal.account : undefined
  const isEntity = account !== undefined && principal.kind !== 'root'
  const isServiceLinked = principal.kind === 'role-session' && principal.serviceLinked
  const scps = account === undefined || isServiceLinked ? undefined : world.scps
  // Of the worlds' services RCPs cover SQS, not Lambda.
  const isBeyondRcps = isServiceLinked || request.resource === '*' || !request.action.startsWith('sqs:')
  const rcps = isBeyondRcps ? undefined : world.rcps
  const identity = isEntity ? world.identity.flat() : []
  const boundary = isEntity ? world.boundary : undefined
  const resource = world.resource ?? []
  const session = world.session ?? (principal.kind === 'federated-user' ? [] : undefined)
  const all = [identity, boundary, session, resource, world.endpoint, scps?.flat(2), rcps?.flat(2)]
  const matches = (statement: StatementJson): Match => match(statement, request, world.boundary !== undefined)
  const denies = (statement: StatementJson): boolean => statement['Effect'] === 'Deny' && matches(statement) !== 'no'
  const allows = (statement: StatementJson): boolean => statement['Effect'] === 'Allow' && matches(statement) === 'yes'

  if (all.some((statements) => statements?.some(denies))) return 'explicit_deny'
  if (scps?.some((level) => !level.flat().some(allows))) return 'implicit_deny'
  if (world.endpoint && !world.endpoint.some(allows)) return 'implicit_deny'

  const isLimited = [boundary, session].some((statements) => statements && !statements.some(allows))
  const granting = resource.filter(allows)
  const isGranted = granting.length > 0
  const identityAllows = principal.kind === 'root' || identity.some(allows)
  if (account === undefined) return isGranted ? 'allow' : 'implicit_deny'
  if (account !== request.resourceAccount) {
    return isGranted && identityAllows && !isLimited ? 'allow' : 'implicit_deny'
  }
  const names = granting.map((statement) => namesIn(statement, principal))
  if (names.includes('itself') || names.includes('everyone')) return 'allow'
  if (names.includes('its role')) return isLimited ? 'implicit_deny' : 'allow'
  const mustBeGranted = world.resourceKind !== 'resource'
  return identityAllows && !isLimited && (isGranted || !mustBeGranted) ? 'allow' : 'implicit_deny'
}

/** `unknown`: everything matches except a condition that nobody can evaluate. */
type Match = 'yes' | 'no' | 'unknown'

function match(statement: StatementJson, request: AuthorizationRequest, hasBoundary: boolean): Match {
  const { Action, NotAction, Resource, NotResource, Principal, NotPrincipal, Condition = {}, Effect } = statement
  const isAction = (pattern: string): boolean => glob(pattern.toLowerCase(), request.action.toLowerCase())
  const isResource = (pattern: string): boolean => isResourceLike(pattern, request)
  if (Action !== undefined ? !listOf(Action).some(isAction) : listOf(NotAction).some(isAction)) return 'no'
  if (Resource !== undefined ? !listOf(Resource).some(isResource) : listOf(NotResource).some(isResource)) return 'no'
  if (Principal !== undefined && namesIn(statement, request.principal) === 'nobody') return 'no'
  if (NotPrincipal !== undefined && !hasBoundary && isSpared(statement, request.principal)) return 'no'
  const conditions = Object.entries(Condition as Record<string, Record<string, unknown>>).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) =>
      holds(operator, request.context.get(key.toLowerCase()), listOf(values)),
    ),
  )
  if (conditions.includes(false)) return 'no'
  return conditions.includes(undefined) || (NotPrincipal !== undefined && Effect === 'Allow') ? 'unknown' : 'yes'
}

function isResourceLike(pattern: string, { resource, context }: AuthorizationRequest): boolean {
  const organization = context.get('aws:principalorgid')
  if (pattern.includes('${') && organization === undefined) return false
  const filled = pattern.replace('${aws:PrincipalOrgID}', String(organization))
  const missing = filled === '*' ? 0 : 6 - filled.split(':').length
  return glob(filled + ':*'.repeat(Math.max(0, missing)), resource)
}

/** A star that does not end its segment stays within it, as does a question mark, up to the fifth colon. */
function glob(pattern: string, text: string, colons = 0): boolean {
  const [first, second] = pattern
  const rest = pattern.slice(1)
  if (first === undefined) return text === ''
  const isFree = colons >= 5 || !pattern.includes(':')
  if (first === '*') {
    const mayTakeColon = isFree || second === ':'
    if (glob(rest, text, colons)) return true
    return text !== '' && (mayTakeColon || !text.startsWith(':')) && glob(pattern, text.slice(1), colons)
  }
  const isSame = first === '?' ? text !== '' && (isFree || !text.startsWith(':')) : text.startsWith(first)
  return isSame && glob(rest, text.slice(1), first === ':' ? colons + 1 : colons)
}

function holds(
  operator: string,
  actual: string | readonly string[] | undefined,
  expected: readonly string[],
): boolean | undefined {
  const values = actual === undefined ? [] : listOf(actual)
  const isOneOf = (value: string): boolean => expected.includes(value)
  const isLike = (value: string): boolean => expected.some((pattern) => glob(pattern, value))
  switch (operator) {
    case 'StringEquals':
    case 'Bool':
      return values.some(isOneOf)
    case 'StringNotEquals':
      return !values.some(isOneOf)
    case 'StringEqualsIfExists':
      return actual === undefined || values.some(isOneOf)
    case 'ForAnyValue:StringLike':
      return values.some(isLike)
    case 'ForAllValues:StringLike':
      return values.every(isLike)
    case 'Null':
      return expected.includes(String(actual === undefined))
    default:
      return undefined
  }
}

function namesIn({ Principal }: StatementJson, principal: Principal): Names {
  if (Principal === '*') return 'everyone'
  const { AWS = [], Service = [] } = Principal as { AWS?: string | string[]; Service?: string | string[] }
  const isNamed = (...names: string[]): boolean => names.some((name) => listOf(AWS).includes(name))
  switch (principal.kind) {
    case 'anonymous':
      return 'nobody'
    case 'service':
      return listOf(Service).includes(principal.service) ? 'itself' : 'nobody'
    case 'user':
      if (isNamed(principal.arn, principal.uniqueId)) return 'itself'
      break
    case 'role-session':
      if (isNamed(principal.arn)) return 'itself'
      if (isNamed(principal.roleArn, principal.roleId)) return 'its role'
      break
    case 'federated-user':
      if (isNamed(principal.arn)) return 'itself'
      if (isNamed(principal.userArn, principal.userId)) return 'its role'
      break
    case 'root':
  }
  return isNamed(principal.account, `arn:aws:iam::${principal.account}:root`) ? 'its account' : 'nobody'
}

/** The account, then the role, then the session: each has to be listed. */
function isSpared({ NotPrincipal }: StatementJson, principal: Principal): boolean {
  const { AWS = [], Service = [] } = NotPrincipal as { AWS?: string | string[]; Service?: string | string[] }
  if (principal.kind === 'anonymous') return false
  if (principal.kind === 'service') return listOf(Service).includes(principal.service)
  const isListed = (...names: string[]): boolean => names.some((name) => listOf(AWS).includes(name))
  if (!isListed(principal.account, `arn:aws:iam::${principal.account}:root`)) return false
  if (principal.kind === 'root') return true
  if (principal.kind === 'role-session' && !isListed(principal.roleArn, principal.roleId)) return false
  return isListed(principal.arn, principal.kind === 'user' ? principal.uniqueId : principal.arn)
}

function listOf(values: unknown): string[] {
  return Array.isArray(values) ? (values as string[]) : values === undefined ? [] : [values as string]
}
