/**
 * Filter patterns: which events a search is about.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
import { invalidParameter } from './errors.ts'
import { parseJsonPattern } from './json-pattern.ts'

export type MessageMatcher = (message: string) => boolean

/**
 * Throws `InvalidParameterException`.
 * FIDELITY: regular expressions (`%…%`) and space-delimited patterns (`[…]`) are refused by name.
 */
export function parseFilterPattern(text: string): MessageMatcher {
  const pattern = text.trim()
  if (pattern === '') return () => true
  if (pattern.startsWith('{')) {
    if (!pattern.endsWith('}')) throw invalidParameter("If a filter pattern starts with '{' it must end with '}'")
    return parseJsonPattern(pattern.slice(1, -1))
  }
  if (pattern.startsWith('[')) {
    throw invalidParameter('Invalid filter pattern: Isthmus does not implement space-delimited patterns')
  }
  return parseTermPattern(pattern)
}

/** `ERROR`, `"two words"`, `-ERROR`, `?ERROR` */
interface Term {
  readonly sign: '' | '-' | '?'
  readonly text: string
}

const TERM = /([-?]?)(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))(?=\s|$)|(\S+)/gu
const WORD = /^[\p{L}\p{N}_]+$/u

function parseTerms(pattern: string): readonly Term[] {
  return Array.from(pattern.matchAll(TERM), ([written, sign = '', phrase, word]) => {
    const text = phrase === undefined ? word : phrase.replaceAll(/\\(.)/gsu, '$1')
    if (written.startsWith('%')) {
      throw invalidParameter('Invalid filter pattern: Isthmus does not implement regular expressions')
    }
    const isValid = phrase === undefined ? word !== undefined && WORD.test(word) : phrase !== ''
    if (!isValid || text === undefined) {
      throw invalidParameter(`Invalid filter pattern: Invalid character(s) in term '${written}'`)
    }
    return { sign: sign === '-' || sign === '?' ? sign : '', text }
  })
}

/** Terms are parts of words, too: `ERROR` finds `ERRORCODE`. Beside terms of another kind the optional ones are ignored. */
function parseTermPattern(pattern: string): MessageMatcher {
  const terms = parseTerms(pattern)
  const textsOf = (sign: Term['sign']) => terms.filter((term) => term.sign === sign).map(({ text }) => text)
  const [required, excluded, optional] = [textsOf(''), textsOf('-'), textsOf('?')]
  if (required.length + excluded.length === 0) return (message) => optional.some((text) => message.includes(text))
  return (message) =>
    required.every((text) => message.includes(text)) && !excluded.some((text) => message.includes(text))
}
