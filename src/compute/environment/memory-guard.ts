/** Ends a runtime that takes more memory than its function has been given. */
import type { Clock } from '../../core/clock.ts'

const CHECK_INTERVAL_MS = 100

/**
 * FIDELITY: on Lambda the limit is the machine's, and an interpreter collects its garbage in time for it. The host's interpreters think
 * they have the whole machine, so they are left half as much again before they are stopped; and a function that takes and gives back
 * memory between two looks goes unnoticed.
 */
const ALLOWANCE_FACTOR = 1.5

export interface MemoryGuard {
  cancel(): void
}

/** `usedMb` is asked now and then until `cancel`; `exceeded` is told once. */
export function guardMemory(clock: Clock, limitMb: number, usedMb: () => number, exceeded: () => void): MemoryGuard {
  const check = () => {
    if (usedMb() > limitMb * ALLOWANCE_FACTOR) exceeded()
    else timer = clock.after(CHECK_INTERVAL_MS, check)
  }
  let timer = clock.after(CHECK_INTERVAL_MS, check)
  return { cancel: () => timer.cancel() }
}
