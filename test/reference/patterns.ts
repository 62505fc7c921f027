/**
 * Wildcards and policy variables of the reference model, character by character.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
import type { RequestContext } from '../../src/policy/model.ts'

/** One character of a pattern. A `*` or `?` that came out of a variable is an ordinary character. */
export interface PatternCharacter {
  readonly character: string
  readonly wild: boolean
}

/** Which characters a wildcard at this place may stand for. */
type MayStandFor = (patternIndex: number, character: string) => boolean

/** Goes through the pattern with every place in the text that what came before can have reached. */
export function matches(pattern: readonly PatternCharacter[], text: string, may: MayStandFor = () => true): boolean {
  let reached = new Set([0])
  for (const [index, { character, wild }] of pattern.entries()) {
    const next = new Set<number>()
    for (const place of reached) {
      if (wild && character === '*') {
        next.add(place)
        for (let end = place; end < text.length && may(index, text.charAt(end)); end++) next.add(end + 1)
      } else if (place < text.length) {
        const here = text.charAt(place)
        if (wild ? may(index, here) : here === character) next.add(place + 1)
      }
    }
    reached = next
  }
  return reached.has(text.length)
}

/** Reads `*` and `?` as wildcards and everything else as itself. */
export function plainPattern(text: string): readonly PatternCharacter[] {
  return Array.from(text).map((character) => ({ character, wild: character === '*' || character === '?' }))
}

/** With the variables replaced. Undefined: a variable has no value. Before 2012-10-17 there were no variables. */
export function expandedPattern(
  text: string,
  version: string | undefined,
  context: RequestContext,
): readonly PatternCharacter[] | undefined {
  if (version !== '2012-10-17') return plainPattern(text)
  const result: PatternCharacter[] = []
  let rest = text
  while (rest !== '') {
    const end = rest.indexOf('}')
    if (!rest.startsWith('${') || end < 0) {
      result.push(...plainPattern(rest.slice(0, 1)))
      rest = rest.slice(1)
      continue
    }
    const value = variableValue(rest.slice(2, end), context)
    if (value === undefined) return undefined
    result.push(...Array.from(value).map((character) => ({ character, wild: false })))
    rest = rest.slice(end + 1)
  }
  return result
}

function variableValue(variable: string, context: RequestContext): string | undefined {
  if (variable === '*' || variable === '?' || variable === '$') return variable
  const comma = variable.indexOf(',')
  const key = (comma < 0 ? variable : variable.slice(0, comma)).trim()
  const value = context.get(key.toLowerCase())
  if (typeof value === 'string') return value
  if (comma < 0) return undefined
  const quoted = variable.slice(comma + 1).trim()
  return quoted.slice(1, -1)
}

/**
 * A wildcard stays within its segment, except a `*` that ends one, which may run on past the colon. The resource, from the fifth colon on, is one
 * segment however many colons it has.
 */
export function matchesResource(written: readonly PatternCharacter[], resource: string): boolean {
  const pattern = completedArn(written)
  return matches(pattern, resource, (index, character) => {
    if (character !== ':') return true
    const colonsBefore = pattern.slice(0, index).filter((each) => each.character === ':').length
    if (colonsBefore >= 5) return true
    const next = pattern[index + 1]
    return pattern[index]?.character === '*' && (next === undefined || next.character === ':')
  })
}

/** `arn:aws:sqs` is short for `arn:aws:sqs:*:*:*`. */
function completedArn(pattern: readonly PatternCharacter[]): readonly PatternCharacter[] {
  const text = pattern.map(({ character }) => character).join('')
  const missing = text.startsWith('arn:') ? Math.max(0, 6 - text.split(':').length) : 0
  return [...pattern, ...plainPattern(':*'.repeat(missing))]
}

/** The ARN operators compare each of the six components by itself; the last has the remaining colons. */
export function matchesArn(pattern: readonly PatternCharacter[], arn: string): boolean {
  const wanted = components(pattern, (each) => each.character === ':')
  const given = components(Array.from(arn), (each) => each === ':')
  if (wanted.length !== 6 || given.length !== 6) return false
  return wanted.every((component, index) => matches(component, (given[index] ?? []).join('')))
}

function components<T>(characters: readonly T[], isColon: (character: T) => boolean): readonly (readonly T[])[] {
  const result: T[][] = [[]]
  for (const character of characters) {
    if (isColon(character) && result.length < 6) result.push([])
    else result.at(-1)?.push(character)
  }
  return result
}
