/** Which names a value refers to: the edges of the dependency graph, and the check that every name means something. */
import type { ConditionValues } from './conditions.ts'
import { getAttParts, ifParts, isFunctionName, subParts, unresolved } from './intrinsics.ts'
import { isList, isObject, soleEntry, type Json } from './json.ts'
import { isPseudoParameter } from './pseudo-parameters.ts'
import { parseSub } from './sub.ts'
import type { Template } from './template.ts'
import { formatError, templateError } from './validation-error.ts'

export interface Reference {
  readonly name: string
  /** Set by Fn::GetAtt; absent for Ref. `computed` when the attribute's name is itself a function. */
  readonly attribute?: string
}

/** Every Ref, Fn::GetAtt and Fn::Sub placeholder. With `conditions`, only the branches of Fn::If that are taken. */
export function referencesIn(value: Json, conditions?: ConditionValues): readonly Reference[] {
  const found: Reference[] = []
  visit(value)
  return found

  function visit(value: Json): void {
    if (isList(value)) {
      for (const item of value) visit(item)
      return
    }
    if (!isObject(value)) return
    const sole = soleEntry(value)
    if (!sole || !isFunctionName(sole[0])) {
      for (const item of Object.values(value)) visit(item)
      return
    }
    visitFunction(...sole)
  }

  function visitFunction(name: string, argument: Json): void {
    switch (name) {
      case 'Ref':
        if (typeof argument === 'string') found.push({ name: argument })
        return
      case 'Fn::GetAtt': {
        const [resource, attribute] = getAttParts(argument)
        found.push({ name: resource, attribute: typeof attribute === 'string' ? attribute : 'computed' })
        if (typeof attribute !== 'string') visit(attribute)
        return
      }
      case 'Fn::Sub': {
        const { pattern, variables } = subParts(argument)
        for (const part of parseSub(pattern)) {
          if (part.kind === 'text' || variables[part.name] !== undefined) continue
          const dot = part.name.indexOf('.')
          found.push(
            dot < 0 ? { name: part.name } : { name: part.name.slice(0, dot), attribute: part.name.slice(dot + 1) },
          )
        }
        visit(variables)
        return
      }
      case 'Fn::If': {
        const [condition, whenTrue, whenFalse] = ifParts(argument)
        const value = conditions?.[condition]
        if (value !== false) visit(whenTrue)
        if (value !== true) visit(whenFalse)
        return
      }
      default:
        visit(argument)
    }
  }
}

/** What one function is called with in a value, where the conditions lead. */
export function argumentsIn(name: string, value: Json, conditions: ConditionValues): readonly Json[] {
  if (isList(value)) return value.flatMap((item) => argumentsIn(name, item, conditions))
  if (!isObject(value)) return []
  const sole = soleEntry(value)
  if (sole?.[0] === name) return [sole[1]]
  if (sole?.[0] === 'Fn::If') {
    const [condition, whenTrue, whenFalse] = ifParts(sole[1])
    return argumentsIn(name, conditions[condition] === true ? whenTrue : whenFalse, conditions)
  }
  return Object.values(value).flatMap((item) => argumentsIn(name, item, conditions))
}

/** Refuses names that nothing in the template declares, whatever the conditions turn out to be. */
export function checkReferences(template: Template): void {
  for (const [id, resource] of Object.entries(template.resources)) {
    checkConditionName(template, resource.condition, `resource ${id}`)
    checkIfConditions(template, resource.properties)
  }
  const fromResources = Object.values(template.resources).flatMap(({ properties, metadata, dependsOn }) => [
    ...referencesIn(properties),
    ...(metadata ? referencesIn(metadata) : []),
    ...dependsOn.map((name) => ({ name })),
  ])
  refuseUndeclared(template, fromResources, 'Resources')
  for (const [id, output] of Object.entries(template.outputs)) {
    checkConditionName(template, output.condition, `output ${id}`)
    checkIfConditions(template, output.value)
    refuseUndeclared(template, referencesIn([output.value, output.exportName ?? '']), 'Outputs')
  }
}

function refuseUndeclared(template: Template, references: readonly Reference[], block: string): void {
  const missing = references.filter(
    ({ name }) => !template.resources[name] && !template.parameters[name] && !isPseudoParameter(name),
  )
  if (missing.length > 0) throw unresolved([...new Set(missing.map(({ name }) => name))], block)
  const parameter = references.find(({ name, attribute }) => attribute !== undefined && !template.resources[name])
  if (parameter) {
    throw templateError(`instance of Fn::GetAtt references undefined resource ${parameter.name}`)
  }
}

function checkConditionName(template: Template, condition: string | undefined, where: string): void {
  if (condition !== undefined && template.conditions[condition] === undefined) {
    throw formatError(`Unrecognized condition ${condition} of ${where}`)
  }
}

function checkIfConditions(template: Template, value: Json): void {
  if (isList(value)) {
    for (const item of value) checkIfConditions(template, item)
    return
  }
  if (!isObject(value)) return
  const sole = soleEntry(value)
  if (sole?.[0] === 'Fn::If') {
    const [condition] = ifParts(sole[1])
    if (template.conditions[condition] === undefined) {
      throw templateError(`unresolved condition dependency ${condition} in Fn::If`)
    }
  }
  for (const item of Object.values(value)) checkIfConditions(template, item)
}
