/** Tells, before anything is verified, which service a request is for and how it is written, so that even a refusal goes out in the right form. */
import { plainBody } from './content-encoding.ts'
import { header, type WireRequest } from './message.ts'
import { parseQueryString, type QueryString } from './query-string.ts'
import type { ProtocolName, ServiceDescription } from './service-description.ts'

export interface Identified {
  /** Signing name. */
  readonly service: string
  readonly protocol: ProtocolName
  /** Absent for REST, where the route says it, and where the request names none. */
  readonly operationName?: string
  /** The parameters of a query-protocol request. AWS takes the first of several values of one name. */
  readonly form?: ReadonlyMap<string, string>
  /** The form could not be decoded. */
  readonly malformedForm?: boolean
}

type Services = Readonly<Record<string, ServiceDescription>>

const FORM_TYPE = 'application/x-www-form-urlencoded'
/** https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html#requests */
const RPC_PATH = /\/service\/([^/]+)\/operation\/([^/]+)$/
const DATED_PATH = /^\/\d{4}-\d{2}-\d{2}\//

/** Undefined: nothing in the request names a service we speak for. */
export function identify(request: WireRequest, services: Services): Identified | undefined {
  const scoped = scopedService(request)
  const scope = scoped !== undefined && Object.hasOwn(services, scoped) ? services[scoped] : undefined
  if (header(request, 'smithy-protocol') === 'rpc-v2-cbor') return identifyRpc(request, services)
  const target = header(request, 'x-amz-target')
  if (target !== undefined) return identifyTarget(target, scope, services)
  if (scope?.protocol === 'restJson1') return { service: scope.signingName, protocol: scope.protocol }
  const query = queryParameters(request)
  if (query) return identifyForm(query, scope, services)
  if (scope) return { service: scope.signingName, protocol: scope.protocol }
  if (!DATED_PATH.test(request.path)) return undefined
  const rest = Object.values(services).find(({ protocol }) => protocol === 'restJson1')
  return rest && { service: rest.signingName, protocol: rest.protocol }
}

/** The service of the credential scope, from the Authorization header or a presigned URL. */
export function scopedService(request: WireRequest): string | undefined {
  const authorization = header(request, 'authorization')
  const credential = authorization
    ? textBetween(authorization, 'Credential=', ',')
    : request.rawQuery.includes('X-Amz-Credential=')
      ? (parseQueryString(request.rawQuery).get('X-Amz-Credential') ?? undefined)
      : undefined
  return credential?.split('/').at(-2)
}

function identifyRpc(request: WireRequest, services: Services): Identified | undefined {
  const [, name, operationName] = RPC_PATH.exec(request.path) ?? []
  const service = Object.values(services).find(
    ({ targetPrefix, cborCompatible }) => cborCompatible && targetPrefix === name,
  )
  if (!service || operationName === undefined) return undefined
  return { service: service.signingName, protocol: 'rpcV2Cbor', operationName }
}

function identifyTarget(
  target: string,
  scope: ServiceDescription | undefined,
  services: Services,
): Identified | undefined {
  // The prefix may be qualified (`com.amazonaws.logs.Logs_20140328.PutLogEvents`): only its last part tells the service.
  const dot = target.lastIndexOf('.')
  const prefix = target.slice(0, Math.max(dot, 0))
  const lastPart = prefix.slice(prefix.lastIndexOf('.') + 1)
  const service =
    Object.values(services).find(({ targetPrefix }) => targetPrefix === lastPart) ??
    (scope?.targetPrefix === undefined ? undefined : scope)
  if (!service) return undefined
  const known = service.targetPrefix === lastPart
  return {
    service: service.signingName,
    protocol: service.protocol,
    ...(known && { operationName: target.slice(dot + 1) }),
  }
}

function queryParameters(request: WireRequest): QueryString | undefined {
  const isForm = header(request, 'content-type')?.startsWith(FORM_TYPE) ?? false
  if (isForm && request.body.length > 0) return parseQueryString(plainBody(request)?.toString('utf8') ?? '%')
  const inUrl = request.rawQuery.startsWith('Action=') || request.rawQuery.includes('&Action=')
  return isForm || inUrl ? parseQueryString(request.rawQuery) : undefined
}

function identifyForm(
  query: QueryString,
  scope: ServiceDescription | undefined,
  services: Services,
): Identified | undefined {
  const form = new Map<string, string>()
  for (const [key, value] of query.pairs) if (!form.has(key)) form.set(key, value)
  const version = form.get('Version')
  const service =
    scope ??
    Object.values(services).find(
      ({ protocol, apiVersion, queryCompatible }) =>
        (protocol.endsWith('Query') || queryCompatible) && apiVersion === version,
    )
  if (!service) return undefined
  const action = form.get('Action')
  return {
    service: service.signingName,
    protocol: service.queryCompatible ? 'awsQuery' : service.protocol,
    form,
    ...(action !== undefined && { operationName: action }),
    ...(query.malformed && { malformedForm: true }),
  }
}

function textBetween(text: string, start: string, end: string): string | undefined {
  const from = text.indexOf(start)
  if (from < 0) return undefined
  const to = text.indexOf(end, from)
  return text.slice(from + start.length, to < 0 ? undefined : to)
}
