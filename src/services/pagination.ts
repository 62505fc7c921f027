/** Pages of a list, with an opaque token that survives insertions and deletions between two pages. */

export interface Page<T> {
  readonly items: readonly T[]
  /** Absent on the last page. */
  readonly nextToken?: string
}

/**
 * `keyOf` must be unique and the list sorted by it; the token names the last key of the page. `invalidToken` makes the error for a token that
 * is not ours.
 */
export function paginate<T>(
  sorted: readonly T[],
  options: {
    readonly keyOf: (item: T) => string
    readonly token: string | undefined
    readonly limit: number
    readonly invalidToken: () => Error
  },
): Page<T> {
  const after = options.token === undefined ? undefined : keyFromToken(options.token)
  if (options.token !== undefined && after === undefined) throw options.invalidToken()
  const start = after === undefined ? 0 : sorted.findIndex((item) => options.keyOf(item) > after)
  if (start < 0) return { items: [] }
  const items = sorted.slice(start, start + options.limit)
  const last = items.at(-1)
  if (last === undefined || start + options.limit >= sorted.length) return { items }
  return { items, nextToken: Buffer.from(`${TOKEN_MARK}${options.keyOf(last)}`).toString('base64url') }
}

const TOKEN_MARK = 'page1:'

function keyFromToken(token: string): string | undefined {
  const text = Buffer.from(token, 'base64url').toString()
  return text.startsWith(TOKEN_MARK) ? text.slice(TOKEN_MARK.length) : undefined
}

/** Sorts by a string key in code-unit order, the order `paginate` compares in. */
export function sortedBy<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  return [...items].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : 0))
}
