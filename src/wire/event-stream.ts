/** Answers that come event by event: https://smithy.io/2.0/aws/amazon-eventstream.html */
import { crc32 } from 'node:zlib'
import { toBytes } from './base64.ts'
import { writeJsonBody } from './json-writer.ts'
import { scalarText } from './scalar.ts'
import type { Member, StructureShape } from './shape.ts'

export const EVENT_STREAM_TYPE = 'application/vnd.amazon.eventstream'

const PRELUDE_BYTES = 12
const CHECKSUM_BYTES = 4
const STRING_HEADER = 7

/** `event` has one member set, the event's name: `{ PayloadChunk: { Payload } }`. `stream` is the union of the events. */
export function encodeEvent(stream: StructureShape, event: Readonly<Record<string, unknown>>): Buffer {
  const member = stream.members.find(({ name }) => event[name] !== undefined)
  if (member?.shape.kind !== 'structure')
    throw new TypeError(`${Object.keys(event).join()} is not an event of ${stream.name}`)
  const value = event[member.name] as Record<string, unknown>
  const payload = member.shape.members.find(({ location }) => location === 'payload')
  const [contentType, body] = payload ? eventPayload(payload, value[payload.name]) : eventBody(member.shape, value)
  return encodeMessage(eventHeaders(member.name, contentType), body)
}

/** Events that are all there. */
export function encodeEvents(stream: StructureShape, events: unknown): Buffer {
  return Buffer.concat(Array.from(events as Iterable<Record<string, unknown>>, (event) => encodeEvent(stream, event)))
}

/** Events that come one by one. */
export function isAsync(events: unknown): events is AsyncIterable<Readonly<Record<string, unknown>>> {
  return typeof events === 'object' && events !== null && Symbol.asyncIterator in events
}

export async function* encodeEach(
  stream: StructureShape,
  events: AsyncIterable<Readonly<Record<string, unknown>>>,
): AsyncIterable<Buffer> {
  for await (const event of events) yield encodeEvent(stream, event)
}

/** What a JSON RPC answer says beside its events, sent before them. */
export function encodeInitialResponse(contentType: string, body: string): Buffer {
  return encodeMessage(eventHeaders('initial-response', contentType), Buffer.from(body))
}

function eventPayload(member: Member, value: unknown): readonly [string, Buffer] {
  return member.shape.kind === 'blob'
    ? ['application/octet-stream', toBytes(value ?? '')]
    : ['text/plain', Buffer.from(scalarText(value ?? ''))]
}

function eventBody(shape: StructureShape, value: Record<string, unknown>): readonly [string, Buffer] {
  return ['application/json', Buffer.from(writeJsonBody(shape.members, value))]
}

function eventHeaders(eventType: string, contentType: string): Readonly<Record<string, string>> {
  return { ':event-type': eventType, ':content-type': contentType, ':message-type': 'event' }
}

function encodeMessage(headers: Readonly<Record<string, string>>, body: Buffer): Buffer {
  const headerBytes = Buffer.concat(Object.entries(headers).map(([name, value]) => encodeHeader(name, value)))
  const length = PRELUDE_BYTES + headerBytes.length + body.length + CHECKSUM_BYTES
  const message = Buffer.alloc(length)
  message.writeUInt32BE(length, 0)
  message.writeUInt32BE(headerBytes.length, 4)
  message.writeUInt32BE(crc32(message.subarray(0, 8)), 8)
  headerBytes.copy(message, PRELUDE_BYTES)
  body.copy(message, PRELUDE_BYTES + headerBytes.length)
  message.writeUInt32BE(crc32(message.subarray(0, length - CHECKSUM_BYTES)), length - CHECKSUM_BYTES)
  return message
}

function encodeHeader(name: string, value: string): Buffer {
  const nameBytes = Buffer.from(name)
  const valueBytes = Buffer.from(value)
  const header = Buffer.alloc(nameBytes.length + valueBytes.length + 4)
  header.writeUInt8(nameBytes.length, 0)
  nameBytes.copy(header, 1)
  header.writeUInt8(STRING_HEADER, nameBytes.length + 1)
  header.writeUInt16BE(valueBytes.length, nameBytes.length + 2)
  valueBytes.copy(header, nameBytes.length + 4)
  return header
}
