/** What the options of `isthmus load`, and the `load` section of a project, ask for. */
import { availableParallelism } from 'node:os'

import type { ProjectFile } from '../core/project-file.ts'
import { UserError } from '../core/user-error.ts'
import { parseDuration } from '../crossing/load/duration.ts'
import type { LoadSettings } from '../crossing/load/load-test.ts'
import { type Executor, type LoadProfile, peakOf, type Stage, wholeProfile, isOpen } from '../crossing/load/profile.ts'
import { parseThreshold, type Threshold } from '../crossing/load/threshold.ts'
import type { LoadCommandOptions } from './commands/load.ts'

const RATE_DEFAULT = 10
const DURATION_DEFAULT = '30s'
const IN_FLIGHT_DEFAULT = 1000
/** What a thread sends with most of its time to spare. */
const RATE_PER_WORKER = 4000
/** Virtual users ask at once again; a thread has its hands full with so many. */
const USERS_PER_WORKER = 64
export const AWS_INVOCATIONS_MAX_DEFAULT = 100_000

type LoadSection = NonNullable<ProjectFile['load']>

/** Throws `UserError`. */
export function settingsOf(options: LoadCommandOptions, section: LoadSection | undefined): LoadSettings {
  const profile = profileOf(options, section)
  const inFlightMax = optionalCount('--max-in-flight', options.maxInFlight) ?? section?.maxInFlight ?? IN_FLIGHT_DEFAULT
  const peak = Math.ceil(peakOf(wholeProfile(profile)))
  if (!isOpen(profile) && peak > inFlightMax) {
    throw new UserError(`\`${peak}\` virtual users cannot be in flight at once, expected at most ${inFlightMax}`, {
      hint: `Allow more with --max-in-flight ${peak}`,
    })
  }
  const perWorker = isOpen(profile) ? RATE_PER_WORKER : USERS_PER_WORKER
  const usualWorkers = Math.max(1, Math.min(availableParallelism(), Math.ceil(peak / perWorker)))
  if (options.endToEnd && options.type === 'sync') throw new UserError('--end-to-end goes with --type async')
  return {
    profile,
    spacing: options.arrivals,
    seed: count('--seed', options.seed),
    thinkTimeMs: parseDuration(options.thinkTime),
    inFlightMax,
    ...(options.timeout !== undefined && { timeoutMs: parseDuration(options.timeout) }),
    invocationsMax:
      optionalCount('--max-invocations', options.maxInvocations) ??
      (options.aws ? AWS_INVOCATIONS_MAX_DEFAULT : Number.MAX_SAFE_INTEGER),
    workers: Math.max(1, optionalCount('--workers', options.workers) ?? usualWorkers),
    ...(options.endToEnd && { drainMs: parseDuration(options.drain) }),
  }
}

export function thresholdsOf(options: LoadCommandOptions, section: LoadSection | undefined): readonly Threshold[] {
  return (options.threshold ?? section?.thresholds ?? []).map(parseThreshold)
}

function profileOf(options: LoadCommandOptions, section: LoadSection | undefined): LoadProfile {
  const stages = (options.stage ?? (options.duration === undefined ? section?.stages : undefined) ?? []).map(parseStage)
  const rate = optionalNumber('--rate', options.rate) ?? (options.vus === undefined ? section?.rate : undefined)
  const vus = optionalCount('--vus', options.vus) ?? (options.rate === undefined ? section?.vus : undefined)
  const executor = options.executor ?? section?.executor ?? executorBy({ vus, hasStages: stages.length > 0 })
  const warmUpMs = parseDuration(options.warmUp ?? section?.warmUp ?? '0s')
  const isOfUsers = executor === 'constant-vus' || executor === 'ramping-vus'
  if (isOfUsers && options.rate !== undefined)
    throw new UserError(`--rate does not go with ${executor}, expected --vus`)
  if (!isOfUsers && options.vus !== undefined)
    throw new UserError(`--vus does not go with ${executor}, expected --rate`)
  const level = isOfUsers ? vus : rate
  if (executor === 'ramping-arrival-rate' || executor === 'ramping-vus') {
    if (stages.length === 0) throw new UserError(`${executor} needs at least one --stage`)
    return requireLoad({ executor, start: level ?? 0, stages, warmUpMs })
  }
  if (options.stage !== undefined) throw new UserError(`--stage does not go with ${executor}, expected --duration`)
  const target = level ?? (isOfUsers ? 1 : RATE_DEFAULT)
  const durationMs = parseDuration(options.duration ?? section?.duration ?? DURATION_DEFAULT)
  return requireLoad({ executor, start: target, stages: [{ durationMs, target }], warmUpMs })
}

function executorBy({ vus, hasStages }: { readonly vus: number | undefined; readonly hasStages: boolean }): Executor {
  if (vus !== undefined) return hasStages ? 'ramping-vus' : 'constant-vus'
  return hasStages ? 'ramping-arrival-rate' : 'constant-arrival-rate'
}

function requireLoad(profile: LoadProfile): LoadProfile {
  if (peakOf(profile) === 0) throw new UserError('The profile offers no load at all')
  return profile
}

/** `30s:200` */
function parseStage(text: string): Stage {
  const [duration = '', target = '', ...rest] = text.split(':')
  if (rest.length > 0 || !/^\d+(\.\d+)?$/.test(target)) {
    throw new UserError(`\`${text}\` is not a stage, expected one such as 30s:200`)
  }
  return { durationMs: parseDuration(duration), target: Number(target) }
}

function optionalNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d+(\.\d+)?$/.test(text)) throw new UserError(`\`${text}\` is not a number, as ${option} expects`)
  return Number(text)
}

function optionalCount(option: string, text: string | undefined): number | undefined {
  return text === undefined ? undefined : count(option, text)
}

function count(option: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new UserError(`\`${text}\` is not a whole number, as ${option} expects`)
  return Number(text)
}
