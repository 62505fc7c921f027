/** What the options of `isthmus load`, and the `load` section of a project, ask for. */
import { availableParallelism } from 'node:os'

import { UserError } from '../core/user-error.ts'
import { parseDuration } from '../crossing/load/duration.ts'
import type { LoadSettings } from '../crossing/load/load-test.ts'
import { isOpen, peakOf, wholeProfile } from '../crossing/load/profile.ts'
import { parseThreshold, type Threshold } from '../crossing/load/threshold.ts'
import type { LoadCommandOptions } from './commands/load.ts'
import { count, optionalAmount, optionalTime, pacingOf, profileOf, type LoadSection } from './profile-options.ts'

const IN_FLIGHT_DEFAULT = 1000
const DRAIN_DEFAULT = '30s'
/** What a thread sends with most of its time to spare. */
const RATE_PER_WORKER = 4000
/** Virtual users ask at once again; a thread has its hands full with so many. */
const USERS_PER_WORKER = 64
export const AWS_INVOCATIONS_MAX_DEFAULT = 100_000

/** Throws `UserError`. */
export function settingsOf(options: LoadCommandOptions, section: LoadSection | undefined): LoadSettings {
  const profile = profileOf(options, section)
  const inFlightMax =
    optionalAmount('--max-in-flight', options.maxInFlight) ?? section?.maxInFlight ?? IN_FLIGHT_DEFAULT
  const peak = Math.ceil(peakOf(wholeProfile(profile)))
  if (!isOpen(profile) && peak > inFlightMax) {
    throw new UserError(`\`${peak}\` virtual users cannot be in flight at once, expected at most ${inFlightMax}`, {
      hint: `Allow more with --max-in-flight ${peak}`,
    })
  }
  const invocationsMax =
    optionalAmount('--max-invocations', options.maxInvocations) ??
    (options.aws ? AWS_INVOCATIONS_MAX_DEFAULT : Number.MAX_SAFE_INTEGER)
  const perWorker = isOpen(profile) ? RATE_PER_WORKER : USERS_PER_WORKER
  const usualWorkers = Math.max(1, Math.min(availableParallelism(), Math.ceil(peak / perWorker)))
  if (options.endToEnd && options.type === 'sync') throw new UserError('--end-to-end goes with --type async')
  requireCompanions(options)
  const timeoutMs = optionalTime('--timeout', options.timeout)
  return {
    profile,
    seed: count('--seed', options.seed),
    ...pacingOf(options, profile),
    inFlightMax,
    ...(timeoutMs !== undefined && { timeoutMs }),
    invocationsMax,
    // Each sends its share: one without any would do nothing.
    workers: Math.min(optionalAmount('--workers', options.workers) ?? usualWorkers, inFlightMax, invocationsMax),
    ...(options.endToEnd && { drainMs: parseDuration(options.drain ?? DRAIN_DEFAULT) }),
  }
}

/** An option that would change nothing without another says so. */
function requireCompanions(options: LoadCommandOptions): void {
  const pairs = [
    ['--drain', options.drain, '--end-to-end', options.endToEnd],
    ['--out', options.out, '--export', options.export],
    ['--profile', options.profile, '--aws', options.aws],
  ] as const
  for (const [option, value, companion, given] of pairs) {
    if (value !== undefined && given === undefined) throw new UserError(`${option} goes with ${companion}`)
  }
}

export function thresholdsOf(options: LoadCommandOptions, section: LoadSection | undefined): readonly Threshold[] {
  return (options.threshold ?? section?.thresholds ?? []).map(parseThreshold)
}
