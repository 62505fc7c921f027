/** What the callee is sent: one JSON text, a template with placeholders, the lines of a file in turn, or what a module's function makes. */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

import { UserError } from '../../core/user-error.ts'

/** As plain data, so that it can be handed to a worker. */
export type PayloadSource =
  | { readonly kind: 'texts'; readonly texts: readonly string[] }
  /** Exports `payload({ sequence, random })`. */
  | { readonly kind: 'module'; readonly path: string }

export interface Occasion {
  /** Of the invocation: 0, 1, 2 … over all workers and crossings. */
  readonly sequence: number
  /** A number in [0, 1) that is the same for the same seed and sequence. */
  readonly random: () => number
}

export type MakePayload = (occasion: Occasion) => string

const MODULES = ['.js', '.mjs', '.cjs']
const PLACEHOLDER = /\{\{([^{}]*)\}\}/g
const INTEGER_BETWEEN = /^random (-?\d+) (-?\d+)$/

/** `JSON`, a template of it, or `@FILE`: .json, .jsonl (a payload a line, in turn), or a module. Throws `UserError`. */
export function parsePayloadOption(text: string): PayloadSource {
  if (!text.startsWith('@')) return checked({ kind: 'texts', texts: [text] }, text)
  const path = resolve(text.slice(1))
  if (MODULES.includes(extname(path))) return { kind: 'module', path }
  const content = readFile(path)
  const texts = extname(path) === '.jsonl' ? content.split('\n').filter((line) => line.trim() !== '') : [content]
  if (texts.length === 0) throw new UserError(`\`${path}\` has no payloads`)
  return checked({ kind: 'texts', texts }, path)
}

export function payloadOfValue(value: unknown): PayloadSource {
  return { kind: 'texts', texts: [JSON.stringify(value ?? {})] }
}

/** Throws `UserError` where a module is not what it should be. */
export async function compilePayload(source: PayloadSource): Promise<MakePayload> {
  if (source.kind === 'module') return payloadOfModule(source.path)
  const makers = source.texts.map(compileTemplate)
  const [only] = makers
  if (makers.length === 1 && only) return only
  return (occasion) => makers[occasion.sequence % makers.length]?.(occasion) ?? '{}'
}

/** Lambda takes nothing but JSON. */
function checked(source: PayloadSource & { readonly kind: 'texts' }, where: string): PayloadSource {
  for (const text of source.texts) {
    const sample = compileTemplate(text)({ sequence: 0, random: () => 0 })
    try {
      JSON.parse(sample)
    } catch (error) {
      throw new UserError(`\`${where}\` is not JSON, expected the payload of the call`, {
        ...(sample !== text && { hint: `With its placeholders filled in it reads: ${sample}` }),
        cause: error,
      })
    }
  }
  return source
}

function compileTemplate(text: string): MakePayload {
  const parts: (string | MakePayload)[] = []
  let end = 0
  for (const match of text.matchAll(PLACEHOLDER)) {
    parts.push(text.slice(end, match.index), placeholder((match[1] ?? '').trim()))
    end = match.index + match[0].length
  }
  if (parts.length === 0) return () => text
  parts.push(text.slice(end))
  return (occasion) => {
    let made = ''
    for (const part of parts) made += typeof part === 'string' ? part : part(occasion)
    return made
  }
}

function placeholder(name: string): MakePayload {
  if (name === 'uuid') return () => randomUUID()
  if (name === 'sequence') return ({ sequence }) => String(sequence)
  if (name === 'now') return () => new Date().toISOString()
  const [, low, high] = INTEGER_BETWEEN.exec(name) ?? []
  if (low !== undefined && high !== undefined) {
    const [from, to] = [Number(low), Number(high)]
    if (from > to) throw new UserError(`\`{{${name}}}\` has no numbers, expected {{random LOW HIGH}}`)
    return ({ random }) => String(from + Math.floor(random() * (to - from + 1)))
  }
  throw new UserError(
    `\`{{${name}}}\` is no placeholder, expected {{uuid}}, {{sequence}}, {{now}} or {{random LOW HIGH}}`,
  )
}

async function payloadOfModule(path: string): Promise<MakePayload> {
  const loaded = await loadModule(path)
  const make = loaded.payload ?? loaded.default?.payload
  if (typeof make !== 'function') throw new UserError(`\`${path}\` exports no function \`payload\``)
  return (occasion) => {
    try {
      const made = (make as (occasion: Occasion) => unknown)(occasion)
      if (made instanceof Promise) throw new Error('it answers a promise')
      return JSON.stringify(made ?? {})
    } catch (error) {
      throw new UserError(`\`${path}\` makes no payload for sequence ${occasion.sequence}: ${messageOf(error)}`, {
        cause: error,
      })
    }
  }
}

async function loadModule(path: string): Promise<{ payload?: unknown; default?: { payload?: unknown } }> {
  // Lest a module that is not there be blamed for one that it imports.
  readFile(path)
  try {
    return (await import(pathToFileURL(path).href)) as { payload?: unknown; default?: { payload?: unknown } }
  } catch (error) {
    throw new UserError(`\`${path}\` cannot be loaded: ${messageOf(error)}`, { cause: error })
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Makes the first payload, to know before anything is sent that there is one. Throws `UserError`. */
export async function requirePayload(source: PayloadSource): Promise<void> {
  const make = await compilePayload(source)
  make({ sequence: 0, random: () => 0 })
}

function readFile(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new UserError(`\`${path}\` cannot be read`, { cause: error })
  }
}
