/** ARNs with wildcards and policy variables: the `Resource` element and the ARN condition operators, whose rules differ. */
import type { RequestContext } from './model.ts'
import {
  createTemplateMatcher,
  isVariable,
  parseTemplate,
  type ContextMatcher,
  type TemplateToken,
} from './template.ts'
import { ANY_ONE, ANY_RUN, ONE_WITHIN_SEGMENT, RUN_WITHIN_SEGMENT } from './wildcard.ts'

/** `arn:partition:service:region:account:resource` */
const SEGMENTS = 6

export interface ResourcePattern {
  readonly matches: ContextMatcher
  /** Why AWS would not read the pattern as its author meant, in words. */
  readonly note?: string
}

/**
 * Wildcards stand for characters within one segment; a `*` that ends its segment, and any wildcard in the last one, may run past colons.
 * An incomplete ARN is completed with `*`. Variables count only after the fifth colon.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
export function compileResourcePattern(text: string, variables: boolean): ResourcePattern {
  if (text === '*') return { matches: () => true }
  const tokens = parseTemplate(text, { variables, wildcards: true })
  const segments = splitSegments(tokens)
  if (text.startsWith('arn:')) while (segments.length < SEGMENTS) segments.push([ANY_RUN])
  let note: string | undefined
  const pattern = segments.flatMap((segment, index) => {
    const isLast = index === segments.length - 1
    const readable = segment.map((token) => {
      if (isLast || !isVariable(token)) return token
      note = `Resource \`${text}\` has a policy variable before the fifth colon, where IAM does not replace it`
      return token.text
    })
    return isLast ? readable : [...withinSegment(readable), ':']
  })
  const matches = createTemplateMatcher(pattern)
  return note === undefined ? { matches } : { matches, note }
}

/**
 * Each of the six components is compared separately, so that no wildcard reaches into the next; the last may contain colons. Text that is
 * no ARN matches nothing, except that the pattern `*` matches any text.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
 */
export function compileArnCondition(text: string, variables: boolean): ContextMatcher {
  if (text === '*') return () => true
  const tokens = parseTemplate(text, { variables, wildcards: true })
  const segments = splitSegments(tokens)
  if (segments.length < SEGMENTS) return () => false
  if (tokens.every((token) => typeof token === 'string')) return createTemplateMatcher(tokens)
  const matchers = segments.map((segment) => createTemplateMatcher(segment))
  return (arn, context) => matchesSegments(matchers, arn, context)
}

/** Whether any ARN could match: with fewer than six components none does. */
export function isArnPattern(text: string): boolean {
  return text === '*' || splitSegments(parseTemplate(text, { variables: true, wildcards: true })).length === SEGMENTS
}

function matchesSegments(matchers: readonly ContextMatcher[], arn: string, context: RequestContext): boolean {
  let start = 0
  for (let i = 0; i < matchers.length; i++) {
    const end = i === SEGMENTS - 1 ? arn.length : arn.indexOf(':', start)
    if (end < 0 || matchers[i]?.(arn.slice(start, end), context) !== true) return false
    start = end + 1
  }
  return true
}

/** Cuts at the first five colons that are text, not part of a variable's name. */
function splitSegments(tokens: readonly TemplateToken[]): TemplateToken[][] {
  const segments: TemplateToken[][] = [[]]
  for (const token of tokens) {
    let rest = token
    while (typeof rest === 'string' && segments.length < SEGMENTS) {
      const colon = rest.indexOf(':')
      if (colon < 0) break
      if (colon > 0) segments.at(-1)?.push(rest.slice(0, colon))
      segments.push([])
      rest = rest.slice(colon + 1)
    }
    if (rest !== '') segments.at(-1)?.push(rest)
  }
  return segments
}

function withinSegment(segment: readonly TemplateToken[]): TemplateToken[] {
  return segment.map((token, index) => {
    if (token === ANY_ONE) return ONE_WITHIN_SEGMENT
    if (token !== ANY_RUN || index === segment.length - 1) return token
    return RUN_WITHIN_SEGMENT
  })
}
