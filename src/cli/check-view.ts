/** A failed policy case in words: what was asked, what every layer said, and why each statement does or does not take part. */
import type { PolicyCase } from '../policy/case.ts'
import type { ListElement, PrincipalElement } from '../policy/document.ts'
import type { ConditionExplanation, LayerExplanation, StatementExplanation } from '../policy/explain.ts'
import type { Layer, Outcome } from '../policy/model.ts'
import type { CheckedCase } from './run-check.ts'
import type { Output } from './terminal/output.ts'

type Paint = Pick<Output, 'paint'>

export function failureLines({ policyCase, line, explanation }: CheckedCase, path: string, output: Paint): string[] {
  const { decision, layers } = explanation
  const { expected, request } = policyCase
  const layersThatApply = layers.filter(({ outcome }) => outcome !== undefined)
  const width = Math.max(...layersThatApply.map(({ layer }) => layer.length))
  return [
    `${output.paint('bold', policyCase.id)}  ${path}:${line}`,
    `  expected  ${decisionText(expected.decision, expected.blockedBy)}`,
    `  decided   ${output.paint('red', decisionText(decision.outcome, decision.blockedBy))}`,
    `  request   ${principalName(request.principal)} asks for ${request.action} on ${request.resource}`,
    ...layersThatApply.flatMap((layer) => [
      `  ${layer.layer.padEnd(width)}  ${layerText(layer, decision.blockedBy)}`,
      ...statementLines(layer.statements, request.action).map((text) => `  ${' '.repeat(width)}    ${text}`),
    ]),
  ]
}

/** One line, for places that have no room. */
export function failureSummary({ policyCase, explanation }: CheckedCase): string {
  const { decision } = explanation
  const { expected } = policyCase
  const decided = decisionText(decision.outcome, decision.blockedBy)
  return `expected ${decisionText(expected.decision, expected.blockedBy)}, decided ${decided}`
}

function decisionText(outcome: Outcome, blockedBy: Layer | undefined): string {
  return blockedBy === undefined ? outcome : `${outcome} by ${blockedBy}`
}

function principalName(principal: PolicyCase['request']['principal']): string {
  if (typeof principal === 'string') return principal
  return 'service' in principal ? principal.service : 'an anonymous caller'
}

function layerText({ layer, outcome, isNeeded }: LayerExplanation, blockedBy: Layer | undefined): string {
  if (layer === blockedBy) return `${outcome}, and so the request fails`
  return outcome === 'implicit_deny' && !isNeeded ? 'implicit_deny, which does not matter here' : (outcome ?? '')
}

/** Statements about other actions are only counted. */
function statementLines(statements: readonly StatementExplanation[], action: string): string[] {
  const concerned = statements.filter(({ matchesAction }) => matchesAction)
  const others = statements.length - concerned.length
  if (statements.length === 0) return ['there is no policy, or none with a statement']
  return [
    ...concerned.map((statement) => `${statementName(statement)} ${statementText(statement)}`),
    ...(others === 0 ? [] : [`${others === 1 ? '1 statement is' : `${others} statements are`} not about ${action}`]),
  ]
}

function statementName({ reference: { policyName, sid, index } }: StatementExplanation): string {
  return `statement ${index + 1}${sid === undefined ? '' : ` (${sid})`} of ${policyName}`
}

function statementText(statement: StatementExplanation): string {
  const { effect, applies, unknown, source, notes } = statement
  const remarks = [...unknown, ...notes].map((remark) => `; ${remark}`).join('')
  if (applies) return `${effect === 'Allow' ? 'allows' : 'denies'}${conditionsHeld(statement.conditions)}${remarks}`
  const misses = [
    ...(statement.matchesPrincipal ? [] : [`its ${principalText(source.principal)} is not the caller`]),
    ...(statement.matchesResource ? [] : [`its ${elementText('Resource', source.resource)} does not match`]),
    ...statement.conditions.filter(({ holds }) => !holds).map(conditionText),
  ]
  return `would ${effect.toLowerCase()}, but ${misses.join(', and ')}${remarks}`
}

function conditionsHeld(conditions: readonly ConditionExplanation[]): string {
  return conditions.length === 0 ? '' : `, since ${conditions.map(conditionText).join(', and ')}`
}

function conditionText({ operator, key, expected, actual }: ConditionExplanation): string {
  return `${operator} ${key} wants ${listText(expected)} and the request has ${actualText(actual)}`
}

function actualText(actual: ConditionExplanation['actual']): string {
  if (actual === undefined) return 'no such key'
  return typeof actual === 'string' ? `\`${actual}\`` : `[${listText(actual)}]`
}

function elementText(name: string, element: ListElement | undefined): string {
  if (element === undefined) return name
  return `${element.negated ? 'Not' : ''}${name} ${listText(element.values)}`
}

function principalText(element: PrincipalElement | undefined): string {
  if (element === undefined) return 'Principal'
  const { negated, anyone, aws, service } = element
  return `${negated ? 'Not' : ''}Principal ${listText([...(anyone ? ['*'] : []), ...aws, ...service])}`
}

function listText(values: readonly string[]): string {
  return values.map((value) => `\`${value}\``).join(' or ')
}
