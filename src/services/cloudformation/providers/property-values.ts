/** Reads checked properties by name: the schema has made sure of their types. */
import { isDeepStrictEqual } from 'node:util'

import { isList, isObject, type Json, type JsonObject } from '../template/json.ts'

export function textOf(properties: JsonObject, name: string): string | undefined {
  const value = properties[name]
  return typeof value === 'string' ? value : undefined
}

export function numberOf(properties: JsonObject, name: string): number | undefined {
  const value = properties[name]
  return typeof value === 'number' ? value : undefined
}

export function booleanOf(properties: JsonObject, name: string): boolean | undefined {
  const value = properties[name]
  return typeof value === 'boolean' ? value : undefined
}

export function textsOf(properties: JsonObject, name: string): string[] {
  const value = properties[name]
  return isList(value) ? value.filter((item) => typeof item === 'string') : []
}

export function objectsOf(properties: JsonObject, name: string): JsonObject[] {
  const value = properties[name]
  return isList(value) ? value.filter(isObject) : []
}

export function objectOf(properties: JsonObject, name: string): JsonObject | undefined {
  const value = properties[name]
  return value !== undefined && isObject(value) ? value : undefined
}

/** A policy as the text services take. */
export function documentOf(properties: JsonObject, name: string): string | undefined {
  const value = properties[name]
  return value === undefined ? undefined : documentText(value)
}

export function documentText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** The names of the properties that differ. */
export function changedProperties(previous: JsonObject, next: JsonObject): string[] {
  const names = new Set([...Object.keys(next), ...Object.keys(previous)])
  return [...names].filter((name) => !isDeepStrictEqual(previous[name], next[name]))
}
