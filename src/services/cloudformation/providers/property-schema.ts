/**
 * The shape of a resource type's properties: texts become the numbers and booleans they stand for, and what does not fit is refused in
 * AWS's words.
 * https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html
 */
import { isList, isObject, isScalar, type Json, type JsonObject } from '../template/json.ts'

export type PropertyType =
  | { readonly kind: 'string' | 'integer' | 'number' | 'boolean' }
  /** A policy: an object, or the text of one. */
  | { readonly kind: 'document' }
  | { readonly kind: 'list'; readonly of: PropertyType }
  | { readonly kind: 'map'; readonly of: PropertyType }
  /** AWS has it; Isthmus does not, and says so. */
  | { readonly kind: 'refused' }
  | ObjectType

export interface ObjectType {
  readonly kind: 'object'
  readonly members: Readonly<Record<string, PropertyType>>
  readonly required: readonly string[]
}

export const string: PropertyType = { kind: 'string' }
export const integer: PropertyType = { kind: 'integer' }
export const number: PropertyType = { kind: 'number' }
export const boolean: PropertyType = { kind: 'boolean' }
export const document: PropertyType = { kind: 'document' }
export const refused: PropertyType = { kind: 'refused' }
export const list = (of: PropertyType): PropertyType => ({ kind: 'list', of })
export const map = (of: PropertyType): PropertyType => ({ kind: 'map', of })
export const object = (members: ObjectType['members'], required: readonly string[] = []): ObjectType => ({
  kind: 'object',
  members,
  required,
})

export const tags = list(object({ Key: string, Value: string }, ['Key']))

export type CheckedProperties =
  | { readonly ok: true; readonly properties: JsonObject }
  | { readonly ok: false; readonly problems: readonly string[] }

export function checkProperties(schema: ObjectType, properties: JsonObject): CheckedProperties {
  const problems: string[] = []
  const checked = check(schema, properties, '#', problems)
  return problems.length > 0 ? { ok: false, problems } : { ok: true, properties: checked as JsonObject }
}

function check(type: PropertyType, value: Json, path: string, problems: string[]): Json {
  switch (type.kind) {
    case 'string':
      if (isScalar(value)) return String(value)
      break
    case 'integer':
    case 'number': {
      const parsed = isScalar(value) && String(value).trim() !== '' ? Number(value) : Number.NaN
      if (type.kind === 'integer' ? Number.isInteger(parsed) : Number.isFinite(parsed)) return parsed
      break
    }
    case 'boolean':
      if (value === true || value === 'true') return true
      if (value === false || value === 'false') return false
      break
    case 'document':
      if (isObject(value) || typeof value === 'string') return value
      break
    case 'list':
      if (isList(value)) return value.map((item, index) => check(type.of, item, `${path}/${index}`, problems))
      break
    case 'map':
      if (isObject(value)) {
        return Object.fromEntries(
          Object.entries(value).map(([key, item]) => [key, check(type.of, item, `${path}/${key}`, problems)]),
        )
      }
      break
    case 'object':
      if (isObject(value)) return checkMembers(type, value, path, problems)
      break
    case 'refused':
      problems.push(`${path}: this property is not supported by Isthmus`)
      return value
  }
  problems.push(`${path}: expected type: ${EXPECTED[type.kind]}, found: ${foundType(value)}`)
  return value
}

function checkMembers(type: ObjectType, value: JsonObject, path: string, problems: string[]): JsonObject {
  for (const name of type.required) {
    if (value[name] === undefined) problems.push(`${path}: required key [${name}] not found`)
  }
  const checked: Record<string, Json> = {}
  for (const [name, item] of Object.entries(value)) {
    const member = type.members[name]
    if (member) checked[name] = check(member, item, `${path}/${name}`, problems)
    else problems.push(`${path}: extraneous key [${name}] is not permitted`)
  }
  return checked
}

const EXPECTED: Readonly<Record<Exclude<PropertyType['kind'], 'refused'>, string>> = {
  string: 'String',
  integer: 'Integer',
  number: 'Number',
  boolean: 'Boolean',
  document: 'JSONObject',
  list: 'JSONArray',
  map: 'JSONObject',
  object: 'JSONObject',
}

function foundType(value: Json): string {
  if (isList(value)) return 'JSONArray'
  if (isObject(value)) return 'JSONObject'
  if (typeof value === 'string') return 'String'
  if (typeof value === 'boolean') return 'Boolean'
  return Number.isInteger(value) ? 'Integer' : 'BigDecimal'
}
