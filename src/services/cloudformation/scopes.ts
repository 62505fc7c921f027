/** What names mean for one stack: against its resources as they are, or as far as a plan can know them. */
import { KNOWN_AFTER_APPLY, type Scope } from './template/intrinsics.ts'
import type { ResolvedTemplate } from './template/resolved-template.ts'
import { validationError } from './template/validation-error.ts'
import { unknownAttribute } from './definition.ts'
import type { ResourceState } from './records.ts'
import type { Export } from './stack-store.ts'

export type FindResource = (logicalId: string) => ResourceState | undefined

/** INVARIANT: the resources that a value needs have been deployed before it is evaluated. */
export function liveScope(
  base: ResolvedTemplate['base'],
  find: FindResource,
  exports: ReadonlyMap<string, Export>,
): Scope {
  const existing = (logicalId: string): ResourceState & { readonly physicalId: string } => {
    const state = find(logicalId)
    if (state?.physicalId === undefined) throw new Error(`resource ${logicalId} does not exist yet`)
    return { ...state, physicalId: state.physicalId }
  }
  return {
    ...base,
    reference: (logicalId) => existing(logicalId).physicalId,
    attribute(logicalId, name) {
      const value = existing(logicalId).attributes[name]
      if (value === undefined) throw unknownAttribute(logicalId, name)
      return value
    },
    importedValue: (name) => exportedValue(name, exports),
  }
}

/** `find` answers undefined for a resource that is yet to be created or replaced. */
export function plannedScope(
  base: ResolvedTemplate['base'],
  find: FindResource,
  exports: ReadonlyMap<string, Export>,
): Scope {
  return {
    ...base,
    reference: (logicalId) => find(logicalId)?.physicalId ?? KNOWN_AFTER_APPLY,
    attribute: (logicalId, name) => find(logicalId)?.attributes[name] ?? KNOWN_AFTER_APPLY,
    importedValue: (name) => exportedValue(name, exports),
  }
}

function exportedValue(name: string, exports: ReadonlyMap<string, Export>): string {
  const found = exports.get(name)
  if (!found) throw validationError(`No export named ${name} found`)
  return found.value
}
