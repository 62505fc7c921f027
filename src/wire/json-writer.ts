/** From a typed value to a JSON document. Members the shape does not know are left out; so are undefined ones. */
import { encodeBase64 } from './base64.ts'
import type { Member, Shape } from './shape.ts'
import { toDate } from './timestamp.ts'

const MS_PER_SECOND = 1000

/** The members `members` of a value. */
export function writeJsonBody(members: readonly Member[], value: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(documentFrom(members, value))
}

export function writeJson(shape: Shape, value: unknown): string {
  return JSON.stringify(toDocument(shape, value))
}

export function documentFrom(
  members: readonly Member[],
  value: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const document: Record<string, unknown> = {}
  for (const member of members) {
    const part = value[member.name]
    if (part !== undefined && part !== null) document[member.jsonName] = toDocument(member.shape, part)
  }
  return document
}

function toDocument(shape: Shape, value: unknown): unknown {
  if (value === null || value === undefined) return null
  switch (shape.kind) {
    case 'structure':
      return documentFrom(shape.members, value as Record<string, unknown>)
    case 'list':
      return Array.from(value as Iterable<unknown>, (element) => toDocument(shape.element, element))
    case 'map':
      return Object.fromEntries(
        Object.entries(value as Record<string, unknown>).map(([key, part]) => [key, toDocument(shape.value, part)]),
      )
    case 'timestamp': {
      const time = toDate(value)
      if (shape.format === 'date-time') return time.toISOString()
      return shape.format === 'http-date' ? time.toUTCString() : time.getTime() / MS_PER_SECOND
    }
    case 'blob':
      return encodeBase64(value)
    case 'number':
      // JSON has no word for these; the protocol uses text.
      return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
    case 'string':
    case 'boolean':
    case 'document':
      return value
  }
}
