/** Blobs as text. Node's decoder skips what it does not know; AWS refuses it. */

/** Undefined when the text is not base64. */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64')
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  return bytes.length === Math.floor(((text.length - padding) * 3) / 4) ? bytes : undefined
}

/** Handlers may give bytes or text. */
export function encodeBase64(value: unknown): string {
  return toBytes(value).toString('base64')
}

/** A view of the same memory where the value is bytes already. */
export function toBytes(value: unknown): Buffer {
  if (Buffer.isBuffer(value)) return value
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  if (typeof value === 'string') return Buffer.from(value, 'utf8')
  throw new TypeError(`${typeof value} given for a blob, expected bytes or text`)
}
