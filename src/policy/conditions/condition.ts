/**
 * One clause of a `Condition`: an operator with its set prefix and `IfExists`, a key, and the policy's values.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
 */
import type { ConditionClause } from '../document.ts'
import type { ContextValue, RequestContext } from '../model.ts'
import type { ContextMatcher } from '../template.ts'
import { arnOperators } from './arn.ts'
import { binaryOperators } from './binary.ts'
import { boolOperators } from './bool.ts'
import { dateOperators } from './date.ts'
import { ipOperators } from './ip.ts'
import { compileNull, isNull } from './null.ts'
import { numericOperators } from './numeric.ts'
import type { OperatorDefinition, OperatorFamily } from './operator.ts'
import { stringOperators } from './string.ts'

const OPERATORS: OperatorFamily = {
  ...stringOperators,
  ...numericOperators,
  ...dateOperators,
  ...boolOperators,
  ...binaryOperators,
  ...ipOperators,
  ...arnOperators,
}

export interface CompiledCondition {
  readonly clause: ConditionClause
  readonly holds: (context: RequestContext) => boolean
  /** Values that nothing can match, in words. */
  readonly notes: readonly string[]
}

type SetPrefix = 'ForAllValues' | 'ForAnyValue'

interface ParsedOperator {
  readonly set?: SetPrefix
  readonly ifExists: boolean
  /** Absent for Null, which looks at the key rather than its value. */
  readonly definition?: OperatorDefinition
}

/** Whether AWS has an operator of this name, prefix and suffix included. */
export function isConditionOperator(name: string): boolean {
  return parseOperator(name) !== undefined
}

/** Undefined when the operator is none that we know. `variables`: the document's version knows policy variables. */
export function compileCondition(clause: ConditionClause, variables: boolean): CompiledCondition | undefined {
  const operator = parseOperator(clause.operator)
  if (operator === undefined) return undefined
  const key = clause.key.toLowerCase()
  if (operator.definition === undefined) {
    const holds = compileNull(clause.values)
    return { clause, holds: (context) => holds(context.get(key)), notes: [] }
  }
  const test = createTest(operator, operator.definition, operator.definition.compile(clause.values, variables))
  const isValue = operator.definition.isValue ?? (() => true)
  const notes = clause.values
    .filter((value) => !isValue(value))
    .map((value) => `nothing matches \`${value}\`, which is no value for ${clause.operator}`)
  return { clause, holds: (context) => test(context.get(key), context), notes }
}

const IF_EXISTS = 'IfExists'

function parseOperator(name: string): ParsedOperator | undefined {
  const colon = name.indexOf(':')
  const prefix = colon < 0 ? undefined : name.slice(0, colon)
  if (prefix !== undefined && prefix !== 'ForAllValues' && prefix !== 'ForAnyValue') return undefined
  const suffixed = name.slice(colon + 1)
  if (suffixed === 'Null') return { ifExists: false }
  const ifExists = suffixed.endsWith(IF_EXISTS)
  const base = ifExists ? suffixed.slice(0, -IF_EXISTS.length) : suffixed
  if (!Object.hasOwn(OPERATORS, base)) return undefined
  const definition = OPERATORS[base]
  if (definition === undefined) return undefined
  return prefix === undefined ? { ifExists, definition } : { set: prefix, ifExists, definition }
}

type ValueTest = (value: ContextValue | undefined, context: RequestContext) => boolean

/**
 * Without a set prefix an absent key fails, or holds where the operator is negated. ForAllValues holds for an absent or empty key, ForAnyValue
 * does not, negated or not. `IfExists` makes an absent key hold always.
 */
function createTest(operator: ParsedOperator, definition: OperatorDefinition, matches: ContextMatcher): ValueTest {
  const { set, ifExists } = operator
  const { negated } = definition
  if (set === 'ForAllValues') {
    return (value, context) => isNull(value) || listOf(value).every((element) => matches(element, context) !== negated)
  }
  if (set === 'ForAnyValue') {
    return (value, context) =>
      isAbsent(value) ? ifExists : listOf(value).some((element) => matches(element, context) !== negated)
  }
  const whenAbsent = ifExists || negated
  return (value, context) => {
    if (typeof value === 'string') return matches(value, context) !== negated
    if (isAbsent(value)) return whenAbsent
    // AWS asks for a set prefix on multivalued keys and does not say what happens without one: one value that matches is a match.
    return listOf(value).some((element) => matches(element, context)) !== negated
  }
}

/** An empty set is as good as none; an empty string is a value that a comparison can match. */
function isAbsent(value: ContextValue | undefined): boolean {
  return value === undefined || (typeof value !== 'string' && value.length === 0)
}

function listOf(value: ContextValue | undefined): readonly string[] {
  if (value === undefined) return []
  return typeof value === 'string' ? [value] : value
}
