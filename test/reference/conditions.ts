/**
 * Conditions of the reference model: every operator of a block, every key of an operator, some value of a key.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
 */
import type { RequestContext } from '../../src/policy/model.ts'
import { listOf, type Statement } from './documents.ts'
import { expandedPattern, matches, matchesArn } from './patterns.ts'

export function conditionsHold(
  condition: Statement['Condition'],
  version: string | undefined,
  context: RequestContext,
): boolean {
  return Object.entries(condition ?? {}).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => {
      const value = context.get(key.toLowerCase())
      const given = value === undefined ? [] : listOf(value)
      return holds(operator, given, listOf(wanted), version, context)
    }),
  )
}

function holds(
  written: string,
  given: readonly string[],
  wanted: readonly string[],
  version: string | undefined,
  context: RequestContext,
): boolean {
  const prefix = written.slice(0, written.indexOf(':') + 1)
  const ifExists = written.endsWith('IfExists')
  const name = written.slice(prefix.length, ifExists ? -'IfExists'.length : undefined)

  // An empty text counts as no value here and for ForAllValues, but can be compared with.
  const isNull = given.every((one) => one === '') && given.length <= 1
  if (name === 'Null') return wanted.some((value) => (value === 'true') === isNull)

  const negated = name.includes('Not')
  const positive = positiveForm(name)
  const passes = (one: string): boolean => {
    const equalsSome = wanted.some((value) => compare(positive, one, value, version, context))
    return negated ? !equalsSome : equalsSome
  }

  if (given.length === 0) {
    if (ifExists) return true
    if (prefix === 'ForAllValues:') return true
    if (prefix === 'ForAnyValue:') return false
    return negated
  }
  if (prefix === 'ForAllValues:') return isNull || given.every(passes)
  if (prefix === 'ForAnyValue:') return given.some(passes)
  return negated ? given.every(passes) : given.some(passes)
}

function positiveForm(name: string): string {
  if (name === 'NotIpAddress') return 'IpAddress'
  return name.replace('Not', '')
}

function compare(
  operator: string,
  given: string,
  wanted: string,
  version: string | undefined,
  context: RequestContext,
): boolean {
  switch (operator) {
    case 'StringEquals':
      return given === expandedText(wanted, version, context)
    case 'StringEqualsIgnoreCase':
      return given.toLowerCase() === expandedText(wanted, version, context)?.toLowerCase()
    case 'StringLike': {
      const pattern = expandedPattern(wanted, version, context)
      return pattern !== undefined && matches(pattern, given)
    }
    case 'ArnEquals':
    case 'ArnLike': {
      const pattern = expandedPattern(wanted, version, context)
      return pattern !== undefined && matchesArn(pattern, given)
    }
    case 'Bool':
      return given === expandedText(wanted, version, context)
    case 'BinaryEquals':
      return Buffer.from(given, 'base64').equals(Buffer.from(wanted, 'base64'))
    case 'IpAddress':
      return addressIsWithin(given, wanted)
    default:
      break
  }
  const family = operator.startsWith('Date') ? 'Date' : 'Numeric'
  const [left, right] = family === 'Date' ? [instantOf(given), instantOf(wanted)] : [Number(given), Number(wanted)]
  switch (operator.slice(family.length)) {
    case 'Equals':
      return left === right
    case 'LessThan':
      return left < right
    case 'LessThanEquals':
      return left <= right
    case 'GreaterThan':
      return left > right
    case 'GreaterThanEquals':
      return left >= right
    default:
      throw new Error(`the model has no operator \`${operator}\``)
  }
}

/** Where wildcards have no meaning, a variable's value is simply part of the text. */
function expandedText(text: string, version: string | undefined, context: RequestContext): string | undefined {
  return expandedPattern(text, version, context)
    ?.map(({ character }) => character)
    .join('')
}

/** ISO 8601 or seconds since 1970. */
function instantOf(text: string): number {
  return /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text)
}

function addressIsWithin(address: string, range: string): boolean {
  const [network = '', length] = range.split('/')
  const given = addressBits(address)
  const wanted = addressBits(network)
  if (given.length !== wanted.length) return false
  const bits = length === undefined ? wanted.length : Number(length)
  return given.slice(0, bits) === wanted.slice(0, bits)
}

/** The address as a text of 32 or 128 zeros and ones. */
function addressBits(address: string): string {
  if (!address.includes(':')) {
    return address
      .split('.')
      .map((octet) => Number(octet).toString(2).padStart(8, '0'))
      .join('')
  }
  const [before = '', after] = address.split('::')
  const left = before === '' ? [] : before.split(':')
  const right = after === undefined || after === '' ? [] : after.split(':')
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0')
  return [...left, ...zeros, ...right].map((group) => Number.parseInt(group, 16).toString(2).padStart(16, '0')).join('')
}
