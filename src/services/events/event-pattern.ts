/**
 * Event patterns: which events a rule is about. Read once, then matched against every event.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
 * FIDELITY: where in the text a pattern is wrong, AWS adds to its sentence; here the sentence stands alone.
 */
import { AwsError } from '../../core/aws-error.ts'
import { isObject, matchesFields, readFields } from './pattern-fields.ts'
import type { Json } from './pattern-matchers.ts'

export interface EventPattern {
  matches(event: Json): boolean
  /** What the pattern demands of a top-level field, where it lists plain values: `source`. */
  valuesOf(field: string): readonly string[]
}

/** Throws InvalidEventPatternException in AWS's words. */
export function parseEventPattern(text: string): EventPattern {
  let document: Json
  try {
    document = JSON.parse(text) as Json
  } catch {
    throw invalidPattern('Invalid JSON')
  }
  if (!isObject(document)) throw invalidPattern('Filter is not an object')
  const fields = readFields(document, invalidPattern)
  if (fields.length === 0) throw invalidPattern('Empty objects are not allowed')
  const plain = document
  return {
    matches: (event) => matchesFields(fields, event),
    valuesOf(name) {
      const values = plain[name]
      return Array.isArray(values) ? values.filter((value): value is string => typeof value === 'string') : []
    },
  }
}

function invalidPattern(reason: string): AwsError {
  return new AwsError('InvalidEventPatternException', `Event pattern is not valid. Reason: ${reason}`)
}
