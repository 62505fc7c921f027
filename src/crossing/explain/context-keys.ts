/**
 * The condition keys of a call that is described rather than made: which are known, and which cannot be.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
import type { ContextValue, Principal, RequestContext } from '../../policy/model.ts'
import { accountOfPrincipal } from '../../policy/layers.ts'
import { principalArn, principalType } from '../../policy/principal-text.ts'
import type { Membership } from './read-organization.ts'
import type { Read } from './reading.ts'

export interface ContextFacts {
  readonly principal: Principal
  /** Of the role or user itself and of its session. */
  readonly principalTags: Read<Readonly<Record<string, string>>>
  readonly callerMembership: Read<Membership | undefined>
  readonly ownerMembership: Read<Membership | undefined>
  readonly resourceTags: Read<Readonly<Record<string, string>>>
  readonly resourceAccount: string
  readonly region: string
  /** A function that makes the call with its own execution environment's credentials. */
  readonly callerFunctionArn?: string
  /** A session's ARN lacks the path of its role, and the role was not read. */
  readonly isPathUnknown: boolean
  /** The action has no condition keys of its own. */
  readonly hasGlobalKeysOnly: boolean
  readonly given: ReadonlyMap<string, ContextValue>
  /** Whatever is not given was absent. */
  readonly isComplete: boolean
  readonly now: Date
}

export interface CallContext extends RequestContext {
  /** Whether nobody can tell the value of the key, or whether it is there. */
  isUnknown(lowerCaseKey: string): boolean
}

/** They depend on where and how the call is sent. */
const UNKNOWN_KEYS: ReadonlySet<string> = new Set([
  'aws:sourceip',
  'aws:vpcsourceip',
  'aws:sourcevpc',
  'aws:sourcevpcarn',
  'aws:sourcevpce',
  'aws:vpceaccount',
  'aws:vpceorgid',
  'aws:vpceorgpaths',
  'aws:useragent',
  'aws:referer',
])
/** They depend on how the session was had; a function's own session is always had in the same way. */
const UNKNOWN_SESSION_KEYS: ReadonlySet<string> = new Set([
  'aws:multifactorauthage',
  'aws:multifactorauthpresent',
  'aws:sourceidentity',
  'aws:federatedprovider',
])

export function createCallContext(facts: ContextFacts): CallContext {
  const values = new Map<string, ContextValue>()
  const unknown = new Set<string>()
  const put = (key: string, value: ContextValue | undefined) => {
    if (value !== undefined) values.set(key, value)
  }
  const { principal, given } = facts
  const account = accountOfPrincipal(principal)
  put('aws:principalarn', principalArn(principal))
  put('aws:principalaccount', account)
  put('aws:principaltype', principalType(principal))
  put('aws:principalisawsservice', String(principal.kind === 'service'))
  put('aws:viaawsservice', 'false')
  put('aws:securetransport', 'true')
  put('aws:requestedregion', facts.region)
  put('aws:resourceaccount', facts.resourceAccount)
  put('aws:currenttime', facts.now.toISOString())
  put('aws:epochtime', String(Math.floor(facts.now.getTime() / 1000)))
  put('lambda:sourcefunctionarn', facts.callerFunctionArn)
  putIdentity(principal, put, unknown)
  if (principal.kind === 'service') {
    put('aws:principalservicename', principal.service)
    put('aws:principalservicenameslist', [principal.service])
    for (const key of ['aws:sourcearn', 'aws:sourceaccount', 'aws:sourceorgid', 'aws:sourceorgpaths']) unknown.add(key)
  }
  putMembership('aws:principal', account === undefined ? undefined : facts.callerMembership, put, unknown)
  putMembership('aws:resource', facts.ownerMembership, put, unknown)
  if (principal.kind === 'role-session' && facts.callerFunctionArn === undefined) {
    for (const key of UNKNOWN_SESSION_KEYS) unknown.add(key)
  }
  if (principal.kind === 'role-session') unknown.add('aws:tokenissuetime')
  if (facts.isPathUnknown) unknown.add('aws:principalarn')
  for (const key of UNKNOWN_KEYS) unknown.add(key)
  for (const [key, value] of given) values.set(key, value)

  return {
    get(key) {
      const own = values.get(key)
      if (own !== undefined) return own
      const tags = tagSourceOf(key, facts)
      return tags?.known === true ? tagOf(tags.value, key.slice(key.indexOf('/') + 1)) : undefined
    },
    isUnknown(key) {
      if (given.has(key) || facts.isComplete) return false
      const tags = tagSourceOf(key, facts)
      if (tags) return !tags.known
      return unknown.has(key) || (!facts.hasGlobalKeysOnly && !values.has(key) && describesRequest(key))
    },
  }
}

/** Keys of a service's own, and the tags that a request sends along. */
function describesRequest(key: string): boolean {
  return !key.startsWith('aws:') || key.startsWith('aws:requesttag/') || key === 'aws:tagkeys'
}

type Put = (key: string, value: ContextValue | undefined) => void

function putIdentity(principal: Principal, put: Put, unknown: Set<string>): void {
  switch (principal.kind) {
    case 'root':
      return put('aws:userid', principal.account)
    case 'user':
      put('aws:username', principal.name)
      if (principal.uniqueId === '') unknown.add('aws:userid')
      else put('aws:userid', principal.uniqueId)
      return
    case 'role-session':
      if (principal.roleId === '') unknown.add('aws:userid')
      else put('aws:userid', `${principal.roleId}:${principal.sessionName}`)
      return
    case 'federated-user':
      return put('aws:userid', `${principal.account}:${principal.name}`)
    case 'anonymous':
    case 'service':
      return
  }
}

function putMembership(
  prefix: 'aws:principal' | 'aws:resource',
  membership: Read<Membership | undefined> | undefined,
  put: Put,
  unknown: Set<string>,
): void {
  if (!membership) return
  if (!membership.known) {
    unknown.add(`${prefix}orgid`).add(`${prefix}orgpaths`)
    return
  }
  if (!membership.value) return
  put(`${prefix}orgid`, membership.value.organizationId)
  if (membership.value.path.known) put(`${prefix}orgpaths`, [membership.value.path.value])
  else unknown.add(`${prefix}orgpaths`)
}

function tagSourceOf(key: string, facts: ContextFacts): Read<Readonly<Record<string, string>>> | undefined {
  if (key.startsWith('aws:principaltag/')) return facts.principalTags
  return key.startsWith('aws:resourcetag/') ? facts.resourceTags : undefined
}

/** Tag keys are compared without regard to case, as key names are. */
function tagOf(tags: Readonly<Record<string, string>>, lowerCaseKey: string): string | undefined {
  return Object.entries(tags).find(([key]) => key.toLowerCase() === lowerCaseKey)?.[1]
}
