/** The fields of a pattern and how they meet a document: what EventBridge's event patterns and SNS's filter policies have in common. */
import { readMatcher, type Json, type Matcher } from './pattern-matchers.ts'

export type Field =
  | { readonly kind: 'leaf'; readonly name: string; readonly matchers: readonly Matcher[] }
  | { readonly kind: 'object'; readonly name: string; readonly fields: readonly Field[] }
  /** One of several objects; the fields are beside the other fields. */
  | { readonly kind: 'or'; readonly alternatives: readonly (readonly Field[])[] }

export type JsonObject = { readonly [key: string]: Json }

/** Throws what `fail` makes of AWS's reason. */
export function readFields(document: JsonObject, fail: (reason: string) => Error): readonly Field[] {
  return Object.entries(document).map(([name, value]): Field => {
    if (name === '$or' && isAlternatives(value)) {
      return { kind: 'or', alternatives: value.map((alternative) => readFields(alternative, fail)) }
    }
    if (Array.isArray(value)) {
      if (value.length === 0) throw fail('Empty arrays are not allowed')
      return { kind: 'leaf', name, matchers: value.map((one: Json) => readMatcher(one, fail)) }
    }
    if (!isObject(value)) throw fail(`"${name}" must be an object or an array`)
    const fields = readFields(value, fail)
    if (fields.length === 0) throw fail('Empty objects are not allowed')
    return { kind: 'object', name, fields }
  })
}

/** Fewer than two alternatives, or others than objects, make `$or` a field like any other. */
function isAlternatives(value: Json): value is readonly JsonObject[] {
  return (
    Array.isArray(value) && value.length > 1 && value.every((one: Json) => isObject(one) && Object.keys(one).length > 0)
  )
}

/** Of a list of objects one has to match as a whole. */
export function matchesFields(fields: readonly Field[], value: Json | undefined): boolean {
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

function own(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
