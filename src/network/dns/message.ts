/** DNS messages, as far as a resolver of addresses needs them. Pure. https://www.rfc-editor.org/rfc/rfc1035#section-4 */

export interface Query {
  readonly id: number
  /** Without the final dot. */
  readonly name: string
  readonly type: number
  readonly recursionDesired: boolean
  /** As it stands in the message, for the answer repeats it. */
  readonly question: Buffer
}

export const TYPE_A = 1
export const RESPONSE_CODE = { ok: 0, formatError: 1, noSuchName: 3, notImplemented: 4 } as const
export type ResponseCode = (typeof RESPONSE_CODE)[keyof typeof RESPONSE_CODE]

/** What a datagram holds without an extension. Longer answers are cut, and the asker comes again over TCP. */
export const DATAGRAM_BYTES_MAX = 512

const HEADER_BYTES = 12
const LABEL_BYTES_MAX = 63
const NAME_BYTES_MAX = 255
const CLASS_INTERNET = 1
const TIME_TO_LIVE_SECONDS = 60
const IS_RESPONSE = 0x8000
const IS_TRUNCATED = 0x0200
const RECURSION_DESIRED = 0x0100
const RECURSION_AVAILABLE = 0x0080
const OPERATION_MASK = 0x7800
/** A name that is the one in the question. */
const POINTER_TO_QUESTION = 0xc000 | HEADER_BYTES
const ADDRESS_BYTES = 4

/** Undefined for what is no single question about a name of the internet: such a message has no answer. */
export function parseQuery(message: Buffer): Query | undefined {
  if (message.length < HEADER_BYTES) return undefined
  const flags = message.readUInt16BE(2)
  const questions = message.readUInt16BE(4)
  if ((flags & (IS_RESPONSE | OPERATION_MASK)) !== 0 || questions !== 1) return undefined
  const labels: string[] = []
  let at = HEADER_BYTES
  for (let length = message[at]; length !== 0; length = message[at]) {
    // Also a pointer, which a first name cannot be.
    if (length === undefined || length > LABEL_BYTES_MAX || at - HEADER_BYTES > NAME_BYTES_MAX) return undefined
    labels.push(message.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  const end = at + 5
  if (end > message.length || message.readUInt16BE(at + 3) !== CLASS_INTERNET) return undefined
  return {
    id: message.readUInt16BE(0),
    name: labels.join('.'),
    type: message.readUInt16BE(at + 1),
    recursionDesired: (flags & RECURSION_DESIRED) !== 0,
    question: message.subarray(HEADER_BYTES, end),
  }
}

/** `addresses`: IPv4, dotted. */
export function encodeAnswer(query: Query, code: ResponseCode, addresses: readonly string[]): Buffer {
  const flags = IS_RESPONSE | (query.recursionDesired ? RECURSION_DESIRED : 0) | RECURSION_AVAILABLE | code
  return Buffer.concat([header(query, flags, addresses.length), query.question, ...addresses.map(addressRecord)])
}

/** The same for a datagram. */
export function encodeShortAnswer(query: Query, code: ResponseCode, addresses: readonly string[]): Buffer {
  const whole = encodeAnswer(query, code, addresses)
  if (whole.length <= DATAGRAM_BYTES_MAX) return whole
  const cut = encodeAnswer(query, code, [])
  cut.writeUInt16BE(cut.readUInt16BE(2) | IS_TRUNCATED, 2)
  return cut
}

function header({ id }: Query, flags: number, answers: number): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES)
  bytes.writeUInt16BE(id, 0)
  bytes.writeUInt16BE(flags, 2)
  bytes.writeUInt16BE(1, 4)
  bytes.writeUInt16BE(answers, 6)
  return bytes
}

function addressRecord(address: string): Buffer {
  const bytes = Buffer.alloc(12 + ADDRESS_BYTES)
  bytes.writeUInt16BE(POINTER_TO_QUESTION, 0)
  bytes.writeUInt16BE(TYPE_A, 2)
  bytes.writeUInt16BE(CLASS_INTERNET, 4)
  bytes.writeUInt32BE(TIME_TO_LIVE_SECONDS, 6)
  bytes.writeUInt16BE(ADDRESS_BYTES, 10)
  for (const [position, octet] of address.split('.').entries()) bytes[12 + position] = Number(octet)
  return bytes
}
