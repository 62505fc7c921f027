/**
 * The lines Lambda itself writes into a function's log, in both formats.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-advanced.html
 */
import { isoTime } from '../../core/clock.ts'
import type { FunctionImage } from '../compute.ts'

export interface Report {
  readonly requestId: string
  readonly durationMs: number
  readonly billedMs: number
  readonly memoryMb: number
  readonly memoryMaxUsedMb: number
  /** Only on an environment's first invocation. */
  readonly initMs: number | undefined
  /** Undefined when the runtime answered, be it with the function's own error. */
  readonly failure: { readonly status: 'timeout' | 'error'; readonly errorType: string } | undefined
  /** Undefined when it was not traced. */
  readonly trace: Trace | undefined
}

export interface Trace {
  /** `Root=1-…;Parent=…;Sampled=1` */
  readonly traceId: string
  readonly segmentId: string
}

export interface InitReport {
  readonly durationMs: number
  readonly phase: 'init' | 'invoke'
  /** Absent when it succeeded. */
  readonly failure?: { readonly status: 'timeout' | 'error'; readonly errorType: string }
}

export interface InitRuntimeDone {
  readonly phase: 'init' | 'invoke'
  /** Absent when it succeeded. */
  readonly failure?: { readonly status: 'timeout' | 'error'; readonly errorType: string }
}

export interface ExtensionReport {
  readonly name: string
  readonly state: string
  readonly events: readonly string[]
  readonly errorType: string | undefined
}

export interface RuntimeDone {
  readonly requestId: string
  readonly durationMs: number
  readonly producedBytes: number
  readonly trace: Trace | undefined
  readonly failure: { readonly status: 'timeout' | 'error'; readonly errorType: string } | undefined
}

/** Undefined where the format has no such line, or the function's level leaves it out. */
export interface LogLines {
  initStart(version: string, versionArn: string): string | undefined
  initRuntimeDone(done: InitRuntimeDone): string | undefined
  /** How far an extension has come when the init ends. */
  extension(report: ExtensionReport): string | undefined
  initReport(report: InitReport): string | undefined
  start(requestId: string, trace?: Trace): string | undefined
  runtimeDone(done: RuntimeDone): string | undefined
  /** What ended a runtime that did not answer. */
  fault(requestId: string, errorType: string, reason: string): string | undefined
  timedOut(requestId: string, timeoutMs: number): string | undefined
  end(requestId: string): string | undefined
  report(report: Report): string | undefined
}

/** Everything that is told of to extensions, whatever the function has logged. */
export function telemetryEventsFor(image: FunctionImage, now: () => number): LogLines {
  const event = (type: string, record: object | string) => JSON.stringify({ time: isoTime(now()), type, record })
  return {
    ...jsonLines({ ...image, systemLogLevel: 'DEBUG' }, now),
    end: (requestId) => event('platform.end', { requestId }),
    fault: (requestId, errorType, reason) =>
      event('platform.fault', `RequestId: ${requestId} Error: ${reason}\n${errorType}\n`),
  }
}

export function logLinesFor(image: FunctionImage, now: () => number): LogLines {
  return image.logFormat === 'JSON' ? jsonLines(image, now) : textLines(image, now)
}

function textLines(image: FunctionImage, now: () => number): LogLines {
  return {
    initStart: (version, arn) => `INIT_START Runtime Version: ${version}\tRuntime Version ARN: ${arn}\n`,
    initReport: ({ durationMs, phase, failure }) =>
      failure === undefined
        ? undefined
        : `INIT_REPORT Init Duration: ${durationMs.toFixed(2)} ms\tPhase: ${phase}\t${statusFields(failure)}\n`,
    initRuntimeDone: () => undefined,
    extension: ({ name, state, events, errorType }) =>
      `EXTENSION\tName: ${name}\tState: ${state}\tEvents: [${events.join(', ')}]` +
      (errorType === undefined ? '\n' : `\tError Type: ${errorType}\n`),
    runtimeDone: () => undefined,
    start: (requestId) => `START RequestId: ${requestId} Version: ${image.version}\n`,
    fault: (requestId, errorType, reason) => `RequestId: ${requestId} Error: ${reason}\n${errorType}\n`,
    timedOut: (requestId, timeoutMs) => `${isoTime(now())} ${requestId} ${timedOutText(timeoutMs)}\n\n`,
    end: (requestId) => `END RequestId: ${requestId}\n`,
    report: (report) =>
      `REPORT RequestId: ${report.requestId}\tDuration: ${report.durationMs.toFixed(2)} ms\t` +
      `Billed Duration: ${report.billedMs} ms\tMemory Size: ${report.memoryMb} MB\t` +
      `Max Memory Used: ${report.memoryMaxUsedMb} MB\t` +
      (report.initMs === undefined ? '' : `Init Duration: ${report.initMs.toFixed(2)} ms\t`) +
      (report.failure === undefined ? '\n' : `${statusFields(report.failure)}\n`) +
      (report.trace === undefined ? '' : traceFields(report.trace)),
  }
}

function traceFields({ traceId, segmentId }: Trace): string {
  const root = /^Root=([^;]*)/.exec(traceId)?.[1] ?? ''
  return `XRAY TraceId: ${root}\tSegmentId: ${segmentId}\tSampled: true\t\n`
}

function statusFields(failure: { status: string; errorType: string }): string {
  return failure.status === 'timeout' ? 'Status: timeout' : `Status: error\tError Type: ${failure.errorType}`
}

/** `Task timed out after 3.00 seconds` */
export function timedOutText(timeoutMs: number): string {
  return `Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`
}

const SYSTEM_LEVELS = { DEBUG: 0, INFO: 1, WARN: 2 } as const
type SystemLevel = keyof typeof SYSTEM_LEVELS

/**
 * Which event has which level: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
 * What events hold: https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
 */
function jsonLines(image: FunctionImage, now: () => number): LogLines {
  const lowest = SYSTEM_LEVELS[image.systemLogLevel ?? 'INFO']
  const event = (level: SystemLevel, type: string, record: object) =>
    SYSTEM_LEVELS[level] < lowest ? undefined : JSON.stringify({ time: isoTime(now()), type, record })
  const { initializationType } = image
  const functionOf = { functionName: image.functionName, functionVersion: image.version }
  return {
    initStart: (runtimeVersion, runtimeVersionArn) =>
      event('INFO', 'platform.initStart', {
        initializationType,
        phase: 'init',
        runtimeVersion,
        runtimeVersionArn,
        ...functionOf,
      }),
    initRuntimeDone: ({ phase, failure }) =>
      event(failure === undefined ? 'DEBUG' : 'WARN', 'platform.initRuntimeDone', {
        initializationType,
        phase,
        ...(failure === undefined ? { status: 'success' } : { status: failure.status, errorType: failure.errorType }),
      }),
    extension: ({ name, state, events, errorType }) =>
      event('INFO', 'platform.extension', {
        name,
        state,
        events,
        ...(errorType === undefined ? {} : { errorType }),
      }),
    initReport: ({ durationMs, phase, failure }) =>
      event(initReportLevel(initializationType, failure), 'platform.initReport', {
        initializationType,
        phase,
        ...(failure === undefined ? { status: 'success' } : { status: failure.status, errorType: failure.errorType }),
        metrics: { durationMs: rounded(durationMs) },
      }),
    start: (requestId, trace) =>
      event('INFO', 'platform.start', { requestId, version: image.version, ...tracing(trace) }),
    runtimeDone: ({ requestId, durationMs, producedBytes, failure, trace }) =>
      event(failure === undefined ? 'DEBUG' : 'WARN', 'platform.runtimeDone', {
        requestId,
        status: failure?.status ?? 'success',
        ...(failure === undefined ? {} : { errorType: failure.errorType }),
        metrics: { durationMs: rounded(durationMs), producedBytes },
        ...tracing(trace),
      }),
    fault: () => undefined,
    timedOut: () => undefined,
    end: () => undefined,
    report: (report) =>
      event(report.failure === undefined ? 'INFO' : 'WARN', 'platform.report', {
        requestId: report.requestId,
        metrics: {
          durationMs: rounded(report.durationMs),
          billedDurationMs: report.billedMs,
          memorySizeMB: report.memoryMb,
          maxMemoryUsedMB: report.memoryMaxUsedMb,
          ...(report.initMs === undefined ? {} : { initDurationMs: rounded(report.initMs) }),
        },
        status: report.failure?.status ?? 'success',
        ...(report.failure === undefined ? {} : { errorType: report.failure.errorType }),
        ...tracing(report.trace),
      }),
  }
}

function tracing(trace: Trace | undefined): object {
  if (trace === undefined) return {}
  return { tracing: { spanId: trace.segmentId, type: 'X-Amzn-Trace-Id', value: trace.traceId } }
}

function initReportLevel(type: FunctionImage['initializationType'], failure: InitReport['failure']): SystemLevel {
  if (failure !== undefined) return 'WARN'
  return type === 'on-demand' ? 'DEBUG' : 'INFO'
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
