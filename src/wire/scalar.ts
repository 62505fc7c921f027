/** Values that travel as plain text: path labels, query parameters, headers, form fields. */
import { decodeBase64 } from './base64.ts'
import type { Constraint, Shape } from './shape.ts'
import { formatTimestamp, parseTimestamp, toDate } from './timestamp.ts'

const WHOLE = /^[+-]?\d+$/
const INTEGER_MIN = -(2 ** 31)
const INTEGER_MAX = 2 ** 31 - 1

/** Undefined when the text is not of the shape's type. Lists, maps and structures are not plain text. */
export function readScalar(shape: Shape, text: string, constraint: Constraint | undefined): unknown {
  switch (shape.kind) {
    case 'string':
      return text
    case 'boolean':
      return readBoolean(text)
    case 'number':
      return readNumber(text, constraint)
    case 'timestamp':
      return parseTimestamp(text)
    case 'blob':
      return decodeBase64(text)
    case 'document':
    case 'list':
    case 'map':
    case 'structure':
      return undefined
  }
}

export function writeScalar(shape: Shape, value: unknown): string {
  if (shape.kind === 'timestamp') return formatTimestamp(toDate(value), shape.format ?? 'http-date')
  return scalarText(value)
}

/** A document is its JSON, everything simpler its text. */
export function scalarText(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  return JSON.stringify(value ?? null)
}

/** boto3 sends `true`, older clients `True`. */
function readBoolean(text: string): boolean | undefined {
  const lower = text.toLowerCase()
  return lower === 'true' ? true : lower === 'false' ? false : undefined
}

function readNumber(text: string, constraint: Constraint | undefined): number | undefined {
  const kind = constraint?.number
  const value = Number(text)
  if (kind !== 'integer' && kind !== 'long') {
    return text.trim() === '' || (Number.isNaN(value) && text !== 'NaN') ? undefined : value
  }
  if (!WHOLE.test(text)) return undefined
  return kind === 'integer' && (value < INTEGER_MIN || value > INTEGER_MAX) ? undefined : value
}
