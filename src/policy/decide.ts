/**
 * The decision over all layers: within one account identity and resource policies add up, across accounts both have to allow, and every other
 * layer only takes away.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
 */
import { evaluateDenials, evaluateGrant, evaluateLevels, evaluatePolicies, type Subject } from './evaluate.ts'
import type { ApplicablePolicies, AuthorizationRequest, Decision, Layer, LayerTrace, Principal } from './model.ts'
import type { Grant } from './principal-set.ts'
import { isCoveredByRcp } from './rcp-services.ts'

export function decide(request: AuthorizationRequest, policies: ApplicablePolicies): Decision {
  const layers = evaluateLayers(request, policies)
  return conclude(layers, findNeeds(request, policies, layers))
}

/** Every layer's own answer, before they are put together. `resource` stands for the trust policy too. */
export interface LayerResults {
  readonly rcp: LayerTrace
  readonly scp: LayerTrace
  readonly endpoint: LayerTrace
  readonly resource: LayerTrace
  readonly identity: LayerTrace
  readonly boundary: LayerTrace
  readonly session: LayerTrace
  /** How directly the resource's policy names the principal. */
  readonly grant: Grant
}

export type LayerName = Exclude<keyof LayerResults, 'grant'>

/** The layers without whose Allow the request fails, and which of several failing ones AWS names. */
export interface Needs {
  readonly needed: Readonly<Record<LayerName, boolean>>
  readonly explicitOrder: readonly LayerName[]
  readonly implicitOrder: readonly LayerName[]
  /** The grant to the caller's account is void, since that account does not let the caller use it. */
  readonly isVoidGrant: boolean
}

export function evaluateLayers(request: AuthorizationRequest, policies: ApplicablePolicies): LayerResults {
  const { principal } = request
  const subject: Subject = {
    principal,
    action: request.action,
    resource: request.resource,
    resourceAccount: request.resourceAccount,
    context: request.context,
    hasBoundary: policies.boundary !== undefined,
  }
  const isEntity = hasIdentityPolicies(principal)
  const isServiceLinked = principal.kind === 'role-session' && principal.serviceLinked
  const scps = accountOfPrincipal(principal) === undefined || isServiceLinked ? undefined : policies.scps
  // A request without a resource is no access to one that an RCP could protect.
  const rcpsApply = !isServiceLinked && request.resource !== '*' && isCoveredByRcp(request.action)
  const rcps = rcpsApply ? policies.rcps : undefined
  const resourceLayer = policies.resourceKind === 'trust' ? 'trust' : 'resource'
  const resource = evaluateGrant(resourceLayer, policies.resource, subject)
  return {
    rcp: rcps === undefined ? NOT_APPLICABLE.rcp : evaluateDenials('rcp', rcps, subject),
    scp: scps === undefined ? NOT_APPLICABLE.scp : evaluateLevels('scp', scps, subject),
    endpoint:
      policies.endpoint === undefined
        ? NOT_APPLICABLE.endpoint
        : evaluatePolicies('endpoint', policies.endpoint, subject),
    resource: resource.trace,
    identity: isEntity ? evaluatePolicies('identity', policies.identity, subject) : NOT_APPLICABLE.identity,
    boundary:
      isEntity && policies.boundary !== undefined
        ? evaluatePolicies('boundary', [policies.boundary], subject)
        : NOT_APPLICABLE.boundary,
    session: evaluateSession(subject, policies),
    grant: resource.grant,
  }
}

/** A federated user's session without a session policy has no permissions of its own. */
function evaluateSession(subject: Subject, policies: ApplicablePolicies): LayerTrace {
  if (policies.session !== undefined) return evaluatePolicies('session', policies.session, subject)
  return subject.principal.kind === 'federated-user'
    ? { layer: 'session', outcome: 'implicit_deny' }
    : NOT_APPLICABLE.session
}

export function findNeeds(request: AuthorizationRequest, policies: ApplicablePolicies, layers: LayerResults): Needs {
  const account = accountOfPrincipal(request.principal)
  const isEntity = hasIdentityPolicies(request.principal)
  const isAcross = account !== undefined && account !== request.resourceAccount
  const isAllowed = layers.resource.outcome === 'allow'
  const isDirect = !isAcross && isAllowed && layers.grant === 'direct'
  const isToRole = !isAcross && isAllowed && layers.grant === 'role'
  const mustBeTrusted = policies.resourceKind === 'trust' || policies.resourceKind === 'key'
  return {
    needed: {
      rcp: layers.rcp.outcome !== undefined,
      scp: layers.scp.outcome !== undefined,
      endpoint: layers.endpoint.outcome !== undefined,
      resource: isAcross || account === undefined || mustBeTrusted,
      identity: isEntity && !isDirect && !isToRole,
      boundary: layers.boundary.outcome !== undefined && !isDirect,
      session: layers.session.outcome !== undefined && !isDirect,
    },
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

function conclude(layers: LayerResults, needs: Needs): Decision {
  const trace = traceOf(layers)
  for (const name of needs.explicitOrder) {
    if (layers[name].outcome === 'explicit_deny') return deny(layers[name], trace)
  }
  // Measured: a grant to the whole account that no identity policy takes up is blamed on the resource's policy.
  if (needs.isVoidGrant) return { outcome: 'implicit_deny', blockedBy: layers.resource.layer, trace }
  for (const name of needs.implicitOrder) {
    if (needs.needed[name] && layers[name].outcome !== 'allow') return deny(layers[name], trace)
  }
  const statement = (needs.needed.identity ? layers.identity : layers.resource).statement
  return statement === undefined ? { outcome: 'allow', trace } : { outcome: 'allow', statement, trace }
}

function deny({ layer, outcome, statement }: LayerTrace, trace: readonly LayerTrace[]): Decision {
  const denial = { outcome: outcome ?? 'implicit_deny', blockedBy: layer, trace }
  return statement === undefined ? denial : { ...denial, statement }
}

/** One entry per layer, in the order of evaluation. */
function traceOf(layers: LayerResults): LayerTrace[] {
  const isTrust = layers.resource.layer === 'trust'
  return [
    layers.rcp,
    layers.scp,
    layers.endpoint,
    isTrust ? NOT_APPLICABLE.resource : layers.resource,
    isTrust ? layers.resource : NOT_APPLICABLE.trust,
    layers.identity,
    layers.boundary,
    layers.session,
  ]
}

const NOT_APPLICABLE: Readonly<Record<Layer, LayerTrace>> = {
  identity: { layer: 'identity', outcome: undefined },
  resource: { layer: 'resource', outcome: undefined },
  boundary: { layer: 'boundary', outcome: undefined },
  session: { layer: 'session', outcome: undefined },
  scp: { layer: 'scp', outcome: undefined },
  rcp: { layer: 'rcp', outcome: undefined },
  endpoint: { layer: 'endpoint', outcome: undefined },
  trust: { layer: 'trust', outcome: undefined },
}

/** Undefined for principals that belong to no account: anonymous callers and AWS services. */
export function accountOfPrincipal(principal: Principal): string | undefined {
  return principal.kind === 'anonymous' || principal.kind === 'service' ? undefined : principal.account
}

/** The root user needs no policy; callers outside any account have none. */
function hasIdentityPolicies(principal: Principal): boolean {
  return principal.kind !== 'root' && accountOfPrincipal(principal) !== undefined
}
