/** A POST signed with Signature Version 4, for the introspection calls that no SDK client knows. */
import { sha256 } from '../../core/signature-v4/canonical-request.ts'
import { signatureHeaders } from '../../core/signature-v4/sign-request.ts'
import { createSigningKeyCache } from '../../core/signature-v4/signing-key.ts'
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
  const { host, pathname } = new URL(url)
  const text = JSON.stringify(body)
  const headers = { host, 'content-type': 'application/json' }
  const signature = signatureHeaders(
    { method: 'POST', path: pathname, rawQuery: '', headers, payloadHash: sha256(text) },
    { keys, region, service, cache: createSigningKeyCache() },
    Date.now(),
  )
  const response = await fetch(url, { method: 'POST', headers: { ...headers, ...signature }, body: text })
  return { status: response.status, body: await response.text() }
}
