/** Query strings and form bodies: `a=1&b=2`, percent-encoded, plus signs for spaces. */

export interface QueryString {
  /** In the order they were sent, decoded. */
  readonly pairs: readonly (readonly [string, string])[]
  /** A percent sign was not followed by valid UTF-8; that part is kept as it stood. */
  readonly malformed: boolean
  has(name: string): boolean
  /** The first value of a name. */
  get(name: string): string | null
  all(name: string): string[]
}

const EMPTY: QueryString = { pairs: [], malformed: false, has: () => false, get: () => null, all: () => [] }

export function parseQueryString(text: string): QueryString {
  if (text === '') return EMPTY
  const pairs: (readonly [string, string])[] = []
  let malformed = false
  const decode = (part: string): string => {
    if (!part.includes('%') && !part.includes('+')) return part
    try {
      return decodeURIComponent(part.replaceAll('+', ' '))
    } catch {
      malformed = true
      return part
    }
  }
  for (const part of text.split('&')) {
    if (part === '') continue
    const equals = part.indexOf('=')
    pairs.push(equals < 0 ? [decode(part), ''] : [decode(part.slice(0, equals)), decode(part.slice(equals + 1))])
  }
  return {
    pairs,
    malformed,
    has: (name) => pairs.some(([key]) => key === name),
    get: (name) => pairs.find(([key]) => key === name)?.[1] ?? null,
    all: (name) => pairs.filter(([key]) => key === name).map(([, value]) => value),
  }
}
