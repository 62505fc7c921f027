/** Random values of any shape of an AWS API, as an SDK user would write them. */
import * as fc from 'fast-check'
import type { Constraint, Member, Shape, StructureShape } from '../../src/wire/shape.ts'

/** Deeper, recursive shapes end. */
const DEPTH_MAX = 4
const ENTRIES_MAX = 3
const YEAR_2001_MS = 1_000_000_000_000
const YEAR_2033_MS = 2_000_000_000_000

/** Text that a careless writer or reader would spoil: quotes, markup, percent signs, spaces, letters of two, three and four bytes. */
const AWKWARD = [
  'a',
  'x y',
  'é&<>"\'',
  '1+1=2/%25',
  'z-_.~*()!',
  '日本語',
  '😀',
  'true',
  '0',
  '{"a":"b"}',
  'a;b,c:d',
  'line\nbreak',
]

const text = fc.oneof(
  fc.constantFrom(...AWKWARD),
  fc.string({ minLength: 1, maxLength: 12 }).filter((value) => value.trim() !== ''),
)
/** Header and label values reach us as the client's HTTP stack wrote them; the SDK sends ASCII there. */
const token = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9:._$-]{0,11}$/)
const label = fc.oneof(
  token,
  fc.constantFrom('a/b', 'a b', 'arn:aws:lambda:us-east-1:111122223333:function:f:1', '100%', 'é', "(x)*!'"),
)

export interface Wanted {
  /** Every member, or a random choice of the optional ones. */
  readonly members: 'all' | 'some'
}

export function valueOf(shape: StructureShape, wanted: Wanted): fc.Arbitrary<Record<string, unknown>> {
  return structure(shape, wanted, 0)
}

function structure(shape: StructureShape, wanted: Wanted, depth: number): fc.Arbitrary<Record<string, unknown>> {
  const members = shape.members.filter(({ shape: target }) => depth < DEPTH_MAX || !isNested(target))
  const record = Object.fromEntries(members.map((member) => [member.name, memberValue(member, wanted, depth)]))
  const required = members.filter((member) => wanted.members === 'all' || isAlwaysSent(member)).map(({ name }) => name)
  return fc.record(record, { requiredKeys: required, noNullPrototype: true })
}

/** The SDK fills in idempotency tokens and payloads that are left out, and refuses a missing label. */
function isAlwaysSent(member: Member): boolean {
  return (
    member.required ||
    member.location === 'label' ||
    member.location === 'payload' ||
    /(token|^operationId)$/i.test(member.name)
  )
}

function memberValue(member: Member, wanted: Wanted, depth: number): fc.Arbitrary<unknown> {
  if (member.location === 'label') return member.shape.kind === 'number' ? fc.nat(9999) : label
  if (member.location === 'header') return member.shape.kind === 'number' ? fc.nat(9999) : token
  if (member.location === 'status') return fc.constantFrom(200, 202, 204)
  // An empty list in the query is no list.
  if (member.location === 'query' && member.shape.kind === 'list') {
    return fc.array(value(member.shape.element, wanted, depth + 1, member.constraint?.element), {
      minLength: 1,
      maxLength: ENTRIES_MAX,
    })
  }
  return value(member.shape, wanted, depth + 1, member.constraint)
}

function value(shape: Shape, wanted: Wanted, depth: number, constraint: Constraint | undefined): fc.Arbitrary<unknown> {
  switch (shape.kind) {
    case 'structure':
      if (shape.eventStream) return fc.array(union(withoutErrors(shape), wanted, depth), { maxLength: ENTRIES_MAX })
      return shape.union ? union(shape, wanted, depth) : structure(shape, wanted, depth)
    case 'list':
      return fc.array(value(shape.element, wanted, depth + 1, constraint?.element), { maxLength: ENTRIES_MAX })
    case 'map':
      return fc.dictionary(text, value(shape.value, wanted, depth + 1, constraint?.value), {
        maxKeys: ENTRIES_MAX,
        noNullPrototype: true,
      })
    case 'string':
      return text
    case 'boolean':
      return fc.boolean()
    case 'number':
      return constraint?.number === 'double' || constraint?.number === 'float'
        ? fc.double({ noNaN: true, noDefaultInfinity: true })
        : fc.integer()
    case 'timestamp':
      return fc.integer({ min: YEAR_2001_MS, max: YEAR_2033_MS }).map((epochMs) => new Date(epochMs))
    case 'blob':
      return fc.uint8Array({ minLength: 1, maxLength: 24 }).map((bytes) => Uint8Array.from(bytes))
    case 'document':
      return fc.jsonValue()
  }
}

/** Errors in an event stream end it. */
function withoutErrors(shape: StructureShape): StructureShape {
  return { ...shape, members: shape.members.filter(({ name }) => !name.endsWith('Exception')) }
}

/** One member of a union, and only one. */
function union(shape: StructureShape, wanted: Wanted, depth: number): fc.Arbitrary<Record<string, unknown>> {
  return fc.oneof(
    ...shape.members.map((member) => memberValue(member, wanted, depth).map((part) => ({ [member.name]: part }))),
  )
}

function isNested(shape: Shape): boolean {
  return shape.kind === 'structure' || shape.kind === 'list' || shape.kind === 'map'
}
