/** One layer's answer to a request: any Deny that applies, else any Allow, else an implicit denial. */
import type { CompiledPolicy, CompiledStatement } from './compile.ts'
import type { AuthorizationRequest, Layer, LayerTrace } from './model.ts'
import { grantTo, spares, type Grant } from './principal-set.ts'

/** A request with what the principal element needs to know beyond it. */
export interface Subject extends AuthorizationRequest {
  /** NotPrincipal denies every principal that has a permissions boundary. */
  readonly hasBoundary: boolean
}

/** Any Allow suffices. */
export function evaluatePolicies(layer: Layer, policies: readonly CompiledPolicy[], subject: Subject): LayerTrace {
  const notes: string[] = []
  return (
    findDeny(layer, policies, subject, notes) ??
    findAllow(layer, policies, subject, notes) ??
    trace({ layer, outcome: 'implicit_deny' }, notes)
  )
}

/** Each level has to allow. https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html */
export function evaluateLevels(
  layer: Layer,
  levels: readonly (readonly CompiledPolicy[])[],
  subject: Subject,
): LayerTrace {
  const notes: string[] = []
  for (const policies of levels) {
    const denied = findDeny(layer, policies, subject, notes)
    if (denied !== undefined) return denied
  }
  let allowed: LayerTrace = { layer, outcome: 'allow' }
  let level = 0
  for (const policies of levels) {
    level++
    const allowedHere = findAllow(layer, policies, subject, notes)
    if (allowedHere === undefined) {
      notes.push(`level ${level} of ${levels.length}, counted from the root, allows nothing that covers this request`)
      return trace({ layer, outcome: 'implicit_deny' }, notes)
    }
    allowed = allowedHere
  }
  return allowed
}

/** Only denials count: RCPFullAWSAccess is attached everywhere and cannot be detached. */
export function evaluateDenials(
  layer: Layer,
  levels: readonly (readonly CompiledPolicy[])[],
  subject: Subject,
): LayerTrace {
  const notes: string[] = []
  for (const policies of levels) {
    const denied = findDeny(layer, policies, subject, notes)
    if (denied !== undefined) return denied
  }
  return trace({ layer, outcome: 'allow' }, notes)
}

export interface GrantTrace {
  readonly trace: LayerTrace
  readonly grant: Grant
}

/** As `evaluatePolicies` for policies with principals, keeping the Allow that names the principal most directly. */
export function evaluateGrant(layer: Layer, policies: readonly CompiledPolicy[], subject: Subject): GrantTrace {
  const notes: string[] = []
  const denied = findDeny(layer, policies, subject, notes)
  if (denied !== undefined) return { trace: denied, grant: 'none' }
  let best: CompiledStatement | undefined
  let grant: Grant = 'none'
  for (const policy of policies) {
    for (const statement of policy.candidates(subject.action).allow) {
      if (grant === 'direct') break
      const here = grantOf(statement, subject)
      if (!isStronger(here, grant) || !allows(statement, subject, notes)) continue
      best = statement
      grant = here
    }
  }
  if (best === undefined) return { trace: trace({ layer, outcome: 'implicit_deny' }, notes), grant }
  return { trace: trace({ layer, outcome: 'allow', statement: best.reference }, notes), grant }
}

/** A statement without principals, as in a policy of another kind, speaks of whoever asks. */
export function grantOf(statement: CompiledStatement, subject: Subject): Grant {
  return statement.principals === undefined ? 'direct' : grantTo(statement.principals, subject.principal)
}

export function isStronger(grant: Grant, than: Grant): boolean {
  return GRANT_STRENGTH[grant] > GRANT_STRENGTH[than]
}

const GRANT_STRENGTH: Readonly<Record<Grant, number>> = { none: 0, account: 1, role: 2, direct: 3 }

function findDeny(
  layer: Layer,
  policies: readonly CompiledPolicy[],
  subject: Subject,
  notes: string[],
): LayerTrace | undefined {
  for (const policy of policies) {
    for (const statement of policy.candidates(subject.action).deny) {
      if (!applies(statement, subject)) continue
      if (statement.unknown.length > 0) notes.push(...notesOn(statement, 'denies, to be safe'))
      return trace({ layer, outcome: 'explicit_deny', statement: statement.reference }, notes)
    }
  }
  return undefined
}

function findAllow(
  layer: Layer,
  policies: readonly CompiledPolicy[],
  subject: Subject,
  notes: string[],
): LayerTrace | undefined {
  for (const policy of policies) {
    for (const statement of policy.candidates(subject.action).allow) {
      if (allows(statement, subject, notes)) {
        return trace({ layer, outcome: 'allow', statement: statement.reference }, notes)
      }
    }
  }
  return undefined
}

function allows(statement: CompiledStatement, subject: Subject, notes: string[]): boolean {
  if (!applies(statement, subject)) return false
  if (statement.unknown.length === 0) return true
  notes.push(...notesOn(statement, 'allows nothing'))
  return false
}

/** Everything but the action, which chose the candidates. What is unknown is taken to hold. */
function applies(statement: CompiledStatement, subject: Subject): boolean {
  if (!namesPrincipal(statement, subject)) return false
  if (!statement.matchesResource(subject.resource, subject.context)) return false
  for (const condition of statement.conditions) if (!condition.holds(subject.context)) return false
  return true
}

export function namesPrincipal(statement: CompiledStatement, subject: Subject): boolean {
  const { principals } = statement
  if (principals === undefined) return true
  if (statement.source.principal?.negated !== true) return grantTo(principals, subject.principal) !== 'none'
  return subject.hasBoundary || !spares(principals, subject.principal)
}

function notesOn(statement: CompiledStatement, consequence: string): string[] {
  const { policyName, sid, index } = statement.reference
  const name = sid === undefined ? `statement ${index}` : `statement \`${sid}\``
  return statement.unknown.map((reason) => `${name} of \`${policyName}\` ${consequence}: ${reason}`)
}

function trace(layerTrace: LayerTrace, notes: readonly string[]): LayerTrace {
  return notes.length === 0 ? layerTrace : { ...layerTrace, notes }
}
