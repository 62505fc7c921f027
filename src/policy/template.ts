/**
 * Policy variables: `${aws:username}`, `${aws:PrincipalTag/team, 'none'}` and the escapes `${*}`, `${?}`, `${$}`.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
import type { RequestContext } from './model.ts'
import { ANY_ONE, ANY_RUN, createMatcher, type Token } from './wildcard.ts'

export interface Variable {
  /** Lower case: the names of condition keys are not case-sensitive. */
  readonly key: string
  readonly fallback?: string
  /** As written, braces included. */
  readonly text: string
}

export type TemplateToken = Token | Variable

export interface TemplateOptions {
  /** False in documents before 2012-10-17, where `${…}` is plain text. */
  readonly variables: boolean
  readonly wildcards: boolean
}

export type ContextMatcher = (text: string, context: RequestContext) => boolean

export function isVariable(token: TemplateToken): token is Variable {
  return typeof token === 'object'
}

export function parseTemplate(text: string, options: TemplateOptions): TemplateToken[] {
  const tokens: TemplateToken[] = []
  let plain = ''
  const push = (token: TemplateToken): void => {
    if (plain !== '') tokens.push(plain)
    plain = ''
    tokens.push(token)
  }
  for (let i = 0; i < text.length;) {
    const character = text.charAt(i)
    const placeholder = options.variables && character === '$' ? readPlaceholder(text, i) : undefined
    if (typeof placeholder === 'string') plain += placeholder
    else if (placeholder !== undefined) push(placeholder)
    else if (options.wildcards && character === '*') push(ANY_RUN)
    else if (options.wildcards && character === '?') push(ANY_ONE)
    else plain += character
    i += placeholder === undefined ? 1 : typeof placeholder === 'string' ? ESCAPE_LENGTH : placeholder.text.length
  }
  if (plain !== '') tokens.push(plain)
  return tokens
}

/**
 * Puts the request's values in place of variables. They are plain text: a `*` in a user's name is no wildcard. Undefined when a variable
 * has neither a value nor a default; a multivalued key cannot be a variable and counts as having none.
 */
export function resolveTemplate(tokens: readonly TemplateToken[], context: RequestContext): Token[] | undefined {
  const resolved: Token[] = []
  for (const token of tokens) {
    if (!isVariable(token)) {
      resolved.push(token)
      continue
    }
    const value = context.get(token.key)
    const text = typeof value === 'string' ? value : token.fallback
    if (text === undefined) return undefined
    resolved.push(text)
  }
  return resolved
}

/** A matcher that is built once when the template has no variables, else per request. A variable without value matches nothing. */
export function createTemplateMatcher(tokens: readonly TemplateToken[]): ContextMatcher {
  if (!tokens.some(isVariable)) return createMatcher(tokens as readonly Token[])
  return (text, context) => {
    const resolved = resolveTemplate(tokens, context)
    return resolved !== undefined && createMatcher(resolved)(text)
  }
}

/** `${*}` and its like. */
const ESCAPE_LENGTH = 4

/** An escape gives its character, a variable itself; undefined when the text at `start` is neither. */
function readPlaceholder(text: string, start: number): string | Variable | undefined {
  if (text.charAt(start + 1) !== '{') return undefined
  const escaped = text.charAt(start + 2)
  if ((escaped === '*' || escaped === '?' || escaped === '$') && text.charAt(start + 3) === '}') return escaped
  const close = text.indexOf('}', start)
  if (close < 0) return undefined
  const comma = text.indexOf(',', start)
  if (comma < 0 || comma > close) return variable(text.slice(start, close + 1), text.slice(start + 2, close))
  let quote = comma + 1
  while (text.charAt(quote) === ' ') quote++
  const end = text.charAt(quote) === "'" ? text.indexOf("'}", quote + 1) : -1
  if (end < 0) return variable(text.slice(start, close + 1), text.slice(start + 2, close))
  return variable(text.slice(start, end + 2), text.slice(start + 2, comma), text.slice(quote + 1, end))
}

function variable(text: string, key: string, fallback?: string): Variable | undefined {
  const name = key.trim().toLowerCase()
  if (name === '') return undefined
  return fallback === undefined ? { key: name, text } : { key: name, text, fallback }
}
