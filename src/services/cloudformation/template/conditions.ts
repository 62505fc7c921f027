/**
 * The `Conditions` section: every condition's value, from parameters alone.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/conditions-section-structure.html
 */
import { evaluate, ifParts, type Scope } from './intrinsics.ts'
import { isList, isObject, isScalar, soleEntry, type Json } from './json.ts'
import type { Template } from './template.ts'
import { formatError, templateError } from './validation-error.ts'

export type ConditionValues = Readonly<Record<string, boolean>>

const OPERANDS_MIN = 2
const OPERANDS_MAX = 10

/** `base` resolves parameters and mappings; conditions may not refer to resources. */
export function evaluateConditions(
  template: Template,
  base: Pick<Scope, 'parameters' | 'pseudo' | 'mappings'>,
): ConditionValues {
  const values: Record<string, boolean> = {}
  const underway: string[] = []

  function valueOf(name: string): boolean {
    const known = values[name]
    if (known !== undefined) return known
    const body = template.conditions[name]
    if (body === undefined)
      throw formatError(`Unresolved condition dependency ${name} in the Conditions block of the template`)
    if (underway.includes(name)) throw formatError(`Circular dependency between conditions: [${underway.join(', ')}]`)
    underway.push(name)
    const value = isTrue(body)
    underway.pop()
    values[name] = value
    return value
  }

  const scope: Scope = {
    ...base,
    condition: valueOf,
    reference: refuseResource,
    attribute: refuseResource,
    importedValue: () => {
      throw templateError('Fn::ImportValue cannot be used in the Conditions block of the template')
    },
  }

  function isTrue(body: Json): boolean {
    const [name, argument] = (isObject(body) ? soleEntry(body) : undefined) ?? []
    if (name === undefined || argument === undefined) throw notACondition()
    switch (name) {
      case 'Condition':
        if (typeof argument !== 'string') throw notACondition()
        return valueOf(argument)
      case 'Fn::Equals':
        return equals(argument)
      case 'Fn::And':
        return operands(name, argument).every(isTrue)
      case 'Fn::Or':
        return operands(name, argument).some(isTrue)
      case 'Fn::Not':
        if (!isList(argument) || argument[0] === undefined || argument.length !== 1) {
          throw templateError('Fn::Not requires a list argument with one element')
        }
        return !isTrue(argument[0])
      case 'Fn::If': {
        const [condition, whenTrue, whenFalse] = ifParts(argument)
        return isTrue(valueOf(condition) ? whenTrue : whenFalse)
      }
      default:
        throw notACondition()
    }
  }

  function equals(argument: Json): boolean {
    const [left, right] = isList(argument) && argument.length === 2 ? argument : []
    if (left === undefined || right === undefined) {
      throw templateError('every Fn::Equals object requires a list of 2 string parameters.')
    }
    return comparable(evaluate(left, scope)) === comparable(evaluate(right, scope))
  }

  for (const name of Object.keys(template.conditions)) valueOf(name)
  return values
}

/** Numbers and booleans are compared as the texts they are. */
function comparable(value: Json | undefined): string {
  return value === undefined ? '' : isScalar(value) ? String(value) : JSON.stringify(value)
}

function operands(name: string, argument: Json): readonly Json[] {
  if (isList(argument) && argument.length >= OPERANDS_MIN && argument.length <= OPERANDS_MAX) return argument
  throw templateError(
    `every ${name} object requires a list of at least ${OPERANDS_MIN} and at most ${OPERANDS_MAX} boolean parameters.`,
  )
}

function notACondition(): Error {
  return formatError('Every Conditions member must be a condition function')
}

function refuseResource(logicalId: string): never {
  throw formatError(
    `Unresolved dependencies [${logicalId}]. Cannot reference resources in the Conditions block of the template`,
  )
}
