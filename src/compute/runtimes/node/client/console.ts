/**
 * `console` as Lambda's runtime patches it: each call is one log event with time, request id and level.
 * https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html
 */
import { writeSync } from 'node:fs'
import { format } from 'node:util'
import { loggedError } from './errors.ts'

const LEVELS = { trace: 1, debug: 2, info: 3, warn: 4, error: 5, fatal: 6 } as const
type Level = keyof typeof LEVELS

const HEADER_BYTES = 16
/** AWS's limit for one log event. */
const FRAME_BYTES_MAX = 262_144
const TEXT_FRAME = 0xa55a0003
const JSON_FRAME = 0xa55a0002

let requestId: string | undefined
let json = false
let descriptor = 1

export function setRequestId(id: string): void {
  requestId = id
}

/** Reads `AWS_LAMBDA_LOG_FORMAT` and `AWS_LAMBDA_LOG_LEVEL`; `framesDescriptor` takes framed messages. */
export function patchConsole(framesDescriptor: number): void {
  descriptor = framesDescriptor
  json = process.env['AWS_LAMBDA_LOG_FORMAT']?.toUpperCase() === 'JSON'
  const wanted = process.env['AWS_LAMBDA_LOG_LEVEL']?.toLowerCase() ?? ''
  const lowest = Object.hasOwn(LEVELS, wanted) ? LEVELS[wanted as Level] : LEVELS.trace
  const methods: Record<string, (...parts: unknown[]) => void> = {}
  for (const level of Object.keys(LEVELS) as Level[]) {
    methods[level] = LEVELS[level] >= lowest ? (...parts) => log(level, parts) : () => {}
  }
  Object.assign(console, methods, { log: methods['info'] })
}

/** What the runtime itself says of an error: `Invoke Error`, `Uncaught Exception`. */
export function logError(title: string, error: unknown): void {
  if (json) log('error', [error instanceof Error ? error : new Error(String(error))])
  else log('error', [title, loggedError(error)])
}

function log(level: Level, parts: readonly unknown[]): void {
  const nowMs = Date.now()
  const time = new Date(nowMs).toISOString()
  const name = level.toUpperCase()
  const message = json
    ? jsonMessage(time, name, parts)
    : `${time}\t${requestId}\t${name}\t${format(...(parts.length === 0 ? [undefined] : parts))}\n`
  const bytes = Buffer.from(message)
  for (let start = 0; start < bytes.length; start += FRAME_BYTES_MAX) {
    writeFrame(level, nowMs, bytes.subarray(start, start + FRAME_BYTES_MAX))
  }
}

function writeFrame(level: Level, nowMs: number, message: Buffer): void {
  const frame = Buffer.allocUnsafe(HEADER_BYTES + message.length)
  frame.writeUInt32BE(((json ? JSON_FRAME : TEXT_FRAME) | (LEVELS[level] << 2)) >>> 0, 0)
  frame.writeUInt32BE(message.length, 4)
  frame.writeBigUInt64BE(BigInt(nowMs) * 1000n, 8)
  message.copy(frame, HEADER_BYTES)
  // Synchronous: what was logged before a crash or an answer must have left before it.
  for (let sent = 0; sent < frame.length;) sent += writeSync(descriptor, frame, sent)
}

function jsonMessage(timestamp: string, level: string, parts: readonly unknown[]): string {
  const [first] = parts
  if (parts.length === 1) {
    try {
      return JSON.stringify({ timestamp, level, requestId, message: first }, withErrors)
    } catch {
      return JSON.stringify({ timestamp, level, requestId, message: format(first) })
    }
  }
  const error = parts.find((part) => part instanceof Error)
  const details = error === undefined ? {} : errorFields(error)
  return JSON.stringify({ timestamp, level, requestId, message: format(...parts), ...details })
}

function withErrors(_key: string, value: unknown): unknown {
  return value instanceof Error ? Object.assign(errorFields(value), value) : value
}

function errorFields(error: Error): object {
  return {
    errorType: error.constructor.name,
    errorMessage: error.message,
    stackTrace: typeof error.stack === 'string' ? error.stack.split('\n') : [],
  }
}
