/**
 * From form parameters (`Tags.member.1.Key=a`) to a typed structure, for both flavours of the query protocol. The SDK has only the
 * other direction. https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
 */
import { AwsError } from '../core/aws-error.ts'
import { readScalar } from './scalar.ts'
import type { Constraint, ListShape, MapShape, Member, Shape, StructureShape } from './shape.ts'

/** `ec2` flattens every list and spells keys with a capital. */
export type FormFlavour = 'aws' | 'ec2'

/** Deeper than any AWS input; a longer key would only cost memory. */
const KEY_PARTS_MAX = 64

interface Node {
  value: string | undefined
  children: Map<string, Node> | undefined
}

export function readForm(
  shape: StructureShape,
  form: ReadonlyMap<string, string>,
  flavour: FormFlavour,
): Record<string, unknown> {
  const root: Node = { value: undefined, children: new Map() }
  for (const [key, value] of form) {
    let node = root
    const parts = key.split('.')
    if (parts.length > KEY_PARTS_MAX) continue
    for (const part of parts) node = child(node, part)
    node.value = value
  }
  return readStructure(shape, root, flavour)
}

function child(node: Node, key: string): Node {
  const children = (node.children ??= new Map())
  let next = children.get(key)
  if (!next) children.set(key, (next = { value: undefined, children: undefined }))
  return next
}

function readStructure(shape: StructureShape, node: Node, flavour: FormFlavour): Record<string, unknown> {
  const value: Record<string, unknown> = {}
  for (const member of shape.members) {
    const part = node.children?.get(flavour === 'ec2' ? member.ec2Name : member.xmlName)
    if (!part) continue
    const read = readMember(member, part, flavour)
    if (read !== undefined) value[member.name] = read
  }
  return value
}

function readMember(member: Member, node: Node, flavour: FormFlavour): unknown {
  return readNode(member.shape, node, { flavour, flattened: member.flattened, constraint: member.constraint })
}

interface Reading {
  readonly flavour: FormFlavour
  readonly flattened: boolean
  readonly constraint: Constraint | undefined
}

function readNode(shape: Shape, node: Node, reading: Reading): unknown {
  switch (shape.kind) {
    case 'structure':
      return readStructure(shape, node, reading.flavour)
    case 'list':
      return readList(shape, node, reading)
    case 'map':
      return readMap(shape, node, reading)
    case 'string':
    case 'boolean':
    case 'number':
    case 'timestamp':
    case 'blob':
    case 'document':
      return node.value === undefined ? undefined : readText(shape, node.value, reading.constraint)
  }
}

function readList(shape: ListShape, node: Node, reading: Reading): unknown[] | undefined {
  const flat = reading.flavour === 'ec2' || reading.flattened || shape.flattened
  const holder = flat ? node : node.children?.get(shape.elementName ?? 'member')
  if (!holder?.children) return node.value === '' ? [] : undefined
  return numbered(holder).map((element) =>
    readNode(shape.element, element, { ...reading, flattened: false, constraint: reading.constraint?.element }),
  )
}

function readMap(shape: MapShape, node: Node, reading: Reading): Record<string, unknown> | undefined {
  const holder = reading.flattened || shape.flattened ? node : node.children?.get('entry')
  if (!holder?.children) return undefined
  const entries: [string, unknown][] = []
  for (const entry of numbered(holder)) {
    const key = entry.children?.get(shape.keyName)?.value
    const part = entry.children?.get(shape.valueName)
    if (key === undefined || !part) continue
    const value = readNode(shape.value, part, { ...reading, flattened: false, constraint: reading.constraint?.value })
    entries.push([key, value])
  }
  return Object.fromEntries(entries)
}

/** The children `1`, `2`, … in the order of their numbers; gaps are closed. */
function numbered(node: Node): Node[] {
  return [...(node.children ?? [])]
    .filter(([key]) => /^\d+$/.test(key))
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, element]) => element)
}

/** STS answers `MalformedInput`, with a message only where there was no text at all. Observed 2026. */
function readText(shape: Shape, text: string, constraint: Constraint | undefined): unknown {
  const value = readScalar(shape, text, constraint)
  if (value !== undefined) return value
  const missing = text === '' && shape.kind === 'number'
  throw new AwsError('MalformedInput', missing ? 'missing value for decimal type' : '', { status: 400 })
}
