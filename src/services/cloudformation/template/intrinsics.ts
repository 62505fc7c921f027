/**
 * Evaluates the intrinsic functions of a template.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
 */
import { formatCidr, parseCidr, sizeOfCidr } from '../../../core/cidr.ts'
import { isRegion } from '../../../core/region.ts'
import { zonesOf } from '../../ec2/zones/zones.ts'
import { isList, isObject, isScalar, soleEntry, type Json, type JsonObject } from './json.ts'
import { NO_VALUE, type PseudoParameters } from './pseudo-parameters.ts'
import { parseSub } from './sub.ts'
import type { Mappings } from './template.ts'
import { templateError, validationError } from './validation-error.ts'

/** What names mean while a template is evaluated. Lookups throw AWS's error for a name they do not know. */
export interface Scope {
  readonly parameters: Readonly<Record<string, string | readonly string[]>>
  readonly pseudo: PseudoParameters
  readonly mappings: Mappings
  condition(name: string): boolean
  /** `Ref` of a resource. */
  reference(logicalId: string): string
  attribute(logicalId: string, attribute: string): string
  importedValue(exportName: string): string
}

/** Stands for a value that is known only once resources exist; any text made from it contains it. */
export const KNOWN_AFTER_APPLY = '{{changeSet:KNOWN_AFTER_APPLY}}'

/** The value with its functions evaluated; undefined for `AWS::NoValue`, which removes the property that holds it. */
export function evaluate(value: Json, scope: Scope): Json | undefined {
  if (typeof value === 'string') return literal(value)
  if (isList(value)) return value.map((item) => evaluate(item, scope)).filter((item) => item !== undefined)
  if (!isObject(value)) return value
  const sole = soleEntry(value)
  const run = sole && functionNamed(sole[0])
  if (sole && run) return run(sole[1], scope)
  const evaluated: Record<string, Json> = {}
  for (const [key, item] of Object.entries(value)) {
    const result = evaluate(item, scope)
    if (result !== undefined) evaluated[key] = result
  }
  return evaluated
}

/** Throws when the value is not a text in the end. `where` names the function for the message. */
export function evaluateText(value: Json, scope: Scope, where: string): string {
  const evaluated = evaluate(value, scope)
  if (!isScalar(evaluated)) throw templateError(`every value of ${where} must be a string`)
  return String(evaluated)
}

function literal(text: string): string {
  const dynamic = /\{\{resolve:[^}]*\}\}/.exec(text)
  if (dynamic) throw templateError(`the dynamic reference \`${dynamic[0]}\` is not supported by Isthmus`)
  return text
}

type IntrinsicFunction = (argument: Json, scope: Scope) => Json | undefined

/** True for `{"Ref": …}` and `{"Fn::…": …}`, known or not. `Condition` is a function only inside conditions. */
export function isFunctionName(name: string): boolean {
  return name === 'Ref' || name.startsWith('Fn::')
}

function functionNamed(name: string): IntrinsicFunction | undefined {
  if (!isFunctionName(name)) return undefined
  const run = FUNCTIONS[name]
  if (!run) throw templateError(`the function \`${name}\` is not supported by Isthmus`)
  return run
}

const FUNCTIONS: Readonly<Record<string, IntrinsicFunction>> = {
  Ref(argument, scope) {
    if (typeof argument !== 'string') throw templateError('every Ref object must have a single String value.')
    return argument === NO_VALUE ? undefined : reference(argument, scope)
  },

  'Fn::GetAtt'(argument, scope) {
    const [resource, attribute] = getAttParts(argument)
    return scope.attribute(
      resource,
      typeof attribute === 'string' ? attribute : evaluateText(attribute, scope, 'Fn::GetAtt'),
    )
  },

  'Fn::Sub'(argument, scope) {
    const { pattern, variables } = subParts(argument)
    const values = Object.entries(variables).map(
      ([name, value]) => [name, evaluateText(value, scope, 'Fn::Sub')] as const,
    )
    const local = new Map(values)
    return parseSub(literal(pattern))
      .map((part) => (part.kind === 'text' ? part.text : (local.get(part.name) ?? placeholder(part.name, scope))))
      .join('')
  },

  'Fn::Join'(argument, scope) {
    const [separator, list] = isList(argument) && argument.length === 2 ? argument : []
    const items = list === undefined ? undefined : listOf(list, scope)
    if (typeof separator !== 'string' || items === undefined) {
      throw templateError(
        'every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined.',
      )
    }
    return items.map(textOf).join(separator)
  },

  'Fn::Split'(argument, scope) {
    const [separator, source] = isList(argument) && argument.length === 2 ? argument : []
    const text = source === undefined ? undefined : evaluate(source, scope)
    if (typeof separator !== 'string' || separator === '' || typeof text !== 'string') {
      throw templateError(
        'every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be split or a function that returns a string to be split.',
      )
    }
    return text.includes(KNOWN_AFTER_APPLY) ? [KNOWN_AFTER_APPLY] : text.split(separator)
  },

  'Fn::Select'(argument, scope) {
    const [position, list] = isList(argument) && argument.length === 2 ? argument : []
    const index = position === undefined ? undefined : evaluate(position, scope)
    const items = list === undefined ? undefined : listOf(list, scope)
    if (!isScalar(index) || !/^\d+$/.test(String(index)) || items === undefined) {
      throw templateError('Fn::Select requires a list argument with two elements: an integer index and a list')
    }
    const item = items[Number(index)]
    if (item !== undefined) return item
    if (items.some((other) => textOf(other).includes(KNOWN_AFTER_APPLY))) return KNOWN_AFTER_APPLY
    throw templateError(`Fn::Select cannot select nonexistent value at index ${String(index)}`)
  },

  'Fn::If'(argument, scope) {
    const [condition, whenTrue, whenFalse] = ifParts(argument)
    return evaluate(scope.condition(condition) ? whenTrue : whenFalse, scope)
  },

  'Fn::FindInMap'(argument, scope) {
    if (!isList(argument) || argument.length !== 3) {
      throw templateError(
        'every Fn::FindInMap object requires three parameters, the map name, map key and the attribute for return value',
      )
    }
    const [map = '', key = '', attribute = ''] = argument.map((part) => evaluateText(part, scope, 'Fn::FindInMap'))
    const mapping = scope.mappings[map]
    if (!mapping) throw templateError(`Mapping named '${map}' is not present in the 'Mappings' section of template.`)
    const value = mapping[key]?.[attribute]
    if (value === undefined) throw templateError(`Unable to get mapping for ${map}::${key}::${attribute}`)
    return value
  },

  'Fn::Base64'(argument, scope) {
    const text = evaluate(argument, scope)
    if (!isScalar(text)) throw templateError('every Fn::Base64 object must have a String-typed value.')
    return Buffer.from(String(text)).toString('base64')
  },

  'Fn::Cidr'(argument, scope) {
    const [block, count, bits = DEFAULT_CIDR_BITS] = isList(argument)
      ? argument.map((part) => evaluate(part, scope))
      : []
    if (!isScalar(block) || !isScalar(count) || !isScalar(bits)) {
      throw templateError(
        'every Fn::Cidr object requires an ip block, a count and, optionally, the number of cidr bits',
      )
    }
    return subnetCidrs(String(block), Number(count), Number(bits))
  },

  'Fn::GetAZs'(argument, scope) {
    const given = evaluate(argument, scope)
    const region = given === '' ? scope.pseudo['AWS::Region'] : given
    if (typeof region !== 'string') throw templateError('every Fn::GetAZs object must have a single String value.')
    if (!isRegion(region)) throw templateError(`Fn::GetAZs names no Region: ${region}`)
    return zonesOf(region)
  },

  'Fn::ImportValue'(argument, scope) {
    const name = evaluate(argument, scope)
    if (!isScalar(name))
      throw templateError(
        'the attribute in Fn::ImportValue must not depend on any resources, imported values, or Fn::GetAZs',
      )
    return scope.importedValue(String(name))
  },
}

/** A subnet of 256 addresses. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-cidr.html */
const DEFAULT_CIDR_BITS = 8
const CIDR_COUNT_MAX = 256

/** The first `count` blocks of `2 ** bits` addresses in a block. */
function subnetCidrs(text: string, count: number, bits: number): Json {
  const positions = Number.isInteger(count) && count >= 1 && count <= CIDR_COUNT_MAX ? [...Array(count).keys()] : []
  if (text.includes(KNOWN_AFTER_APPLY)) return positions.map(() => KNOWN_AFTER_APPLY)
  const cidr = parseCidr(text)
  const size = 2 ** bits
  const fits = cidr && Number.isInteger(bits) && bits >= 0 && bits <= 32 && count * size <= sizeOfCidr(cidr)
  if (!fits || positions.length === 0) {
    throw templateError(`Fn::Cidr cannot make ${count} blocks of ${bits} bits from ${text}`)
  }
  return positions.map((index) => formatCidr({ first: cidr.first + index * size, prefixLength: 32 - bits }))
}

function reference(name: string, scope: Scope): Json {
  return scope.parameters[name] ?? scope.pseudo[name] ?? scope.reference(name)
}

function placeholder(name: string, scope: Scope): string {
  const [resource, ...attribute] = name.split('.')
  const value =
    attribute.length === 0 || resource === undefined
      ? reference(name, scope)
      : scope.attribute(resource, attribute.join('.'))
  if (!isScalar(value)) {
    throw templateError(`Fn::Sub expression does not resolve to a string: \${${name}}`)
  }
  return String(value)
}

function listOf(value: Json, scope: Scope): readonly Json[] | undefined {
  const evaluated = evaluate(value, scope)
  return isList(evaluated) ? evaluated : undefined
}

function textOf(value: Json): string {
  return isScalar(value) ? String(value) : JSON.stringify(value)
}

/** `["Resource", "Attribute"]` or `Resource.Attribute`; only the attribute may be computed. */
export function getAttParts(argument: Json): readonly [resource: string, attribute: Json] {
  const dot = typeof argument === 'string' ? argument.indexOf('.') : -1
  const [resource, attribute, ...rest] =
    typeof argument === 'string'
      ? [dot < 0 ? argument : argument.slice(0, dot), dot < 0 ? '' : argument.slice(dot + 1)]
      : isList(argument)
        ? argument
        : []
  const isValid =
    typeof resource === 'string' && resource !== '' && attribute !== undefined && attribute !== '' && !isList(attribute)
  if (!isValid || rest.length > 0) {
    throw templateError(
      'every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute',
    )
  }
  return [resource, attribute]
}

export function ifParts(argument: Json): readonly [condition: string, whenTrue: Json, whenFalse: Json] {
  const [condition, whenTrue, whenFalse] = isList(argument) && argument.length === 3 ? argument : []
  if (typeof condition !== 'string' || whenTrue === undefined || whenFalse === undefined) {
    throw templateError('Fn::If requires a list argument with three elements: the condition name and two values')
  }
  return [condition, whenTrue, whenFalse]
}

export function subParts(argument: Json): { readonly pattern: string; readonly variables: JsonObject } {
  if (typeof argument === 'string') return { pattern: argument, variables: {} }
  const [pattern, variables] = isList(argument) && argument.length === 2 ? argument : []
  if (typeof pattern !== 'string' || variables === undefined || !isObject(variables)) {
    throw templateError(
      "One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string as first argument, and an optional second argument to specify a mapping of values to replace in the string",
    )
  }
  return { pattern, variables }
}

/** AWS's message for a name that is no parameter, pseudo parameter or resource. */
export function unresolved(names: readonly string[], section: string): Error {
  return validationError(
    `Template format error: Unresolved resource dependencies [${names.join(', ')}] in the ${section} block of the template`,
  )
}
