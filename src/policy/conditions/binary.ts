/** The BinaryEquals operator. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_BinaryEquals */
import { compareParsed, type OperatorFamily } from './operator.ts'

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/

export const binaryOperators: OperatorFamily = {
  BinaryEquals: { negated: false, ...compareParsed(canonicalBase64, (actual, expected) => actual === expected) },
}

/** Both sides are base64; the same bytes may be written with and without padding. */
function canonicalBase64(text: string): string | undefined {
  return BASE64.test(text) ? Buffer.from(text, 'base64').toString('base64') : undefined
}
