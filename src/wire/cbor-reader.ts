/**
 * From a CBOR document to a typed value. FIDELITY: what AWS says of a member of the wrong type has not been seen; here it says nothing more
 * than SerializationException.
 */
import { CborError, CborTag, decodeCbor } from './cbor-decoder.ts'
import { serializationError } from './json-reader.ts'
import type { Constraint, Shape, StructureShape } from './shape.ts'
import { timestampFromSeconds } from './timestamp.ts'

/** Times are numbers of seconds under this tag. https://www.rfc-editor.org/rfc/rfc8949#name-epoch-based-date-time */
export const EPOCH_TAG = 1

/** The members of a body. A request whose operation needs no input may have none. */
export function readCborBody(shape: StructureShape, body: Buffer): Record<string, unknown> {
  if (body.length === 0) return {}
  let document: unknown
  try {
    document = decodeCbor(body)
  } catch (error) {
    if (error instanceof CborError) throw serializationError('')
    throw error
  }
  return readStructure(shape, document)
}

/** Unknown keys are ignored and nulls are absent. */
function readStructure(shape: StructureShape, document: unknown): Record<string, unknown> {
  const parts = mapOf(document)
  const value: Record<string, unknown> = {}
  for (const member of shape.members) {
    const part = parts[member.name]
    if (part !== undefined && part !== null) value[member.name] = read(member.shape, part, member.constraint)
  }
  return value
}

function read(shape: Shape, value: unknown, constraint: Constraint | undefined): unknown {
  switch (shape.kind) {
    case 'structure':
      return readStructure(shape, value)
    case 'list':
      if (!Array.isArray(value)) throw serializationError('')
      return value.map((element) => (element === null ? null : read(shape.element, element, constraint?.element)))
    case 'map':
      return Object.fromEntries(
        Object.entries(mapOf(value)).map(([key, part]) => [
          key,
          part === null ? null : read(shape.value, part, constraint?.value),
        ]),
      )
    case 'string':
    case 'boolean':
      if (typeof value !== shape.kind) throw serializationError('')
      return value
    case 'number':
      return numberOf(value, constraint)
    case 'timestamp':
      return timestampFromSeconds(secondsOf(value))
    case 'blob':
      if (!(value instanceof Uint8Array)) throw serializationError('')
      return Buffer.from(value)
    case 'document':
      return value
  }
}

function mapOf(value: unknown): Readonly<Record<string, unknown>> {
  const isMap = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === null
  if (!isMap) throw serializationError('')
  return value as Record<string, unknown>
}

/** A fraction is cut off a whole number, as in JSON. */
function numberOf(value: unknown, constraint: Constraint | undefined): number {
  if (typeof value !== 'number') throw serializationError('')
  const isWhole = constraint?.number === 'integer' || constraint?.number === 'long'
  return isWhole ? Math.trunc(value) : value
}

function secondsOf(value: unknown): number {
  if (!(value instanceof CborTag) || value.tag !== EPOCH_TAG) throw serializationError('')
  const number = numberOf(value.value, undefined)
  if (!Number.isFinite(number)) throw serializationError('')
  return number
}
