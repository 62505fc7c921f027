/**
 * Matching text against `*` and `?`. Every matcher runs in time linear in text × pattern: no RegExp is ever built from a policy, because
 * a backtracking one takes minutes on a pattern with a handful of stars.
 */

/** `*`: any run of characters. */
export const ANY_RUN = 0
/** `?`: exactly one character. */
export const ANY_ONE = 1
/** `*` and `?` that stay within one segment of an ARN: never a colon. */
export const RUN_WITHIN_SEGMENT = 2
export const ONE_WITHIN_SEGMENT = 3

export type Wildcard = typeof ANY_RUN | typeof ANY_ONE | typeof RUN_WITHIN_SEGMENT | typeof ONE_WITHIN_SEGMENT

/** A pattern in pieces: literal text (which may contain `*` as itself) and wildcards. */
export type Token = string | Wildcard

export type TextMatcher = (text: string) => boolean

/** Splits a pattern without policy variables. */
export function wildcardTokens(pattern: string): Token[] {
  const tokens: Token[] = []
  let start = 0
  for (let i = 0; i < pattern.length; i++) {
    const code = pattern.charCodeAt(i)
    if (code !== STAR && code !== QUESTION_MARK) continue
    if (i > start) tokens.push(pattern.slice(start, i))
    tokens.push(code === STAR ? ANY_RUN : ANY_ONE)
    start = i + 1
  }
  if (start < pattern.length) tokens.push(pattern.slice(start))
  return tokens
}

/** Picks the cheapest matcher that the pattern permits. */
export function createMatcher(tokens: readonly Token[]): TextMatcher {
  const pattern = normalise(tokens)
  if (pattern.every((token) => typeof token === 'string')) return literal(pattern.join(''))
  if (pattern.some((token) => token === RUN_WITHIN_SEGMENT || token === ONE_WITHIN_SEGMENT)) return segmented(pattern)
  if (pattern.includes(ANY_ONE)) return general(pattern)
  return runsOnly(pattern)
}

const STAR = 42
const QUESTION_MARK = 63
const COLON = 58

/** Joins neighbouring literals and collapses neighbouring runs, of which the widest wins. */
function normalise(tokens: readonly Token[]): Token[] {
  const result: Token[] = []
  for (const token of tokens) {
    const last = result.at(-1)
    if (typeof token === 'string' && typeof last === 'string') result[result.length - 1] = last + token
    else if (isRun(token) && isRun(last)) result[result.length - 1] = token === ANY_RUN ? ANY_RUN : (last as Token)
    else if (token !== '') result.push(token)
  }
  return result
}

function isRun(token: Token | undefined): boolean {
  return token === ANY_RUN || token === RUN_WITHIN_SEGMENT
}

function literal(expected: string): TextMatcher {
  return (text) => text === expected
}

/** `prefix*`, `*suffix`, `a*b*c`: compare the ends, look for what is between. */
function runsOnly(pattern: readonly Token[]): TextMatcher {
  const first = pattern[0]
  const last = pattern.at(-1)
  const prefix = typeof first === 'string' ? first : ''
  const suffix = typeof last === 'string' ? last : ''
  const inner = pattern.slice(1, -1).filter((token) => typeof token === 'string')
  const lengthMin = prefix.length + suffix.length
  const endsMatch: TextMatcher = (text) =>
    text.length >= lengthMin &&
    (prefix === '' || text.slice(0, prefix.length) === prefix) &&
    (suffix === '' || text.slice(text.length - suffix.length) === suffix)
  if (pattern.length === 1) return () => true
  if (inner.length === 0) return endsMatch
  return (text) => {
    if (!endsMatch(text)) return false
    const end = text.length - suffix.length
    let position = prefix.length
    for (const part of inner) {
      const found = text.indexOf(part, position)
      if (found < 0 || found + part.length > end) return false
      position = found + part.length
    }
    return true
  }
}

/** Two pointers: on a mismatch only the last run seen needs to take one character more. */
function general(pattern: readonly Token[]): TextMatcher {
  const codes = codesOf(pattern)
  return (text) => {
    let p = 0
    let t = 0
    let run = -1
    let resume = 0
    while (t < text.length) {
      const code = p < codes.length ? codes[p] : undefined
      if (code === -ANY_ONE - 1 || code === text.charCodeAt(t)) {
        p++
        t++
      } else if (code === -ANY_RUN - 1) {
        run = p++
        resume = t
      } else if (run >= 0) {
        p = run + 1
        t = ++resume
      } else return false
    }
    while (p < codes.length && codes[p] === -ANY_RUN - 1) p++
    return p === codes.length
  }
}

/** Runs of two kinds need every possible position followed at once, as an automaton does. */
function segmented(pattern: readonly Token[]): TextMatcher {
  const codes = codesOf(pattern)
  const first = pattern[0]
  const prefix = typeof first === 'string' ? first : ''
  return (text) => {
    if (text.slice(0, prefix.length) !== prefix) return false
    let reached: Uint8Array = closure(new Uint8Array(codes.length + 1), prefix.length, codes)
    let next: Uint8Array = new Uint8Array(codes.length + 1)
    for (let t = prefix.length; t < text.length; t++) {
      const character = text.charCodeAt(t)
      next.fill(0)
      for (let p = prefix.length; p < codes.length; p++) {
        if (reached[p] === 0) continue
        const code = codes[p]
        if (code === -ANY_RUN - 1 || (code === -RUN_WITHIN_SEGMENT - 1 && character !== COLON)) closure(next, p, codes)
        else if (
          code === character ||
          code === -ANY_ONE - 1 ||
          (code === -ONE_WITHIN_SEGMENT - 1 && character !== COLON)
        )
          closure(next, p + 1, codes)
      }
      ;[reached, next] = [next, reached]
    }
    return reached[codes.length] === 1
  }
}

/** Marks `position` and, past runs that may be empty, the ones after it. */
function closure(reached: Uint8Array, position: number, codes: Int32Array): Uint8Array {
  let p = position
  for (;;) {
    reached[p] = 1
    const code = codes[p]
    if (code !== -ANY_RUN - 1 && code !== -RUN_WITHIN_SEGMENT - 1) return reached
    p++
  }
}

/** One number per character; a wildcard `w` is `-w - 1`, which no character is. */
function codesOf(pattern: readonly Token[]): Int32Array {
  const codes: number[] = []
  for (const token of pattern) {
    if (typeof token === 'string') for (let i = 0; i < token.length; i++) codes.push(token.charCodeAt(i))
    else codes.push(-token - 1)
  }
  return Int32Array.from(codes)
}
