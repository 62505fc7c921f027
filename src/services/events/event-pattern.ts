/**
 * Event patterns: which events a rule is about. Read once, then matched against every event.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
 * FIDELITY: where in the text a pattern is wrong, AWS adds to its sentence; here the sentence stands alone.
 */
import { AwsError } from '../../core/aws-error.ts'
import { readMatcher, type Json, type Matcher } from './pattern-matchers.ts'

export interface EventPattern {
  matches(event: Json): boolean
  /** What the pattern demands of a top-level field, where it lists plain values: `source`. */
  valuesOf(field: string): readonly string[]
}

type Field =
  | { readonly kind: 'leaf'; readonly name: string; readonly matchers: readonly Matcher[] }
  | { readonly kind: 'object'; readonly name: string; readonly fields: readonly Field[] }
  /** One of several objects; the fields are beside the other fields. */
  | { readonly kind: 'or'; readonly alternatives: readonly (readonly Field[])[] }

/** Throws InvalidEventPatternException in AWS's words. */
export function parseEventPattern(text: string): EventPattern {
  let document: Json
  try {
    document = JSON.parse(text) as Json
  } catch {
    throw invalidPattern('Invalid JSON')
  }
  if (!isObject(document)) throw invalidPattern('Filter is not an object')
  const fields = readFields(document)
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

function readFields(document: { readonly [key: string]: Json }): readonly Field[] {
  return Object.entries(document).map(([name, value]): Field => {
    if (name === '$or' && isAlternatives(value)) {
      return { kind: 'or', alternatives: value.map(readFields) }
    }
    if (Array.isArray(value)) {
      if (value.length === 0) throw invalidPattern('Empty arrays are not allowed')
      return { kind: 'leaf', name, matchers: value.map((one: Json) => readMatcher(one, invalidPattern)) }
    }
    if (!isObject(value)) throw invalidPattern(`"${name}" must be an object or an array`)
    const fields = readFields(value)
    if (fields.length === 0) throw invalidPattern('Empty objects are not allowed')
    return { kind: 'object', name, fields }
  })
}

/** Fewer than two alternatives, or others than objects, make `$or` a field like any other. */
function isAlternatives(value: Json): value is readonly { readonly [key: string]: Json }[] {
  return (
    Array.isArray(value) && value.length > 1 && value.every((one: Json) => isObject(one) && Object.keys(one).length > 0)
  )
}

/** Of a list of objects one has to match as a whole. */
function matchesFields(fields: readonly Field[], value: Json | undefined): boolean {
  if (Array.isArray(value)) return value.some((element: Json) => matchesFields(fields, element))
  const object = isObject(value) ? value : {}
  return fields.every((field) => {
    switch (field.kind) {
      case 'or':
        return field.alternatives.some((alternative) => matchesFields(alternative, value))
      case 'object':
        return matchesFields(field.fields, own(object, field.name))
      case 'leaf': {
        const leaves = leavesOf(own(object, field.name))
        return field.matchers.some((matcher) =>
          matcher.kind === 'absent' ? leaves.length === 0 : leaves.some((leaf) => matcher.matches(leaf)),
        )
      }
    }
  })
}

/** The values at the end of a path: an object has none itself, a list those of its elements. */
function leavesOf(value: Json | undefined): readonly (string | number | boolean | null)[] {
  if (value === undefined) return []
  if (Array.isArray(value)) return value.flatMap((element: Json) => leavesOf(element))
  return isObject(value) ? [] : [value as string | number | boolean | null]
}

function own(object: { readonly [key: string]: Json }, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalidPattern(reason: string): AwsError {
  return new AwsError('InvalidEventPatternException', `Event pattern is not valid. Reason: ${reason}`)
}
