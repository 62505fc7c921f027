/** From a typed value to XML, for both flavours of the query protocol. Indented by two spaces, as AWS's own answers are. */
import { encodeBase64 } from './base64.ts'
import { scalarText } from './scalar.ts'
import type { ListShape, MapShape, Member, Shape, StructureShape } from './shape.ts'
import { formatTimestamp, toDate } from './timestamp.ts'

export interface XmlDialect {
  /** The element that holds one entry of a list whose shape names none. */
  readonly listElement: string
  /** The element that holds one entry of a map. */
  readonly mapEntry: string
}

// A carriage return would be read back as a line feed; other control characters cannot stand in XML 1.0 at all, but AWS sends them so.
const SPECIAL = /[&<>"\u0000-\u0008\u000b-\u001f]/g
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

export function escapeXml(text: string): string {
  return text.replace(SPECIAL, (found) => ENTITIES[found] ?? `&#x${found.charCodeAt(0).toString(16)};`)
}

/** One element per member that has a value, each on its own line. */
export function writeMembers(
  shape: StructureShape,
  value: Readonly<Record<string, unknown>>,
  indent: string,
  dialect: XmlDialect,
): string {
  let xml = ''
  for (const member of shape.members) {
    const part = value[member.name]
    if (part !== undefined && part !== null) xml += writeMember(member, part, indent, dialect)
  }
  return xml
}

/** `content` is what stands between the tags: whole lines, or nothing. */
export function writeElement(tag: string, content: string, indent: string): string {
  return content === '' ? `${indent}<${tag}/>\n` : `${indent}<${tag}>\n${content}${indent}</${tag}>\n`
}

export function writeText(tag: string, text: string, indent: string): string {
  return `${indent}<${tag}>${escapeXml(text)}</${tag}>\n`
}

function writeMember(member: Member, value: unknown, indent: string, dialect: XmlDialect): string {
  const { shape, xmlName: tag } = member
  if (shape.kind === 'list' && (member.flattened || shape.flattened))
    return writeEntries(shape, tag, value, indent, dialect)
  if (shape.kind === 'map' && (member.flattened || shape.flattened))
    return writePairs(shape, tag, value, indent, dialect)
  return writeValue(shape, tag, value, indent, dialect)
}

function writeValue(shape: Shape, tag: string, value: unknown, indent: string, dialect: XmlDialect): string {
  const inner = `${indent}  `
  switch (shape.kind) {
    case 'structure':
      return writeElement(tag, writeMembers(shape, value as Record<string, unknown>, inner, dialect), indent)
    case 'list':
      return writeElement(
        tag,
        writeEntries(shape, shape.elementName ?? dialect.listElement, value, inner, dialect),
        indent,
      )
    case 'map':
      return writeElement(tag, writePairs(shape, dialect.mapEntry, value, inner, dialect), indent)
    case 'timestamp':
      return writeText(tag, formatTimestamp(toDate(value), shape.format ?? 'date-time'), indent)
    case 'blob':
      return writeText(tag, encodeBase64(value), indent)
    case 'string':
    case 'boolean':
    case 'number':
    case 'document':
      return writeText(tag, scalarText(value), indent)
  }
}

function writeEntries(shape: ListShape, tag: string, value: unknown, indent: string, dialect: XmlDialect): string {
  let xml = ''
  for (const element of value as Iterable<unknown>)
    if (element !== null && element !== undefined) xml += writeValue(shape.element, tag, element, indent, dialect)
  return xml
}

function writePairs(shape: MapShape, tag: string, value: unknown, indent: string, dialect: XmlDialect): string {
  const inner = `${indent}  `
  let xml = ''
  for (const [key, part] of Object.entries(value as Record<string, unknown>)) {
    const pair = writeText(shape.keyName, key, inner) + writeValue(shape.value, shape.valueName, part, inner, dialect)
    xml += writeElement(tag, pair, indent)
  }
  return xml
}
