/**
 * Filter policies: which messages a subscription is about, by their attributes or by their bodies.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-message-filtering.html
 * FIDELITY: AWS takes up to 15 minutes until it filters by a new policy; here it does at once. Where in the text a policy is wrong, AWS adds
 * to its sentence; here the sentence stands alone. What `$or` adds to the number of combinations is not documented: here its alternatives are
 * added up. The points of wildcards are not counted.
 */
import { isObject, matchesFields, readFields, type Field, type JsonObject } from '../events/pattern-fields.ts'
import type { Json } from '../events/pattern-matchers.ts'
import { FILTER_COMBINATIONS_MAX, FILTER_KEYS_MAX } from './limits.ts'
import type { FilterScope, Notification, NotificationAttribute } from './records.ts'

/** Throws what `fail` makes of AWS's reason, which begins with the attribute's name where AWS says so. */
export function checkFilterPolicy(text: string, scope: FilterScope, fail: (reason: string) => Error): void {
  const invalid = (reason: string) => fail(`FilterPolicy: ${reason}`)
  const document = parsed(text)
  if (document === undefined) throw invalid('failed to parse JSON.')
  if (!isObject(document)) throw invalid('Filter is not an object')
  const fields = readFields(document, invalid)
  if (scope === 'MessageAttributes' && fields.some(isNested)) {
    throw fail('Filter policy scope MessageAttributes does not support nested filter policy')
  }
  if (leafKeys(fields) > FILTER_KEYS_MAX) {
    throw invalid(`Filter policy can not have more than ${FILTER_KEYS_MAX} keys`)
  }
  if (combinations(fields, 1) > FILTER_COMBINATIONS_MAX) throw invalid('Filter policy is too complex')
}

function isNested(field: Field): boolean {
  return field.kind === 'object' || (field.kind === 'or' && field.alternatives.some((fields) => fields.some(isNested)))
}

/** Only keys that have values count. */
function leafKeys(fields: readonly Field[]): number {
  return fields.reduce((sum, field) => {
    switch (field.kind) {
      case 'leaf':
        return sum + 1
      case 'object':
        return sum + leafKeys(field.fields)
      case 'or':
        return sum + Math.max(...field.alternatives.map(leafKeys))
    }
  }, 0)
}

/** The values of every key, each multiplied by how deep it is, multiplied. */
function combinations(fields: readonly Field[], depth: number): number {
  return fields.reduce((product, field) => {
    switch (field.kind) {
      case 'leaf':
        return product * field.matchers.length * depth
      case 'object':
        return product * combinations(field.fields, depth + 1)
      case 'or':
        return product * field.alternatives.reduce((sum, fields) => sum + combinations(fields, depth), 0)
    }
  }, 1)
}

/** `message` is the text that the subscription would get. INVARIANT: the policy has been checked. */
export function passesFilter(
  policy: string,
  scope: FilterScope,
  { attributes }: Notification,
  message: string,
): boolean {
  const document = parsed(policy) as JsonObject
  if (scope === 'MessageAttributes') return matchesFields(fieldsOf(document), attributesDocument(attributes))
  const body = parsed(message)
  // A body is matched by its paths: `a.b` is the `b` of `a`, on either side.
  return isObject(body) && matchesFields(fieldsOf(nested(document) as JsonObject), nested(body))
}

function fieldsOf(document: JsonObject): readonly Field[] {
  return readFields(document, (reason) => new Error(`a filter policy that was checked is wrong: ${reason}`))
}

/** Binary attributes are ignored; an array stands for each of its elements. */
function attributesDocument(attributes: Readonly<Record<string, NotificationAttribute>>): Json {
  return Object.fromEntries(
    Object.entries(attributes)
      .filter(([, { Type }]) => Type !== 'Binary')
      .map(([name, { Type, Value }]): [string, Json] => {
        switch (Type) {
          case 'Number':
            return [name, Number(Value)]
          case 'String.Array':
            return [name, parsed(Value) ?? Value]
          default:
            return [name, Value]
        }
      }),
  )
}

/** Every name with a dot written out as objects. Where two paths meet, the objects are merged. */
function nested(value: Json): Json {
  if (Array.isArray(value)) return value.map(nested)
  if (!isObject(value)) return value
  return Object.entries(value).reduce<JsonObject>(
    (object, [name, part]) => merged(object, atPath(name.split('.'), nested(part))) as JsonObject,
    {},
  )
}

function atPath(path: readonly string[], value: Json): Json {
  return path.reduceRight<Json>((inner, name) => ({ [name]: inner }), value)
}

function merged(one: Json | undefined, other: Json): Json {
  if (!isObject(one) || !isObject(other)) return other
  const parts = Object.entries(other).map(([name, part]) => [
    name,
    merged(Object.hasOwn(one, name) ? one[name] : undefined, part),
  ])
  return { ...one, ...(Object.fromEntries(parts) as JsonObject) }
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}
