/** What a process has started, and whether it is still there, as /proc tells. */
import { readdirSync, readFileSync } from 'node:fs'

/** Not the id alone: the system gives that of an ended process to another. */
export interface KnownProcess {
  readonly pid: number
  readonly startedAt: string
  readonly command: string
}

/** Children, their children, and so on, whatever namespaces they are in. */
export function descendantsOf(pid: number): readonly KnownProcess[] {
  const children = threads(pid).flatMap((thread) =>
    read(`${pid}/task/${thread}/children`)
      .split(' ')
      .filter((text) => text !== '')
      .map(Number),
  )
  return children.flatMap((child) => {
    const known = lookAt(child)
    return known ? [known, ...descendantsOf(child)] : []
  })
}

export function stillRunning(processes: readonly KnownProcess[]): readonly KnownProcess[] {
  return processes.filter(({ pid, startedAt }) => lookAt(pid)?.startedAt === startedAt)
}

const TICKS_PER_SECOND = 100

/** What it has computed so far, outside the kernel. */
export function cpuSeconds(pid: number): number {
  return Number(statFields(pid)[11] ?? 0) / TICKS_PER_SECOND
}

function lookAt(pid: number): KnownProcess | undefined {
  const fields = statFields(pid)
  const [state] = fields
  const startedAt = fields[19]
  if (startedAt === undefined || state === 'Z') return undefined
  return { pid, startedAt, command: read(`${pid}/cmdline`).replaceAll('\0', ' ').trim() }
}

/** Those of /proc/PID/stat after the name; none when it has gone. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function statFields(pid: number): readonly string[] {
  const stat = read(`${pid}/stat`)
  // The name, in brackets, may itself hold anything.
  return stat === '' ? [] : stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

function threads(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    return []
  }
}

function read(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, 'latin1')
  } catch {
    // It has gone meanwhile.
    return ''
  }
}
