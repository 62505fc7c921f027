/** The bytes of a signed Invoke. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
import { sha256 } from '../../core/signature-v4/canonical-request.ts'
import { prepareSignature, type Signing, type UnsignedRequest } from '../../core/signature-v4/sign-request.ts'
import type { InvocationType } from '../crossing.ts'
import type { Host } from './connections.ts'

export interface InvokeTarget {
  /** ARN of the callee with its qualifier. */
  readonly functionArn: string
  readonly type: InvocationType
  readonly host: Host
}

const USER_AGENT = 'isthmus-load'

export type BuildRequest = (payload: string, signing: Signing, nowMs: number) => Buffer

const SIGNATURE_LENGTH = 64

/** What the requests of one second and one signer have in common. */
interface Moment {
  readonly second: number
  readonly signing: Signing
  readonly sign: (payloadHash: string) => string
  /** All of the head up to the signature. */
  readonly head: Buffer
}

/** Builds and signs a request for every payload and moment; what they have in common is made once a second. */
export function createRequests({ functionArn, type, host }: InvokeTarget): BuildRequest {
  const usualPort = host.secure ? 443 : 80
  const request: UnsignedRequest = {
    method: 'POST',
    path: `/2015-03-31/functions/${encodeURIComponent(functionArn)}/invocations`,
    rawQuery: '',
    headers: {
      host: host.port === usualPort ? host.hostname : `${host.hostname}:${host.port}`,
      'content-type': 'application/json',
      'x-amz-invocation-type': type,
    },
  }
  let moment: Moment | undefined
  return (payload, signing, nowMs) => {
    const second = Math.floor(nowMs / 1000)
    if (moment?.second !== second || moment.signing !== signing) moment = momentOf(request, signing, second)
    const { head, sign } = moment
    const rest = `\r\ncontent-length: ${Buffer.byteLength(payload)}\r\n\r\n${payload}`
    const bytes = Buffer.allocUnsafe(head.length + SIGNATURE_LENGTH + Buffer.byteLength(rest))
    head.copy(bytes)
    bytes.write(sign(sha256(payload)), head.length, 'latin1')
    bytes.write(rest, head.length + SIGNATURE_LENGTH)
    return bytes
  }
}

function momentOf(request: UnsignedRequest, signing: Signing, second: number): Moment {
  const { headers, authorization, sign } = prepareSignature(request, signing, second * 1000)
  const lines = Object.entries({ ...request.headers, ...headers, 'user-agent': USER_AGENT, authorization })
  const text = lines.map(([name, value]) => `${name}: ${value}`).join('\r\n')
  return { second, signing, sign, head: Buffer.from(`POST ${request.path} HTTP/1.1\r\n${text}`) }
}
