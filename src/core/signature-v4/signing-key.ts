/** Signing keys: four HMACs deep, good for a day, so worth keeping. */
import { createHmac } from 'node:crypto'

export interface CredentialScope {
  /** `20260112` */
  readonly date: string
  readonly region: string
  readonly service: string
}

export interface SigningKeyCache {
  signingKey(secretAccessKey: string, scope: CredentialScope): Buffer
}

const SIGNING_KEYS_MAX = 1024

export function deriveSigningKey(secretAccessKey: string, { date, region, service }: CredentialScope): Buffer {
  return ['aws4_request', service, region, date].reduceRight<Buffer | string>(
    (key, part) => createHmac('sha256', key).update(part).digest(),
    `AWS4${secretAccessKey}`,
  ) as Buffer
}

/** Keeps the keys used last. */
export function createSigningKeyCache(): SigningKeyCache {
  const keys = new Map<string, Buffer>()
  return {
    signingKey(secretAccessKey, scope) {
      const id = `${scope.date}/${scope.region}/${scope.service}/${secretAccessKey}`
      let key = keys.get(id)
      // Taken out and put back, a key moves to the end: the map's order is the order of use.
      if (key) keys.delete(id)
      else key = deriveSigningKey(secretAccessKey, scope)
      keys.set(id, key)
      if (keys.size > SIGNING_KEYS_MAX) {
        const oldest = keys.keys().next()
        if (!oldest.done) keys.delete(oldest.value)
      }
      return key
    },
  }
}
