/** String operators. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_String */
import {
  createTemplateMatcher,
  isVariable,
  parseTemplate,
  type ContextMatcher,
  type TemplateToken,
} from '../template.ts'
import { pair, type OperatorDefinition, type OperatorFamily } from './operator.ts'

/** From this many plain values on, one look-up beats comparing them in turn. */
const SET_VALUES_MIN = 8

export const stringOperators: OperatorFamily = {
  ...pair('StringEquals', 'StringNotEquals', { compile: compileValues(false) }),
  ...pair('StringLike', 'StringNotLike', { compile: compileValues(true) }),
  ...pair('StringEqualsIgnoreCase', 'StringNotEqualsIgnoreCase', { compile: compileIgnoringCase }),
}

function compileValues(wildcards: boolean): OperatorDefinition['compile'] {
  return (values, variables) => {
    const templates = values.map((value) => parseTemplate(value, { variables, wildcards }))
    if (
      values.length >= SET_VALUES_MIN &&
      templates.every((tokens) => tokens.every((token) => typeof token === 'string'))
    ) {
      const texts = new Set(templates.map((tokens) => tokens.join('')))
      return (text) => texts.has(text)
    }
    return anyOf(templates.map(createTemplateMatcher))
  }
}

function compileIgnoringCase(values: readonly string[], variables: boolean): ContextMatcher {
  const matchers = values.map((value) => {
    const tokens = parseTemplate(value, { variables, wildcards: false })
    return createFoldedMatcher(tokens)
  })
  const matches = anyOf(matchers)
  return (text, context) => matches(text.toLowerCase(), context)
}

/** Folds the template now and the values of its variables when they are read. */
function createFoldedMatcher(tokens: readonly TemplateToken[]): ContextMatcher {
  const folded = tokens.map((token) => {
    if (typeof token === 'string') return token.toLowerCase()
    if (!isVariable(token) || token.fallback === undefined) return token
    return { ...token, fallback: token.fallback.toLowerCase() }
  })
  const matches = createTemplateMatcher(folded)
  if (!tokens.some(isVariable)) return matches
  return (text, context) =>
    matches(text, {
      get(key) {
        const value = context.get(key)
        return typeof value === 'string' ? value.toLowerCase() : value
      },
    })
}

export function anyOf(matchers: readonly ContextMatcher[]): ContextMatcher {
  const [only] = matchers
  if (only !== undefined && matchers.length === 1) return only
  return (text, context) => {
    for (const matches of matchers) if (matches(text, context)) return true
    return false
  }
}
