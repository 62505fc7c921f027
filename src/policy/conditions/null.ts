/** The Null operator: is the key absent? https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Null */
import type { ContextValue } from '../model.ts'

/** AWS counts an empty set and an empty string as no value. */
export function isNull(value: ContextValue | undefined): boolean {
  return value === undefined || value.length === 0
}

/** `true` holds when the key is absent, `false` when it is there; anything else never. */
export function compileNull(values: readonly string[]): (value: ContextValue | undefined) => boolean {
  const lower = values.map((value) => value.toLowerCase())
  const wantsAbsent = lower.includes('true')
  const wantsPresent = lower.includes('false')
  return (value) => (isNull(value) ? wantsAbsent : wantsPresent)
}
