/**
 * The paths of input transformers: `$.detail.items[0].name`.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 */
import type { Json } from './pattern-matchers.ts'

type Step = string | number

/** Undefined when the text is no such path. */
export function parsePath(text: string): readonly Step[] | undefined {
  if (!/^\$(?:\.[^.[\]]+|\[\d+\])*$/.test(text)) return undefined
  return [...text.matchAll(/\.([^.[\]]+)|\[(\d+)\]/g)].map(([, name, index]) => name ?? Number(index))
}

/** Undefined when there is nothing at the path. */
export function valueAt(document: Json, text: string): Json | undefined {
  let value: Json | undefined = document
  for (const step of parsePath(text) ?? []) {
    if (typeof value !== 'object' || value === null) return undefined
    value = Object.hasOwn(value, step) ? (value as { readonly [key: Step]: Json })[step] : undefined
  }
  return value
}
