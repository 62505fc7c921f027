/** A running runtime: its output, its end, and how to bring that about. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import type { Readable } from 'node:stream'
import type { ExitStatus } from '../environment/failure.ts'
import { HostCapacityError } from '../host-capacity-error.ts'
import type { OutputStream } from '../logs/environment-log.ts'
import { createMemoryGauge, descendant, type MemoryGauge } from './memory.ts'

export interface Launch {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly variables: Readonly<Record<string, string>>
}

export type RestSignal = 'KILL' | 'STOP' | 'CONT'

/** How a runtime's process is brought to where it is to be. */
export interface Launcher {
  /** Put before the runtime's own command line. */
  readonly prefix: readonly string[]
  /** How many processes stand between the one we start and the runtime. */
  readonly depth: number
  /** The runtime's parent is a shell, which reports a signal as 128 + its number. */
  readonly shell: boolean
  /** False: what it starts with would stop as well, and not notice the runtime's end. */
  readonly freezes?: false
  /**
   * The process we start is outside of the runtime's process namespace and waits for it. It must not be killed before: then it would be left to
   * the machine's first process to notice the runtime's end, and until that does, the namespace stays.
   */
  readonly waitsOutside?: true
  /** Reaches what the runtime has started and its process group does not hold; absent: nothing is known of it. */
  readonly signalRest?: (signal: RestSignal) => void
}

export interface RuntimeProcess {
  readonly memory: MemoryGauge
  /** Settles after everything the process wrote has been passed to `output`. */
  readonly exited: Promise<ExitStatus>
  /** The receiver of output; may be replaced, never missing. */
  output: (stream: OutputStream, chunk: Buffer) => void
  /** Others in its sandbox are not to end with it. */
  sharesSandbox: boolean
  /** Ends the process and all it started. Harmless when it is gone. */
  kill(): void
  /** Asks the process to end. Harmless when it is gone. */
  terminate(): void
  /** Stops the process and all it started, until `thaw`. */
  freeze(): void
  thaw(): void
}

const SHELL_SIGNAL_BASE = 128
/** Where a runtime writes framed messages. */
export const FRAMES_DESCRIPTOR = 3

/** Codes of a spawn that failed because the machine is full, not because the program is wrong. */
const FULL = ['EAGAIN', 'ENOMEM', 'EMFILE', 'ENFILE']

/** Rejects with `HostCapacityError` when the machine has no room for another process. */
export async function startProcess(launch: Launch, launcher: Launcher): Promise<RuntimeProcess> {
  const [command, ...args] = [...launcher.prefix, launch.command, ...launch.args]
  const child = spawn(command ?? launch.command, args, {
    cwd: launch.cwd,
    env: launch.variables,
    // A process group of its own, so that `kill` reaches what it started.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  if (child.pid === undefined) throw await spawnError(child)
  const signalRest = (signal: RestSignal) => {
    if (!runtime.sharesSandbox) launcher.signalRest?.(signal)
  }
  const runtime: RuntimeProcess = {
    memory: createMemoryGauge(child.pid, launcher.depth),
    exited: exitOf(child, launcher, () => signalRest('KILL')),
    output: () => {},
    sharesSandbox: false,
    kill() {
      kill(child, launcher)
      signalRest('KILL')
    },
    terminate: () => terminate(child, launcher),
    freeze() {
      if (launcher.freezes !== false) signalAll(child, launcher, 'STOP')
    },
    thaw: () => signalAll(child, launcher, 'CONT'),
  }
  const streams: [OutputStream, unknown][] = [
    ['stdout', child.stdout],
    ['stderr', child.stderr],
    ['frames', child.stdio[FRAMES_DESCRIPTOR]],
  ]
  for (const [name, stream] of streams) {
    const readable = stream as Readable
    readable.on('data', (chunk: Buffer) => runtime.output(name, chunk))
    // A reset of the pipe says what the exit says.
    readable.on('error', () => {})
  }
  return runtime
}

/**
 * INVARIANT: what a process wrote before it died is in its pipes before its end is known, and the event loop reads all of them in the
 * turn that tells us; one turn later everything has arrived. (`close` would wait for descendants that keep a pipe open.)
 */
function exitOf(child: ChildProcess, launcher: Launcher, killRest: () => void): Promise<ExitStatus> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      killGroup(child)
      killRest()
      setImmediate(() => resolve(launcher.shell ? shellStatus(code, signal) : { code, signal }))
    })
  })
}

/**
 * FIDELITY: a shell says 128 + n both for a signal and for that exit code; only signals that end a process by themselves are taken as
 * such, so that a runtime's own 128 and 129 stay exit codes.
 */
function shellStatus(code: number | null, signal: NodeJS.Signals | null): ExitStatus {
  if (code === null || code <= SHELL_SIGNAL_BASE) return { code, signal }
  const name = DEADLY.find((candidate) => constants.signals[candidate] === code - SHELL_SIGNAL_BASE)
  return name === undefined ? { code, signal } : { code: null, signal: name }
}

const DEADLY: readonly NodeJS.Signals[] = [
  'SIGINT',
  'SIGQUIT',
  'SIGILL',
  'SIGTRAP',
  'SIGABRT',
  'SIGBUS',
  'SIGFPE',
  'SIGKILL',
  'SIGSEGV',
  'SIGTERM',
]

async function spawnError(child: ChildProcess): Promise<Error> {
  const [cause] = (await once(child, 'error')) as [NodeJS.ErrnoException]
  if (!FULL.includes(cause.code ?? '')) return cause
  return new HostCapacityError(`this machine cannot start another process (${cause.code})`, { cause })
}

function kill(child: ChildProcess, launcher: Launcher): void {
  const hasEnded = child.exitCode !== null || child.signalCode !== null
  const waits = launcher.waitsOutside === true && child.pid !== undefined && !hasEnded
  const runtime = waits ? descendant(child.pid, launcher.depth) : undefined
  if (runtime === undefined) killGroup(child)
  else {
    signalProcess(runtime, 'KILL')
    // Frozen, it would not notice.
    signalGroup(child, 'CONT')
  }
}

function terminate(child: ChildProcess, launcher: Launcher): void {
  const hasEnded = child.exitCode !== null || child.signalCode !== null
  const runtime = hasEnded || child.pid === undefined ? undefined : descendant(child.pid, launcher.depth)
  if (runtime !== undefined) signalProcess(runtime, 'TERM')
}

function signalAll(child: ChildProcess, launcher: Launcher, signal: RestSignal): void {
  signalGroup(child, signal)
  launcher.signalRest?.(signal)
}

/** Harmless when it is gone. */
export function killGroup(child: ChildProcess): void {
  signalGroup(child, 'KILL')
}

function signalGroup(child: ChildProcess, signal: RestSignal): void {
  if (child.pid !== undefined) signalProcess(-child.pid, signal)
}

/** Harmless when it is gone. A negative id is a group's. */
function signalProcess(pid: number, signal: RestSignal | 'TERM'): void {
  try {
    process.kill(pid, `SIG${signal}`)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
