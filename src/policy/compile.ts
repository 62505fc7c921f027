/** A document becomes matchers once per revision of the policy. INVARIANT: nothing that a caller can see of a compiled policy changes. */
import { compileResourcePattern } from './arn-pattern.ts'
import { compileCondition, type CompiledCondition } from './conditions/condition.ts'
import type { ListElement, PolicyDocument, Statement } from './document.ts'
import type { StatementReference } from './model.ts'
import { createPrincipalSet, type PrincipalSet } from './principal-set.ts'
import type { ContextMatcher } from './template.ts'
import { createMatcher, wildcardTokens, type TextMatcher } from './wildcard.ts'

export interface PolicyIdentity {
  /** Shown in traces: the name AWS gives the policy, or words for one without name. */
  readonly name: string
  /** Only managed policies, SCPs and RCPs have one; AWS's denial messages quote it. */
  readonly arn?: string
}

export interface CompiledStatement {
  readonly reference: StatementReference
  readonly source: Statement
  /** Of a lower-case action. */
  readonly matchesAction: TextMatcher
  readonly matchesResource: ContextMatcher
  readonly principals?: PrincipalSet
  readonly conditions: readonly CompiledCondition[]
  /**
   * Why the statement cannot be evaluated, in words.
   * FIDELITY: AWS knows all its operators. Here what can be evaluated still is, and if that all holds, a Deny denies and an Allow allows nothing,
   * so that what we do not understand never opens a door.
   */
  readonly unknown: readonly string[]
  /** What AWS reads differently from what the author may have meant. */
  readonly notes: readonly string[]
}

/** The statements that concern one action. */
export interface Candidates {
  readonly deny: readonly CompiledStatement[]
  readonly allow: readonly CompiledStatement[]
}

/** Actions whose candidates one policy remembers; beyond it the memory starts afresh. */
const REMEMBERED_ACTIONS_MAX = 1024

export class CompiledPolicy {
  readonly name: string
  readonly arn: string | undefined
  readonly document: PolicyDocument
  #statements: readonly CompiledStatement[] | undefined
  readonly #candidates = new Map<string, Candidates>()

  constructor(document: PolicyDocument, identity: PolicyIdentity) {
    this.document = document
    this.name = identity.name
    this.arn = identity.arn
  }

  /** Compiled at first use: most policies that are edited are never asked. */
  get statements(): readonly CompiledStatement[] {
    this.#statements ??= this.document.statements.map((statement, index) =>
      compileStatement(statement, this.document, referenceTo(this, statement, index)),
    )
    return this.#statements
  }

  candidates(action: string): Candidates {
    return this.#candidates.get(action) ?? this.#findCandidates(action)
  }

  #findCandidates(action: string): Candidates {
    const lower = action.toLowerCase()
    const concerned = this.statements.filter((statement) => statement.matchesAction(lower))
    const found = {
      deny: concerned.filter((statement) => statement.source.effect === 'Deny'),
      allow: concerned.filter((statement) => statement.source.effect === 'Allow'),
    }
    if (this.#candidates.size >= REMEMBERED_ACTIONS_MAX) this.#candidates.clear()
    this.#candidates.set(action, found)
    return found
  }
}

export function compilePolicy(document: PolicyDocument, identity: PolicyIdentity): CompiledPolicy {
  return new CompiledPolicy(document, identity)
}

function referenceTo(policy: CompiledPolicy, statement: Statement, index: number): StatementReference {
  return {
    policyName: policy.name,
    ...(policy.arn === undefined ? {} : { policyArn: policy.arn }),
    ...(statement.sid === undefined ? {} : { sid: statement.sid }),
    index,
  }
}

function compileStatement(
  statement: Statement,
  { version, kind }: PolicyDocument,
  reference: StatementReference,
): CompiledStatement {
  const variables = version !== '2008-10-17'
  // A role is assumed with credentials: whom a trust policy allows as everyone is everyone who has some.
  const isSignedOnly = kind === 'trust' && statement.effect === 'Allow'
  const unknown: string[] = []
  const notes: string[] = []
  const conditions: CompiledCondition[] = []
  for (const clause of statement.conditions) {
    const condition = compileCondition(clause, variables)
    if (condition === undefined) unknown.push(`condition operator \`${clause.operator}\` is not known`)
    else conditions.push(condition)
    notes.push(...(condition?.notes ?? []))
  }
  const { principal } = statement
  if (principal?.negated === true && statement.effect === 'Allow') unknown.push('NotPrincipal works only with Deny')
  // FIDELITY: canonical users are S3's, and nobody signs in here through an identity provider.
  if ((principal?.canonicalUser.length ?? 0) > 0) notes.push('CanonicalUser principals match nobody here')
  if ((principal?.federated.length ?? 0) > 0) notes.push('Federated principals match nobody here')
  return {
    reference,
    source: statement,
    matchesAction: compileActions(statement.action),
    matchesResource: compileResources(statement.resource, variables, notes),
    ...(principal === undefined ? {} : { principals: createPrincipalSet(principal, isSignedOnly) }),
    conditions,
    unknown,
    notes,
  }
}

/** Actions are not case-sensitive. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html */
function compileActions(element: ListElement): TextMatcher {
  const matchers = element.values.map((value) => createMatcher(wildcardTokens(value.toLowerCase())))
  return (action) => matchers.some((matches) => matches(action)) !== element.negated
}

/** Without the element (in a trust policy) the resource is whatever the policy is attached to. */
function compileResources(element: ListElement | undefined, variables: boolean, notes: string[]): ContextMatcher {
  if (element === undefined) return () => true
  const { negated } = element
  const matchers: ContextMatcher[] = []
  for (const value of element.values) {
    const pattern = compileResourcePattern(value, variables)
    if (pattern.note !== undefined) notes.push(pattern.note)
    matchers.push(pattern.matches)
  }
  const [only] = matchers
  if (only !== undefined && matchers.length === 1) return (resource, context) => only(resource, context) !== negated
  return (resource, context) => {
    for (const matches of matchers) if (matches(resource, context)) return !negated
    return negated
  }
}
