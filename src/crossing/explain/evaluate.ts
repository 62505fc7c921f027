/** Decides a call over what was read of both accounts, and says for every layer what it says. */
import type { Statement } from '../../policy/document.ts'
import { explainDecision, type Explanation, type StatementExplanation } from '../../policy/explain.ts'
import type { AuthorizationRequest, Layer, Outcome, Principal } from '../../policy/model.ts'
import type { Guardrails, NamedPolicy, OptionalPolicies, PolicySources } from './policy-sources.ts'
import type { Situation } from './situation.ts'
import { isUncertain, policiesIn, type World } from './worlds.ts'

export interface Evaluation {
  readonly permission: 'allowed' | 'denied' | 'undecided'
  /** Each in its world; see worlds.ts. */
  readonly most: Explanation
  readonly least: Explanation
  readonly read: Explanation
  /** Every statement that was read, and how it bears on the call. */
  readonly findings: readonly Finding[]
}

export interface Finding {
  readonly layer: Layer
  /** For SCPs and RCPs: 1 is the root's. */
  readonly level?: number
  readonly policy: NamedPolicy
  readonly index: number
  readonly statement: Statement
  readonly explanation: StatementExplanation
  /** It depends on something that is not known. */
  readonly isUncertain: boolean
}

export function evaluate(situation: Situation): Evaluation {
  const most = explainIn('most-permissive', situation)
  const least = explainIn('least-permissive', situation)
  const read = explainIn('read', situation)
  const isAllowed = ({ decision }: Explanation) => decision.outcome === 'allow'
  return {
    permission: !isAllowed(most) ? 'denied' : isAllowed(least) ? 'allowed' : 'undecided',
    most,
    least,
    read,
    findings: findingsOf(situation, read),
  }
}

function explainIn(world: World, situation: Situation): Explanation {
  const { alternativePrincipal: alternative, principal } = situation
  const policies = policiesIn(world, situation.sources, situation.context)
  const explain = (who: Principal) => explainDecision(requestOf(situation, who), policies)
  if (!alternative || world === 'read') return explain(principal)
  const both = [explain(principal), explain(alternative)] as const
  const wanted = world === 'most-permissive'
  return both.find(({ decision }) => (decision.outcome === 'allow') === wanted) ?? both[0]
}

export function requestOf(
  { question, resourceAccount, context }: Situation,
  principal: Principal,
  resource = question.resource,
): AuthorizationRequest {
  return { principal, action: question.action, resource, resourceAccount, context }
}

/** What a layer says in both worlds; undefined when it does not apply. */
export function outcomeOf({ most, least }: Evaluation, layer: Layer): Outcome | 'undecided' | undefined {
  const [a, b] = [most, least].map(({ layers }) => layers.find((entry) => entry.layer === layer)?.outcome)
  return a === b ? a : 'undecided'
}

export function levelOutcomeOf({ most, least }: Evaluation, layer: Layer, level: number): Outcome | 'undecided' {
  const [a, b] = [most, least].map((explanation) => levelOutcome(explanation, layer, level))
  return a !== undefined && a === b ? a : 'undecided'
}

function levelOutcome({ layers }: Explanation, layer: Layer, level: number): Outcome {
  const statements = layers.find((entry) => entry.layer === layer)?.statements ?? []
  const effective = statements.filter((statement) => statement.level === level && statement.applies)
  if (effective.some(({ effect }) => effect === 'Deny')) return 'explicit_deny'
  // RCPFullAWSAccess is attached everywhere, so that of RCPs only denials count.
  return layer === 'rcp' || effective.length > 0 ? 'allow' : 'implicit_deny'
}

/** Whether the call fails without this layer's Allow. */
export function isNeeded({ most }: Evaluation, layer: Layer): boolean {
  return most.layers.find((entry) => entry.layer === layer)?.isNeeded ?? false
}

function findingsOf({ sources, context }: Situation, read: Explanation): readonly Finding[] {
  return read.layers.flatMap(({ layer, statements }) => {
    // The engine goes through the very policies in the very order.
    const written = policiesOfLayer(sources, layer).flatMap((policy) =>
      policy.document.statements.map((statement, index) => ({ policy, statement, index })),
    )
    return statements.flatMap((explanation, position): Finding[] => {
      const found = written[position]
      if (!found) return []
      const { level } = explanation
      return [
        {
          layer,
          ...(level !== undefined && { level }),
          ...found,
          explanation,
          isUncertain: isUncertain(found.statement, context),
        },
      ]
    })
  })
}

function policiesOfLayer(sources: PolicySources, layer: Layer): readonly NamedPolicy[] {
  switch (layer) {
    case 'identity':
      return sources.identity.policies
    case 'boundary':
      return optional(sources.boundary)
    case 'session':
      return optional(sources.session)
    case 'resource':
    case 'trust':
      return optional(sources.resource)
    case 'scp':
      return levels(sources.scps)
    case 'rcp':
      return levels(sources.rcps)
    case 'endpoint':
      return []
  }
}

function optional(source: OptionalPolicies): readonly NamedPolicy[] {
  return source.status === 'read' ? source.policies : []
}

function levels(source: Guardrails): readonly NamedPolicy[] {
  return source.status === 'read' ? source.levels.flatMap(({ policies }) => policies) : []
}
