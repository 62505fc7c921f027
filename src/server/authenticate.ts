/** The authenticate step: a signed request → the caller behind its access key. */
import { timingSafeEqual } from 'node:crypto'

import { isAccountId, type AccountId } from '../core/account.ts'
import type { Clock } from '../core/clock.ts'
import { isLoopback } from '../core/loopback.ts'
import { isRegion, type Region } from '../core/region.ts'
import type { Caller, CallerEndpoint } from '../services/caller.ts'
import type { CredentialDirectory, Credentials } from '../services/directories.ts'
import type { WireRequest } from '../wire/message.ts'
import { serviceDescriptions, type ServiceDescription } from '../wire/service-description.ts'
import { decodeChunkedBody } from '../wire/sigv4/chunked-body.ts'
import {
  authenticationError,
  createSigningKeyCache,
  familyOfRequest,
  readSignature,
  verifySignature,
  type ProtocolFamily,
  type SignedRequest,
} from '../wire/sigv4.ts'

/** `strict` is AWS; `soft` records denials and lets them pass; `off` evaluates nothing. */
export type AuthMode = 'strict' | 'soft' | 'off'

export interface AuthenticateOptions {
  readonly credentials: readonly CredentialDirectory[]
  /** The administrator of an account, for the unknown keys that `soft` and `off` accept. */
  readonly administratorOf: (account: AccountId) => Credentials | undefined
  readonly mode: AuthMode
  readonly defaultAccount: AccountId
  readonly defaultRegion: Region
  /** The cloud's time, by which sessions end. */
  readonly clock: Clock
  /** The time by which clients sign: putting the cloud's clock forward must not make their signatures old. */
  readonly machineClock: Clock
  /** A request signed with this key was accepted. */
  readonly onKeyUsed: (accessKeyId: string, use: { service: string; region: string; atMs: number }) => void
}

export interface Authenticated {
  readonly caller: Caller
  /** The body with any `aws-chunked` framing removed. */
  readonly body: Buffer
}

export interface RequestOrigin {
  readonly requestId: string
  readonly sourceIp: string | undefined
  readonly endpoint?: CallerEndpoint | undefined
}

export type Authenticate = (request: WireRequest, service: string, origin: RequestOrigin) => Authenticated

/** The returned function throws `AwsError` in the service's form for anything that is not a valid signature of a known, live key. */
export function createAuthenticate(options: AuthenticateOptions): Authenticate {
  const keys = createSigningKeyCache()

  function callerFor(found: Credentials, region: Region, request: WireRequest, origin: RequestOrigin): Caller {
    const userAgent = headerText(request, 'user-agent')
    const traceHeader = headerText(request, 'x-amzn-trace-id')
    return {
      principal: found.principal,
      account: found.account,
      region,
      accessKeyId: found.accessKeyId,
      ...(found.session && { session: found.session }),
      requestId: origin.requestId,
      ...(origin.sourceIp !== undefined && { sourceIp: origin.sourceIp }),
      ...(origin.endpoint && { endpoint: origin.endpoint }),
      ...(userAgent !== undefined && { userAgent }),
      ...(traceHeader !== undefined && { traceHeader }),
    }
  }

  function lenient(request: WireRequest, signed: SignedRequest | undefined): Credentials | undefined {
    // A web page whose name was made to lead here could ask whatever it likes; its name is all that gives it away.
    if (options.mode === 'strict' || !isLocalHost(headerText(request, 'host'))) return undefined
    const account = signed && isAccountId(signed.accessKeyId) ? signed.accessKeyId : options.defaultAccount
    return options.administratorOf(account) ?? options.administratorOf(options.defaultAccount)
  }

  return (request, service, origin) => {
    const family = familyOf(request, service)
    const signed = readSignature(request, family)
    const found = signed && find(options.credentials, signed.accessKeyId)
    if (!found) {
      const administrator = lenient(request, signed)
      if (administrator) {
        const region = signed && isRegion(signed.region) ? signed.region : options.defaultRegion
        return { caller: callerFor(administrator, region, request, origin), body: unsignedBody(request) }
      }
      throw authenticationError(signed ? 'unknown-token' : 'missing-token', family)
    }
    if (!found.active) throw authenticationError('unknown-token', family)
    if (found.sessionToken !== undefined || signed.securityToken !== undefined) {
      if (!sameText(found.sessionToken ?? '', signed.securityToken ?? '')) {
        throw authenticationError('unknown-token', family)
      }
    }
    if (found.session && found.session.expiresAtMs <= options.clock.now()) {
      throw authenticationError('expired-token', family)
    }
    const signedAgainstMs = options.machineClock.now()
    const body = verifySignature(request, signed, found.secretAccessKey, signedAgainstMs, { service, keys, family })
    if (!isRegion(signed.region)) {
      throw authenticationError('signature-mismatch', family, 'Credential should be scoped to a valid region.')
    }
    const caller = callerFor(found, signed.region, request, origin)
    options.onKeyUsed(found.accessKeyId, { service, region: signed.region, atMs: options.clock.now() })
    return { caller, body }
  }
}

/** EC2's own words are known by the service, the others' by how the request is written. */
function familyOf(request: WireRequest, service: string): ProtocolFamily {
  const described: Readonly<Record<string, ServiceDescription>> = serviceDescriptions
  const isEc2 = Object.hasOwn(described, service) && described[service]?.protocol === 'ec2Query'
  return isEc2 ? 'ec2' : familyOfRequest(request)
}

function find(directories: readonly CredentialDirectory[], accessKeyId: string): Credentials | undefined {
  for (const directory of directories) {
    const found = directory.find(accessKeyId)
    if (found) return found
  }
  return undefined
}

/** The body of a request whose signature is not checked: still framed as the client framed it. */
function unsignedBody(request: WireRequest): Buffer {
  const framed = headerText(request, 'x-amz-content-sha256')?.startsWith('STREAMING-') === true
  return framed ? (decodeChunkedBody(request.body, undefined) ?? request.body) : request.body
}

/** `sts.localhost:4566` too: names under localhost never lead elsewhere. https://www.rfc-editor.org/rfc/rfc6761#section-6.3 */
function isLocalHost(host: string | undefined): boolean {
  const name = host?.replace(/:\d+$/, '')
  return name !== undefined && (isLoopback(name) || name.endsWith('.localhost'))
}

function headerText(request: WireRequest, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value.join(',') : value
}

function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a)
  const right = Buffer.from(b)
  return left.length === right.length && timingSafeEqual(left, right)
}
