/** What Invoke answers when the runtime cannot: the payloads AWS composes itself. */
import { timedOutText } from '../logs/log-lines.ts'

export interface Failure {
  readonly status: 'timeout' | 'error'
  readonly errorType: string
  /** As the log has it: `Runtime exited with error: exit status 1`. */
  readonly reason: string
}

export interface ExitStatus {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export function timeoutFailure(timeoutMs: number): Failure {
  return { status: 'timeout', errorType: 'Sandbox.Timedout', reason: timedOutText(timeoutMs) }
}

export function exitFailure(status: ExitStatus): Failure {
  return { status: 'error', errorType: 'Runtime.ExitError', reason: exitReason(status) }
}

export function entrypointFailure(reason: string): Failure {
  return { status: 'error', errorType: 'Runtime.InvalidEntrypoint', reason }
}

/** An extension's process has ended, though nobody has told it to. */
export function extensionCrash(status: ExitStatus): Failure {
  return { status: 'error', errorType: 'Extension.Crash', reason: extensionExit(status) }
}

/** The same after it has said why. */
export function extensionFailure(
  errorType: 'Extension.InitError' | 'Extension.ExitError',
  status: ExitStatus,
): Failure {
  return { status: 'error', errorType, reason: extensionExit(status) }
}

export function launchFailure(reason: string): Failure {
  return { status: 'error', errorType: 'Extension.LaunchError', reason }
}

/** FIDELITY: AWS counts what the whole sandbox uses; here the runtime's own process is watched: see memory-guard.ts. */
export function outOfMemoryFailure(): Failure {
  return { status: 'error', errorType: 'Runtime.OutOfMemory', reason: 'Runtime exited with error: signal: killed' }
}

export function failurePayload(requestId: string, failure: Failure): Buffer {
  const errorMessage = `RequestId: ${requestId} Error: ${failure.reason}`
  return Buffer.from(JSON.stringify({ errorType: failure.errorType, errorMessage }))
}

export function tooLargePayload(bytesMax: number): Buffer {
  return Buffer.from(
    JSON.stringify({
      errorMessage: `Response payload size exceeded maximum allowed payload size (${bytesMax} bytes).`,
      errorType: 'Function.ResponseSizeTooLarge',
    }),
  )
}

function exitReason({ code, signal }: ExitStatus): string {
  if (signal !== null) return `Runtime exited with error: signal: ${SIGNAL_NAMES[signal] ?? signal}`
  return code === 0 ? 'Runtime exited without providing a reason' : `Runtime exited with error: exit status ${code}`
}

function extensionExit(status: ExitStatus): string {
  return status.code === 0 ? 'exit code 0' : exitReason(status).replace('Runtime exited with error: ', '')
}

/** As Go prints them, for Lambda's supervisor is written in Go. */
const SIGNAL_NAMES: Partial<Record<NodeJS.Signals, string>> = {
  SIGABRT: 'aborted',
  SIGALRM: 'alarm clock',
  SIGBUS: 'bus error',
  SIGFPE: 'floating point exception',
  SIGHUP: 'hangup',
  SIGILL: 'illegal instruction',
  SIGINT: 'interrupt',
  SIGKILL: 'killed',
  SIGPIPE: 'broken pipe',
  SIGQUIT: 'quit',
  SIGSEGV: 'segmentation fault',
  SIGTERM: 'terminated',
  SIGTRAP: 'trace/breakpoint trap',
}
