/** What a family of condition operators provides: a name, a sense, and how one value of the request compares with the policy's. */
import type { ContextMatcher } from '../template.ts'

export interface OperatorDefinition {
  /** `StringNotEquals` and its like hold when no value of the policy matches, and so also when the key is absent. */
  readonly negated: boolean
  /** Builds the test whether a request's value matches at least one of the policy's. `variables`: the document's version knows them. */
  readonly compile: (values: readonly string[], variables: boolean) => ContextMatcher
  /** Whether a policy's value can match at all: `ten` is no number. Absent where any text can. */
  readonly isValue?: (value: string) => boolean
}

type Comparison = Omit<OperatorDefinition, 'negated'>

export type OperatorFamily = Readonly<Record<string, OperatorDefinition>>

/** A policy's value and its opposite operator, for families where negation is all that differs. */
export function pair(equal: string, notEqual: string, comparison: Comparison): OperatorFamily {
  return { [equal]: { negated: false, ...comparison }, [notEqual]: { negated: true, ...comparison } }
}

/** Values that are parsed once; those that cannot be parsed match nothing. */
export function compareParsed<T>(
  parse: (text: string) => T | undefined,
  matches: (actual: T, expected: T) => boolean,
): Comparison {
  return {
    isValue: (value) => parse(value) !== undefined,
    compile(values) {
      const expected = values.map(parse).filter((value) => value !== undefined)
      return (text) => {
        const actual = parse(text)
        return actual !== undefined && expected.some((value) => matches(actual, value))
      }
    },
  }
}

/** The six comparisons of numbers and of dates. */
export function orderedFamily(prefix: string, parse: (text: string) => number | undefined): OperatorFamily {
  const compare = (matches: (actual: number, expected: number) => boolean): OperatorDefinition => ({
    negated: false,
    ...compareParsed(parse, matches),
  })
  return {
    ...pair(
      `${prefix}Equals`,
      `${prefix}NotEquals`,
      compareParsed(parse, (actual, expected) => actual === expected),
    ),
    [`${prefix}LessThan`]: compare((actual, expected) => actual < expected),
    [`${prefix}LessThanEquals`]: compare((actual, expected) => actual <= expected),
    [`${prefix}GreaterThan`]: compare((actual, expected) => actual > expected),
    [`${prefix}GreaterThanEquals`]: compare((actual, expected) => actual >= expected),
  }
}
