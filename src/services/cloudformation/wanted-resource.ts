/** What the template wants a resource to be, and how that differs from what it is. */
import { isDeepStrictEqual } from 'node:util'

import { evaluate, type Scope } from './template/intrinsics.ts'
import { isObject, type JsonObject } from './template/json.ts'
import type { ResolvedTemplate } from './template/resolved-template.ts'
import { changedProperties } from './providers/property-values.ts'
import type { ResourceProvider } from './providers/provider.ts'
import { providerOf } from './providers/registry.ts'
import type { ResourceState, Tags } from './records.ts'

/** Properties as evaluated; the provider's schema has not seen them yet. */
export type WantedResource = Omit<ResourceState, 'physicalId' | 'attributes'>

/** `shown` hides NoEcho parameters; pass `scope` itself when there are none. */
export function wantedResource(
  { template, graph }: ResolvedTemplate,
  logicalId: string,
  { scope, shown, tags }: { readonly scope: Scope; readonly shown: Scope; readonly tags: Tags },
): WantedResource {
  const declared = template.resources[logicalId]
  if (!declared) throw new Error(`no resource ${logicalId} in the template`)
  const properties = evaluatedObject(declared.properties, scope)
  const shownProperties = scope === shown ? undefined : evaluatedObject(declared.properties, shown)
  return {
    properties,
    ...(shownProperties && !isDeepStrictEqual(properties, shownProperties) && { shownProperties }),
    stackTags: providerOf(declared.type).taggable ? tags : {},
    ...(declared.metadata && { metadata: evaluatedObject(declared.metadata, scope) }),
    needs: graph.get(logicalId) ?? [],
    deletionPolicy: declared.deletionPolicy,
    updateReplacePolicy: declared.updateReplacePolicy,
  }
}

function evaluatedObject(value: JsonObject, scope: Scope): JsonObject {
  const evaluated = evaluate(value, scope)
  return evaluated !== undefined && isObject(evaluated) ? evaluated : {}
}

export interface Difference {
  /** Names of the properties that changed. */
  readonly properties: readonly string[]
  readonly tags: boolean
  readonly metadata: boolean
}

/** AWS counts a change of metadata as a change of the resource, but not one of its policies or dependencies. */
export function differenceBetween(current: ResourceState, wanted: WantedResource): Difference {
  return {
    properties: changedProperties(current.properties, wanted.properties),
    tags: !isDeepStrictEqual(current.stackTags, wanted.stackTags),
    metadata: !isDeepStrictEqual(current.metadata, wanted.metadata),
  }
}

export function isDifferent({ properties, tags, metadata }: Difference): boolean {
  return properties.length > 0 || tags || metadata
}

export function isReplacement({ properties }: Difference, provider: ResourceProvider): boolean {
  return properties.some((name) => provider.replacedBy.has(name))
}
