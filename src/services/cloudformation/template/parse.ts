/**
 * Template text to JSON: JSON as it is, YAML with the short forms of the intrinsic functions written out.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
 */
import type { Node, Scalar } from 'yaml'

import { loadPackage } from '../../../core/load-package.ts'
import { isList, isObject, type Json, type JsonObject } from './json.ts'
import { formatError, templateError, validationError } from './validation-error.ts'

/** JSON templates do without it. */
const yaml = () => loadPackage('yaml')

/** Throws AWS's `ValidationError` when the text is not well-formed or holds a null. */
export function parseTemplateText(text: string): JsonObject {
  const value = text.trimStart().startsWith('{') ? parseJson(text) : parseYaml(text)
  if (!isObject(value)) throw formatError('unsupported structure.')
  refuseNull(value, '')
  return value
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    // AWS's parser has read the character by the time it finds it unexpected: its column is the next one.
    const before = text.slice(0, offsetOfError(text) + 1).split('\n')
    throw formatError(`JSON not well-formed. (line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1})`)
  }
}

/** The engine does not always say where, so this finds the longest beginning that could still become JSON. */
function offsetOfError(text: string): number {
  let [good, bad] = [0, text.length + 1]
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    if (isBeginningOfJson(text.slice(0, middle))) good = middle
    else bad = middle
  }
  return good
}

function isBeginningOfJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch (error) {
    const message = error instanceof Error ? error.message : ''
    if (/^(Unexpected end|Unterminated)/.test(message)) return true
    return Number(/position (\d+)/.exec(message)?.[1] ?? -1) === text.length
  }
}

function refuseNull(value: unknown, path: string): void {
  if (value === null) throw validationError(`[${path}] 'null' values are not allowed in templates`)
  if (isList(value)) {
    for (const [index, item] of value.entries()) refuseNull(item, `${path}/${index}`)
  } else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) refuseNull(item, `${path}/${key}`)
  }
}

/** YAML 1.1, as AWS reads it, without the tags AWS does not support: dates stay the text they are. */
function parseYaml(text: string): unknown {
  const { LineCounter, parseDocument } = yaml()
  const lines = new LineCounter()
  const document = parseDocument(text, {
    version: '1.1',
    merge: false,
    uniqueKeys: false,
    lineCounter: lines,
    customTags: (tags) =>
      tags.filter((tag) => typeof tag === 'string' || !UNSUPPORTED_TAGS.has(tag.tag.replace('tag:yaml.org,2002:', ''))),
    // The short forms are tags the parser does not know; `fromNode` does.
    logLevel: 'error',
  })
  const error = document.errors[0]
  if (error) {
    const { line, col } = lines.linePos(error.pos[0])
    throw formatError(`YAML not well-formed. (line ${line}, column ${col})`)
  }
  return document.contents === null ? null : fromNode(document.contents)
}

const UNSUPPORTED_TAGS = new Set(['timestamp', 'binary', 'omap', 'pairs', 'set'])

function fromNode(node: Node): unknown {
  if (yaml().isAlias(node)) throw templateError('YAML aliases are not allowed in CloudFormation templates')
  const value = valueOf(node)
  const tag = 'tag' in node && typeof node.tag === 'string' ? node.tag : undefined
  return tag === undefined || !tag.startsWith('!') ? value : longForm(tag.slice(1), value)
}

function valueOf(node: Node): unknown {
  const { isMap, isNode, isScalar, isSeq } = yaml()
  if (isMap(node)) {
    return Object.fromEntries(
      node.items.map(({ key, value }) => [keyText(key), isNode(value) ? fromNode(value) : null] as const),
    )
  }
  if (isSeq(node)) return node.items.map((item) => (isNode(item) ? fromNode(item) : null))
  return isScalar(node) ? scalarValue(node) : null
}

function keyText(key: unknown): string {
  if (!yaml().isScalar(key)) throw formatError('YAML not well-formed.')
  return key.source ?? String(key.value)
}

/**
 * FIDELITY: a number that JavaScript would print otherwise (`000000000001`, `1.10`) stays its text, so an unquoted account id survives;
 * AWS reads some of them as octal.
 */
function scalarValue(node: Scalar): unknown {
  const { value, source } = node
  if (typeof value === 'number' || typeof value === 'bigint') return source === String(value) ? Number(value) : source
  // YAML 1.1 has `y` and `n` for booleans too; AWS's parser does not.
  if (typeof value === 'boolean') return source?.length === 1 ? source : value
  return value
}

/** `!Sub` → `Fn::Sub`; `!Ref` and `!Condition` keep their names. */
function longForm(name: string, value: unknown): JsonObject {
  const argument = value as Json
  if (name === 'Ref' || name === 'Condition') return { [name]: argument }
  if (!SHORT_FORMS.has(name)) throw formatError(`YAML not well-formed. Unknown tag !${name}`)
  return { [`Fn::${name}`]: argument }
}

const SHORT_FORMS = new Set([
  'And',
  'Base64',
  'Cidr',
  'Equals',
  'FindInMap',
  'GetAtt',
  'GetAZs',
  'If',
  'ImportValue',
  'Join',
  'Length',
  'Not',
  'Or',
  'Select',
  'Split',
  'Sub',
  'ToJsonString',
  'Transform',
])
