/** What existing policies allow beyond the call, and what they lack for it. */
import { compilePolicy, type CompiledStatement } from '../../policy/compile.ts'
import type { ListElement } from '../../policy/document.ts'
import { accountOf, grantTo, isUniqueId } from '../../policy/principal-set.ts'
import { readPolicy } from '../../policy/parse.ts'
import { createMatcher, wildcardTokens } from '../../policy/wildcard.ts'
import { functionReference, type FunctionReference } from '../crossing.ts'
import { requestOf } from './evaluate.ts'
import type { FoundIdentityPolicy, FoundResourcePolicy } from './found-policies.ts'
import { ACTION_NEEDED, type Grant, type RoleCaller, type Scope } from './grant.ts'

export interface Finding {
  readonly account: string
  readonly side: 'caller' | 'callee'
  readonly kind: 'missing' | 'wider'
  /** The policy and its statement, in words; of what is missing, where it belongs. */
  readonly where: string
  readonly problem: string
  /** What would do. */
  readonly needed: string
}

export interface Found {
  readonly identity: readonly FoundIdentityPolicy[]
  readonly resource: readonly FoundResourcePolicy[]
}

const DEPRECATED = 'lambda:InvokeAsync'
const DEPRECATED_NEEDED = `nothing: both invocation types need ${ACTION_NEEDED}; ${DEPRECATED} is the deprecated API's`

/** Empty when the policies allow the call and nothing beside it. Statements about something else altogether are none of its business. */
export function checkGrant(grant: Grant, found: Found): readonly Finding[] {
  return [...checkIdentity(grant, found.identity), ...checkResource(grant, found.resource)]
}

function checkIdentity(grant: Grant, policies: readonly FoundIdentityPolicy[]): readonly Finding[] {
  const { caller, callee } = grant.request
  if (caller.kind === 'service') return []
  const findings: Finding[] = []
  let isAllowed = false
  const context = requestOf({ caller, call: { callee, action: ACTION_NEEDED } }).context
  for (const policy of policies) {
    const compiled = compilePolicy(readPolicy(policy.document, 'identity'), { name: policy.name })
    for (const statement of compiled.statements.filter(isAllow)) {
      const covers = (arn: string) => statement.matchesResource(arn, context)
      const unqualified = callee.unqualifiedArn !== callee.arn && covers(callee.unqualifiedArn)
      if (!invokes(statement) || !(covers(callee.arn) || unqualified)) continue
      const conditionsHold = statement.conditions.every(({ holds }) => holds(context))
      isAllowed ||= statement.matchesAction(ACTION_NEEDED.toLowerCase()) && covers(callee.arn) && conditionsHold
      const add = (problem: string, needed: string) =>
        findings.push({
          account: caller.account,
          side: 'caller',
          kind: 'wider',
          where: `${policy.arn === undefined ? 'inline' : 'attached'} policy ${policy.name}, ${nameOf(statement)}`,
          problem,
          needed,
        })
      for (const { problem, needed } of actionProblems(statement.source.action)) add(problem, needed)
      for (const problem of resourceProblems(statement.source.resource, callee)) add(problem, callee.arn)
    }
  }
  const { identity } = grant
  if (identity && !isAllowed) {
    findings.push({
      account: caller.account,
      side: 'caller',
      kind: 'missing',
      where: `role ${caller.roleName}`,
      problem: 'no identity policy allows the call',
      needed: `${identity.action} on ${identity.resource}`,
    })
  }
  return findings
}

function checkResource(grant: Grant, policies: readonly FoundResourcePolicy[]): readonly Finding[] {
  const { request, resource } = grant
  const { caller, callee } = request
  const findings: Finding[] = []
  let isAllowed = false
  for (const { functionArn, statements } of policies) {
    if (statements.length === 0) continue
    const isCalled = functionArn === callee.arn
    const called = isCalled ? callee : functionReference({ ...callee, qualifier: undefined })
    const { principal, context } = requestOf({ caller, call: { callee: called, action: ACTION_NEEDED } })
    const document = JSON.stringify({ Version: '2012-10-17', Statement: statements })
    const compiled = compilePolicy(readPolicy(document, 'resource'), { name: functionArn })
    for (const statement of compiled.statements.filter(isAllow)) {
      if (!invokes(statement)) continue
      const add = (problem: string, needed: string) =>
        findings.push({
          account: callee.account,
          side: 'callee',
          kind: 'wider',
          where: `policy of ${textOf(called)}, ${nameOf(statement)}`,
          problem,
          needed,
        })
      for (const dead of deadPrincipals(statement)) add(`its principal ${dead} is gone`, 'nothing: remove it')
      for (const problem of serviceProblems(statement))
        add(problem, 'SourceArn, and SourceAccount where the ARN has no account')
      if (!statement.principals || grantTo(statement.principals, principal) === 'none') continue
      const holds = statement.conditions.every((condition) => condition.holds(context))
      isAllowed ||= isCalled && holds && statement.matchesAction(ACTION_NEEDED.toLowerCase())
      if (!isCalled) {
        add(
          `admits the caller to the unqualified function; the call names ${textOf(callee)}`,
          `nothing beside ${textOf(callee)}`,
        )
      }
      for (const { problem, needed } of actionProblems(statement.source.action)) add(problem, needed)
      if (caller.kind === 'role') {
        const wider = widerThan(request.scope, statement, caller)
        if (wider !== undefined) add(wider, resource?.principal ?? 'nothing: the caller is of the same account')
      }
    }
  }
  if (resource && !isAllowed) {
    findings.push({
      account: callee.account,
      side: 'callee',
      kind: 'missing',
      where: `policy of ${textOf(callee)}`,
      problem: 'no statement admits the caller',
      needed: `${resource.action} for ${resource.principal}${resource.principalOrgId === undefined ? '' : ` of ${resource.principalOrgId}`}`,
    })
  }
  return findings
}

function isAllow({ source }: CompiledStatement): boolean {
  return source.effect === 'Allow'
}

function invokes({ matchesAction }: CompiledStatement): boolean {
  return [ACTION_NEEDED, DEPRECATED].some((action) => matchesAction(action.toLowerCase()))
}

function actionProblems(action: ListElement): readonly { readonly problem: string; readonly needed: string }[] {
  if (action.negated) return [{ problem: 'allows every action that NotAction does not list', needed: ACTION_NEEDED }]
  return action.values.flatMap((value) => {
    const lower = value.toLowerCase()
    if (lower === DEPRECATED.toLowerCase()) return [{ problem: `allows ${DEPRECATED}`, needed: DEPRECATED_NEEDED }]
    const matches = createMatcher(wildcardTokens(lower))
    const isWide =
      lower !== ACTION_NEEDED.toLowerCase() && [ACTION_NEEDED, DEPRECATED].some((one) => matches(one.toLowerCase()))
    return isWide ? [{ problem: `allows the actions \`${value}\``, needed: ACTION_NEEDED }] : []
  })
}

function resourceProblems(resource: ListElement | undefined, callee: FunctionReference): readonly string[] {
  if (!resource || resource.negated) return ['covers every resource that NotResource does not list']
  return resource.values.flatMap((value) => {
    if (value === callee.arn) return []
    const matches = createMatcher(wildcardTokens(value))
    if (matches(callee.arn)) return [`covers the resources \`${value}\``]
    return value === callee.unqualifiedArn ? [`covers the unqualified function; the call names ${textOf(callee)}`] : []
  })
}

/** A grant to one role shows that role's unique id once the role is gone; a new role of the name does not get it back. */
function deadPrincipals({ source }: CompiledStatement): readonly string[] {
  return (source.principal?.aws ?? []).filter(isUniqueId)
}

function serviceProblems({ source }: CompiledStatement): readonly string[] {
  const keys = new Set(source.conditions.map(({ key }) => key.toLowerCase()))
  const isBound = ['aws:sourcearn', 'aws:sourceaccount', 'aws:sourceorgid'].some((key) => keys.has(key))
  if (isBound) return []
  return (source.principal?.service ?? []).map((service) => `admits ${service} on behalf of anyone`)
}

const BREADTH: Readonly<Record<Scope | 'everyone', number>> = { session: 0, role: 1, account: 2, org: 3, everyone: 4 }

function widerThan(scope: Scope, statement: CompiledStatement, caller: RoleCaller): string | undefined {
  const { principal, conditions } = statement.source
  if (!principal) return undefined
  const reached = reachOf(principal.anyone, conditions, principal.aws, caller)
  if (BREADTH[reached] <= BREADTH[scope]) return undefined
  switch (reached) {
    case 'everyone':
      return 'admits everyone on AWS'
    case 'org':
      return 'admits a whole organization'
    case 'account':
      return `admits the whole account ${caller.account}`
    case 'role':
    case 'session':
      return 'admits every session of the role'
  }
}

function reachOf(
  anyone: boolean,
  conditions: CompiledStatement['source']['conditions'],
  aws: readonly string[],
  caller: RoleCaller,
): Scope | 'everyone' {
  const valuesOf = (name: string) =>
    conditions.filter(({ key }) => key.toLowerCase() === name).flatMap(({ values }) => values)
  if (anyone) {
    if (valuesOf('aws:principalarn').includes(caller.roleArn)) return 'role'
    if (valuesOf('aws:principalaccount').length > 0) return 'account'
    return valuesOf('aws:principalorgid').length > 0 ? 'org' : 'everyone'
  }
  if (aws.some((value) => accountOf(value) === caller.account)) return 'account'
  return aws.includes(caller.roleArn) ? 'role' : 'session'
}

function nameOf({ reference }: CompiledStatement): string {
  return reference.sid === undefined ? `statement ${reference.index + 1}` : `statement ${reference.sid}`
}

function textOf({ name, qualifier }: FunctionReference): string {
  return qualifier === undefined ? name : `${name}:${qualifier}`
}
