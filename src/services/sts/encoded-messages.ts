/**
 * Encoded authorization messages: what a denied caller may carry but not read. Sealed with a key of the cloud's own, so that they can be decoded
 * after a restart, and neither read nor made by anyone else.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'

import type { Clock } from '../../core/clock.ts'
import type { Ids } from '../../core/ids.ts'
import type { AuthorizationMessage } from '../../policy/authorization-message.ts'
import { GLOBAL, type Shelf, type State } from '../../state/state.ts'

/** FIDELITY: AWS's messages expire after a time it does not tell. */
const EXPIRY_MS = 24 * 3_600_000
const CIPHER = 'aes-256-gcm'
const KEY_BYTES = 32
const IV_BYTES = 12
const TAG_BYTES = 16
const DECODED_BYTES_MAX = 256 * 1024
/** What DecodeAuthorizationMessage takes. */
const ENCODED_LENGTH_MAX = 10_240
const KEY_NAME = 'key'

interface Sealed {
  /** The account whose request failed; nobody else's administrators are told. */
  readonly account: string
  readonly atMs: number
  readonly message: string
}

interface StoredKey {
  readonly hex: string
}

export class EncodedMessages {
  readonly #keys: Shelf<StoredKey>
  readonly #clock: Clock
  readonly #ids: Ids

  constructor({ state, clock, ids }: { readonly state: State; readonly clock: Clock; readonly ids: Ids }) {
    this.#keys = state.collection<StoredKey>('sts.message-keys').in(GLOBAL)
    this.#clock = clock
    this.#ids = ids
  }

  /** Undefined for a message that would be longer than the API takes back. */
  encode(account: string, message: AuthorizationMessage): string | undefined {
    const sealed: Sealed = { account, atMs: this.#clock.now(), message: JSON.stringify(message) }
    const iv = Buffer.from(this.#ids.hex(IV_BYTES * 2), 'hex')
    const cipher = createCipheriv(CIPHER, this.#key() ?? this.#newKey(), iv)
    const content = Buffer.concat([cipher.update(deflateRawSync(JSON.stringify(sealed))), cipher.final()])
    const encoded = Buffer.concat([iv, cipher.getAuthTag(), content]).toString('base64url')
    return encoded.length > ENCODED_LENGTH_MAX ? undefined : encoded
  }

  /** The message's JSON; undefined for what was not encoded here, is of another account, or is too old. */
  decode(account: string, encoded: string): string | undefined {
    // Buffer skips what is not of the alphabet, and AWS refuses it.
    if (!/^[A-Za-z0-9_-]+$/.test(encoded)) return undefined
    const sealed = this.#open(Buffer.from(encoded, 'base64url'))
    if (!sealed || sealed.account !== account || this.#clock.now() - sealed.atMs > EXPIRY_MS) return undefined
    return sealed.message
  }

  #open(bytes: Buffer): Sealed | undefined {
    const key = this.#key()
    if (!key || bytes.length <= IV_BYTES + TAG_BYTES) return undefined
    try {
      const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
      decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES))
      const content = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()])
      const text = inflateRawSync(content, { maxOutputLength: DECODED_BYTES_MAX }).toString()
      return JSON.parse(text) as Sealed
    } catch {
      // The tag does not fit: somebody else's message, or a changed one.
      return undefined
    }
  }

  #key(): Buffer | undefined {
    const stored = this.#keys.get(KEY_NAME)
    return stored && Buffer.from(stored.hex, 'hex')
  }

  #newKey(): Buffer {
    const hex = this.#ids.hex(KEY_BYTES * 2)
    this.#keys.put(KEY_NAME, { hex })
    return Buffer.from(hex, 'hex')
  }
}
