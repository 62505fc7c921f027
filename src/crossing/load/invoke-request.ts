/** The bytes of a signed Invoke. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
import { sha256 } from '../../core/signature-v4/canonical-request.ts'
import { signatureHeaders, type Signing } from '../../core/signature-v4/sign-request.ts'
import type { InvocationType } from '../crossing.ts'
import type { Host } from './connections.ts'

export interface InvokeTarget {
  /** ARN of the callee with its qualifier. */
  readonly functionArn: string
  readonly type: InvocationType
  readonly host: Host
}

const USER_AGENT = 'isthmus-load'

/** Builds and signs a request for every payload and moment; what they have in common is made once. */
export function createRequests(target: InvokeTarget): (payload: string, signing: Signing, nowMs: number) => string {
  const { functionArn, type, host } = target
  const path = `/2015-03-31/functions/${encodeURIComponent(functionArn)}/invocations`
  const usualPort = host.secure ? 443 : 80
  const headers = {
    host: host.port === usualPort ? host.hostname : `${host.hostname}:${host.port}`,
    'content-type': 'application/json',
    'x-amz-invocation-type': type,
  }
  const head =
    `POST ${path} HTTP/1.1\r\n` +
    Object.entries(headers)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('') +
    `user-agent: ${USER_AGENT}\r\n`
  return (payload, signing, nowMs) => {
    const request = { method: 'POST', path, rawQuery: '', headers, payloadHash: sha256(payload) }
    let text = head
    for (const [name, value] of Object.entries(signatureHeaders(request, signing, nowMs)))
      text += `${name}: ${value}\r\n`
    return `${text}content-length: ${Buffer.byteLength(payload)}\r\n\r\n${payload}`
  }
}
