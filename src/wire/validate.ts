/**
 * Checks a typed input against what the service demands of it, before its handler runs: required members first, then lengths, ranges,
 * patterns and enums, all violations in one answer. The sentences are AWS's, as recorded on these services in 2022–2026.
 */
import { AwsError } from '../core/aws-error.ts'
import type { OperationModel, ServiceModel } from './service-model.ts'
import type { Constraint, Member, Shape, StructureShape } from './shape.ts'
import { printValue } from './validation-text.ts'
import { createWording, type Violation, type Wording } from './violation.ts'

/** Throws the service's validation error. */
export function validateInput(
  model: ServiceModel,
  operation: OperationModel,
  input: Readonly<Record<string, unknown>>,
): void {
  const violations: Violation[] = []
  checkStructure(operation.input, input, '', violations)
  if (violations.length > 0) throw validationError(createWording(model.description), violations)
}

function validationError(wording: Wording, violations: readonly Violation[]): AwsError {
  const ordered = [...violations].sort((a, b) => rank(a) - rank(b))
  const first = ordered[0]
  const name = first?.kind === 'null' ? (wording.nullErrorName ?? wording.errorName) : wording.errorName
  return new AwsError(name, wording.message(ordered), {
    status: 400,
    ...(first && wording.fields && { fields: wording.fields(first) }),
  })
}

/** What is missing comes first, what elements of lists and maps lack last; else as the members stand in the model. */
function rank({ kind }: Violation): number {
  return kind === 'null' ? 0 : kind === 'element' ? 2 : 1
}

function checkStructure(
  shape: StructureShape,
  value: Readonly<Record<string, unknown>>,
  prefix: string,
  violations: Violation[],
): void {
  for (const member of shape.members) {
    const part = value[member.name]
    const path = `${prefix}${lowerFirst(member.name)}`
    if (part === undefined || part === null) {
      if (member.required) violations.push({ path, value: 'null', constraint: 'Member must not be null', kind: 'null' })
      continue
    }
    if (member.constraint) checkMember(member, member.constraint, part, path, violations)
    checkInside(member.shape, part, path, violations)
  }
}

/** The members of structures in lists and maps: `tags.1.member.key`, `targets.name.member.arn`. */
function checkInside(shape: Shape, value: unknown, path: string, violations: Violation[]): void {
  if (shape.kind === 'structure') {
    if (!shape.eventStream) checkStructure(shape, value as Record<string, unknown>, `${path}.`, violations)
    return
  }
  if (shape.kind === 'list' && Array.isArray(value) && holdsStructures(shape.element)) {
    for (const [index, element] of value.entries())
      checkInside(shape.element, element, `${path}.${index + 1}.member`, violations)
  }
  if (shape.kind === 'map' && holdsStructures(shape.value)) {
    for (const [key, part] of Object.entries(value as object))
      checkInside(shape.value, part, `${path}.${key}.member`, violations)
  }
}

function holdsStructures(shape: Shape): boolean {
  return shape.kind === 'structure' || shape.kind === 'list' || shape.kind === 'map'
}

function checkMember(
  member: Member,
  constraint: Constraint,
  value: unknown,
  path: string,
  violations: Violation[],
): void {
  const add = (found: Pick<Violation, 'constraint' | 'kind'>): void => {
    violations.push({
      path,
      value: member.sensitive ? undefined : printValue(member.shape, value, constraint),
      ...found,
    })
  }
  for (const found of scalarViolations(constraint, value)) add(found)
  if (constraint.element && Array.isArray(value) && value.some((element) => fails(constraint.element, element))) {
    add({ constraint: `Member must satisfy constraint: ${listed(constraint.element)}`, kind: 'element' })
  }
  if (member.shape.kind !== 'map') return
  const entries = Object.entries(value as object)
  if (constraint.key && entries.some(([key]) => fails(constraint.key, key))) {
    add({
      constraint: `Map keys must satisfy constraint: ${listed({ ...constraint.key, nullable: true })}`,
      kind: 'element',
    })
  }
  if (constraint.value && entries.some(([, part]) => fails(constraint.value, part))) {
    add({ constraint: `Map value must satisfy constraint: ${listed(constraint.value)}`, kind: 'element' })
  }
}

function fails(constraint: Constraint | undefined, value: unknown): boolean {
  if (constraint === undefined) return false
  if (value === null || value === undefined) return constraint.nullable !== true
  return scalarViolations(constraint, value).length > 0
}

const NONE: readonly Pick<Violation, 'constraint' | 'kind'>[] = []

/** In the order AWS reports them. */
function scalarViolations(constraint: Constraint, value: unknown): readonly Pick<Violation, 'constraint' | 'kind'>[] {
  const { max, min, pattern } = constraint
  const size = sizeOf(value)
  const wrongPattern = pattern !== undefined && typeof value === 'string' && !pattern.matches(value)
  const tooLarge = max !== undefined && size !== undefined && size > max
  const tooSmall = min !== undefined && size !== undefined && size < min
  const notListed = !isListed(constraint, value)
  if (!wrongPattern && !tooLarge && !tooSmall && !notListed) return NONE
  const isNumber = typeof value === 'number'
  const found: Pick<Violation, 'constraint' | 'kind'>[] = []
  if (wrongPattern) found.push({ constraint: patternText(constraint), kind: 'pattern' })
  if (tooLarge) found.push({ constraint: maxText(constraint, isNumber), kind: isNumber ? 'max-value' : 'max-length' })
  if (tooSmall) found.push({ constraint: minText(constraint, isNumber), kind: isNumber ? 'min-value' : 'min-length' })
  if (notListed) found.push({ constraint: enumText(constraint), kind: 'enum' })
  return found
}

function isListed({ values, unprinted }: Constraint, value: unknown): boolean {
  if (values === undefined) return true
  const isOne = (text: unknown) =>
    typeof text !== 'string' || values.includes(text) || unprinted?.includes(text) === true
  return Array.isArray(value) ? value.every(isOne) : isOne(value)
}

/** Characters of a text (not UTF-16 units: observed on STS), bytes of a blob, elements of a list or map, a number itself. */
function sizeOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value === 'string') return characterCount(value)
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length
  if (typeof value === 'object' && value !== null && !(value instanceof Date)) return Object.keys(value).length
  return undefined
}

function characterCount(text: string): number {
  let surrogatePairs = 0
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit >= 0xd800 && unit < 0xdc00) surrogatePairs++
  }
  return text.length - surrogatePairs
}

/** Everything demanded of an element, in the order AWS prints it, whichever of it failed. */
function listed(constraint: Constraint): string {
  const isNumber = constraint.number !== undefined
  const demands = [
    constraint.max === undefined ? undefined : maxText(constraint, isNumber),
    constraint.min === undefined ? undefined : minText(constraint, isNumber),
    constraint.pattern && patternText(constraint),
    constraint.values && enumText(constraint),
    constraint.nullable ? undefined : 'Member must not be null',
  ]
  return `[${demands.filter((demand) => demand !== undefined).join(', ')}]`
}

function maxText(constraint: Constraint, isNumber: boolean): string {
  return `Member must have ${isNumber ? 'value' : 'length'} less than or equal to ${limit(constraint, constraint.max)}`
}

function minText(constraint: Constraint, isNumber: boolean): string {
  return `Member must have ${isNumber ? 'value' : 'length'} greater than or equal to ${limit(constraint, constraint.min)}`
}

/** Java prints a decimal's limits as decimals: `1.0`. */
function limit({ number }: Constraint, value: number | undefined): string {
  const decimal = (number === 'double' || number === 'float') && Number.isInteger(value)
  return decimal ? `${value}.0` : String(value)
}

function patternText({ pattern }: Constraint): string {
  return `Member must satisfy regular expression pattern: ${pattern?.source ?? ''}`
}

function enumText({ values }: Constraint): string {
  return `Member must satisfy enum value set: [${values?.join(', ') ?? ''}]`
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1)
}
