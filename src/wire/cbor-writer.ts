/** From a typed value to a CBOR document. Members the shape does not know are left out; so are undefined ones. */
import { loadPackage } from '../core/load-package.ts'
import { toBytes } from './base64.ts'
import { EPOCH_TAG } from './cbor-reader.ts'
import type { Member, Shape } from './shape.ts'
import { toDate } from './timestamp.ts'

const MS_PER_SECOND = 1000

export function writeCborBody(members: readonly Member[], value: Readonly<Record<string, unknown>>): Buffer {
  return writeCbor(documentFrom(members, value))
}

/** A document of plain values. */
export function writeCbor(document: Readonly<Record<string, unknown>>): Buffer {
  return Buffer.from(loadPackage('@smithy/core/cbor').cbor.serialize(document))
}

function documentFrom(members: readonly Member[], value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const document: Record<string, unknown> = {}
  for (const { name, shape } of members) {
    const part = value[name]
    if (part !== undefined && part !== null) document[name] = toDocument(shape, part)
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
    case 'timestamp':
      return loadPackage('@smithy/core/cbor').tag({ tag: EPOCH_TAG, value: toDate(value).getTime() / MS_PER_SECOND })
    case 'blob':
      return toBytes(value)
    case 'number':
    case 'string':
    case 'boolean':
    case 'document':
      return value
  }
}
