/** Identifiers in the shapes AWS gives them, from an injected source of randomness. */
import { randomBytes, randomInt, randomUUID } from 'node:crypto'

export interface Ids {
  /** A lower-case UUID: request ids, revision ids. */
  uuid(): string
  /** `length` lower-case hexadecimal digits. */
  hex(length: number): string
  /** `length` characters of A–Z and 2–7: the alphabet of IAM's unique ids and access key ids. */
  base32(length: number): string
  /** `length` characters of a–z and 0–9: organization, policy and OU ids. */
  base36(length: number): string
  /** `length` characters of base64 without padding: secret access keys. */
  secret(length: number): string
  /** A number in [0, 1). */
  fraction(): number
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const BASE36 = 'abcdefghijklmnopqrstuvwxyz0123456789'

function pick(alphabet: string, length: number): string {
  let text = ''
  for (let i = 0; i < length; i++) text += alphabet[randomInt(alphabet.length)]
  return text
}

export const randomIds: Ids = {
  uuid: () => randomUUID(),
  hex(length) {
    let digits = ''
    while (digits.length < length) {
      // Node.js draws the randomness of UUIDs in bulk, at a third of what bytes for every call cost. Their middle groups are not all random.
      const uuid = randomUUID()
      digits += uuid.slice(0, 8) + uuid.slice(24)
    }
    return digits.slice(0, length)
  },
  base32: (length) => pick(BASE32, length),
  base36: (length) => pick(BASE36, length),
  secret: (length) => randomBytes(length).toString('base64').slice(0, length),
  fraction: () => randomInt(2 ** 32) / 2 ** 32,
}
