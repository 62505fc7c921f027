/**
 * The MD5 digests by which clients check what was sent and received.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html#sqs-attributes-md5-message-digest-calculation
 */
import { createHash } from 'node:crypto'

import type { MessageAttribute } from './records.ts'

export function bodyDigest(body: string): string {
  return createHash('md5').update(body).digest('hex')
}

const STRING = 1
const BINARY = 2

/** Undefined without attributes. Names are sorted by code units. */
export function attributesDigest(attributes: Readonly<Record<string, MessageAttribute>>): string | undefined {
  const names = Object.keys(attributes).sort()
  if (names.length === 0) return undefined
  const digest = createHash('md5')
  const add = (bytes: Buffer) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.length)
    digest.update(length).update(bytes)
  }
  for (const name of names) {
    const { DataType, StringValue, BinaryValue } = attributes[name] ?? { DataType: '' }
    add(Buffer.from(name))
    add(Buffer.from(DataType))
    digest.update(Buffer.of(BinaryValue === undefined ? STRING : BINARY))
    add(BinaryValue === undefined ? Buffer.from(StringValue ?? '') : Buffer.from(BinaryValue, 'base64'))
  }
  return digest.digest('hex')
}
