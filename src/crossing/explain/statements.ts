/** Statements in words: which one it is, and by what it misses the call. */
import type { ListElement, PrincipalElement } from '../../policy/document.ts'
import type { ContextValue } from '../../policy/model.ts'
import { isUniqueId } from '../../policy/principal-set.ts'
import type { CallContext } from './context-keys.ts'
import type { Finding } from './evaluate.ts'
import type { StatementView } from './explanation.ts'
import { isUncertainClause } from './worlds.ts'

export function viewOf(finding: Finding, context: CallContext): StatementView {
  const { policy, statement, index, explanation } = finding
  const mismatches = mismatchesOf(finding, context)
  const { arn } = policy
  return {
    policy: policy.name,
    ...(arn !== undefined && { policyArn: arn }),
    ...(statement.sid !== undefined && { sid: statement.sid }),
    index,
    effect: statement.effect,
    applies: isOpen(finding, context) ? 'undecided' : explanation.applies,
    mismatches,
  }
}

/** `statement 2 (Call) of may-call` */
export function nameOf({ policy, sid, index }: Pick<StatementView, 'policy' | 'sid' | 'index'>): string {
  return `statement ${index + 1}${sid === undefined ? '' : ` (${sid})`} of ${policy}`
}

/** Whether all that is known about the call fits, and something is not known. */
function isOpen({ explanation, isUncertain, statement }: Finding, context: CallContext): boolean {
  if (!isUncertain || !explanation.matchesAction || !explanation.matchesPrincipal) return false
  const certain = explanation.conditions.filter((_, index) => {
    const clause = statement.conditions[index]
    return clause !== undefined && !isUncertainClause(clause, context)
  })
  return certain.every(({ holds }) => holds)
}

function mismatchesOf({ statement, explanation }: Finding, context: CallContext): readonly string[] {
  const words: string[] = []
  if (!explanation.matchesAction) words.push(`it is about ${listText(statement.action)}`)
  if (!explanation.matchesPrincipal && statement.principal) words.push(principalText(statement.principal))
  if (!explanation.matchesResource && statement.resource) words.push(`it is about ${listText(statement.resource)}`)
  for (const { operator, key, expected, actual, holds } of explanation.conditions) {
    const clause = { operator, key, values: expected }
    if (isUncertainClause(clause, context)) {
      words.push(`${operator} ${key} wants ${valuesText(expected)}, and nobody can tell what the call has`)
    } else if (!holds)
      words.push(`${operator} ${key} wants ${valuesText(expected)}, and the call has ${actualText(actual)}`)
  }
  for (const reason of explanation.unknown) words.push(`it cannot be evaluated: ${reason}`)
  return words
}

function listText({ negated, values }: ListElement): string {
  return `${negated ? 'everything but ' : ''}${valuesText(values)}`
}

function principalText({ negated, aws, service, anyone }: PrincipalElement): string {
  const named = [...aws.map(idText), ...service, ...(anyone ? ['everyone'] : [])]
  return `it ${negated ? 'spares' : 'names'} ${valuesText(named)}, not the caller`
}

function idText(value: string): string {
  return isUniqueId(value) ? `${value} (the id of a ${value.startsWith('AROA') ? 'role' : 'user'} that is gone)` : value
}

const VALUES_MAX = 3

function valuesText(values: readonly string[]): string {
  const shown = values.slice(0, VALUES_MAX).join(', ')
  return values.length > VALUES_MAX ? `${shown} and ${values.length - VALUES_MAX} more` : shown
}

function actualText(actual: ContextValue | undefined): string {
  if (actual === undefined) return 'none'
  return typeof actual === 'string' ? actual : `[${actual.join(', ')}]`
}

/** Whether the statement takes effect, may take effect, or misses by one thing only. */
export function isTelling({ statement, explanation }: Finding, view: StatementView, action: string): boolean {
  if (view.applies !== false) return true
  if (statement.effect !== 'Allow' || view.mismatches.length !== 1) return false
  if (explanation.matchesAction) return true
  const service = action.slice(0, action.indexOf(':') + 1).toLowerCase()
  return !statement.action.negated && statement.action.values.some((value) => value.toLowerCase().startsWith(service))
}
