/** The load profile that options, and the `load` section of a project, ask for: the same of a test and of a plan. */
import type { ProjectFile } from '../core/project-file.ts'
import { UserError } from '../core/user-error.ts'
import type { Spacing } from '../crossing/load/arrivals.ts'
import { parseDuration } from '../crossing/load/duration.ts'
import { durationOf, type Executor, isOpen, type LoadProfile, peakOf, type Stage } from '../crossing/load/profile.ts'
import type { ProfileOptions } from './commands/profile-options.ts'

const RATE_DEFAULT = 10
const DURATION_DEFAULT = '30s'

export type LoadSection = NonNullable<ProjectFile['load']>

/** Throws `UserError`. */
export function profileOf(options: ProfileOptions, section: LoadSection | undefined): LoadProfile {
  const stages = (options.stage ?? (options.duration === undefined ? section?.stages : undefined) ?? []).map(parseStage)
  const rate = optionalNumber('--rate', options.rate) ?? (options.vus === undefined ? section?.rate : undefined)
  const vus = optionalCount('--vus', options.vus) ?? (options.rate === undefined ? section?.vus : undefined)
  const executor = options.executor ?? section?.executor ?? executorBy({ vus, hasStages: stages.length > 0 })
  const warmUpMs = parseDuration(options.warmUp ?? section?.warmUp ?? '0s')
  const isOfUsers = !isOpen({ executor })
  if (isOfUsers && options.rate !== undefined)
    throw new UserError(`--rate does not go with ${executor}, expected --vus`)
  if (!isOfUsers && options.vus !== undefined)
    throw new UserError(`--vus does not go with ${executor}, expected --rate`)
  const level = isOfUsers ? vus : rate
  if (executor === 'ramping-arrival-rate' || executor === 'ramping-vus') {
    if (stages.length === 0) throw new UserError(`${executor} needs at least one --stage`)
    if (options.duration !== undefined) {
      throw new UserError(`--duration does not go with ${executor}: its stages say how long it is`)
    }
    return requireLoad({ executor, start: level ?? 0, stages, warmUpMs })
  }
  if (options.stage !== undefined) throw new UserError(`--stage does not go with ${executor}, expected --duration`)
  const target = level ?? (isOfUsers ? 1 : RATE_DEFAULT)
  const durationMs = parseDuration(options.duration ?? section?.duration ?? DURATION_DEFAULT)
  return requireLoad({ executor, start: target, stages: [{ durationMs, target }], warmUpMs })
}

export interface Pacing {
  readonly spacing: Spacing
  readonly thinkTimeMs: number
}

/** How arrivals, or the invocations of a user, follow each other. Throws `UserError`. */
export function pacingOf({ arrivals, thinkTime }: ProfileOptions, profile: LoadProfile): Pacing {
  if (isOpen(profile) && thinkTime !== undefined) {
    throw new UserError(`--think-time does not go with ${profile.executor}, expected --vus`)
  }
  if (!isOpen(profile) && arrivals !== undefined) {
    throw new UserError(`--arrivals does not go with ${profile.executor}, expected --rate`)
  }
  return { spacing: arrivals ?? 'even', thinkTimeMs: parseDuration(thinkTime ?? '0s') }
}

function executorBy({ vus, hasStages }: { readonly vus: number | undefined; readonly hasStages: boolean }): Executor {
  if (vus !== undefined) return hasStages ? 'ramping-vus' : 'constant-vus'
  return hasStages ? 'ramping-arrival-rate' : 'constant-arrival-rate'
}

function requireLoad(profile: LoadProfile): LoadProfile {
  if (durationOf(profile) === 0) throw new UserError('The profile lasts no time at all')
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

export function optionalNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d+(\.\d+)?$/.test(text)) throw new UserError(`\`${text}\` is not a number, as ${option} expects`)
  return Number(text)
}

export function optionalCount(option: string, text: string | undefined): number | undefined {
  return text === undefined ? undefined : count(option, text)
}

/** At least 1. */
export function optionalAmount(option: string, text: string | undefined): number | undefined {
  const amount = optionalCount(option, text)
  if (amount === 0) throw new UserError(`\`${text}\` is too few, as ${option} expects at least 1`)
  return amount
}

/** Milliseconds, more than none. */
export function optionalTime(option: string, text: string | undefined): number | undefined {
  const ms = text === undefined ? undefined : parseDuration(text)
  if (ms === 0) throw new UserError(`\`${text}\` is no time at all, as ${option} expects`)
  return ms
}

export function count(option: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new UserError(`\`${text}\` is not a whole number, as ${option} expects`)
  return Number(text)
}
