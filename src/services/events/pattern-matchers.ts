/**
 * The comparisons of an event pattern: exact values, prefix, suffix, equals-ignore-case, wildcard, anything-but, numeric, exists, cidr.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
import { BlockList, isIP, isIPv4 } from 'node:net'

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }
export type Leaf = string | number | boolean | null

export type Matcher =
  /** Of a value that is not there. */
  { readonly kind: 'absent' } | { readonly kind: 'value'; readonly matches: (leaf: Leaf) => boolean }

type Fail = (reason: string) => Error
type Test = (leaf: Leaf) => boolean

/** Throws what `fail` makes of AWS's reason. */
export function readMatcher(value: Json, fail: Fail): Matcher {
  if (Array.isArray(value)) throw fail('Match value must be String, number, true, false, or null')
  if (typeof value !== 'object' || value === null) return { kind: 'value', matches: (leaf) => leaf === value }
  const [entry, ...others] = Object.entries(value as { readonly [key: string]: Json })
  if (!entry || others.length > 0) throw fail('Only one key allowed in match expression')
  const [operator, operand] = entry
  if (operator === 'exists') {
    if (typeof operand !== 'boolean') throw fail('exists match pattern must be either true or false.')
    return operand ? { kind: 'value', matches: () => true } : { kind: 'absent' }
  }
  return { kind: 'value', matches: readTest(operator, operand, fail) }
}

function readTest(operator: string, operand: Json, fail: Fail): Test {
  switch (operator) {
    case 'prefix':
    case 'suffix':
      return affixTest(operator, operand, fail)
    case 'equals-ignore-case': {
      if (typeof operand !== 'string') throw fail('equals-ignore-case match pattern must be a string')
      return onText((text) => sameWithoutCase(text, operand))
    }
    case 'wildcard':
      return wildcardTest(operand, fail)
    case 'numeric':
      return numericTest(operand, fail)
    case 'cidr':
      return cidrTest(operand, fail)
    case 'anything-but':
      return anythingButTest(operand, fail)
    default:
      throw fail(`Unrecognized match type ${operator}`)
  }
}

function affixTest(operator: 'prefix' | 'suffix', operand: Json, fail: Fail): Test {
  const has = (text: string, part: string) => (operator === 'prefix' ? text.startsWith(part) : text.endsWith(part))
  if (typeof operand === 'string') return onText((text) => has(text, operand))
  const part = onlyMember(operand, 'equals-ignore-case')
  if (typeof part !== 'string') throw fail(`${operator} match pattern must be a string`)
  return onText((text) => has(text.toLowerCase(), part.toLowerCase()))
}

/** `*` stands for any text; `\*` and `\\` for themselves. */
function wildcardTest(operand: Json, fail: Fail): Test {
  if (typeof operand !== 'string') throw fail('wildcard match pattern must be a string')
  const parts: string[] = ['']
  for (let index = 0; index < operand.length; index++) {
    const character = operand[index] ?? ''
    if (character === '*') {
      if (operand[index + 1] === '*') throw fail(`Consecutive wildcard characters at pos ${index}`)
      parts.push('')
      continue
    }
    if (character !== '\\') parts[parts.length - 1] += character
    else {
      const escaped = operand[++index]
      if (escaped !== '*' && escaped !== '\\') throw fail(`Invalid escape character at pos ${index - 1}`)
      parts[parts.length - 1] += escaped
    }
  }
  return onText((text) => matchesParts(text, parts))
}

function matchesParts(text: string, parts: readonly string[]): boolean {
  const [first = '', ...rest] = parts
  const last = rest.pop()
  if (last === undefined) return text === first
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last)) return false
  let position = first.length
  for (const part of rest) {
    const found = text.indexOf(part, position)
    if (found < 0) return false
    position = found + part.length
  }
  return position <= text.length - last.length
}

const COMPARISONS: Readonly<Record<string, (value: number, limit: number) => boolean>> = {
  '=': (value, limit) => value === limit,
  '<': (value, limit) => value < limit,
  '<=': (value, limit) => value <= limit,
  '>': (value, limit) => value > limit,
  '>=': (value, limit) => value >= limit,
}

/** Below a limit, or above one, or between two: in the order in which AWS reads it. */
function numericTest(operand: Json, fail: Fail): Test {
  if (!Array.isArray(operand)) throw fail('Value of numeric must be an array.')
  const [operator, limit, secondOperator, secondLimit, ...more] = operand as readonly Json[]
  const first = comparison(operator, limit, fail)
  if (secondOperator === undefined) return onNumber(first)
  if (operator !== '>' && operator !== '>=') throw fail('Too many elements in numeric expression')
  if (typeof secondOperator !== 'string') throw fail(`Bad value in numeric range: ${text(secondOperator)}`)
  if (secondOperator !== '<' && secondOperator !== '<=') throw fail(`Bad numeric range operator: ${secondOperator}`)
  const second = comparison(secondOperator, secondLimit, fail)
  if (more.length > 0) throw fail('Too many terms in numeric range expression')
  if (Number(limit) >= Number(secondLimit)) throw fail('Bottom must be less than top')
  return onNumber((value) => first(value) && second(value))
}

function comparison(operator: Json | undefined, limit: Json | undefined, fail: Fail): (value: number) => boolean {
  if (typeof operator !== 'string') {
    throw fail(`Invalid member in numeric match: ${operator === undefined ? ']' : text(operator)}`)
  }
  const compare = COMPARISONS[operator]
  if (!compare) throw fail(`Unrecognized numeric range operator: ${operator}`)
  if (typeof limit !== 'number') throw fail(`Value of ${operator === '=' ? 'equals' : operator} must be numeric`)
  return (value) => compare(value, limit)
}

function cidrTest(operand: Json, fail: Fail): Test {
  if (typeof operand !== 'string') throw fail('prefix match pattern must be a string')
  const [address = '', bits, ...more] = operand.split('/')
  if (bits === undefined || more.length > 0) throw fail("Malformed CIDR, one '/' required")
  if (isIP(address) === 0) throw fail(`Nonstandard IP address: ${address}`)
  const family = isIPv4(address) ? 'ipv4' : 'ipv6'
  if (!/^\d{1,3}$/.test(bits)) throw fail('Malformed CIDR, mask bits must be an integer')
  if (Number(bits) > (family === 'ipv4' ? 31 : 127))
    throw fail(`IPv${family.at(-1)} mask bits must be < ${family === 'ipv4' ? 32 : 128}`)
  const block = new BlockList()
  block.addSubnet(address, Number(bits), family)
  return onText((text) => isIP(text) !== 0 && block.check(text, isIPv4(text) ? 'ipv4' : 'ipv6'))
}

const WHOLE = 'Value of anything-but must be an array or single string/number value.'

function anythingButTest(operand: Json, fail: Fail): Test {
  if (typeof operand === 'object' && operand !== null && !Array.isArray(operand)) {
    const [entry, ...others] = Object.entries(operand as { readonly [key: string]: Json })
    if (!entry || others.length > 0) throw fail(WHOLE)
    const excluded = excludedTests(...entry, fail)
    return (leaf) => !excluded.some((test) => test(leaf))
  }
  const values: readonly Json[] = Array.isArray(operand) ? operand : [operand]
  if (!Array.isArray(operand) && typeof operand !== 'string' && typeof operand !== 'number') throw fail(WHOLE)
  if (values.length === 0) throw fail('Empty arrays are not allowed')
  const isOf = (type: string) => values.every((value) => typeof value === type)
  if (!values.every((value) => typeof value === 'string' || typeof value === 'number')) {
    throw fail('Inside anything but list, start|null|boolean is not supported.')
  }
  if (!isOf('string') && !isOf('number')) {
    throw fail('Inside anything but list, either all values are number or string, mixed type is not supported')
  }
  return (leaf) => !(values as readonly Leaf[]).includes(leaf)
}

function excludedTests(operator: string, operand: Json, fail: Fail): readonly Test[] {
  const values: readonly Json[] = Array.isArray(operand) ? operand : [operand]
  if (typeof operand === 'object' && !Array.isArray(operand)) throw fail(WHOLE)
  switch (operator) {
    case 'prefix':
    case 'suffix':
      return values.map((value) => {
        if (typeof value !== 'string') throw fail('prefix/suffix match pattern must be a string')
        if (value === '') throw fail('Null prefix/suffix not allowed')
        return affixTest(operator, value, fail)
      })
    case 'equals-ignore-case':
      return values.map((value) => {
        if (typeof value !== 'string') {
          throw fail('Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.')
        }
        return readTest(operator, value, fail)
      })
    case 'wildcard':
      return values.map((value) => wildcardTest(value, fail))
    default:
      throw fail(`Unsupported anything-but pattern: ${operator}`)
  }
}

function onText(test: (text: string) => boolean): Test {
  return (leaf) => typeof leaf === 'string' && test(leaf)
}

function onNumber(test: (value: number) => boolean): Test {
  return (leaf) => typeof leaf === 'number' && test(leaf)
}

function sameWithoutCase(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

function onlyMember(value: Json, name: string): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const entries = Object.entries(value as { readonly [key: string]: Json })
  const [entry] = entries
  return entries.length === 1 && entry?.[0] === name ? entry[1] : undefined
}

function text(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
