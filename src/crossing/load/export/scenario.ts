/** What is exported for another engine: the load, the crossings and the thresholds, as far as that engine has them. Pure. */
import { UserError } from '../../../core/user-error.ts'
import type { InvocationType } from '../../crossing.ts'
import type { PayloadSource } from '../payload.ts'
import type { LoadProfile } from '../profile.ts'
import type { Comparison, Threshold } from '../threshold.ts'

export interface Scenario {
  readonly profile: LoadProfile
  readonly thinkTimeMs: number
  readonly inFlightMax: number
  readonly timeoutMs: number
  readonly region: string
  /** `http://127.0.0.1:4566` or AWS's, without a path. */
  readonly target: string
  readonly crossings: readonly {
    readonly functionArn: string
    readonly type: InvocationType
    readonly payload: PayloadSource
    readonly weight: number
  }[]
  readonly thresholds: readonly Threshold[]
}

export interface ScenarioFile {
  readonly name: string
  readonly content: string
}

/** For the scripts: what they choose from at each invocation. Throws `UserError` for a payload that only this process can make. */
export function crossingsAsJson({ crossings }: Scenario): string {
  return JSON.stringify(
    crossings.map(({ functionArn, type, payload, weight }) => {
      if (payload.kind === 'module') {
        throw new UserError(
          `The payload of \`${payload.path}\` cannot be exported, expected JSON, a template or a .jsonl file`,
        )
      }
      const path = `/2015-03-31/functions/${encodeURIComponent(functionArn)}/invocations`
      return { path, type, weight, payloads: payload.texts }
    }),
    null,
    2,
  )
}

/** A threshold on one of the times, or on one of the counts. */
export type ExportedThreshold =
  | { readonly kind: 'time'; readonly percentile: string; readonly comparison: Comparison; readonly ms: number }
  | {
      readonly kind: 'count'
      readonly metric: string
      readonly cause?: string
      readonly comparison: Comparison
      readonly bound: number
      readonly asPart: boolean
    }

const COUNTS = ['sent', 'succeeded', 'errors', 'throttles', 'timeouts', 'denied']

/** Throws `UserError` for one on what no other engine measures. */
export function exportedThresholds({ thresholds }: Scenario, engine: string): readonly ExportedThreshold[] {
  return thresholds.map(({ metric, comparison, bound, asPart, expression }): ExportedThreshold => {
    const [time, percentile] = metric.split('.')
    if ((time === 'latency' || time === 'service') && percentile !== undefined) {
      return { kind: 'time', percentile, comparison, ms: bound }
    }
    const cause = /^cause\((.+)\)$/.exec(metric)?.[1]
    if (cause !== undefined) return { kind: 'count', metric: 'cause', cause, comparison, bound, asPart }
    if (COUNTS.includes(metric)) return { kind: 'count', metric, comparison, bound, asPart }
    throw new UserError(`\`${expression}\` cannot be exported: ${engine} does not measure \`${metric}\``)
  })
}

/**
 * The part of both scripts that fills in payloads, chooses a crossing and signs. The engine's own part defines `sha256(text)` in hexadecimal,
 * `hmac(key, text)` as a key for the next, and `hmacHex(key, text)`.
 */
export const COMMON_SCRIPT = `// A crossing by weight: every stretch of invocations has them in proportion.
function pickCrossing(sequence) {
  const total = CROSSINGS.reduce((sum, { weight }) => sum + weight, 0)
  let rest = ((sequence * 0.6180339887498949) % 1) * total
  for (const crossing of CROSSINGS) {
    if (rest < crossing.weight) return crossing
    rest -= crossing.weight
  }
  return CROSSINGS[CROSSINGS.length - 1]
}

function payloadOf({ payloads }, sequence) {
  return payloads[sequence % payloads.length].replace(/\\{\\{([^{}]*)\\}\\}/g, (_, name) => {
    const [word, low, high] = name.trim().split(' ')
    if (word === 'uuid') return uuid()
    if (word === 'sequence') return String(sequence)
    if (word === 'now') return new Date().toISOString()
    return String(Number(low) + Math.floor(Math.random() * (Number(high) - Number(low) + 1)))
  })
}

function uuid() {
  const digits = Array.from({ length: 32 }, () => Math.floor(Math.random() * 16).toString(16)).join('')
  return \`\${digits.slice(0, 8)}-\${digits.slice(8, 12)}-4\${digits.slice(13, 16)}-a\${digits.slice(17, 20)}-\${digits.slice(20)}\`
}

// Signature Version 4, with the keys in the environment.
function signedHeaders(host, { path, type }, body, keys) {
  const amzDate = new Date().toISOString().replace(/[-:]|\\.\\d{3}/g, '')
  const headers = { 'content-type': 'application/json', host, 'x-amz-date': amzDate, 'x-amz-invocation-type': type }
  if (keys.sessionToken) headers['x-amz-security-token'] = keys.sessionToken
  const names = Object.keys(headers).sort()
  const canonicalPath = path.split('/').map(encodeURIComponent).join('/')
  const canonicalHeaders = names.map((name) => \`\${name}:\${headers[name]}\\n\`).join('')
  const canonical = ['POST', canonicalPath, '', canonicalHeaders, names.join(';'), sha256(body)].join('\\n')
  const date = amzDate.slice(0, 8)
  const scope = \`\${date}/\${REGION}/lambda/aws4_request\`
  const key = [date, REGION, 'lambda', 'aws4_request'].reduce(hmac, \`AWS4\${keys.secretAccessKey}\`)
  const signature = hmacHex(key, ['AWS4-HMAC-SHA256', amzDate, scope, sha256(canonical)].join('\\n'))
  headers.authorization = \`AWS4-HMAC-SHA256 Credential=\${keys.accessKeyId}/\${scope}, SignedHeaders=\${names.join(';')}, Signature=\${signature}\`
  return headers
}

// By AWS's own name; undefined for an invocation that succeeded.
function causeOf(status, headers, text) {
  const header = (wanted) => {
    const name = Object.keys(headers).find((one) => one.toLowerCase() === wanted)
    return name === undefined ? undefined : String(headers[name])
  }
  const functionError = header('x-amz-function-error')
  if (status >= 200 && status < 300 && functionError === undefined) return undefined
  let answer = {}
  try {
    answer = JSON.parse(text)
  } catch {
    // Not Lambda's answer.
  }
  if (functionError !== undefined) return answer.errorType || 'Unhandled'
  const name = (header('x-amzn-errortype') || \`HTTP \${status}\`).split(':')[0]
  return name === 'TooManyRequestsException' ? answer.Reason || name : name
}

const THROTTLES = /LimitExceeded$|^TooManyRequestsException$|^ThrottlingException$/
`
