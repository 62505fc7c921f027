/** Tags of a resource: its own and the stack's. */
import type { JsonObject } from '../template/json.ts'
import { objectsOf, textOf } from './property-values.ts'

export type Tags = Readonly<Record<string, string>>

/** FIDELITY: AWS also adds `aws:cloudformation:*` tags, which no caller may set; Isthmus calls the service as the deployer, so it cannot. */
export function mergedTags(properties: JsonObject, stackTags: Tags): Tags {
  const pairs = objectsOf(properties, 'Tags').map((tag) => [textOf(tag, 'Key') ?? '', textOf(tag, 'Value') ?? ''])
  return { ...stackTags, ...(Object.fromEntries(pairs) as Tags) }
}

export function tagList(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
}

export function tagChanges(previous: Tags, next: Tags): { readonly set: Tags; readonly removed: string[] } {
  return {
    set: Object.fromEntries(Object.entries(next).filter(([key, value]) => previous[key] !== value)),
    removed: Object.keys(previous).filter((key) => next[key] === undefined),
  }
}

export function isEmpty(tags: Tags): boolean {
  return Object.keys(tags).length === 0
}
