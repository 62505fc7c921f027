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
  readonly initMs?: number
  /** Absent when the runtime answered, be it with the function's own error. */
  readonly failure?: { readonly status: 'timeout' | 'error'; readonly errorType: string }
}

export interface InitReport {
  readonly durationMs: number
  readonly phase: 'init' | 'invoke'
  readonly failure: { readonly status: 'timeout' | 'error'; readonly errorType: string }
}

/** Undefined where the format has no such line at Lambda's default level. */
export interface LogLines {
  initStart(version: string, versionArn: string): string
  initReport(report: InitReport): string
  start(requestId: string): string
  /** What ended a runtime that did not answer. */
  fault(requestId: string, errorType: string, reason: string): string | undefined
  timedOut(requestId: string, timeoutMs: number): string | undefined
  end(requestId: string): string | undefined
  report(report: Report): string
}

export function logLinesFor(image: FunctionImage, now: () => number): LogLines {
  return image.logFormat === 'JSON' ? jsonLines(image, now) : textLines(image, now)
}

function textLines(image: FunctionImage, now: () => number): LogLines {
  return {
    initStart: (version, arn) => `INIT_START Runtime Version: ${version}\tRuntime Version ARN: ${arn}\n`,
    initReport: ({ durationMs, phase, failure }) =>
      `INIT_REPORT Init Duration: ${durationMs.toFixed(2)} ms\tPhase: ${phase}\t${statusFields(failure)}\n`,
    start: (requestId) => `START RequestId: ${requestId} Version: ${image.version}\n`,
    fault: (requestId, errorType, reason) => `RequestId: ${requestId} Error: ${reason}\n${errorType}\n`,
    timedOut: (requestId, timeoutMs) => `${isoTime(now())} ${requestId} ${timedOutText(timeoutMs)}\n\n`,
    end: (requestId) => `END RequestId: ${requestId}\n`,
    report: (report) =>
      `REPORT RequestId: ${report.requestId}\tDuration: ${report.durationMs.toFixed(2)} ms\t` +
      `Billed Duration: ${report.billedMs} ms\tMemory Size: ${report.memoryMb} MB\t` +
      `Max Memory Used: ${report.memoryMaxUsedMb} MB\t` +
      (report.initMs === undefined ? '' : `Init Duration: ${report.initMs.toFixed(2)} ms\t`) +
      (report.failure === undefined ? '\n' : `${statusFields(report.failure)}\n`),
  }
}

function statusFields(failure: { status: string; errorType: string }): string {
  return failure.status === 'timeout' ? 'Status: timeout' : `Status: error\tError Type: ${failure.errorType}`
}

/** `Task timed out after 3.00 seconds` */
export function timedOutText(timeoutMs: number): string {
  return `Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`
}

/** https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html */
function jsonLines(image: FunctionImage, now: () => number): LogLines {
  const event = (type: string, record: object) => JSON.stringify({ time: isoTime(now()), type, record })
  const functionOf = { functionName: image.functionName, functionVersion: image.version }
  return {
    initStart: (runtimeVersion, runtimeVersionArn) =>
      event('platform.initStart', {
        initializationType: image.initializationType,
        phase: 'init',
        runtimeVersion,
        runtimeVersionArn,
        ...functionOf,
      }),
    initReport: ({ durationMs, phase, failure }) =>
      event('platform.initReport', {
        initializationType: image.initializationType,
        phase,
        ...failure,
        metrics: { durationMs: rounded(durationMs) },
      }),
    start: (requestId) => event('platform.start', { requestId, version: image.version }),
    fault: () => undefined,
    timedOut: () => undefined,
    end: () => undefined,
    report: (report) =>
      event('platform.report', {
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
      }),
  }
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
