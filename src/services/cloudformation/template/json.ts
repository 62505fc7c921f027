/** The values a template is made of: JSON without null, which AWS refuses anywhere in a template. */

export type Json = string | number | boolean | readonly Json[] | JsonObject

export interface JsonObject {
  readonly [key: string]: Json
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** `Array.isArray` does not narrow to a readonly array. */
export function isList(value: unknown): value is readonly Json[] {
  return Array.isArray(value)
}

export function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}

/** The only member of an object that has just one: how an intrinsic function looks. */
export function soleEntry(value: JsonObject): readonly [string, Json] | undefined {
  const entries = Object.entries(value)
  return entries.length === 1 ? entries[0] : undefined
}
