/** What the kernel says of a process, from /proc. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** Linux counts in hundredths of a second on every platform Node.js runs on. */
const MS_PER_TICK = 10

/** CPU time of all threads since the process began; NaN where there is no /proc. */
export function cpuMs(pid: number): number {
  const stat = readProc(`${pid}/stat`)
  // The name in the second field may contain anything, a parenthesis included.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK
}

/** NaN where there is no /proc. */
export function residentMb(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readProc(`${pid}/status`))?.[1]
  return Number(kilobytes ?? Number.NaN) / 1024
}

/** What it has to itself, and its share of what it shares; NaN where there is no /proc. */
export function proportionalMb(pid: number): number {
  const kilobytes = /^Pss:\s+(\d+)/m.exec(readProc(`${pid}/smaps_rollup`))?.[1]
  return Number(kilobytes ?? Number.NaN) / 1024
}

/** How many files, sockets and pipes it holds open. */
export function openDescriptors(pid: number): number {
  return listProc(`${pid}/fd`).length
}

/** What it has started, what that has started, and so on. */
export function descendants(pid: number): readonly number[] {
  const children = new Map<number, number[]>()
  for (const child of listProc('').map(Number)) {
    const stat = child > 0 ? readProc(`${child}/stat`) : ''
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
    if (stat !== '') children.set(parent, [...(children.get(parent) ?? []), child])
  }
  const below = (parent: number): number[] => (children.get(parent) ?? []).flatMap((child) => [child, ...below(child)])
  return below(pid)
}

/** How many namespaces, of whatever kind, processes are in. */
export function namespacesOf(pids: readonly number[]): number {
  const seen = new Set<string>()
  for (const pid of pids) {
    for (const kind of listProc(`${pid}/ns`)) {
      try {
        seen.add(readlinkSync(`/proc/${pid}/ns/${kind}`))
      } catch {
        // It has gone meanwhile.
      }
    }
  }
  return seen.size
}

function listProc(path: string): readonly string[] {
  try {
    return readdirSync(`/proc/${path}`)
  } catch {
    return []
  }
}

function readProc(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, 'latin1')
  } catch {
    return ''
  }
}
