/** The shapes of an AWS API as the wire layer walks them: what the SDK's schemas say, joined with what only the service models say. */

export type Shape = ScalarShape | TimestampShape | BlobShape | ListShape | MapShape | StructureShape

export interface ScalarShape {
  readonly kind: 'string' | 'boolean' | 'number' | 'document'
}

export interface BlobShape {
  readonly kind: 'blob'
}

export type TimestampFormat = 'date-time' | 'http-date' | 'epoch-seconds'

export interface TimestampShape {
  readonly kind: 'timestamp'
  /** Undefined: the protocol's own default. */
  readonly format: TimestampFormat | undefined
}

export interface ListShape {
  readonly kind: 'list'
  readonly element: Shape
  /** Undefined: the protocol's own default (`member`, `item`). */
  readonly elementName: string | undefined
  readonly flattened: boolean
}

export interface MapShape {
  readonly kind: 'map'
  readonly value: Shape
  readonly keyName: string
  readonly valueName: string
  readonly flattened: boolean
}

export interface StructureShape {
  readonly kind: 'structure'
  readonly name: string
  readonly members: readonly Member[]
  /** Exactly one of the members is set. */
  readonly union: boolean
  /** A union that is sent event by event: https://smithy.io/2.0/spec/streaming.html#event-streams */
  readonly eventStream: boolean
}

/** Where a REST operation carries a member: https://smithy.io/2.0/spec/http-bindings.html */
export type Location = 'body' | 'label' | 'query' | 'header' | 'prefix-headers' | 'payload' | 'status'

export interface Member {
  readonly name: string
  readonly shape: Shape
  readonly required: boolean
  readonly sensitive: boolean
  readonly location: Location
  /** The header (lower-case), query key or header prefix; the member's name elsewhere. */
  readonly locationName: string
  readonly jsonName: string
  readonly xmlName: string
  /** The key EC2's flavour of the query protocol takes in a request. */
  readonly ec2Name: string
  /** In the query protocols the list's own element is left out: `Filter.1` for `Filter.member.1`. */
  readonly flattened: boolean
  readonly constraint: Constraint | undefined
}

export type NumberKind = 'integer' | 'long' | 'float' | 'double'

/** What a service's model demands of a value beyond its type. */
export interface Constraint {
  /** The SDK's schemas have one kind of number; AWS's deserializers have four. */
  readonly number?: NumberKind
  readonly min?: number
  readonly max?: number
  readonly pattern?: Pattern
  /** An enum's, in the order AWS prints them where that is known. Of a list: each element is one of them. */
  readonly values?: readonly string[]
  /** Further ones that are taken. */
  readonly unprinted?: readonly string[]
  /** Of a list's elements. */
  readonly element?: Constraint
  /** Of a map's keys. */
  readonly key?: Constraint
  /** Of a map's values. */
  readonly value?: Constraint
  /** Of a list's elements or a map's values: unless set, AWS says `Member must not be null` of each as well. */
  readonly nullable?: boolean
}

export interface Pattern {
  /** A Java regular expression over the whole value, as AWS prints it. */
  readonly source: string
  matches(text: string): boolean
}

/** An operation without input or output. */
export const EMPTY_STRUCTURE: StructureShape = {
  kind: 'structure',
  name: 'Unit',
  members: [],
  union: false,
  eventStream: false,
}
