/**
 * What Lambda's own lines in a function's log tell, in both log formats.
 * https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
 */

export interface Report {
  readonly kind: 'report'
  readonly requestId: string
  readonly durationMs: number
  readonly billedMs: number
  /** Only of an environment's first invocation. */
  readonly initMs?: number
  /** Absent when the runtime answered, be it with the function's own error. */
  readonly status?: 'timeout' | 'error'
  /** Of an environment that failed. */
  readonly errorType?: string
}

/** What the runtimes of Node.js and Python say when the handler fails: the only place that tells it of an asynchronous event. */
export interface OwnError {
  readonly kind: 'own-error'
  /** Absent in Python's text. */
  readonly requestId?: string
  readonly errorType: string
  readonly errorMessage: string
}

export type ReportLine =
  | Report
  | OwnError
  /** An init that failed; the environment's next report is of the invocation that it failed. */
  | { readonly kind: 'init-report'; readonly status?: 'timeout' | 'error' }

/** Finds reports among a group's events, in either format. */
export const REPORT_PATTERN = '?"REPORT RequestId" ?"INIT_REPORT" ?"platform.report" ?"platform.initReport"'
/** Errors of handlers too. */
export const OUTCOME_PATTERN = `${REPORT_PATTERN} ?"Invoke Error" ?"[ERROR] " ?"errorMessage"`

const REPORT = /^REPORT RequestId: (\S+)\tDuration: ([\d.]+) ms\tBilled Duration: (\d+) ms/
const INIT_DURATION = /\tInit Duration: ([\d.]+) ms/
const STATUS = /\tStatus: (timeout|error)/
const ERROR_TYPE = /\tError Type: (\S+)/
const NODE_ERROR = /^\S+\t(\S+)\tERROR\tInvoke Error \t?(\{.*\})\s*$/s
/** A logger's own lines have a tab after the level. */
const PYTHON_ERROR = /^\[ERROR\] ([A-Za-z_][\w.]*)(?:: ([^\r\n]*))?[\r\n]+Traceback /

/** Undefined for any other line. */
export function parseReportLine(line: string): ReportLine | undefined {
  if (line.startsWith('{')) return parseJsonLine(line)
  const status = STATUS.exec(line)?.[1] as 'timeout' | 'error' | undefined
  if (line.startsWith('INIT_REPORT ')) return { kind: 'init-report', ...(status && { status }) }
  const [, requestId, duration, billed] = REPORT.exec(line) ?? []
  if (requestId === undefined) return ownError(line)
  const init = INIT_DURATION.exec(line)?.[1]
  return {
    kind: 'report',
    requestId,
    durationMs: Number(duration),
    billedMs: Number(billed),
    ...(init !== undefined && { initMs: Number(init) }),
    ...(status && { status }),
    ...errorTypeOf(ERROR_TYPE.exec(line)?.[1]),
  }
}

function errorTypeOf(errorType: string | undefined): { readonly errorType?: string } {
  return errorType === undefined ? {} : { errorType }
}

function ownError(line: string): ReportLine | undefined {
  const [, requestId, json] = NODE_ERROR.exec(line) ?? []
  if (requestId !== undefined && json !== undefined) return ownErrorOf(parseJson(json), requestId)
  const [, errorType, errorMessage = ''] = PYTHON_ERROR.exec(line) ?? []
  return errorType === undefined ? undefined : { kind: 'own-error', errorType, errorMessage }
}

interface ErrorFields {
  readonly errorType?: unknown
  readonly errorMessage?: unknown
  readonly stackTrace?: unknown
  readonly stack?: unknown
}

function ownErrorOf(fields: unknown, requestId: string): ReportLine | undefined {
  if (typeof fields !== 'object' || fields === null) return undefined
  const { errorType, errorMessage = '', stackTrace, stack } = fields as ErrorFields
  if (typeof errorType !== 'string' || !Array.isArray(stackTrace ?? stack)) return undefined
  return { kind: 'own-error', requestId, errorType, errorMessage: String(errorMessage) }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** `failure`: the function answered with an error. */
const STATUSES: Readonly<Record<string, 'timeout' | 'error'>> = { timeout: 'timeout', error: 'error', failure: 'error' }

/** Or what a runtime logs. */
interface PlatformEvent {
  readonly type?: string
  readonly level?: string
  readonly requestId?: string
  /** Node.js has the error here, Python beside it. */
  readonly message?: unknown
  readonly record?: {
    readonly requestId?: string
    readonly status?: string
    readonly errorType?: string
    readonly metrics?: {
      readonly durationMs?: number
      readonly billedDurationMs?: number
      readonly initDurationMs?: number
    }
  }
}

function parseJsonLine(line: string): ReportLine | undefined {
  const event = parseJson(line) as PlatformEvent | undefined
  if (!event) return undefined
  const { type, record = {}, level, requestId: logged, message } = event
  if (level === 'ERROR' && typeof logged === 'string') return ownErrorOf(message ?? event, logged)
  const status = STATUSES[record.status ?? '']
  if (type === 'platform.initReport') return { kind: 'init-report', ...(status && { status }) }
  if (type !== 'platform.report' || typeof record.requestId !== 'string') return undefined
  const { durationMs = 0, billedDurationMs = 0, initDurationMs } = record.metrics ?? {}
  return {
    kind: 'report',
    requestId: record.requestId,
    durationMs,
    billedMs: billedDurationMs,
    ...(initDurationMs !== undefined && { initMs: initDurationMs }),
    ...(status && { status }),
    ...errorTypeOf(record.errorType),
  }
}
