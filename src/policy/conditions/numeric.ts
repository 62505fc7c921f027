/** Numeric operators. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Numeric */
import { orderedFamily, type OperatorFamily } from './operator.ts'

const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/

export const numericOperators: OperatorFamily = orderedFamily('Numeric', parseNumber)

/** An integer or decimal; text that is neither is no number, so no comparison with it holds. */
export function parseNumber(text: string): number | undefined {
  return NUMBER.test(text) ? Number(text) : undefined
}
