/** Signatures against those of AWS's official signer. */
import { SignatureV4 } from '@smithy/signature-v4'
import * as fc from 'fast-check'
import { createHash, createHmac } from 'node:crypto'
import { expect, it } from 'vitest'

import { sha256 } from './canonical-request.ts'
import { signatureHeaders } from './sign-request.ts'
import { createSigningKeyCache } from './signing-key.ts'

const visible = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/)
const keys = fc.record(
  { accessKeyId: fc.stringMatching(/^A[A-Z0-9]{15,19}$/), secretAccessKey: visible, sessionToken: visible },
  { requiredKeys: ['accessKeyId', 'secretAccessKey'] },
)

it('signs as the official signer does', async () => {
  const cache = createSigningKeyCache()
  await fc.assert(
    fc.asyncProperty(
      keys,
      fc.array(fc.stringMatching(/^[A-Za-z0-9:%$._-]{1,12}$/), { minLength: 1, maxLength: 4 }),
      fc.dictionary(fc.stringMatching(/^x-[a-z-]{1,10}$/), visible, { maxKeys: 3 }),
      fc.string({ unit: 'grapheme' }),
      fc.date({ min: new Date('2015-01-01'), max: new Date('2040-01-01'), noInvalidDate: true }),
      async (credentials, segments, more, body, date) => {
        const path = `/${segments.map(encodeURIComponent).join('/')}`
        const headers = { ...more, host: 'lambda.us-east-1.amazonaws.com' }
        const official = await new SignatureV4({
          credentials: defined(credentials),
          region: 'us-east-1',
          service: 'lambda',
          sha256: NodeSha256,
          applyChecksum: false,
        }).sign(
          {
            method: 'POST',
            protocol: 'https:',
            hostname: 'lambda.us-east-1.amazonaws.com',
            path,
            query: {},
            headers,
            body,
          },
          { signingDate: date },
        )
        const ours = signatureHeaders(
          { method: 'POST', path, rawQuery: '', headers, payloadHash: sha256(body) },
          { keys: defined(credentials), region: 'us-east-1', service: 'lambda', cache },
          date.getTime(),
        )
        expect({ ...headers, ...ours }).toEqual(official.headers)
      },
    ),
  )
})

/** Without the members that are undefined. */
function defined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }
}

class NodeSha256 {
  readonly #hash: { update(data: Uint8Array | string): unknown; digest(): Buffer }

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    const key = ArrayBuffer.isView(secret) ? Buffer.from(secret.buffer, secret.byteOffset, secret.byteLength) : secret
    this.#hash = key === undefined ? createHash('sha256') : createHmac('sha256', key as string)
  }

  update(data: Uint8Array): void {
    this.#hash.update(data)
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest())
  }

  reset(): void {
    throw new Error('is used once')
  }
}
