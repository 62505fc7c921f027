/**
 * What an extension asks of the Telemetry API, or of the Logs API before it.
 * https://docs.aws.amazon.com/lambda/latest/dg/telemetry-api-reference.html
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-logs-api.html
 */

export type TelemetryApi = 'telemetry' | 'logs'
export type TelemetryType = 'platform' | 'function' | 'extension'

export interface Subscription {
  readonly api: TelemetryApi
  readonly schemaVersion: string
  readonly types: readonly TelemetryType[]
  readonly destination: Destination
  readonly buffering: Buffering
}

export type Destination =
  | { readonly protocol: 'HTTP'; readonly port: number; readonly path: string; readonly method: 'POST' | 'PUT' }
  | { readonly protocol: 'TCP'; readonly port: number }

export interface Buffering {
  readonly maxItems: number
  readonly maxBytes: number
  readonly timeoutMs: number
}

const SCHEMA_VERSIONS: Readonly<Record<TelemetryApi, readonly string[]>> = {
  telemetry: ['2022-07-01', '2022-12-13', '2025-01-29'],
  logs: ['2020-08-15', '2021-03-18'],
}
const TYPES: readonly string[] = ['platform', 'function', 'extension'] satisfies TelemetryType[]
/** Both names are those of the environment's own loopback. */
const HOSTS = ['sandbox.localdomain', 'sandbox']
const HTTP_PORT = 80
/** That of the Runtime API. */
const RESERVED_PORT = 9001

/** Minimum, default, maximum. */
const LIMITS: Readonly<Record<keyof Buffering, readonly [number, number, number]>> = {
  maxItems: [1000, 10_000, 10_000],
  maxBytes: [262_144, 262_144, 1_048_576],
  timeoutMs: [25, 1000, 30_000],
}

/**
 * A text: what is wrong, all of it.
 *
 * FIDELITY: of AWS's sentences two are known: `URI port is not provided; types should not be empty`; the others are made after them.
 */
export function subscriptionOf(api: TelemetryApi, body: Buffer): Subscription | string {
  let given: Record<string, unknown>
  try {
    const parsed: unknown = JSON.parse(body.toString())
    if (!isObject(parsed)) return 'request body should be an object'
    given = parsed
  } catch {
    return 'request body is not valid JSON'
  }
  const problems: string[] = []
  const { types, schemaVersion = api === 'logs' ? '2020-08-15' : undefined } = given
  if (schemaVersion === undefined) problems.push('schemaVersion is not provided')
  else if (!SCHEMA_VERSIONS[api].some((version) => version === schemaVersion))
    problems.push('schemaVersion is not supported')
  const destination = destinationOf(given['destination'], problems)
  if (!Array.isArray(types) || types.length === 0) problems.push('types should not be empty')
  else if (!types.every((type) => TYPES.includes(String(type)))) problems.push(`types should be of ${TYPES.join(', ')}`)
  const buffering = bufferingOf(given['buffering'], problems)
  if (problems.length > 0 || destination === undefined) return problems.join('; ')
  return {
    api,
    schemaVersion: schemaVersion as string,
    types: [...new Set(types as TelemetryType[])],
    destination,
    buffering,
  }
}

function destinationOf(given: unknown, problems: string[]): Destination | undefined {
  if (!isObject(given)) {
    problems.push('destination is not provided')
    return undefined
  }
  const { protocol, URI, port, method = 'POST' } = given
  if (protocol === 'TCP') {
    const number = typeof port === 'number' ? port : Number(typeof URI === 'string' ? uriOf(URI)?.port : undefined)
    return isPort(number, 'port', problems) ? { protocol, port: number } : undefined
  }
  if (protocol !== 'HTTP') {
    problems.push('protocol should be HTTP or TCP')
    return undefined
  }
  const uri = typeof URI === 'string' ? uriOf(URI) : undefined
  if (uri === undefined || uri.protocol !== 'http:') {
    problems.push(typeof URI === 'string' ? 'URI is not valid' : 'URI is not provided')
    return undefined
  }
  if (!HOSTS.includes(uri.hostname)) problems.push(`URI host should be ${HOSTS[0]}`)
  if (method !== 'POST' && method !== 'PUT') problems.push('method should be POST or PUT')
  // `URL` leaves the default port out.
  const number = uri.port === '' && /:80(\/|$)/.test(String(URI)) ? HTTP_PORT : Number(uri.port)
  if (!isPort(number, 'URI port', problems) || (method !== 'POST' && method !== 'PUT')) return undefined
  return { protocol, port: number, path: `${uri.pathname}${uri.search}`, method }
}

function isPort(port: number, name: string, problems: string[]): boolean {
  const known = Number.isInteger(port) && port > 0 && port < 65_536
  if (!known) problems.push(`${name} is not provided`)
  else if (port === RESERVED_PORT) problems.push(`${name} ${RESERVED_PORT} is reserved`)
  return known && port !== RESERVED_PORT
}

function bufferingOf(given: unknown, problems: string[]): Buffering {
  const values: Record<string, unknown> = isObject(given) ? given : {}
  if (given !== undefined && !isObject(given)) problems.push('buffering should be an object')
  const valueOf = (name: keyof Buffering): number => {
    const [min, standard, max] = LIMITS[name]
    const value = values[name] ?? standard
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value
    problems.push(`${name} should be between ${min} and ${max}`)
    return standard
  }
  return { maxItems: valueOf('maxItems'), maxBytes: valueOf('maxBytes'), timeoutMs: valueOf('timeoutMs') }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function uriOf(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined
}
