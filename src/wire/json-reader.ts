/**
 * From a JSON document to a typed value. AWS's deserializer checks types before anything else looks at the request; its sentences
 * (`NUMBER_VALUE can not be converted to a String`) were observed on JSON services in 2024–2026.
 */
import { AwsError } from '../core/aws-error.ts'
import { decodeBase64 } from './base64.ts'
import type { Constraint, Shape, StructureShape } from './shape.ts'
import { parseTimestamp, timestampFromSeconds } from './timestamp.ts'

const UNEXPECTED_LIST = 'Start of list found where not expected'
const UNEXPECTED_STRUCTURE = 'Start of structure or map found where not expected.'

const NUMBER_NAMES = { integer: 'an Integer', long: 'a Long', float: 'a Float', double: 'a Double' } as const
const SPECIAL_NUMBERS: Readonly<Record<string, number>> = { NaN, Infinity, '-Infinity': -Infinity }

/** The members of a body. AWS says nothing at all of a body that is not JSON or not a structure. */
export function readJsonBody(shape: StructureShape, body: Buffer): Record<string, unknown> {
  const document = parseJson(body)
  if (Array.isArray(document)) throw serializationError(UNEXPECTED_LIST)
  if (typeof document !== 'object' || document === null) throw serializationError('')
  return readStructure(shape, document as Record<string, unknown>)
}

/** Any document, for a payload of its own. */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch (cause) {
    throw new AwsError('SerializationException', '', { status: 400, cause })
  }
}

/** Unknown keys are ignored and nulls are absent, as AWS has it. */
export function readStructure(shape: StructureShape, document: Record<string, unknown>): Record<string, unknown> {
  const value: Record<string, unknown> = {}
  for (const member of shape.members) {
    const part = document[member.jsonName]
    if (part !== undefined && part !== null) value[member.name] = readJson(member.shape, part, member.constraint)
  }
  return value
}

export function readJson(shape: Shape, value: unknown, constraint?: Constraint): unknown {
  switch (shape.kind) {
    case 'structure':
      if (Array.isArray(value)) throw serializationError(UNEXPECTED_LIST)
      if (typeof value !== 'object' || value === null) throw serializationError('Expected null')
      return readStructure(shape, value as Record<string, unknown>)
    case 'list':
      if (!Array.isArray(value)) {
        throw serializationError(typeof value === 'object' ? UNEXPECTED_STRUCTURE : 'Expected list or null')
      }
      return value.map((element) => (element === null ? null : readJson(shape.element, element, constraint?.element)))
    case 'map':
      if (Array.isArray(value)) throw serializationError(UNEXPECTED_LIST)
      if (typeof value !== 'object' || value === null) throw serializationError('Expected map or null')
      return readMap(shape.value, value as Record<string, unknown>, constraint?.value)
    case 'string':
      return typeof value === 'string' ? value : mismatch(value, 'a String')
    case 'boolean':
      // FIDELITY: some AWS services take any text for true; `"false"` for true helps nobody.
      return typeof value === 'boolean' ? value : mismatch(value, 'a Boolean')
    case 'number':
      return readNumber(value, constraint)
    case 'timestamp':
      return readTime(value)
    case 'blob': {
      const bytes = typeof value === 'string' ? decodeBase64(value) : mismatch(value, 'a ByteBuffer')
      if (!bytes) throw serializationError('')
      return bytes
    }
    case 'document':
      return value
  }
}

function readMap(
  shape: Shape,
  value: Record<string, unknown>,
  constraint: Constraint | undefined,
): Record<string, unknown> {
  const map: Record<string, unknown> = {}
  for (const key of Object.keys(value)) {
    const part = value[key]
    // `defineProperty` semantics: a key named __proto__ is a key like any other.
    Object.defineProperty(map, key, {
      value: part === null ? null : readJson(shape, part, constraint),
      enumerable: true,
      configurable: true,
      writable: true,
    })
  }
  return map
}

function readNumber(value: unknown, constraint: Constraint | undefined): number {
  const kind = constraint?.number
  const whole = kind === 'integer' || kind === 'long'
  // AWS cuts the fraction off a decimal that is given for a whole number.
  if (typeof value === 'number') return whole ? Math.trunc(value) : value
  const special = typeof value === 'string' && !whole ? SPECIAL_NUMBERS[value] : undefined
  return special ?? mismatch(value, NUMBER_NAMES[kind ?? 'integer'])
}

function readTime(value: unknown): Date {
  const time =
    typeof value === 'number'
      ? timestampFromSeconds(value)
      : typeof value === 'string'
        ? parseTimestamp(value)
        : undefined
  return time ?? mismatch(value, 'milliseconds since epoch')
}

function mismatch(value: unknown, wanted: string): never {
  if (Array.isArray(value)) throw serializationError(UNEXPECTED_LIST)
  if (typeof value === 'object') throw serializationError(UNEXPECTED_STRUCTURE)
  throw serializationError(`${tokenName(value)} can not be converted to ${wanted}`)
}

/** The names of the JSON parser's tokens, which AWS prints. */
function tokenName(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'TRUE_VALUE' : 'FALSE_VALUE'
  return typeof value === 'number' ? 'NUMBER_VALUE' : 'STRING_VALUE'
}

export function serializationError(message: string): AwsError {
  return new AwsError('SerializationException', message, { status: 400 })
}
