/** ARN operators; ArnEquals behaves as ArnLike. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN */
import { compileArnCondition, isArnPattern } from '../arn-pattern.ts'
import type { ContextMatcher } from '../template.ts'
import { pair, type OperatorFamily } from './operator.ts'
import { anyOf } from './string.ts'

export const arnOperators: OperatorFamily = {
  ...pair('ArnEquals', 'ArnNotEquals', { compile: compileValues, isValue: isArnPattern }),
  ...pair('ArnLike', 'ArnNotLike', { compile: compileValues, isValue: isArnPattern }),
}

function compileValues(values: readonly string[], variables: boolean): ContextMatcher {
  return anyOf(values.map((value) => compileArnCondition(value, variables)))
}
