/**
 * Reads the official SDK's schemas into our shapes. The only file that knows the SDK's schema format.
 * https://github.com/aws/aws-sdk-js-v3/blob/main/supplemental-docs/SCHEMAS.md
 */
import { NormalizedSchema } from '@smithy/core/schema'
import type { StaticErrorSchema, StaticOperationSchema } from '@smithy/types'
import {
  EMPTY_STRUCTURE,
  type Constraint,
  type Location,
  type Member,
  type Shape,
  type StructureShape,
  type TimestampFormat,
} from './shape.ts'

/** The first element of a static schema says what it is. */
const OPERATION = 9
const ERROR = -3

/** Simple schemas are bare numbers; timestamps carry their format in theirs. */
const TIMESTAMP_FORMATS: Readonly<Record<number, TimestampFormat>> = {
  5: 'date-time',
  6: 'http-date',
  7: 'epoch-seconds',
}

/** The traits we act on, of the many a schema may carry. */
interface Traits {
  readonly httpLabel?: unknown
  readonly httpQuery?: string
  readonly httpQueryParams?: unknown
  readonly httpHeader?: string
  readonly httpPrefixHeaders?: string
  readonly httpPayload?: unknown
  readonly eventPayload?: unknown
  readonly httpResponseCode?: unknown
  readonly jsonName?: string
  readonly xmlName?: string
  readonly xmlFlattened?: unknown
  readonly ec2QueryName?: string
  readonly sensitive?: unknown
  readonly streaming?: unknown
}

export interface HttpTrait {
  readonly method: string
  readonly uri: string
  readonly status: number
}

export interface OperationSchema {
  readonly name: string
  /** Undefined for protocols that send everything to `/`. */
  readonly http: HttpTrait | undefined
  readonly input: SchemaReference
  readonly output: SchemaReference
}

export interface ErrorSchema {
  readonly name: string
  /** `com.amazonaws.sts` */
  readonly namespace: string
  readonly fault: 'client' | 'server'
  readonly httpStatus: number | undefined
  /** The code and status of the query protocol, where they differ from the shape's: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#aws-protocols-awsqueryerror-trait */
  readonly query: { readonly code: string; readonly status: number } | undefined
  readonly shape: SchemaReference
}

/** A schema not looked into yet. */
export type SchemaReference = Parameters<typeof NormalizedSchema.of>[0]

export type SdkModule = Readonly<Record<string, unknown>>

/** Undefined when the module has no such operation. */
export function operationSchema(sdk: SdkModule, name: string): OperationSchema | undefined {
  const schema = sdk[`${name}$`]
  if (!Array.isArray(schema) || schema[0] !== OPERATION) return undefined
  const [, , , traits, input, output] = schema as unknown as StaticOperationSchema
  const http = (traits as { readonly http?: [string, string, number] }).http
  return { name, http: http && { method: http[0], uri: http[1], status: http[2] }, input, output }
}

export function operationNames(sdk: SdkModule): string[] {
  return Object.keys(sdk)
    .filter((key) => key.endsWith('$') && Array.isArray(sdk[key]) && (sdk[key] as readonly unknown[])[0] === OPERATION)
    .map((key) => key.slice(0, -1))
}

/** Undefined when the module declares no such error. */
export function errorSchema(sdk: SdkModule, name: string): ErrorSchema | undefined {
  const schema = sdk[`${name}$`]
  if (!Array.isArray(schema) || schema[0] !== ERROR) return undefined
  const reference = schema as unknown as StaticErrorSchema
  const traits = reference[3] as { error?: 'client' | 'server'; httpError?: number; awsQueryError?: [string, number] }
  return {
    name,
    namespace: reference[1],
    fault: traits.error ?? 'client',
    httpStatus: traits.httpError,
    query: traits.awsQueryError && { code: traits.awsQueryError[0], status: traits.awsQueryError[1] },
    shape: reference,
  }
}

/** Builds shapes on demand and keeps them, so that recursive structures end and shared ones are built once. */
export interface ShapeReader {
  structure(reference: SchemaReference): StructureShape
}

/** `constraintOf` answers for one member of one structure. */
export function createShapeReader(
  constraintOf: (structure: string, member: string) => Constraint | undefined,
): ShapeReader {
  const structures = new Map<unknown, StructureShape>()

  function structureFrom(schema: NormalizedSchema): StructureShape {
    const raw = schema.getSchema()
    const known = structures.get(raw)
    if (known) return known
    const name = schema.getName() ?? ''
    const members: Member[] = []
    const { streaming } = schema.getMergedTraits() as Traits
    const shape: StructureShape = {
      kind: 'structure',
      name,
      members,
      union: schema.isUnionSchema(),
      eventStream: schema.isUnionSchema() && streaming !== undefined,
    }
    structures.set(raw, shape)
    // The schema lists its required members first and ends with their count.
    const requiredCount = Array.isArray(raw) ? (((raw as readonly unknown[])[6] as number | undefined) ?? 0) : 0
    for (const [memberName, memberSchema] of schema.structIterator()) {
      members.push(memberFrom(name, memberName, memberSchema, members.length < requiredCount))
    }
    return shape
  }

  function memberFrom(structure: string, name: string, schema: NormalizedSchema, required: boolean): Member {
    const traits = schema.getMergedTraits() as Traits
    // Only a name given to the member itself counts; the target's own name is for a document's root element.
    const { xmlName } = schema.getMemberTraits() as Traits
    const [location, locationName] = locationFrom(traits, name)
    return {
      name,
      shape: shapeFrom(schema),
      required,
      sensitive: traits.sensitive !== undefined,
      location,
      locationName,
      jsonName: traits.jsonName ?? name,
      xmlName: xmlName ?? name,
      ec2Name: traits.ec2QueryName ?? capitalized(xmlName ?? name),
      flattened: traits.xmlFlattened !== undefined,
      constraint: constraintOf(structure, name),
    }
  }

  function shapeFrom(schema: NormalizedSchema): Shape {
    if (schema.isStructSchema()) return structureFrom(schema)
    if (schema.isListSchema()) {
      const element = schema.getValueSchema()
      const { xmlName } = element.getMergedTraits() as Traits
      const { xmlFlattened } = schema.getMergedTraits() as Traits
      return {
        kind: 'list',
        element: shapeFrom(element),
        elementName: xmlName,
        flattened: xmlFlattened !== undefined,
      }
    }
    if (schema.isMapSchema()) {
      const value = schema.getValueSchema()
      return {
        kind: 'map',
        value: shapeFrom(value),
        keyName: (schema.getKeySchema().getMergedTraits() as Traits).xmlName ?? 'key',
        valueName: (value.getMergedTraits() as Traits).xmlName ?? 'value',
        flattened: (schema.getMergedTraits() as Traits).xmlFlattened !== undefined,
      }
    }
    if (schema.isTimestampSchema()) {
      const raw = schema.getSchema()
      return { kind: 'timestamp', format: typeof raw === 'number' ? TIMESTAMP_FORMATS[raw] : undefined }
    }
    if (schema.isBlobSchema()) return { kind: 'blob' }
    if (schema.isStringSchema()) return { kind: 'string' }
    if (schema.isBooleanSchema()) return { kind: 'boolean' }
    if (schema.isNumericSchema()) return { kind: 'number' }
    if (schema.isDocumentSchema()) return { kind: 'document' }
    throw new TypeError(
      `schema ${schema.getName(true) ?? JSON.stringify(schema.getSchema())} is of a kind the wire layer does not know`,
    )
  }

  return {
    structure(reference) {
      const schema = NormalizedSchema.of(reference)
      return schema.isUnitSchema() ? EMPTY_STRUCTURE : structureFrom(schema)
    },
  }
}

function locationFrom(traits: Traits, name: string): [Location, string] {
  if (traits.httpPayload !== undefined || traits.eventPayload !== undefined) return ['payload', name]
  if (traits.httpLabel !== undefined) return ['label', name]
  if (traits.httpHeader !== undefined) return ['header', traits.httpHeader.toLowerCase()]
  if (traits.httpPrefixHeaders !== undefined) return ['prefix-headers', traits.httpPrefixHeaders.toLowerCase()]
  if (traits.httpQuery !== undefined) return ['query', traits.httpQuery]
  if (traits.httpResponseCode !== undefined) return ['status', name]
  if (traits.httpQueryParams !== undefined) throw new TypeError(`member ${name}: httpQueryParams is not supported`)
  return ['body', name]
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
