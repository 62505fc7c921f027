/** A POST signed with Signature Version 4, for the introspection calls that no SDK client knows. */
import { createHash, createHmac } from 'node:crypto'

import { SignatureV4 } from '@smithy/signature-v4'

import type { AccessKeys } from '../access.ts'

interface Signing {
  readonly keys: AccessKeys
  readonly region: string
  readonly service: string
}

export async function signedFetch(
  url: string,
  { keys, region, service }: Signing,
  body: object,
): Promise<{ readonly status: number; readonly body: string }> {
  const { protocol, hostname, port, host, pathname } = new URL(url)
  const text = JSON.stringify(body)
  const signer = new SignatureV4({ credentials: keys, region, service, sha256: NodeSha256 })
  const { headers } = await signer.sign({
    method: 'POST',
    protocol,
    hostname,
    port: Number(port),
    path: pathname,
    query: {},
    headers: { host, 'content-type': 'application/json' },
    body: text,
  })
  const response = await fetch(url, { method: 'POST', headers, body: text })
  return { status: response.status, body: await response.text() }
}

/** The hash the signer asks for: plain, or keyed when it is given a secret. */
class NodeSha256 {
  readonly #hash: { update(data: Uint8Array | string): unknown; digest(): Buffer }

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret))
  }

  update(data: Uint8Array): void {
    this.#hash.update(data)
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest())
  }

  reset(): void {
    throw new Error('a hash is used once')
  }
}

function bytesOf(source: string | ArrayBuffer | ArrayBufferView): Buffer {
  if (typeof source === 'string') return Buffer.from(source)
  return source instanceof ArrayBuffer
    ? Buffer.from(source)
    : Buffer.from(source.buffer, source.byteOffset, source.byteLength)
}
