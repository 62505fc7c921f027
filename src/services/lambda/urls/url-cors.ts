/**
 * CORS of a function URL: what preflight requests are answered, and what is added to other answers. Pure.
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html#urls-cors
 */
import { header, type WireRequest, type WireResponse } from '../../../wire/message.ts'
import type { CorsSettings } from './url-store.ts'

/** Undefined for what is no preflight request. Lambda answers those itself; the function does not see them. */
export function preflightResponse(cors: CorsSettings, request: WireRequest): WireResponse | undefined {
  const isPreflight = request.method === 'OPTIONS' && header(request, 'access-control-request-method') !== undefined
  if (!isPreflight || header(request, 'origin') === undefined) return undefined
  const headers = corsHeaders(cors, request)
  if (Object.keys(headers).length > 0) {
    addList(headers, 'access-control-allow-methods', cors.allowMethods)
    addList(headers, 'access-control-allow-headers', cors.allowHeaders)
    if (cors.maxAgeSeconds !== undefined) headers['access-control-max-age'] = String(cors.maxAgeSeconds)
  }
  return { status: 200, headers, body: '' }
}

/** A header that the function has set as well goes out twice, as AWS's page warns. */
export function withCors(response: WireResponse, cors: CorsSettings, request: WireRequest): WireResponse {
  const headers = { ...response.headers }
  for (const [name, value] of Object.entries(corsHeaders(cors, request))) {
    const there = headers[name]
    headers[name] = there === undefined ? value : [there, value].flat()
  }
  return { ...response, headers }
}

/** None for an origin that is not allowed. FIDELITY: an allowed origin is told by its name, also where all are, if it may send credentials. */
function corsHeaders(cors: CorsSettings, request: WireRequest): Record<string, string> {
  const origin = header(request, 'origin')
  const allowed = cors.allowOrigins ?? []
  if (origin === undefined || !(allowed.includes('*') || allowed.includes(origin))) return {}
  const isAnyone = allowed.includes('*') && cors.allowCredentials !== true
  const headers: Record<string, string> = { 'access-control-allow-origin': isAnyone ? '*' : origin }
  if (!isAnyone) headers['vary'] = 'Origin'
  if (cors.allowCredentials === true) headers['access-control-allow-credentials'] = 'true'
  addList(headers, 'access-control-expose-headers', cors.exposeHeaders)
  return headers
}

function addList(headers: Record<string, string>, name: string, values: readonly string[] | undefined): void {
  if (values && values.length > 0) headers[name] = values.join(',')
}
