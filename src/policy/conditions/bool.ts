/** The Bool operator. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Boolean */
import { isVariable, parseTemplate, resolveTemplate } from '../template.ts'
import type { OperatorFamily } from './operator.ts'

export const boolOperators: OperatorFamily = {
  Bool: {
    negated: false,
    compile(values, variables) {
      const templates = values.map((value) => parseTemplate(value, { variables, wildcards: false }))
      const withVariables = templates.filter((tokens) => tokens.some(isVariable))
      const plain = new Set(values.map(parseBool))
      return (text, context) => {
        const actual = parseBool(text)
        if (actual === undefined) return false
        if (plain.has(actual)) return true
        return withVariables.some((tokens) => parseBool(resolveTemplate(tokens, context)?.join('') ?? '') === actual)
      }
    },
  },
}

function parseBool(text: string): boolean | undefined {
  if (text === 'true') return true
  if (text === 'false') return false
  const lower = text.toLowerCase()
  return lower === 'true' ? true : lower === 'false' ? false : undefined
}
