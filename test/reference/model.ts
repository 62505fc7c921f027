/**
 * The reference model: AWS's evaluation logic written down as plainly as possible, without compiling, indexing or remembering anything, by someone
 * who had not read the engine. `compare.ts` holds the engine against it.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
 */
import type { AuthorizationRequest, Layer, Outcome } from '../../src/policy/model.ts'
import { conditionsHold } from './conditions.ts'
import { listOf, type Document, type Situation, type Statement, type Verdict } from './documents.ts'
import { expandedPattern, matches, matchesResource, plainPattern } from './patterns.ts'
import { closenessOf, type Closeness } from './principals.ts'

/** Services of the generated requests whose resources RCPs reach. */
const RCP_SERVICES = ['s3', 'sts', 'sqs', 'kms', 'secretsmanager', 'logs', 'dynamodb']

export function referenceVerdict({ request, documents }: Situation): Verdict {
  const { principal } = request
  const account = 'account' in principal ? principal.account : undefined
  const hasAccount = account !== undefined
  const crossAccount = hasAccount && account !== request.resourceAccount
  const isRoot = principal.kind === 'root'
  const serviceLinked = principal.kind === 'role-session' && principal.serviceLinked
  const isTrust = documents.resourceKind === 'trust'
  const resourceLayer: Layer = isTrust ? 'trust' : 'resource'

  // What each layer says. Undefined: it has no say.
  // An RCP is about resources: a request for none is not its business.
  const isCovered = RCP_SERVICES.includes(request.action.split(':')[0] ?? '') && request.resource !== '*'
  const rcpReaches = isCovered && !serviceLinked
  const rcp = rcpReaches ? denials(documents.rcps, request) : undefined
  const scp = hasAccount && !serviceLinked ? levels(documents.scps, request) : undefined
  const endpoint = documents.endpoint && union(documents.endpoint, request)
  const resource = resourceSays(request, documents.resource, documents.boundary !== undefined, isTrust)
  const identity = hasAccount && !isRoot ? union(documents.identity, request) : undefined
  const boundary = documents.boundary && union([documents.boundary], request)
  // A federated user without a session policy has no permissions of its own.
  const withoutSessionPolicy = principal.kind === 'federated-user' ? 'implicit_deny' : undefined
  const session = documents.session === undefined ? withoutSessionPolicy : union(documents.session, request)

  const said: readonly (readonly [Layer, Outcome | undefined])[] = crossAccount
    ? [
        ['rcp', rcp],
        ['scp', scp],
        ['endpoint', endpoint],
        ['identity', identity],
        [resourceLayer, resource.outcome],
        ['boundary', boundary],
        ['session', session],
      ]
    : [
        ['rcp', rcp],
        ['scp', scp],
        ['endpoint', endpoint],
        [resourceLayer, resource.outcome],
        ['identity', identity],
        ['boundary', boundary],
        ['session', session],
      ]
  const denying = said.find(([, outcome]) => outcome === 'explicit_deny')
  if (denying !== undefined) return { outcome: 'explicit_deny', blockedBy: denying[0] }

  const implicit = (blockedBy: Layer): Verdict => ({ outcome: 'implicit_deny', blockedBy })
  const refuses = (outcome: Outcome | undefined): boolean => outcome === 'implicit_deny'

  if (crossAccount) {
    // The resource's account comes first. A grant to a whole account that its identity policies do not take up is not a grant.
    const isVoid = resource.grant === 'account' && refuses(identity)
    if (resource.outcome !== 'allow' || isVoid) return implicit(resourceLayer)
    if (refuses(scp)) return implicit('scp')
    if (refuses(endpoint)) return implicit('endpoint')
    if (refuses(identity)) return implicit('identity')
    if (refuses(boundary)) return implicit('boundary')
    if (refuses(session)) return implicit('session')
    return { outcome: 'allow' }
  }

  if (refuses(scp)) return implicit('scp')
  if (refuses(endpoint)) return implicit('endpoint')
  const mustAllow = isTrust || documents.resourceKind === 'key' || !hasAccount
  if (mustAllow && resource.outcome !== 'allow') return implicit(resourceLayer)
  if (resource.grant === 'session') return { outcome: 'allow' }
  if (resource.grant !== 'entity' && refuses(identity)) return implicit('identity')
  if (refuses(boundary)) return implicit('boundary')
  if (refuses(session)) return implicit('session')
  return { outcome: 'allow' }
}

function resourceSays(
  request: AuthorizationRequest,
  document: Document | undefined,
  hasBoundary: boolean,
  isTrust: boolean,
): { readonly outcome: Outcome; readonly grant?: Closeness } {
  const grants: Closeness[] = []
  for (const statement of document?.Statement ?? []) {
    const closeness = closenessOf(statement, request.principal, { hasBoundary, isTrust })
    if (closeness === undefined || !speaksOf(statement, document?.Version, request)) continue
    if (statement.Effect === 'Deny') return { outcome: 'explicit_deny' }
    grants.push(closeness)
  }
  for (const closest of ['session', 'entity', 'account'] as const) {
    if (grants.includes(closest)) return { outcome: 'allow', grant: closest }
  }
  return { outcome: 'implicit_deny' }
}

/** Every level must allow; a denial at any level is a denial. */
function levels(all: readonly (readonly Document[])[] | undefined, request: AuthorizationRequest): Outcome | undefined {
  if (all === undefined) return undefined
  const outcomes = all.map((level) => union(level, request))
  if (outcomes.includes('explicit_deny')) return 'explicit_deny'
  return outcomes.every((outcome) => outcome === 'allow') ? 'allow' : 'implicit_deny'
}

/** RCPFullAWSAccess is attached at every level and cannot be detached: only a denial is left to look for. */
function denials(all: readonly (readonly Document[])[] | undefined, request: AuthorizationRequest): Outcome {
  return (all ?? []).some((level) => union(level, request) === 'explicit_deny') ? 'explicit_deny' : 'allow'
}

function union(documents: readonly Document[], request: AuthorizationRequest): Outcome {
  const effects = documents.flatMap(({ Version, Statement }) =>
    Statement.filter((statement) => speaksOf(statement, Version, request)).map(({ Effect }) => Effect),
  )
  if (effects.includes('Deny')) return 'explicit_deny'
  return effects.includes('Allow') ? 'allow' : 'implicit_deny'
}

/** Whether action, resource and conditions of a statement fit the request. */
function speaksOf(statement: Statement, version: string | undefined, request: AuthorizationRequest): boolean {
  const action = request.action.toLowerCase()
  const hasAction = (patterns: readonly string[]): boolean =>
    patterns.some((pattern) => matches(plainPattern(pattern.toLowerCase()), action))
  const hasResource = (patterns: readonly string[]): boolean =>
    patterns.some((text) => {
      const pattern = expandedPattern(text, version, request.context)
      return pattern !== undefined && matchesResource(pattern, request.resource)
    })
  if (statement.Action !== undefined && !hasAction(listOf(statement.Action))) return false
  if (statement.NotAction !== undefined && hasAction(listOf(statement.NotAction))) return false
  if (statement.Resource !== undefined && !hasResource(listOf(statement.Resource))) return false
  if (statement.NotResource !== undefined && hasResource(listOf(statement.NotResource))) return false
  return conditionsHold(statement.Condition, version, request.context)
}
