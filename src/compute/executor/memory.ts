/** How much memory a runtime uses, and has used at most, from the kernel's own counts. */
import { readFileSync } from 'node:fs'

export interface MemoryGauge {
  /** Megabytes, as both are; 0 where the platform does not tell. */
  peakMb(): number
  currentMb(): number
}

/** The mark moves slowly and reading it costs more than a warm invocation's share. */
const READ_INTERVAL_MS = 200

export function createMemoryGauge(pid: number | undefined, depth: number): MemoryGauge {
  let runtimePid: number | undefined
  let peakMb = 0
  let readAt = Number.NEGATIVE_INFINITY
  const read = (field: string): number => {
    if (pid === undefined || process.platform !== 'linux') return 0
    runtimePid ??= descendant(pid, depth)
    return runtimePid === undefined ? 0 : statusMb(runtimePid, field)
  }
  return {
    peakMb() {
      const now = performance.now()
      if (now - readAt < READ_INTERVAL_MS) return peakMb
      readAt = now
      peakMb = Math.max(peakMb, read('VmHWM'))
      return peakMb
    },
    currentMb: () => read('VmRSS'),
  }
}

/** Follows first children; undefined when there are not so many, or the kernel does not tell. */
export function descendant(pid: number, depth: number): number | undefined {
  let current = pid
  for (let step = 0; step < depth; step++) {
    const child = Number(readProc(`${current}/task/${current}/children`).split(' ')[0])
    if (!Number.isInteger(child) || child === 0) return undefined
    current = child
  }
  return current
}

function statusMb(pid: number, field: string): number {
  const status = readProc(`${pid}/status`)
  const start = status.indexOf(`${field}:`)
  return start < 0 ? 0 : Math.ceil(Number.parseInt(status.slice(start + field.length + 1), 10) / 1024)
}

/** Empty once the process has gone. */
function readProc(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, 'latin1')
  } catch {
    return ''
  }
}
