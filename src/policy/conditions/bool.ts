/** The Bool operator. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Boolean */
import { resolveTemplate, parseTemplate } from '../template.ts'
import type { OperatorFamily } from './operator.ts'

export const boolOperators: OperatorFamily = {
  Bool: {
    negated: false,
    compile(values, variables) {
      const templates = values.map((value) => parseTemplate(value, { variables, wildcards: false }))
      return (text, context) => {
        const actual = parseBool(text)
        if (actual === undefined) return false
        return templates.some((tokens) => parseBool(resolveTemplate(tokens, context)?.join('') ?? '') === actual)
      }
    },
  },
}

function parseBool(text: string): boolean | undefined {
  const lower = text.toLowerCase()
  return lower === 'true' ? true : lower === 'false' ? false : undefined
}
