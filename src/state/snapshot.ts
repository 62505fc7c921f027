/** Whether a document that came from outside has the shape of a snapshot, before anything is replaced by it. */
import type { Snapshot } from './state.ts'

/** Throws `TypeError` naming the part that is not as it should be. What the values are is the services' business. */
export function parseSnapshot(document: unknown): Snapshot {
  const snapshot = objectAt(document, 'the snapshot')
  for (const [collection, scopes] of Object.entries(snapshot)) {
    for (const [scope, items] of Object.entries(objectAt(scopes, collection))) {
      objectAt(items, `${collection} of ${scope}`)
    }
  }
  return snapshot as Snapshot
}

function objectAt(value: unknown, where: string): object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw new TypeError(`${where} is not an object`)
}
