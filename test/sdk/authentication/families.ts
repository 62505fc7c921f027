/** One operation of each family of protocols, and a refusal as that family writes it. */
import type { Answer, Draft } from './wire.ts'

export interface Family {
  readonly name: 'REST' | 'JSON' | 'Query'
  readonly service: string
  /** Any principal with full access may call it. */
  readonly draft: Draft
}

export const FAMILIES: readonly Family[] = [
  {
    name: 'REST',
    service: 'lambda',
    draft: { method: 'GET', path: '/2015-03-31/functions', headers: {}, body: '' },
  },
  {
    name: 'JSON',
    service: 'logs',
    draft: {
      method: 'POST',
      path: '/',
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'Logs_20140328.DescribeLogGroups' },
      body: '{}',
    },
  },
  {
    name: 'Query',
    service: 'iam',
    draft: {
      method: 'POST',
      path: '/',
      headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
      body: 'Action=ListUsers&Version=2010-05-08',
    },
  },
]

export function familyOf(name: Family['name']): Family {
  const family = FAMILIES.find((candidate) => candidate.name === name)
  if (!family) throw new Error(`no family ${name}`)
  return family
}

export interface Refusal {
  readonly status: number
  readonly code: string | undefined
  readonly message: string | undefined
}

/** Throws when the answer is not in the family's form, or not about an error. */
export function refusalOf({ name }: Family, { status, headers, body }: Answer): Refusal {
  if (name === 'Query') {
    const error =
      /^<ErrorResponse xmlns="[^"]+"><Error><Type>Sender<\/Type><Code>([^<]+)<\/Code><Message>([^<]*)<\/Message><\/Error><RequestId>([^<]+)<\/RequestId><\/ErrorResponse>\s*$/.exec(
        body.replace(/^<\?xml[^>]*>\s*/, '').replaceAll(/>\s+</g, '><'),
      )
    if (!error) throw new Error(`not an error of the query protocol: ${body}`)
    return { status, code: error[1], message: unescaped(error[2] ?? '') }
  }
  const told = JSON.parse(body) as { readonly __type?: string; readonly message?: string; readonly Message?: string }
  const code = name === 'REST' ? headers['x-amzn-errortype'] : told.__type
  return { status, code: String(code), message: told.message ?? told.Message }
}

function unescaped(text: string): string {
  const entities = { '&apos;': "'", '&#39;': "'", '&#x27;': "'", '&quot;': '"', '&lt;': '<', '&gt;': '>', '&amp;': '&' }
  return Object.entries(entities).reduce((result, [entity, character]) => result.replaceAll(entity, character), text)
}

type Codes = Readonly<Record<Family['name'], readonly [code: string, status: number]>>

export const MISSING: Codes = {
  REST: ['MissingAuthenticationTokenException', 403],
  JSON: ['MissingAuthenticationTokenException', 400],
  Query: ['MissingAuthenticationToken', 403],
}
export const INCOMPLETE: Codes = {
  REST: ['IncompleteSignatureException', 403],
  JSON: ['IncompleteSignatureException', 400],
  Query: ['IncompleteSignature', 400],
}
export const MISMATCH: Codes = {
  REST: ['InvalidSignatureException', 403],
  JSON: ['InvalidSignatureException', 400],
  Query: ['SignatureDoesNotMatch', 403],
}
export const UNKNOWN: Codes = {
  REST: ['UnrecognizedClientException', 403],
  JSON: ['UnrecognizedClientException', 400],
  Query: ['InvalidClientTokenId', 403],
}
export const EXPIRED: Codes = {
  REST: ['ExpiredTokenException', 403],
  JSON: ['ExpiredTokenException', 400],
  Query: ['ExpiredToken', 403],
}

export function refusal({ name }: Family, codes: Codes, message: string): Refusal {
  const [code, status] = codes[name]
  return { status, code, message }
}
