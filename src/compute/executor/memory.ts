/** How much memory a runtime has used at most, from the kernel's own high-water mark. */
import { readFileSync } from 'node:fs'

export interface MemoryGauge {
  /** Megabytes; 0 where the platform does not tell. */
  peakMb(): number
}

/** The mark moves slowly and reading it costs more than a warm invocation's share. */
const READ_INTERVAL_MS = 200

export function createMemoryGauge(pid: number | undefined, depth: number): MemoryGauge {
  let runtimePid: number | undefined
  let peakMb = 0
  let readAt = Number.NEGATIVE_INFINITY
  return {
    peakMb() {
      const now = performance.now()
      if (pid === undefined || process.platform !== 'linux' || now - readAt < READ_INTERVAL_MS) return peakMb
      readAt = now
      runtimePid ??= descendant(pid, depth)
      if (runtimePid !== undefined) peakMb = Math.max(peakMb, highWaterMb(runtimePid))
      return peakMb
    },
  }
}

function descendant(pid: number, depth: number): number | undefined {
  let current = pid
  for (let step = 0; step < depth; step++) {
    const child = Number(readProc(`${current}/task/${current}/children`).split(' ')[0])
    if (!Number.isInteger(child) || child === 0) return undefined
    current = child
  }
  return current
}

function highWaterMb(pid: number): number {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB/m.exec(readProc(`${pid}/status`)) ?? []
  return kilobytes === undefined ? 0 : Math.ceil(Number(kilobytes) / 1024)
}

/** Empty once the process has gone. */
function readProc(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, 'latin1')
  } catch {
    return ''
  }
}
