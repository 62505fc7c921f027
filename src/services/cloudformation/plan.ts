/**
 * What an update would do, before anything is done: the changes of a change set, and whether there is anything to update at all.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-changesets-view.html
 */
import { isDeepStrictEqual } from 'node:util'

import { evaluateOutputs } from './outputs.ts'
import { checkProperties } from './providers/property-schema.ts'
import { providerOf } from './providers/registry.ts'
import type { PlannedChange, PlannedDetail, ResourceRecord, ResourceState, StackOutput, Tags } from './records.ts'
import { plannedScope } from './scopes.ts'
import type { Export } from './stack-store.ts'
import { KNOWN_AFTER_APPLY } from './template/intrinsics.ts'
import type { Json, JsonObject } from './template/json.ts'
import { referencesIn } from './template/references.ts'
import { masked, type ResolvedTemplate } from './template/resolved-template.ts'
import {
  differenceBetween,
  isDifferent,
  wantedResource,
  type Difference,
  type WantedResource,
} from './wanted-resource.ts'

export interface Plan {
  readonly changes: readonly PlannedChange[]
  /** True when a deployment would leave everything as it is. */
  readonly isEmpty: boolean
}

export interface Current {
  readonly resources: readonly ResourceRecord[]
  readonly outputs: readonly StackOutput[]
}

/** Throws AWS's `ValidationError` for an export that does not exist. */
export function planUpdate(
  resolved: ResolvedTemplate,
  tags: Tags,
  current: Current,
  exports: ReadonlyMap<string, Export>,
): Plan {
  const existing = new Map(
    current.resources.filter(({ physicalId }) => physicalId !== undefined).map((record) => [record.logicalId, record]),
  )
  /** Resources whose id is not known until the update has run. */
  const unknown = new Set<string>()
  const find = (id: string) => (unknown.has(id) ? undefined : existing.get(id))
  const scope = plannedScope(resolved.base, find, exports)
  const shownBase = masked(resolved)
  const shown = shownBase === resolved.base ? scope : plannedScope(shownBase, find, exports)

  const changes = new Map<string, PlannedChange>()
  for (const id of resolved.graph.keys()) {
    const type = resolved.template.resources[id]?.type ?? ''
    const wanted = checkedIfKnown(type, wantedResource(resolved, id, { scope, shown, tags }))
    const record = existing.get(id)
    if (!record) {
      unknown.add(id)
      changes.set(id, { action: 'Add', logicalId: id, type, scope: [], details: [], after: contextOf(wanted) })
      continue
    }
    const difference = differenceBetween(record, wanted)
    if (!isDifferent(difference) && !record.status.endsWith('_FAILED')) continue
    const change = modification(resolved, record, wanted, difference)
    if (change.replacement !== 'False') unknown.add(id)
    changes.set(id, change)
  }
  for (const record of existing.values()) {
    if (!resolved.graph.has(record.logicalId)) changes.set(record.logicalId, removal(record))
  }
  const outputs = evaluateOutputs(resolved, scope)
  return {
    changes: inOrder(changes, [...Object.keys(resolved.template.resources), ...existing.keys()]),
    isEmpty: changes.size === 0 && isDeepStrictEqual(outputs, current.outputs),
  }
}

/** Changes are listed as the template lists the resources. */
function inOrder(changes: ReadonlyMap<string, PlannedChange>, ids: readonly string[]): readonly PlannedChange[] {
  return [...new Set(ids)].flatMap((id) => changes.get(id) ?? [])
}

/** What is compared are checked properties; those with values yet unknown cannot be checked, and differ anyway. */
function checkedIfKnown(type: string, wanted: WantedResource): WantedResource {
  const checked = checkProperties(providerOf(type).schema, wanted.properties)
  return checked.ok ? { ...wanted, properties: checked.properties } : wanted
}

function modification(
  resolved: ResolvedTemplate,
  record: ResourceRecord,
  wanted: WantedResource,
  difference: Difference,
): PlannedChange {
  const provider = providerOf(record.type)
  const declared = resolved.template.resources[record.logicalId]?.properties ?? {}
  const details: PlannedDetail[] = difference.properties.map((name) => {
    const evaluation = isUnknown(wanted.properties[name]) ? 'Dynamic' : 'Static'
    return {
      attribute: 'Properties',
      name,
      requiresRecreation: !provider.replacedBy.has(name)
        ? 'Never'
        : evaluation === 'Static'
          ? 'Always'
          : 'Conditionally',
      evaluation,
      ...sourceOf(declared[name], resolved),
    }
  })
  const direct = { requiresRecreation: 'Never', evaluation: 'Static', source: 'DirectModification' } as const
  if (difference.metadata) details.push({ attribute: 'Metadata', ...direct })
  if (difference.tags) details.push({ attribute: 'Tags', ...direct })
  const needed = new Set(details.map(({ requiresRecreation }) => requiresRecreation))
  const replacement = needed.has('Always') ? 'True' : needed.has('Conditionally') ? 'Conditional' : 'False'
  return {
    action: 'Modify',
    logicalId: record.logicalId,
    ...(record.physicalId !== undefined && { physicalId: record.physicalId }),
    type: record.type,
    replacement,
    ...(replacement === 'True' && {
      policyAction: wanted.updateReplacePolicy === 'Retain' ? 'ReplaceAndRetain' : 'ReplaceAndDelete',
    }),
    scope: [...new Set(details.map(({ attribute }) => attribute))],
    details,
    before: contextOf(record),
    after: contextOf(wanted),
  }
}

function removal(record: ResourceRecord): PlannedChange {
  return {
    action: 'Remove',
    logicalId: record.logicalId,
    ...(record.physicalId !== undefined && { physicalId: record.physicalId }),
    type: record.type,
    policyAction: record.deletionPolicy === 'Retain' ? 'Retain' : 'Delete',
    scope: [],
    details: [],
    before: contextOf(record),
  }
}

/** The entity in the template that made the property change, as far as the template shows it. */
function sourceOf(
  declared: Json | undefined,
  resolved: ResolvedTemplate,
): Pick<PlannedDetail, 'source' | 'causingEntity'> {
  const references = declared === undefined ? [] : referencesIn(declared, resolved.conditions)
  const resource = references.find(({ name }) => resolved.graph.has(name))
  if (resource) {
    return resource.attribute === undefined
      ? { source: 'ResourceReference', causingEntity: resource.name }
      : { source: 'ResourceAttribute', causingEntity: `${resource.name}.${resource.attribute}` }
  }
  const parameter = references.find(({ name }) => resolved.template.parameters[name])
  return parameter ? { source: 'ParameterReference', causingEntity: parameter.name } : { source: 'DirectModification' }
}

function isUnknown(value: Json | undefined): boolean {
  return value !== undefined && JSON.stringify(value).includes(KNOWN_AFTER_APPLY)
}

function contextOf(state: WantedResource | ResourceState): string {
  const context: Record<string, JsonObject> = { Properties: state.shownProperties ?? state.properties }
  if (state.metadata) context['Metadata'] = state.metadata
  return JSON.stringify(context)
}
