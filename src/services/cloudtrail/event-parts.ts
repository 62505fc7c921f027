/**
 * The parameters of a request and the elements of a response as records have them: names begin with a small letter, and what is secret or
 * large is left out. https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
import { isoTime } from '../../core/clock.ts'
import type { Shape, StructureShape } from '../../wire/shape.ts'
import { PART_CHARACTERS_MAX } from './limits.ts'

const HIDDEN = 'HIDDEN_DUE_TO_SECURITY_REASONS'

/** Left out wherever they stand. https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html */
const LEFT_OUT = new Set(['SecretAccessKey', 'ZipFile', 'Environment', 'Payload'])

/** Null of what is nothing. `shape` is absent where the service's model is. */
export function eventPart(value: object | undefined, shape: StructureShape | undefined): object | null {
  const part = value && structure(value as Record<string, unknown>, shape)
  if (!part || Object.keys(part).length === 0) return null
  // FIDELITY: AWS does not say what stands in place of what it leaves out.
  return JSON.stringify(part).length > PART_CHARACTERS_MAX ? { omitted: true } : part
}

function structure(
  value: Readonly<Record<string, unknown>>,
  shape: StructureShape | undefined,
): Record<string, unknown> {
  const part: Record<string, unknown> = {}
  const members = shape
    ? shape.members
    : Object.keys(value).map((name) => ({ name, shape: undefined, sensitive: false }))
  for (const { name, shape: inner, sensitive } of members) {
    if (LEFT_OUT.has(name)) continue
    const shown = sensitive && value[name] !== undefined ? HIDDEN : partOf(value[name], inner)
    if (shown !== undefined) part[name.charAt(0).toLowerCase() + name.slice(1)] = shown
  }
  return part
}

/** FIDELITY: AWS writes times in several ways; here they are those of ISO 8601. */
function partOf(value: unknown, shape: Shape | undefined): unknown {
  if (value === null || value === undefined || value instanceof Uint8Array) return undefined
  if (value instanceof Date) return isoTime(value.getTime())
  if (Array.isArray(value)) {
    const element = shape?.kind === 'list' ? shape.element : undefined
    return value.map((one) => partOf(one, element))
  }
  if (typeof value !== 'object') return value
  if (shape?.kind !== 'map')
    return structure(value as Record<string, unknown>, shape?.kind === 'structure' ? shape : undefined)
  // Its keys are the caller's own.
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, partOf(one, shape.value)]))
}
