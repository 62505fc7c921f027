/** One line of a proof: what was tried, what was expected of it, and what came. */

import type { NetworkPath } from '../explain/network-path.ts'

/**
 * How a verdict was had: every call is really made, by the caller's execution role. `evaluated`: it was, and what the network does to it was
 * judged instead of carried out, because the machine has no real data plane.
 */
export type Evidence = 'executed' | 'evaluated'

/** `refused`: AWS would not make what the attempt needs. */
export type Expectation = 'allowed' | 'denied' | 'timed out' | 'refused'

export interface ProofRow {
  readonly id: string
  readonly title: string
  readonly expected: Expectation
  readonly outcome: Expectation | 'failed' | 'skipped'
  readonly ok: boolean
  readonly evidence?: Evidence
  /** AWS's error code, when the call failed. */
  readonly error?: string
  /** AWS's sentence, when the call failed. */
  readonly message?: string
  /** What AWS was expected to say, when it said something else. */
  readonly expectedMessage?: string
  readonly requestId?: string
  readonly durationMs?: number
  /** After the permissions were put back the call worked again. */
  readonly restored?: boolean
  /** Why the row was skipped, or what went wrong. */
  readonly reason?: string
  readonly answer?: unknown
  /** Where the call gets in the network as it was then, as EC2 describes it; read where the proof is asked for paths. */
  readonly path?: NetworkPath
}
