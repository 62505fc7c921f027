/** What the kernel says of a process, from /proc. */
import { readFileSync } from 'node:fs'

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

function readProc(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, 'latin1')
  } catch {
    return ''
  }
}
