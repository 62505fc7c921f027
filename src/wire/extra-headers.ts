/** Headers that AWS sends with an answer although the operation's model does not list them: Lambda's trace id. */

const EXTRA_HEADERS = Symbol('extra headers')

/** A copy of a handler's output that goes out with `headers`, whose names are lower-case. */
export function withExtraHeaders<Output extends object>(
  output: Output,
  headers: Readonly<Record<string, string>>,
): Output {
  return { ...output, [EXTRA_HEADERS]: headers }
}

export function extraHeadersOf(output: object): Readonly<Record<string, string>> {
  return (output as { readonly [EXTRA_HEADERS]?: Readonly<Record<string, string>> })[EXTRA_HEADERS] ?? {}
}
