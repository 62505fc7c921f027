/** The order of resources: what each one needs first, from its references and DependsOn. */
import type { ConditionValues } from './conditions.ts'
import { unresolved } from './intrinsics.ts'
import { referencesIn } from './references.ts'
import type { Template } from './template.ts'
import { validationError } from './validation-error.ts'

/** Logical id → the logical ids it needs, for the resources whose condition holds, in an order in which each comes after its needs. */
export type DependencyGraph = ReadonlyMap<string, readonly string[]>

/** Throws for a reference to a resource whose condition does not hold, and for a cycle. */
export function dependencyGraph(template: Template, conditions: ConditionValues): DependencyGraph {
  const active = new Map(
    Object.entries(template.resources).filter(([, { condition }]) => condition === undefined || conditions[condition]),
  )
  const needs = new Map<string, readonly string[]>()
  const skipped = new Set<string>()
  for (const [id, { properties, dependsOn }] of active) {
    const names = new Set(dependsOn.filter((name) => active.has(name)))
    for (const { name } of referencesIn(properties, conditions)) {
      if (active.has(name)) names.add(name)
      else if (template.resources[name]) skipped.add(name)
    }
    needs.set(id, [...names])
  }
  if (skipped.size > 0) throw unresolved([...skipped], 'Resources')
  return ordered(needs)
}

/** Outputs may refer only to resources that exist. */
export function checkOutputReferences(template: Template, conditions: ConditionValues, graph: DependencyGraph): void {
  for (const output of Object.values(template.outputs)) {
    if (output.condition !== undefined && !conditions[output.condition]) continue
    const skipped = referencesIn([output.value, output.exportName ?? ''], conditions)
      .map(({ name }) => name)
      .filter((name) => template.resources[name] && !graph.has(name))
    if (skipped.length > 0) {
      throw validationError(
        `Unresolved resource dependencies [${[...new Set(skipped)].join(', ')}] in the Outputs block of the template`,
      )
    }
  }
}

function ordered(needs: ReadonlyMap<string, readonly string[]>): DependencyGraph {
  const done = new Map<string, readonly string[]>()
  let remaining = [...needs]
  while (remaining.length > 0) {
    const ready = remaining.filter(([, ids]) => ids.every((id) => done.has(id)))
    if (ready.length === 0) {
      const cycle = cyclic(remaining)
      throw validationError(`Circular dependency between resources: [${cycle.join(', ')}]`)
    }
    for (const [id, ids] of ready) done.set(id, ids)
    remaining = remaining.filter(([id]) => !done.has(id))
  }
  return done
}

/** Those of the rest that lie on a cycle, without what merely waits for one. */
function cyclic(remaining: readonly (readonly [string, readonly string[]])[]): readonly string[] {
  let ids = remaining.map(([id]) => id)
  for (;;) {
    const kept = ids.filter((id) => remaining.some(([other, needs]) => ids.includes(other) && needs.includes(id)))
    if (kept.length === ids.length) return kept
    ids = kept
  }
}
