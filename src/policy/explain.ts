/** Why: the same decision with everything visited, so that all that stands in the way is known at once. */
import type { CompiledPolicy, CompiledStatement } from './compile.ts'
import { conclude, findNeeds } from './decide.ts'
import type { Statement } from './document.ts'
import { grantOf, isStronger, namesPrincipal, type Subject } from './evaluate.ts'
import {
  evaluateLayers,
  findParticipants,
  subjectOf,
  type LayerName,
  type LayerResults,
  type Participants,
} from './layers.ts'
import type {
  ApplicablePolicies,
  AuthorizationRequest,
  ContextValue,
  Decision,
  Layer,
  LayerTrace,
  Outcome,
  StatementReference,
} from './model.ts'
import type { Grant } from './principal-set.ts'

export interface Explanation {
  /** The very decision that `decide` makes. */
  readonly decision: Decision
  /** Empty exactly when the request is allowed. Denials first, then what is missing, each in the order in which AWS names them. */
  readonly blockers: readonly Blocker[]
  readonly layers: readonly LayerExplanation[]
}

/** One thing to mend. A layer can deny and, that mended, still not allow: it is then listed twice. */
export interface Blocker {
  readonly layer: Layer
  readonly outcome: 'explicit_deny' | 'implicit_deny'
  /** The statements that deny; empty for what is missing. */
  readonly statements: readonly StatementReference[]
  /** A layer whose Allow would do as well. */
  readonly alternative?: Layer
  /** The levels, 1 being the root's, at which no SCP allows. */
  readonly levels?: readonly number[]
}

export interface LayerExplanation {
  readonly layer: Layer
  /** Undefined when the layer does not apply to this request. */
  readonly outcome: Outcome | undefined
  /** Whether the request fails without this layer's Allow. */
  readonly isNeeded: boolean
  readonly statements: readonly StatementExplanation[]
}

export interface StatementExplanation {
  readonly reference: StatementReference
  /** As it was written. */
  readonly source: Statement
  readonly effect: 'Allow' | 'Deny'
  /** For SCPs and RCPs: 1 is the root's. */
  readonly level?: number
  /** Whether the statement takes effect on this request. */
  readonly applies: boolean
  readonly matchesAction: boolean
  readonly matchesResource: boolean
  readonly matchesPrincipal: boolean
  /** How directly an Allow with principals names the caller. */
  readonly grant?: Grant
  readonly conditions: readonly ConditionExplanation[]
  /** Why the statement cannot be evaluated: its Deny denies to be safe, its Allow allows nothing. */
  readonly unknown: readonly string[]
  readonly notes: readonly string[]
}

export interface ConditionExplanation {
  readonly operator: string
  readonly key: string
  readonly expected: readonly string[]
  /** What the request has; undefined when the key is absent. */
  readonly actual: ContextValue | undefined
  readonly holds: boolean
}

export function explainDecision(request: AuthorizationRequest, policies: ApplicablePolicies): Explanation {
  const subject = subjectOf(request, policies)
  const participants = findParticipants(request, policies)
  const layers = evaluateLayers(subject, participants)
  const statements = explainStatements(subject, participants)
  const undenied = withoutDenials(layers, statements, participants)
  const needs = findNeeds(request, policies, undenied)
  const denials = needs.explicitOrder.flatMap((name): Blocker[] => {
    const denying = statements[name].filter(({ effect, applies }) => applies && effect === 'Deny')
    if (denying.length === 0) return []
    return [
      {
        layer: layers[name].layer,
        outcome: 'explicit_deny',
        statements: denying.map(({ reference }) => reference),
      },
    ]
  })
  const missing = needs.implicitOrder
    .filter((name) => needs.needed[name] && undenied[name].outcome !== 'allow')
    .map((name): Blocker => {
      const levels = name === 'scp' ? levelsWithoutAllow(statements.scp, participants.scp?.length ?? 0) : undefined
      return {
        layer: layers[name].layer,
        outcome: 'implicit_deny',
        statements: [],
        ...(name === 'identity' && needs.isUnion ? { alternative: 'resource' as const } : {}),
        ...(levels === undefined ? {} : { levels }),
      }
    })
  return {
    decision: conclude(layers, findNeeds(request, policies, layers)),
    blockers: [...denials, ...missing],
    layers: needs.implicitOrder.map((name) => ({
      layer: layers[name].layer,
      outcome: layers[name].outcome,
      isNeeded: needs.needed[name],
      statements: statements[name],
    })),
  }
}

type LayerStatements = Readonly<Record<LayerName, readonly StatementExplanation[]>>

function explainStatements(subject: Subject, participants: Participants): LayerStatements {
  const explain = (policies: readonly CompiledPolicy[] | undefined, level?: number): StatementExplanation[] =>
    (policies ?? []).flatMap((policy) =>
      policy.statements.map((statement) => explainStatement(statement, subject, level)),
    )
  const explainLevels = (levels: readonly (readonly CompiledPolicy[])[] | undefined): StatementExplanation[] =>
    (levels ?? []).flatMap((policies, index) => explain(policies, index + 1))
  return {
    rcp: explainLevels(participants.rcp),
    scp: explainLevels(participants.scp),
    endpoint: explain(participants.endpoint),
    resource: explain(participants.resource),
    identity: explain(participants.identity),
    boundary: explain(participants.boundary),
    session: explain(participants.session),
  }
}

function explainStatement(statement: CompiledStatement, subject: Subject, level?: number): StatementExplanation {
  const { effect } = statement.source
  const matchesAction = statement.matchesAction(subject.action.toLowerCase())
  const matchesResource = statement.matchesResource(subject.resource, subject.context)
  const matchesPrincipal = namesPrincipal(statement, subject)
  const conditions = statement.conditions.map(({ clause, holds }) => ({
    operator: clause.operator,
    key: clause.key,
    expected: clause.values,
    actual: subject.context.get(clause.key.toLowerCase()),
    holds: holds(subject.context),
  }))
  const matches = matchesAction && matchesResource && matchesPrincipal && conditions.every(({ holds }) => holds)
  return {
    reference: statement.reference,
    source: statement.source,
    effect,
    ...(level === undefined ? {} : { level }),
    applies: matches && (effect === 'Deny' || statement.unknown.length === 0),
    matchesAction,
    matchesResource,
    matchesPrincipal,
    ...(effect === 'Allow' && statement.principals !== undefined ? { grant: grantOf(statement, subject) } : {}),
    conditions,
    unknown: statement.unknown,
    notes: statement.notes,
  }
}

/** What the layers would say if nothing were denied explicitly. */
function withoutDenials(layers: LayerResults, statements: LayerStatements, participants: Participants): LayerResults {
  const allowing = (name: LayerName): readonly StatementExplanation[] =>
    statements[name].filter(({ effect, applies }) => applies && effect === 'Allow')
  const undenied = (name: LayerName): LayerTrace => {
    const { layer, outcome } = layers[name]
    if (outcome !== 'explicit_deny') return layers[name]
    const isAllowed =
      name === 'rcp' ||
      (name === 'scp'
        ? levelsWithoutAllow(statements.scp, participants.scp?.length ?? 0).length === 0
        : allowing(name).length > 0)
    return { layer, outcome: isAllowed ? 'allow' : 'implicit_deny' }
  }
  let grant: Grant = 'none'
  for (const statement of allowing('resource')) {
    const here = statement.grant ?? 'direct'
    if (isStronger(here, grant)) grant = here
  }
  return {
    rcp: undenied('rcp'),
    scp: undenied('scp'),
    endpoint: undenied('endpoint'),
    resource: undenied('resource'),
    identity: undenied('identity'),
    boundary: undenied('boundary'),
    session: undenied('session'),
    grant,
  }
}

function levelsWithoutAllow(statements: readonly StatementExplanation[], levels: number): number[] {
  const allowed = new Set(
    statements.filter(({ effect, applies }) => applies && effect === 'Allow').map(({ level }) => level),
  )
  return Array.from({ length: levels }, (_, index) => index + 1).filter((level) => !allowed.has(level))
}
