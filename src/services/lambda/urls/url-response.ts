/**
 * The HTTP response that a function's answer becomes. Pure.
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-response-payload
 */
import type { WireResponse } from '../../../wire/message.ts'

/** What a function says of the response beside its body. */
export type ResponseHead = Pick<WireResponse, 'status' | 'headers'>

const JSON_TYPE = 'application/json'
/** Ours to the client; what the function says of them is passed on under another name. */
const OWN_HEADERS = new Set([
  'connection',
  'content-length',
  'date',
  'keep-alive',
  'trailer',
  'transfer-encoding',
  'upgrade',
])
const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/
// eslint-disable-next-line no-control-regex
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/
/** Statuses after which a client expects no body. */
const BODILESS = new Set([204, 304])

/** For an answer that came in one piece. */
export function bufferedResponse(payload: Buffer): WireResponse {
  const streamed = splitPrelude(payload)
  if (streamed) return responseOf(streamed.prelude, () => streamed.rest)
  const answer = parsed(payload.toString())
  if (!isObject(answer) || answer['statusCode'] === undefined) {
    // A bare text is sent as it is, whatever AWS's page says; anything else as JSON.
    const body = typeof answer === 'string' ? answer : payload
    return { status: 200, headers: { 'content-type': JSON_TYPE }, body }
  }
  return responseOf(answer, () => bodyOf(answer))
}

/** Of an object with `statusCode`, `headers` and `cookies`; undefined where it cannot be made into a response. */
export function headOf(answer: Readonly<Record<string, unknown>>): ResponseHead | undefined {
  const status = Number(answer['statusCode'] ?? 200)
  // FIDELITY: AWS takes statuses from 100 on; one below 200 would leave the client waiting for another.
  if (!Number.isInteger(status) || status < 200 || status > 599) return undefined
  const headers: Record<string, string | string[]> = {}
  for (const [name, value] of Object.entries(isObject(answer['headers']) ? answer['headers'] : {})) {
    if (value === null) continue
    if (typeof value === 'object') return undefined
    const lower = name.toLowerCase()
    headers[OWN_HEADERS.has(lower) ? `x-amzn-remapped-${lower}` : lower] =
      typeof value === 'string' ? value : JSON.stringify(value)
  }
  const cookies = Array.isArray(answer['cookies']) ? answer['cookies'].map(String) : []
  if (cookies.length > 0) headers['set-cookie'] = cookies
  headers['content-type'] ??= JSON_TYPE
  const isSendable = Object.entries(headers).every(
    ([name, value]) => HEADER_NAME.test(name) && [value].flat().every((text) => HEADER_VALUE.test(text)),
  )
  return isSendable ? { status, headers } : undefined
}

/** A function that failed, or answered what cannot be sent. */
export function badGateway(): WireResponse {
  return { status: 502, headers: { 'content-type': JSON_TYPE }, body: 'Internal Server Error' }
}

/** Separates the metadata of a streamed response from its body. */
export const PRELUDE_END = Buffer.alloc(8)

/** The metadata of a response that `awslambda.HttpResponseStream` wrote; undefined where there is none, or not yet. */
export function splitPrelude(
  bytes: Buffer,
): { readonly prelude: Readonly<Record<string, unknown>>; readonly rest: Buffer } | undefined {
  const end = bytes.indexOf(PRELUDE_END)
  const prelude = end < 0 ? undefined : parsed(bytes.toString('utf8', 0, end))
  return isObject(prelude) ? { prelude, rest: bytes.subarray(end + PRELUDE_END.length) } : undefined
}

function responseOf(answer: Readonly<Record<string, unknown>>, body: () => Buffer | string): WireResponse {
  const head = headOf(answer)
  if (!head) return badGateway()
  return { ...head, body: BODILESS.has(head.status) ? '' : body() }
}

function bodyOf({ body, isBase64Encoded }: Readonly<Record<string, unknown>>): Buffer | string {
  if (body === undefined || body === null) return ''
  if (typeof body !== 'string') return JSON.stringify(body)
  return isBase64Encoded === true ? Buffer.from(body, 'base64') : body
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
