/** The placeholders of `Fn::Sub`: `${Name}`, `${Resource.Attribute}`, and `${!Literal}`, which stays `${Literal}`. */
import { templateError } from './validation-error.ts'

export type SubPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'name'; readonly name: string }

const PLACEHOLDER = /\$\{([^{}]*)\}/g
const NAME = /^[a-zA-Z0-9_.:]+$/

export function parseSub(pattern: string): readonly SubPart[] {
  const parts: SubPart[] = []
  let end = 0
  for (const match of pattern.matchAll(PLACEHOLDER)) {
    if (match.index > end) parts.push({ kind: 'text', text: pattern.slice(end, match.index) })
    end = match.index + match[0].length
    const inside = match[1] ?? ''
    if (inside.startsWith('!')) {
      parts.push({ kind: 'text', text: `\${${inside.slice(1)}}` })
      continue
    }
    const name = inside.trim()
    if (!NAME.test(name)) {
      throw templateError(
        'variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, periods, and colons',
      )
    }
    parts.push({ kind: 'name', name })
  }
  if (end < pattern.length) parts.push({ kind: 'text', text: pattern.slice(end) })
  return parts
}
