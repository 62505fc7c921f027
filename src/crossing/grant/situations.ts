/**
 * What shows that a grant is enough and not too much: the call as granted, each part exchanged for its neighbour, and calls next to the one
 * that was asked for, tried against each side alone with the other side wide open.
 */
import { parseArn } from '../../core/arn.ts'
import { functionReference, type FunctionReference } from '../crossing.ts'
import { sessionArn, type Caller, type Grant, type ResourceGrant, type RoleCaller } from './grant.ts'

export interface Situation {
  readonly id: string
  readonly title: string
  readonly group: SituationGroup
  readonly expected: 'allowed' | 'denied'
  readonly caller: Caller
  /** What the caller's role is allowed, and nothing else. */
  readonly identity: readonly AllowedOn[]
  /** The whole of the callee's resource-based policies. */
  readonly grants: readonly ResourceGrant[]
  readonly call: { readonly callee: FunctionReference; readonly action: string }
}

/** `parts`: the grant is changed. `callee`, `caller`: the call is changed, and only that side stands in its way. */
export type SituationGroup = 'call' | 'parts' | 'callee' | 'caller'

export interface AllowedOn {
  readonly action: string
  readonly resource: string
}

export const OTHER_ROLE = 'isthmus-other-role'
export const OTHER_SESSION = 'isthmus-other-session'
export const OTHER_ALIAS = 'isthmus-other-alias'
export const OTHER_FUNCTION = 'isthmus-other-function'
export const OTHER_ORGANIZATION = 'o-isthmusother'
const OTHER_ACTION = 'lambda:InvokeAsync'
const EVERYTHING: readonly AllowedOn[] = [{ action: 'lambda:*', resource: '*' }]

/** An account that is neither of the two, of the caller's organization. */
export function otherAccount(...taken: readonly string[]): string {
  return ['999988887777', '888877776666', '777766665555'].find((id) => !taken.includes(id)) ?? ''
}

export function situationsOf(grant: Grant): readonly Situation[] {
  const own = asGranted(grant)
  return [
    own,
    ...withoutIdentity(grant, own),
    ...withoutResource(grant, own),
    ...besideCallee(grant, own),
    ...besideCaller(grant, own),
  ]
}

function asGranted({ request, identity, resource }: Grant): Situation {
  return {
    id: 'granted',
    title: 'as granted',
    group: 'call',
    expected: 'allowed',
    caller: request.caller,
    identity: identity ? [{ action: identity.action, resource: identity.resource }] : [],
    grants: resource ? [resource] : [],
    call: { callee: request.callee, action: 'lambda:InvokeFunction' },
  }
}

function withoutIdentity({ identity, request }: Grant, own: Situation): readonly Situation[] {
  if (!identity) return []
  const { action, resource } = identity
  const changed = (id: string, title: string, allowed: readonly AllowedOn[]): Situation => ({
    ...own,
    id: `identity-${id}`,
    title,
    group: 'parts',
    expected: 'denied',
    identity: allowed,
  })
  const neighbour = neighbouring(request.callee)
  return [
    changed('absent', "without the statement of the caller's role", []),
    changed('action', `with ${OTHER_ACTION} in its place as action`, [{ action: OTHER_ACTION, resource }]),
    changed('resource', `with ${textOf(neighbour)} in its place as resource`, [{ action, resource: neighbour.arn }]),
  ]
}

function withoutResource({ resource, request }: Grant, own: Situation): readonly Situation[] {
  if (!resource) return []
  const changed = (id: string, title: string, ...grants: readonly ResourceGrant[]): Situation => ({
    ...own,
    id: `resource-${id}`,
    title,
    group: 'parts',
    expected: 'denied',
    grants,
  })
  const neighbour = neighbouring(request.callee)
  return [
    changed('absent', 'without the statement of the callee'),
    changed('action', `with ${OTHER_ACTION} in its place as action`, { ...resource, action: OTHER_ACTION }),
    changed('resource', `on ${textOf(neighbour)} in its place`, { ...resource, callee: neighbour }),
    ...(resource.principal === '*'
      ? []
      : [
          changed(
            'principal',
            otherPrincipalTitle(request.scope, request.caller),
            otherPrincipal(resource, request.caller),
          ),
        ]),
    ...withoutConditions(resource, own, changed),
  ]
}

/** A condition is needed when without it somebody else gets in. */
function withoutConditions(
  resource: ResourceGrant,
  own: Situation,
  changed: (id: string, title: string, ...grants: readonly ResourceGrant[]) => Situation,
): readonly Situation[] {
  const { principalOrgId, sourceArn, sourceAccount, ...bare } = resource
  const situations: Situation[] = []
  if (principalOrgId !== undefined && own.caller.kind === 'role') {
    situations.push(
      changed('organization', 'with another organization in its condition', {
        ...resource,
        principalOrgId: OTHER_ORGANIZATION,
      }),
      {
        ...changed('condition', 'without its condition another organization is let in', bare),
        expected: 'allowed',
        caller: ofOtherOrganization(own),
        identity: EVERYTHING,
      },
    )
  }
  if (own.caller.kind !== 'service') return situations
  if (sourceArn !== undefined) {
    const rest = { ...bare, ...(sourceAccount !== undefined && { sourceAccount }) }
    situations.push(changed('source-arn', 'with another SourceArn', { ...resource, sourceArn: besideArn(sourceArn) }), {
      ...changed('no-source-arn', 'without SourceArn another resource is let in', rest),
      expected: 'allowed',
      caller: { ...own.caller, sourceArn: besideArn(sourceArn) },
    })
  }
  if (sourceAccount !== undefined) {
    const rest = { ...bare, ...(sourceArn !== undefined && { sourceArn }) }
    const other = otherAccount(sourceAccount)
    situations.push(changed('source-account', 'with another SourceAccount', { ...resource, sourceAccount: other }), {
      ...changed('no-source-account', "without SourceAccount the name's next owner is let in", rest),
      expected: 'allowed',
      caller: { ...own.caller, sourceAccount: other },
    })
  }
  return situations
}

/** The callee's side alone: whoever calls has everything allowed by their own account. */
function besideCallee({ request, resource }: Grant, own: Situation): readonly Situation[] {
  if (!resource) return []
  const { caller, callee } = request
  const across = caller.kind === 'service' || caller.account !== callee.account
  const identity = across ? EVERYTHING : own.identity
  const near = (id: string, title: string, change: Partial<Situation>): Situation => ({
    ...own,
    id: `callee-${id}`,
    title,
    group: 'callee',
    expected: 'denied',
    identity,
    ...change,
  })
  const others =
    caller.kind === 'service'
      ? [
          near('source-arn', `${caller.service} for another resource`, {
            caller: { ...caller, sourceArn: besideArn(caller.sourceArn) },
          }),
          ...(caller.sourceAccount === undefined
            ? []
            : [
                near('source-account', `${caller.service} for that resource in another account`, {
                  caller: { ...caller, sourceAccount: otherAccount(caller.sourceAccount) },
                }),
              ]),
          near('service', 'another service for that resource', { caller: { ...caller, service: OTHER_SERVICE } }),
        ]
      : otherRoles(caller, own, near)
  return [...others, ...otherCallees(callee).map(({ id, title, call }) => near(id, title, { call }))]
}

const OTHER_SERVICE = 'isthmus-other.amazonaws.com'

function otherRoles(
  caller: RoleCaller,
  own: Situation,
  near: (id: string, title: string, change: Partial<Situation>) => Situation,
): readonly Situation[] {
  const { principal, principalOrgId } = own.grants[0] ?? { principal: '', principalOrgId: undefined }
  const elsewhere = inAccount(caller, otherAccount(caller.account, own.call.callee.account))
  if (principalOrgId !== undefined) {
    return [near('organization', 'an account of another organization', { caller: ofOtherOrganization(own) })]
  }
  const session = near('session', 'another session of the role', { caller: { ...caller, sessionName: OTHER_SESSION } })
  const role = near('role', 'another role of the same account', { caller: otherRole(caller) })
  const account = near('account', 'a role of that name in another account', { caller: elsewhere })
  if (principal === caller.account) return [account]
  return principal === caller.roleArn ? [role, account] : [session, role, account]
}

/** The caller's side alone: the callee's account grants everything to the caller's. */
function besideCaller({ request, identity }: Grant, own: Situation): readonly Situation[] {
  const { caller, callee } = request
  if (!identity || caller.kind === 'service') return []
  const near = (id: string, title: string, call: Situation['call']): Situation => ({
    ...own,
    id: `caller-${id}`,
    title,
    group: 'caller',
    expected: 'denied',
    grants: caller.account === callee.account ? [] : [openTo(caller.account, call.callee)],
    call,
  })
  const other = { ...functionReference({ ...callee, name: OTHER_FUNCTION, qualifier: undefined }) }
  return [
    ...otherCallees(callee).map(({ id, title, call }) => near(id, title, call)),
    near('function', 'another function', { callee: other, action: 'lambda:InvokeFunction' }),
  ]
}

function openTo(account: string, callee: FunctionReference): ResourceGrant {
  return { callee, statementId: 'isthmus-open', action: 'lambda:*', principal: account }
}

interface NearCall {
  readonly id: string
  readonly title: string
  readonly call: Situation['call']
}

function otherCallees(callee: FunctionReference): readonly NearCall[] {
  const invoke = (id: string, title: string, other: FunctionReference): NearCall => ({
    id,
    title,
    call: { callee: other, action: 'lambda:InvokeFunction' },
  })
  const unqualified = functionReference({ ...callee, qualifier: undefined })
  return [
    invoke('alias', 'another alias of the function', functionReference({ ...callee, qualifier: OTHER_ALIAS })),
    ...(callee.qualifier === undefined ? [] : [invoke('unqualified', 'the unqualified function', unqualified)]),
    { id: 'action', title: 'the deprecated InvokeAsync', call: { callee, action: OTHER_ACTION } },
  ]
}

/** The same function by the nearest other name. */
function neighbouring(callee: FunctionReference): FunctionReference {
  return functionReference({ ...callee, qualifier: callee.qualifier === undefined ? OTHER_ALIAS : undefined })
}

function textOf({ qualifier }: FunctionReference): string {
  return qualifier === undefined ? 'the unqualified function' : 'an alias'
}

function otherPrincipalTitle(scope: string, caller: Caller): string {
  if (caller.kind === 'service') return 'with another service in its place as principal'
  return `with another ${scope} in its place as principal`
}

function otherPrincipal(resource: ResourceGrant, caller: Caller): ResourceGrant {
  if (caller.kind === 'service') return { ...resource, principal: OTHER_SERVICE }
  if (resource.principal === caller.account) {
    return { ...resource, principal: otherAccount(caller.account, resource.callee.account) }
  }
  if (resource.principal === caller.roleArn) return { ...resource, principal: otherRole(caller).roleArn }
  return { ...resource, principal: sessionArn({ ...caller, sessionName: OTHER_SESSION }) }
}

export function otherRole(caller: RoleCaller): RoleCaller {
  return { ...caller, roleName: OTHER_ROLE, roleArn: `arn:aws:iam::${caller.account}:role/${OTHER_ROLE}` }
}

export function inAccount(caller: RoleCaller, account: string): RoleCaller {
  const path = parseArn(caller.roleArn)?.resource ?? ''
  return { ...caller, account, roleArn: `arn:aws:iam::${account}:${path}` }
}

function ofOtherOrganization({ caller, call }: Situation): Caller {
  if (caller.kind === 'service') return caller
  const elsewhere = inAccount(caller, otherAccount(caller.account, call.callee.account))
  return { ...elsewhere, organizationId: OTHER_ORGANIZATION }
}

/** A resource that the ARN, which may have wildcards, does not cover. */
function besideArn(arn: string): string {
  // A log group's ARN ends so, whatever its streams.
  if (/^[^*?]+:\*$/.test(arn) && arn.includes(':log-group:')) return arn.replace(/:\*$/, '-isthmus-other:*')
  if (!/[*?]/.test(arn)) return `${arn}-isthmus-other`
  const [prefix = '', partition = '', service = '', region = '', account = '', ...resource] = arn.split(':')
  const isWholeService = /^[*?]/.test(resource.join(':'))
  const owner = isWholeService ? otherAccount(account) : account
  return [prefix, partition, service, region, owner, 'isthmus-other'].join(':')
}
