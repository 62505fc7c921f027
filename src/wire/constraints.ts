/** The form of the generated constraint tables (`constraints/`), and the look-up of one member in one. */
import type { Constraint, NumberKind, Pattern } from './shape.ts'

/** One shape of a service's model. `element`, `key` and `value` name further shapes of the same table. */
export interface ConstrainedShape {
  readonly number?: NumberKind
  readonly min?: number
  readonly max?: number
  readonly pattern?: string
  readonly values?: readonly string[]
  readonly unprinted?: readonly string[]
  readonly element?: string
  readonly key?: string
  readonly value?: string
  readonly nullable?: boolean
}

export interface ServiceConstraints {
  readonly shapes: Readonly<Record<string, ConstrainedShape>>
  /** Structure → member → the name of its shape. Members without constraints are left out. */
  readonly structures: Readonly<Record<string, Readonly<Record<string, string>>>>
}

export function constraintLookup(
  constraints: ServiceConstraints | undefined,
): (structure: string, member: string) => Constraint | undefined {
  if (!constraints) return () => undefined
  const built = new Map<string, Constraint>()

  function constraint(shapeName: string | undefined): Constraint | undefined {
    if (shapeName === undefined) return undefined
    const known = built.get(shapeName)
    if (known) return known
    const shape = constraints?.shapes[shapeName]
    if (!shape) return undefined
    const { element, key, value, pattern, ...own } = shape
    const parts = { element: constraint(element), key: constraint(key), value: constraint(value) }
    const whole: Constraint = {
      ...own,
      ...(pattern !== undefined && { pattern: compilePattern(pattern) }),
      ...(parts.element && { element: parts.element }),
      ...(parts.key && { key: parts.key }),
      ...(parts.value && { value: parts.value }),
    }
    built.set(shapeName, whole)
    return whole
  }

  return (structure, member) => constraint(constraints.structures[structure]?.[member])
}

/** A dot is any character, a line's end too: Java says so within the pattern, JavaScript beside it. */
const DOT_ALL = '(?s)'

/** Of Java's regular expressions AWS uses nothing else that JavaScript lacks; a few patterns escape what Unicode mode does not let them escape. */
export function compilePattern(source: string): Pattern {
  const isDotAll = source.startsWith(DOT_ALL)
  const whole = `^(?:${isDotAll ? source.slice(DOT_ALL.length) : source})$`
  const flags = isDotAll ? 's' : ''
  const expression = expressionFrom(whole, `u${flags}`) ?? new RegExp(whole, flags)
  return { source, matches: (text) => expression.test(text) }
}

function expressionFrom(source: string, flags: string): RegExp | undefined {
  try {
    return new RegExp(source, flags)
  } catch {
    return undefined
  }
}
