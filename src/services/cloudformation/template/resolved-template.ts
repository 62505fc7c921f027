/** A template with its parameters given: conditions decided, resources in order, ready to be evaluated against a stack's resources. */
import { evaluateConditions, type ConditionValues } from './conditions.ts'
import { checkOutputReferences, dependencyGraph, type DependencyGraph } from './dependencies.ts'
import { evaluate, evaluateText, ifParts, isFunctionName, type Scope } from './intrinsics.ts'
import { isList, isObject, soleEntry, type Json, type JsonObject } from './json.ts'
import { parameterValue, type ParameterValues } from './parameters.ts'
import { pseudoParameters } from './pseudo-parameters.ts'
import { argumentsIn, referencesIn } from './references.ts'
import type { Template } from './template.ts'
import { templateError } from './validation-error.ts'

export interface StackFacts {
  readonly account: string
  readonly region: string
  readonly name: string
  readonly id: string
}

export interface ResolvedTemplate {
  readonly template: Template
  readonly conditions: ConditionValues
  /** Only resources whose condition holds; each after the ones it needs. */
  readonly graph: DependencyGraph
  readonly base: Pick<Scope, 'parameters' | 'pseudo' | 'mappings' | 'condition'>
}

/** What `NoEcho` parameters show as. */
export const MASK = '****'

/** Throws AWS's `ValidationError` for unresolvable references and circular dependencies. */
export function resolveTemplate(template: Template, values: ParameterValues, stack: StackFacts): ResolvedTemplate {
  const names = {
    parameters: Object.fromEntries(
      Object.entries(template.parameters).map(([name, declared]) => [
        name,
        parameterValue(declared, values[name] ?? ''),
      ]),
    ),
    pseudo: pseudoParameters(stack),
    mappings: template.mappings,
  }
  const conditions = evaluateConditions(template, names)
  const graph = dependencyGraph(template, conditions)
  checkOutputReferences(template, conditions, graph)
  return { template, conditions, graph, base: { ...names, condition: (name) => conditions[name] === true } }
}

/** The same template with the values of `NoEcho` parameters hidden, for what is shown of properties. */
export function masked({ template, base }: ResolvedTemplate): ResolvedTemplate['base'] {
  const hidden = Object.entries(template.parameters).filter(([, { noEcho }]) => noEcho)
  if (hidden.length === 0) return base
  return { ...base, parameters: { ...base.parameters, ...Object.fromEntries(hidden.map(([name]) => [name, MASK])) } }
}

/** The names of the exports that the active resources and outputs import. */
export function importedExports(resolved: ResolvedTemplate): readonly string[] {
  const scope: Scope = { ...resolved.base, reference: refuse, attribute: refuse, importedValue: refuse }
  const names = argumentsIn('Fn::ImportValue', activeValues(resolved), resolved.conditions)
  return [...new Set(names.map((argument) => evaluateText(argument, scope, 'Fn::ImportValue')))]
}

/**
 * Evaluates what does not depend on resources, as AWS does before it accepts a template: mappings are looked up, and functions given what they
 * cannot take are refused. Throws AWS's `ValidationError`.
 */
export function checkKnownValues(resolved: ResolvedTemplate): void {
  const { template, conditions, base } = resolved
  const scope: Scope = { ...base, reference: refuse, attribute: refuse, importedValue: refuse }
  for (const value of activeValues(resolved)) visit(value)

  function visit(value: Json): void {
    if (isList(value)) {
      for (const item of value) visit(item)
      return
    }
    if (!isObject(value)) return
    const [name = ''] = soleEntry(value) ?? []
    if (isFunctionName(name) && name !== 'Fn::If' && isKnown(value)) evaluate(value, scope)
    else for (const part of name === 'Fn::If' ? activeBranch(value) : Object.values(value)) visit(part)
  }

  function isKnown(value: Json): boolean {
    const needsResources = referencesIn(value, conditions).some(({ name }) => template.resources[name])
    return !needsResources && argumentsIn('Fn::ImportValue', value, conditions).length === 0
  }

  function activeBranch(value: JsonObject): readonly Json[] {
    const [condition, whenTrue, whenFalse] = ifParts(value['Fn::If'] ?? '')
    return [conditions[condition] === true ? whenTrue : whenFalse]
  }
}

function activeValues({ template, conditions, graph }: ResolvedTemplate): Json[] {
  const outputs = Object.values(template.outputs).filter(
    ({ condition }) => condition === undefined || conditions[condition] === true,
  )
  return [
    ...[...graph.keys()].map((id) => template.resources[id]?.properties ?? {}),
    ...outputs.map(({ value }) => value),
  ]
}

function refuse(): never {
  throw templateError(
    'the attribute in Fn::ImportValue must not depend on any resources, imported values, or Fn::GetAZs',
  )
}
