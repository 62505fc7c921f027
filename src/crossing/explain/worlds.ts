/**
 * What is not known can be one way or another. The decision is made twice: in the most permissive world that agrees with what was read, and
 * in the least permissive one. Where both agree, what is unknown does not matter; where they differ, nobody can tell.
 */
import { compilePolicy, type CompiledPolicy } from '../../policy/compile.ts'
import type { ConditionClause, ListElement, PolicyDocument, Statement } from '../../policy/document.ts'
import type { ApplicablePolicies } from '../../policy/model.ts'
import { readPolicy, type PolicyKind } from '../../policy/parse.ts'
import type { CallContext } from './context-keys.ts'
import type { Guardrails, NamedPolicy, OptionalPolicies, PolicySources } from './policy-sources.ts'

/** `read`: as if what is unknown were not there, for showing what was read. */
export type World = 'most-permissive' | 'least-permissive' | 'read'

export const UNREAD_POLICY = 'a policy that was not read'

export function policiesIn(world: World, sources: PolicySources, context: CallContext): ApplicablePolicies {
  const compile = (policy: NamedPolicy) => compileIn(world, policy, context)
  const unread = (kind: PolicyKind, isComplete: boolean) => (isComplete ? [] : unreadPolicies(world, kind))
  const optional = (source: OptionalPolicies, kind: PolicyKind): readonly CompiledPolicy[] | undefined => {
    if (source.status === 'none') return undefined
    if (source.status === 'read') return source.policies.map(compile)
    return world === 'read' ? undefined : unread(kind, false)
  }
  const levels = (source: Guardrails, kind: 'scp' | 'rcp'): readonly (readonly CompiledPolicy[])[] | undefined => {
    if (source.status === 'not-applicable') return undefined
    if (source.status === 'unread') return world === 'read' ? undefined : [unread(kind, false)]
    return source.levels.map(({ policies, isComplete }) => [...policies.map(compile), ...unread(kind, isComplete)])
  }
  const [boundary] = optional(sources.boundary, 'managed') ?? []
  const session = optional(sources.session, 'session')
  const [resource] = optional(sources.resource, 'resource') ?? []
  const scps = levels(sources.scps, 'scp')
  const rcps = levels(sources.rcps, 'rcp')
  return {
    identity: [...sources.identity.policies.map(compile), ...unread('identity', sources.identity.isComplete)],
    resourceKind: sources.resourceKind,
    ...(boundary && { boundary }),
    ...(session && { session }),
    ...(resource && { resource }),
    ...(scps && { scps }),
    ...(rcps && { rcps }),
  }
}

function unreadPolicies(world: World, kind: PolicyKind): readonly CompiledPolicy[] {
  if (world === 'read') return []
  const statement = {
    Effect: world === 'most-permissive' ? 'Allow' : 'Deny',
    Action: '*',
    Resource: '*',
    ...(kind === 'resource' && { Principal: '*' }),
  }
  const text = JSON.stringify({ Version: '2012-10-17', Statement: [statement] })
  return [compilePolicy(readPolicy(text, kind), { name: UNREAD_POLICY })]
}

function compileIn(world: World, policy: NamedPolicy, context: CallContext): CompiledPolicy {
  const { name, arn, document } = policy
  const identity = arn === undefined ? { name } : { name, arn }
  return compilePolicy(world === 'read' ? document : rewrite(world, document, context), identity)
}

/** A statement that depends on what is unknown takes effect in one of the two worlds. Statements keep their places. */
function rewrite(world: Exclude<World, 'read'>, document: PolicyDocument, context: CallContext): PolicyDocument {
  return {
    ...document,
    statements: document.statements.map((statement) => {
      if (!isUncertain(statement, context)) return statement
      const takesEffect = (statement.effect === 'Allow') === (world === 'most-permissive')
      return takesEffect ? withoutUnknown(statement, context) : { ...statement, action: NOTHING }
    }),
  }
}

const NOTHING: ListElement = { negated: false, values: [] }
const VARIABLE = /\$\{([^},]+)[^}]*\}/g

export function isUncertain({ conditions, resource }: Statement, context: CallContext): boolean {
  return (
    conditions.some((clause) => isUncertainClause(clause, context)) ||
    (resource?.values ?? []).some((value) => usesUnknown(value, context))
  )
}

export function isUncertainClause({ key, values }: ConditionClause, context: CallContext): boolean {
  return context.isUnknown(key.toLowerCase()) || values.some((value) => usesUnknown(value, context))
}

/** Taking an uncertain statement to match: its uncertain conditions hold, and a variable without a known value fits anything. */
function withoutUnknown(statement: Statement, context: CallContext): Statement {
  const { resource } = statement
  const conditions = statement.conditions.filter((clause) => !isUncertainClause(clause, context))
  if (!resource) return { ...statement, conditions }
  const values = resource.negated
    ? resource.values.filter((value) => !usesUnknown(value, context))
    : resource.values.map((value) =>
        value.replaceAll(VARIABLE, (text, key: string) => (context.isUnknown(key.trim().toLowerCase()) ? '*' : text)),
      )
  return { ...statement, conditions, resource: { ...resource, values } }
}

function usesUnknown(value: string, context: CallContext): boolean {
  return [...value.matchAll(VARIABLE)].some(([, key = '']) => context.isUnknown(key.trim().toLowerCase()))
}
