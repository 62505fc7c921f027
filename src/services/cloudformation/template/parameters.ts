/**
 * Template parameters: their declarations, and the values a request gives them.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
 */
import { isList, isObject, isScalar, type Json, type JsonObject } from './json.ts'
import { formatError, validationError } from './validation-error.ts'

export type ParameterType = 'String' | 'Number' | 'CommaDelimitedList' | 'List<Number>' | 'List<String>'

export interface ParameterDeclaration {
  readonly type: ParameterType
  readonly default?: string
  readonly description?: string
  readonly noEcho: boolean
  readonly allowedValues?: readonly string[]
  readonly allowedPattern?: string
  readonly constraintDescription?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minValue?: number
  readonly maxValue?: number
}

/** Parameter name → the text it was given; lists are comma-separated. */
export type ParameterValues = Readonly<Record<string, string>>

export interface ParameterInput {
  readonly ParameterKey?: string | undefined
  readonly ParameterValue?: string | undefined
  readonly UsePreviousValue?: boolean | undefined
}

const TYPES: ReadonlySet<string> = new Set(['String', 'Number', 'CommaDelimitedList', 'List<Number>', 'List<String>'])

const MEMBERS = new Set([
  'Type',
  'Default',
  'Description',
  'NoEcho',
  'AllowedValues',
  'AllowedPattern',
  'ConstraintDescription',
  'MinLength',
  'MaxLength',
  'MinValue',
  'MaxValue',
])

export function parameterDeclarations(section: JsonObject): Record<string, ParameterDeclaration> {
  return Object.fromEntries(Object.entries(section).map(([name, body]) => [name, declaration(name, body)]))
}

function declaration(name: string, body: Json): ParameterDeclaration {
  if (!isObject(body)) throw formatError('Every Parameters member must be an object.')
  const unknown = Object.keys(body).find((key) => !MEMBERS.has(key))
  if (unknown !== undefined) throw validationError(`Invalid template parameter property '${unknown}'`)
  const type = parameterType(name, body['Type'])
  const declared: ParameterDeclaration = {
    type,
    noEcho: body['NoEcho'] === true || body['NoEcho'] === 'true',
    ...text(body, 'Default', 'default'),
    ...text(body, 'Description', 'description'),
    ...text(body, 'AllowedPattern', 'allowedPattern'),
    ...text(body, 'ConstraintDescription', 'constraintDescription'),
    ...number(body, 'MinLength', 'minLength'),
    ...number(body, 'MaxLength', 'maxLength'),
    ...number(body, 'MinValue', 'minValue'),
    ...number(body, 'MaxValue', 'maxValue'),
    ...allowedValues(body['AllowedValues']),
  }
  if (declared.allowedPattern !== undefined) patternOf(declared.allowedPattern)
  return declared
}

function parameterType(name: string, type: Json | undefined): ParameterType {
  if (type === undefined) throw formatError('Every Parameters object must contain a Type member.')
  if (typeof type === 'string' && TYPES.has(type)) return type as ParameterType
  // FIDELITY: types that AWS looks up in the account (AWS::SSM::Parameter::Value<…>, AWS::EC2::VPC::Id) are refused by name.
  if (typeof type === 'string' && /^(List<)?AWS::/.test(type)) {
    throw formatError(`the type \`${type}\` of parameter \`${name}\` is not supported by Isthmus`)
  }
  throw formatError(`Unrecognized parameter type: ${isScalar(type) ? String(type) : JSON.stringify(type)}`)
}

function text<Key extends string>(body: JsonObject, member: string, key: Key): { readonly [K in Key]?: string } {
  const value = body[member]
  if (value === undefined) return {}
  if (!isScalar(value)) throw formatError(`Every ${member} member must be a string.`)
  return { [key]: String(value) } as { [K in Key]: string }
}

function number<Key extends string>(body: JsonObject, member: string, key: Key): { readonly [K in Key]?: number } {
  const value = body[member]
  if (value === undefined) return {}
  const parsed = isScalar(value) ? numberFrom(String(value)) : undefined
  if (parsed === undefined) throw formatError(`Every ${member} member must be a number.`)
  return { [key]: parsed } as { [K in Key]: number }
}

function allowedValues(value: Json | undefined): { readonly allowedValues?: readonly string[] } {
  if (value === undefined) return {}
  if (!isList(value) || !value.every(isScalar))
    throw formatError('Every AllowedValues value must be a list of strings.')
  return { allowedValues: value.map(String) }
}

function numberFrom(value: string): number | undefined {
  const parsed = value.trim() === '' ? Number.NaN : Number(value)
  return Number.isFinite(parsed) ? parsed : undefined
}

/**
 * The values of every parameter: given, previous or default. Throws AWS's `ValidationError`. `previous` are those of the stack that is being
 * updated.
 */
export function resolveParameters(
  declarations: Readonly<Record<string, ParameterDeclaration>>,
  given: readonly ParameterInput[],
  previous: ParameterValues | undefined,
): ParameterValues {
  const unknown = given.map(({ ParameterKey: key }) => key ?? '').filter((key) => !declarations[key])
  if (unknown.length > 0) throw validationError(`Parameters: [${unknown.join(', ')}] do not exist in the template`)
  const values: Record<string, string> = {}
  for (const input of given) {
    const key = input.ParameterKey ?? ''
    const value = input.UsePreviousValue === true ? previousValue(key, input, previous) : input.ParameterValue
    if (value !== undefined) values[key] = value
  }
  for (const [name, { default: value }] of Object.entries(declarations)) {
    if (values[name] === undefined && value !== undefined) values[name] = value
  }
  const missing = Object.keys(declarations).filter((name) => values[name] === undefined)
  if (missing.length > 0) throw validationError(`Parameters: [${missing.join(', ')}] must have values`)
  for (const [name, declared] of Object.entries(declarations)) check(name, declared, values[name] ?? '')
  return values
}

function previousValue(key: string, input: ParameterInput, previous: ParameterValues | undefined): string {
  if (input.ParameterValue !== undefined && input.ParameterValue !== '') {
    throw validationError(
      `Invalid input for parameter key ${key}. Cannot specify usePreviousValue as true and non empty value for a parameter`,
    )
  }
  const value = previous?.[key]
  if (value === undefined) {
    throw validationError(
      `Invalid input for parameter key ${key}. Cannot specify usePreviousValue as true for a parameter key not in the previous template`,
    )
  }
  return value
}

/** What `Ref` answers: a list for the list types, else the text. */
export function parameterValue(declared: ParameterDeclaration, value: string): string | readonly string[] {
  return isListType(declared.type) ? listItems(value) : value
}

function isListType(type: ParameterType): boolean {
  return type !== 'String' && type !== 'Number'
}

function listItems(value: string): readonly string[] {
  return value === '' ? [] : value.split(',').map((item) => item.trim())
}

function check(name: string, declared: ParameterDeclaration, value: string): void {
  const problem = problemOf(name, declared, value)
  if (problem === undefined) return
  throw validationError(
    declared.constraintDescription === undefined
      ? problem
      : `Parameter ${name} failed to satisfy constraint: ${declared.constraintDescription}`,
  )
}

function problemOf(name: string, declared: ParameterDeclaration, value: string): string | undefined {
  const { type, allowedValues, allowedPattern, minLength, maxLength } = declared
  const items = isListType(type) ? listItems(value) : [value]
  if (type === 'Number' || type === 'List<Number>') {
    const problem = items.map((item) => numberProblem(name, declared, item)).find((found) => found !== undefined)
    if (problem !== undefined) return problem
  }
  if (allowedValues && !items.every((item) => allowedValues.includes(item))) {
    return `Parameter '${name}' must be one of AllowedValues`
  }
  if (type !== 'String') return undefined
  if (minLength !== undefined && value.length < minLength) {
    return `Parameter '${name}' must contain at least ${minLength} characters`
  }
  if (maxLength !== undefined && value.length > maxLength) {
    return `Parameter '${name}' must contain at most ${maxLength} characters`
  }
  if (allowedPattern !== undefined && !patternOf(allowedPattern).test(value)) {
    return `Parameter '${name}' must match pattern ${allowedPattern}`
  }
  return undefined
}

function numberProblem(name: string, { minValue, maxValue }: ParameterDeclaration, text: string): string | undefined {
  const value = numberFrom(text)
  if (value === undefined) return `Parameter '${name}' must be a number.`
  if (minValue !== undefined && value < minValue)
    return `Parameter '${name}' must be a number not less than ${minValue}`
  if (maxValue !== undefined && value > maxValue) {
    return `Parameter '${name}' must be a number not greater than ${maxValue}`
  }
  return undefined
}

function patternOf(pattern: string): RegExp {
  try {
    return new RegExp(`^(?:${pattern})$`)
  } catch {
    throw formatError(`the AllowedPattern \`${pattern}\` is not a regular expression`)
  }
}
