/** Which policies take part in a request, layer by layer, and what each layer says by itself. */
import type { CompiledPolicy } from './compile.ts'
import { evaluateDenials, evaluateGrant, evaluateLevels, evaluatePolicies, type Subject } from './evaluate.ts'
import type { ApplicablePolicies, AuthorizationRequest, Layer, LayerTrace, Principal } from './model.ts'
import type { Grant } from './principal-set.ts'
import { isCoveredByRcp } from './rcp-services.ts'

/** A layer by its part in the decision: `resource` stands for the trust policy too. */
export type LayerName = Exclude<Layer, 'trust'>

/** The policies of each layer that applies. A federated user's session is limited even where no session policy was passed. */
export interface Participants {
  readonly scp: readonly (readonly CompiledPolicy[])[] | undefined
  readonly rcp: readonly (readonly CompiledPolicy[])[] | undefined
  readonly endpoint: readonly CompiledPolicy[] | undefined
  readonly identity: readonly CompiledPolicy[] | undefined
  readonly boundary: readonly CompiledPolicy[] | undefined
  readonly session: readonly CompiledPolicy[] | undefined
  readonly resource: readonly CompiledPolicy[]
  readonly resourceLayer: 'resource' | 'trust'
}

export interface LayerResults extends Readonly<Record<LayerName, LayerTrace>> {
  /** How directly the resource's policy names the principal. */
  readonly grant: Grant
}

/**
 * Service-linked roles are beyond SCPs and RCPs, principals without an account are beyond SCPs, and an RCP protects resources, so that a
 * request for none is beyond it. https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html#not-restricted-by-scp
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html#actions-not-restricted-by-rcps
 */
export function findParticipants(request: AuthorizationRequest, policies: ApplicablePolicies): Participants {
  const { principal } = request
  const isEntity = hasIdentityPolicies(principal)
  const isServiceLinked = principal.kind === 'role-session' && principal.serviceLinked
  const isBeyondScps = isServiceLinked || accountOfPrincipal(principal) === undefined
  const isBeyondRcps =
    policies.rcps === undefined || isServiceLinked || request.resource === '*' || !isCoveredByRcp(request.action)
  return {
    scp: isBeyondScps ? undefined : policies.scps,
    rcp: isBeyondRcps ? undefined : policies.rcps,
    endpoint: policies.endpoint,
    identity: isEntity ? policies.identity : undefined,
    boundary: isEntity && policies.boundary !== undefined ? [policies.boundary] : undefined,
    session: policies.session ?? (principal.kind === 'federated-user' ? [] : undefined),
    resource: policies.resource === undefined ? [] : [policies.resource],
    resourceLayer: policies.resourceKind === 'trust' ? 'trust' : 'resource',
  }
}

export function evaluateLayers(subject: Subject, participants: Participants): LayerResults {
  const { scp, rcp, endpoint, identity, boundary, session, resource, resourceLayer } = participants
  const grant = evaluateGrant(resourceLayer, resource, subject)
  return {
    rcp: rcp === undefined ? NOT_APPLICABLE.rcp : evaluateDenials('rcp', rcp, subject),
    scp: scp === undefined ? NOT_APPLICABLE.scp : evaluateLevels('scp', scp, subject),
    endpoint: endpoint === undefined ? NOT_APPLICABLE.endpoint : evaluatePolicies('endpoint', endpoint, subject),
    resource: grant.trace,
    identity: identity === undefined ? NOT_APPLICABLE.identity : evaluatePolicies('identity', identity, subject),
    boundary: boundary === undefined ? NOT_APPLICABLE.boundary : evaluatePolicies('boundary', boundary, subject),
    session: session === undefined ? NOT_APPLICABLE.session : evaluatePolicies('session', session, subject),
    grant: grant.grant,
  }
}

/** One entry per layer, in the order of evaluation. */
export function traceOf(layers: LayerResults): LayerTrace[] {
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

export function subjectOf(request: AuthorizationRequest, policies: ApplicablePolicies): Subject {
  return {
    principal: request.principal,
    action: request.action,
    resource: request.resource,
    resourceAccount: request.resourceAccount,
    context: request.context,
    hasBoundary: policies.boundary !== undefined,
  }
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
export function hasIdentityPolicies(principal: Principal): boolean {
  return principal.kind !== 'root' && accountOfPrincipal(principal) !== undefined
}
