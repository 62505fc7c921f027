/** A policy unit test: a request, every policy that applies to it, and the expected decision. `isthmus check` runs files of them. */
import { parseArn } from '../core/arn.ts'
import { AwsError } from '../core/aws-error.ts'
import { UserError } from '../core/user-error.ts'
import { principalFromArn } from './case-principal.ts'
import { compilePolicy, type CompiledPolicy } from './compile.ts'
import { decide } from './decide.ts'
import type { PolicyKind } from './document.ts'
import type {
  ApplicablePolicies,
  AuthorizationRequest,
  ContextValue,
  Decision,
  Layer,
  Outcome,
  Principal,
  RequestContext,
  ResourcePolicyKind,
} from './model.ts'
import { readPolicy } from './parse.ts'

/** A document as JSON, or its text. */
export type CasePolicy = string | Readonly<Record<string, unknown>>

export interface PolicyCase {
  readonly id: string
  readonly request: CaseRequest
  readonly identityPolicies?: readonly CasePolicy[] | undefined
  readonly resourcePolicy?: CasePolicy | null | undefined
  /** Root first, account last. Null: SCPs do not apply, as in the management account. */
  readonly scps?: readonly (readonly CasePolicy[])[] | null | undefined
  readonly rcps?: readonly (readonly CasePolicy[])[] | null | undefined
  readonly permissionsBoundaries?: readonly CasePolicy[] | undefined
  readonly sessionPolicies?: readonly CasePolicy[] | undefined
  readonly endpointPolicies?: readonly CasePolicy[] | undefined
  readonly expected: { readonly decision: Outcome; readonly blockedBy?: Layer | undefined }
}

export interface CaseRequest {
  /**
   * The ARN of a root user, user, role, role session or federated user; a role's ARN stands for any session of it. A service's other names, as
   * of its Region, are taken from `aws:PrincipalServiceNamesList`.
   */
  readonly principal: string | { readonly anonymous: true } | { readonly service: string }
  readonly action: string
  readonly resource: string
  /** Taken from the resource's ARN when absent, and where that has none, the principal's. */
  readonly resourceAccount?: string | undefined
  /** Complete: a key that is not here is absent from the request. */
  readonly context?: Readonly<Record<string, CaseContextValue>> | undefined
}

export type CaseContextValue = string | number | boolean | readonly (string | number | boolean)[]

/** Throws `UserError` or `MalformedPolicyDocumentException` for a case that cannot be read. */
export function decideCase(policyCase: PolicyCase): Decision {
  return decide(requestOfCase(policyCase), policiesOfCase(policyCase))
}

export function isAsExpected({ expected }: PolicyCase, decision: Decision): boolean {
  return (
    decision.outcome === expected.decision &&
    (expected.blockedBy === undefined || decision.blockedBy === expected.blockedBy)
  )
}

export interface CaseProblem {
  readonly where: readonly (string | number)[]
  readonly message: string
}

/** What `decideCase` would throw, for all that is wrong with a case of the right shape. */
export function findCaseProblems(policyCase: PolicyCase): readonly CaseProblem[] {
  const kind = resourceKindOf(policyCase.request) === 'trust' ? 'trust' : 'resource'
  const { resourcePolicy } = policyCase
  return [
    ...problemOf(['request', 'principal'], () => requestOfCase(policyCase)),
    ...problemsOfList('identityPolicies', 'identity', policyCase.identityPolicies),
    ...problemsOfList('permissionsBoundaries', 'managed', policyCase.permissionsBoundaries),
    ...problemsOfList('sessionPolicies', 'session', policyCase.sessionPolicies),
    ...problemsOfList('endpointPolicies', 'endpoint', policyCase.endpointPolicies),
    ...(resourcePolicy === undefined || resourcePolicy === null
      ? []
      : problemOf(['resourcePolicy'], () => compile('', kind, resourcePolicy))),
    ...(['scps', 'rcps'] as const).flatMap((member) =>
      (policyCase[member] ?? []).flatMap((level, index) =>
        problemsOfList(member, member === 'scps' ? 'scp' : 'rcp', level, index),
      ),
    ),
  ]
}

function problemsOfList(
  member: string,
  kind: PolicyKind,
  policies: readonly CasePolicy[] = [],
  level?: number,
): readonly CaseProblem[] {
  return policies.flatMap((policy, index) =>
    problemOf([member, ...(level === undefined ? [] : [level]), index], () => compile('', kind, policy)),
  )
}

function problemOf(where: readonly (string | number)[], read: () => unknown): readonly CaseProblem[] {
  try {
    read()
    return []
  } catch (error) {
    if (error instanceof UserError) return [{ where, message: error.message }]
    if (error instanceof AwsError) return [{ where, message: `AWS would refuse this policy: ${error.message}` }]
    throw error
  }
}

export function requestOfCase({ request }: PolicyCase): AuthorizationRequest {
  const context = contextOf(request)
  const principal = principalOf(request, context)
  const ownAccount = 'account' in principal ? principal.account : ''
  return {
    principal,
    action: request.action,
    resource: request.resource,
    resourceAccount: request.resourceAccount ?? (parseArn(request.resource)?.account || ownAccount),
    context,
  }
}

export function policiesOfCase(policyCase: PolicyCase): ApplicablePolicies {
  const boundaries = compileList('permissions boundary', 'managed', policyCase.permissionsBoundaries)
  const [boundary] = boundaries
  if (boundaries.length > 1) {
    throw new UserError(
      `case \`${policyCase.id}\` has ${boundaries.length} permissions boundaries, expected at most one`,
    )
  }
  const session = compileList('session policy', 'session', policyCase.sessionPolicies)
  const endpoint = compileList('endpoint policy', 'endpoint', policyCase.endpointPolicies)
  const scps = compileLevels('SCP', 'scp', policyCase.scps)
  const rcps = compileLevels('RCP', 'rcp', policyCase.rcps)
  const resourceKind = resourceKindOf(policyCase.request)
  const { resourcePolicy } = policyCase
  const kind = resourceKind === 'trust' ? 'trust' : 'resource'
  return {
    identity: compileList('identity policy', 'identity', policyCase.identityPolicies),
    resourceKind,
    ...(boundary === undefined ? {} : { boundary }),
    ...(session.length === 0 ? {} : { session }),
    ...(endpoint.length === 0 ? {} : { endpoint }),
    ...(scps === undefined ? {} : { scps }),
    ...(rcps === undefined ? {} : { rcps }),
    ...(resourcePolicy === undefined || resourcePolicy === null
      ? {}
      : { resource: compile(`${kind} policy`, kind, resourcePolicy) }),
  }
}

/** Keys of the request in lower case. */
function contextOf(request: CaseRequest): RequestContext {
  const values = new Map<string, ContextValue>()
  for (const [key, value] of Object.entries(request.context ?? {})) {
    values.set(key.toLowerCase(), Array.isArray(value) ? value.map(String) : String(value))
  }
  return values
}

function principalOf({ principal }: CaseRequest, context: RequestContext): Principal {
  if (typeof principal === 'string') return principalFromArn(principal, context)
  if (!('service' in principal)) return { kind: 'anonymous' }
  const names = context.get('aws:principalservicenameslist')
  return { kind: 'service', service: principal.service, ...(names !== undefined && { names: [names].flat() }) }
}

/** STS asks the policy of the role, KMS that of the key; both must allow even within the account. */
function resourceKindOf({ action, resource }: CaseRequest): ResourcePolicyKind {
  const service = action.slice(0, action.indexOf(':')).toLowerCase()
  const arn = parseArn(resource)
  if (service === 'sts' && arn?.service === 'iam' && arn.resource.startsWith('role/')) return 'trust'
  return service === 'kms' && arn?.service === 'kms' && arn.resource.startsWith('key/') ? 'key' : 'resource'
}

function compileLevels(
  name: string,
  kind: PolicyKind,
  levels: readonly (readonly CasePolicy[])[] | null | undefined,
): CompiledPolicy[][] | undefined {
  if (levels === undefined || levels === null) return undefined
  return levels.map((policies, index) => compileList(`level ${index + 1} ${name}`, kind, policies))
}

function compileList(name: string, kind: PolicyKind, policies: readonly CasePolicy[] = []): CompiledPolicy[] {
  return policies.map((policy, index) => compile(`${name} ${index + 1}`, kind, policy))
}

function compile(name: string, kind: PolicyKind, policy: CasePolicy): CompiledPolicy {
  return compilePolicy(readPolicy(typeof policy === 'string' ? policy : JSON.stringify(policy), kind), { name })
}
