/** A template with its parameters given: conditions decided, resources in order, ready to be evaluated against a stack's resources. */
import { evaluateConditions, type ConditionValues } from './conditions.ts'
import { checkOutputReferences, dependencyGraph, type DependencyGraph } from './dependencies.ts'
import { evaluateText, type Scope } from './intrinsics.ts'
import { parameterValue, type ParameterValues } from './parameters.ts'
import { pseudoParameters } from './pseudo-parameters.ts'
import { importsIn } from './references.ts'
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
export function importedExports({ template, conditions, graph, base }: ResolvedTemplate): readonly string[] {
  const scope: Scope = { ...base, reference: refuse, attribute: refuse, importedValue: refuse }
  const values = [
    ...[...graph.keys()].map((id) => template.resources[id]?.properties ?? {}),
    ...Object.values(template.outputs).map(({ value }) => value),
  ]
  const names = importsIn(values, conditions, (argument) => evaluateText(argument, scope, 'Fn::ImportValue'))
  return [...new Set(names)]
}

function refuse(): never {
  throw templateError(
    'the attribute in Fn::ImportValue must not depend on any resources, imported values, or Fn::GetAZs',
  )
}
