/**
 * What Lambda's own lines in a function's log tell, in both log formats.
 * https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
 */

export type ReportLine =
  | {
      readonly kind: 'report'
      readonly requestId: string
      readonly durationMs: number
      readonly billedMs: number
      /** Only of an environment's first invocation. */
      readonly initMs?: number
      /** Absent when the runtime answered, be it with the function's own error. */
      readonly status?: 'timeout' | 'error'
    }
  /** An init that failed; the environment's next report is of the invocation that it failed. */
  | { readonly kind: 'init-report'; readonly status?: 'timeout' | 'error' }

/** Finds them among a group's events, in either format. */
export const REPORT_PATTERN = '?"REPORT RequestId" ?"INIT_REPORT" ?"platform.report" ?"platform.initReport"'

const REPORT = /^REPORT RequestId: (\S+)\tDuration: ([\d.]+) ms\tBilled Duration: (\d+) ms/
const INIT_DURATION = /\tInit Duration: ([\d.]+) ms/
const STATUS = /\tStatus: (timeout|error)/

/** Undefined for any other line. */
export function parseReportLine(line: string): ReportLine | undefined {
  if (line.startsWith('{')) return parseJsonLine(line)
  const status = STATUS.exec(line)?.[1] as 'timeout' | 'error' | undefined
  if (line.startsWith('INIT_REPORT ')) return { kind: 'init-report', ...(status && { status }) }
  const [, requestId, duration, billed] = REPORT.exec(line) ?? []
  if (requestId === undefined) return undefined
  const init = INIT_DURATION.exec(line)?.[1]
  return {
    kind: 'report',
    requestId,
    durationMs: Number(duration),
    billedMs: Number(billed),
    ...(init !== undefined && { initMs: Number(init) }),
    ...(status && { status }),
  }
}

interface PlatformEvent {
  readonly type?: string
  readonly record?: {
    readonly requestId?: string
    readonly status?: string
    readonly metrics?: {
      readonly durationMs?: number
      readonly billedDurationMs?: number
      readonly initDurationMs?: number
    }
  }
}

function parseJsonLine(line: string): ReportLine | undefined {
  let event: PlatformEvent
  try {
    event = JSON.parse(line) as PlatformEvent
  } catch {
    return undefined
  }
  const { type, record = {} } = event
  const status = record.status === 'timeout' || record.status === 'error' ? record.status : undefined
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
  }
}
