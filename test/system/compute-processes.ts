/** The processes of this machine, as /proc tells. */
import { readdirSync, readFileSync } from 'node:fs'

/** The ids of the processes whose working folder or command line contains `text`. */
export function processesWith(text: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid && commandLine(pid).includes(text))
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    // It has gone meanwhile.
    return ''
  }
}
