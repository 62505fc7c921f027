/**
 * The decision over all layers: within one account identity and resource policies add up, across accounts both have to allow, and every other
 * layer only takes away.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
 */
import {
  accountOfPrincipal,
  evaluateLayers,
  findParticipants,
  hasIdentityPolicies,
  subjectOf,
  traceOf,
  type LayerName,
  type LayerResults,
} from './layers.ts'
import type { ApplicablePolicies, AuthorizationRequest, Decision, LayerTrace } from './model.ts'

export function decide(request: AuthorizationRequest, policies: ApplicablePolicies): Decision {
  const layers = evaluateLayers(subjectOf(request, policies), findParticipants(request, policies))
  return conclude(layers, findNeeds(request, policies, layers))
}

/** The layers without whose Allow the request fails, and which of several failing ones AWS names. */
export interface Needs {
  readonly needed: Readonly<Record<LayerName, boolean>>
  /** Either the identity policy or a grant by the resource's policy would do. */
  readonly isUnion: boolean
  readonly explicitOrder: readonly LayerName[]
  readonly implicitOrder: readonly LayerName[]
  /** The grant to the caller's account is void, since that account does not let the caller use it. */
  readonly isVoidGrant: boolean
}

/**
 * Within one account a grant to the user or session itself, or to everyone, needs no other Allow, and a grant to its role needs none of the
 * identity. A trust policy or a key's policy must allow in any case, and so must any resource's policy to callers from outside the account.
 */
export function findNeeds(request: AuthorizationRequest, policies: ApplicablePolicies, layers: LayerResults): Needs {
  const account = accountOfPrincipal(request.principal)
  const isEntity = hasIdentityPolicies(request.principal)
  const isAcross = account !== undefined && account !== request.resourceAccount
  const isGranted = !isAcross && layers.resource.outcome === 'allow'
  const isDirect = isGranted && layers.grant === 'direct'
  const isToRole = isGranted && layers.grant === 'role'
  const mustBeTrusted = policies.resourceKind === 'trust' || policies.resourceKind === 'key'
  const mustBeGranted = isAcross || account === undefined || mustBeTrusted
  return {
    needed: {
      rcp: layers.rcp.outcome !== undefined,
      scp: layers.scp.outcome !== undefined,
      endpoint: layers.endpoint.outcome !== undefined,
      resource: mustBeGranted,
      identity: isEntity && !isDirect && !isToRole,
      boundary: layers.boundary.outcome !== undefined && !isDirect,
      session: layers.session.outcome !== undefined && !isDirect,
    },
    isUnion: isEntity && !mustBeGranted,
    explicitOrder: isAcross ? EXPLICIT_ORDER_ACROSS : ORDER_WITHIN,
    implicitOrder: isAcross ? IMPLICIT_ORDER_ACROSS : ORDER_WITHIN,
    isVoidGrant: isAcross && isEntity && layers.grant === 'account' && layers.identity.outcome === 'implicit_deny',
  }
}

/** AWS's documented evaluation order, with the endpoint's policy, of which nothing is documented, among the guardrails. */
const ORDER_WITHIN: readonly LayerName[] = ['rcp', 'scp', 'endpoint', 'resource', 'identity', 'boundary', 'session']
/** Measured: with a Deny in both accounts the identity policy is named. */
const EXPLICIT_ORDER_ACROSS: readonly LayerName[] = [
  'rcp',
  'scp',
  'endpoint',
  'identity',
  'resource',
  'boundary',
  'session',
]
/** Measured: with an Allow in neither account the resource's policy is named. */
const IMPLICIT_ORDER_ACROSS: readonly LayerName[] = [
  'rcp',
  'resource',
  'scp',
  'endpoint',
  'identity',
  'boundary',
  'session',
]

export function conclude(layers: LayerResults, needs: Needs): Decision {
  const trace = traceOf(layers)
  if (isDenied(layers)) {
    for (const name of needs.explicitOrder) {
      if (layers[name].outcome === 'explicit_deny') return deny(layers[name], trace)
    }
  }
  // Measured: a grant to the whole account that no identity policy takes up is blamed on the resource's policy.
  if (needs.isVoidGrant) return { outcome: 'implicit_deny', blockedBy: layers.resource.layer, trace }
  if (!isAllowed(layers, needs)) {
    for (const name of needs.implicitOrder) {
      if (needs.needed[name] && layers[name].outcome !== 'allow') return deny(layers[name], trace)
    }
  }
  const statement = (needs.needed.identity ? layers.identity : layers.resource).statement
  return statement === undefined ? { outcome: 'allow', trace } : { outcome: 'allow', statement, trace }
}

/** Written out: every request passes here, and most pass by. */
function isDenied({ rcp, scp, endpoint, resource, identity, boundary, session }: LayerResults): boolean {
  return (
    rcp.outcome === 'explicit_deny' ||
    scp.outcome === 'explicit_deny' ||
    endpoint.outcome === 'explicit_deny' ||
    resource.outcome === 'explicit_deny' ||
    identity.outcome === 'explicit_deny' ||
    boundary.outcome === 'explicit_deny' ||
    session.outcome === 'explicit_deny'
  )
}

function isAllowed(layers: LayerResults, { needed }: Needs): boolean {
  return (
    (!needed.rcp || layers.rcp.outcome === 'allow') &&
    (!needed.scp || layers.scp.outcome === 'allow') &&
    (!needed.endpoint || layers.endpoint.outcome === 'allow') &&
    (!needed.resource || layers.resource.outcome === 'allow') &&
    (!needed.identity || layers.identity.outcome === 'allow') &&
    (!needed.boundary || layers.boundary.outcome === 'allow') &&
    (!needed.session || layers.session.outcome === 'allow')
  )
}

function deny({ layer, outcome, statement }: LayerTrace, trace: readonly LayerTrace[]): Decision {
  const denial = { outcome: outcome ?? 'implicit_deny', blockedBy: layer, trace }
  return statement === undefined ? denial : { ...denial, statement }
}
