/** Whether this machine resolves the names below `localhost`: systemd and macOS do, a plain C library, as containers have it, does not. */
import { lookup } from 'node:dns/promises'

import type { Clock } from '../core/clock.ts'
import { isLoopback } from '../core/loopback.ts'

/** A resolver that is asked and cannot be reached keeps nobody waiting. */
const LOOKUP_MS_MAX = 500

/** Asked once, when somebody first wants to know. */
export function createLocalNames(clock: Clock): () => Promise<boolean> {
  let known: Promise<boolean> | undefined
  return () => (known ??= resolves(clock))
}

async function resolves(clock: Clock): Promise<boolean> {
  const answer = lookup('isthmus.localhost').then(
    ({ address }) => isLoopback(address),
    () => false,
  )
  return Promise.race([answer, new Promise<boolean>((resolve) => clock.after(LOOKUP_MS_MAX, () => resolve(false)))])
}
