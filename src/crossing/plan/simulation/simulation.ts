/** What a simulation is told and what it tells. Plain data. */
import type { AdmissionLimit } from '../../../core/lambda-admission.ts'
import type { Spacing } from '../../load/arrivals.ts'
import type { LoadProfile } from '../../load/profile.ts'
import type { Durations } from './durations.ts'

/** A function that is invoked, and what limits it. */
export interface SimulatedFunction {
  /** The account and Region whose concurrency it uses. */
  readonly scope: string
  readonly name: string
  /** The account's concurrency, and what of it functions without a reservation share. */
  readonly accountLimit: number
  readonly unreserved: number
  readonly reserved?: number
  readonly environmentsPerInterval: number
  /** It has no connection to its VPC: every invocation is refused, an event's too. */
  readonly isUnconnected?: boolean
  readonly duration: Durations
  /** Of a cold start, before the handler runs. */
  readonly init: Durations
}

/** A crossing: what comes to a function, and how. */
export interface Source {
  /** Index of the function. */
  readonly fn: number
  readonly version: string
  readonly provisioned: number
  readonly isSynchronous: boolean
  readonly weight: number
  /** Asynchronous events are given up when they are as old. */
  readonly eventAgeMs: number
}

export interface SimulationOrder {
  readonly profile: LoadProfile
  readonly spacing: Spacing
  readonly seed: number
  readonly functions: readonly SimulatedFunction[]
  readonly sources: readonly Source[]
  /** `ignored`: everybody is let in, and what each limit would have done is watched. */
  readonly limits: 'apply' | 'ignored'
  /** Of a virtual user between an answer and its next invocation. */
  readonly thinkTimeMs: number
  /** How long a synchronous answer takes beyond what the function takes. */
  readonly answerMs: number
  /** Beyond so many arrivals those of a slice of time come together; a tenth of a millisecond is small against any function. */
  readonly singlyMax?: number
}

/** Of one function. Absent seconds: nothing happened, and as many run as after the one before. */
export interface SimulatedSecond {
  /** From the end of the warm-up, whose seconds are negative. */
  readonly second: number
  readonly fn: number
  /** New ones; an asynchronous event that is tried again is not counted again. */
  readonly arrived: number
  readonly served: number
  /** Refusals; of an asynchronous event each. */
  readonly throttled: Readonly<Record<AdmissionLimit, number>>
  /** Refused, because the function has no connection to its VPC. */
  readonly unconnected: number
  readonly coldStarts: number
  /** Invocations at once, at most. */
  readonly runningMax: number
  /** At its end. */
  readonly running: number
  /** Events that wait to be tried again, at most, and the age of the oldest that was tried. */
  readonly queuedMax: number
  readonly ageMaxMs: number
  /** Events given up for their age. */
  readonly expired: number
}

/** When a limit was first met: milliseconds from the end of the warm-up. */
export interface FirstMet {
  readonly fn: number
  readonly limit: AdmissionLimit
  readonly atMs: number
}

export interface FunctionPeaks {
  readonly running: number
  /** Synchronous requests within one second. */
  readonly requestsPerSecond: number
  /** Environments started, less a tenth of the limit's worth a second: what its bucket would have to hold. */
  readonly startsAtOnce: number
}

export interface SimulatedTotal {
  readonly invocations: number
  readonly coldStarts: number
  readonly busyMs: number
  /** The part of it in provisioned environments. */
  readonly provisionedBusyMs: number
}

export interface Simulation {
  readonly seconds: readonly SimulatedSecond[]
  /** Where limits apply: each that refused. Where they are ignored: each that would have, were it the only one. */
  readonly firstMet: readonly FirstMet[]
  readonly peaks: readonly FunctionPeaks[]
  /** Of what functions without a reservation share, by scope. */
  readonly sharedPeaks: ReadonlyMap<string, number>
  /** Invocations that were let in, by function, and how long all of them ran. */
  readonly totals: readonly SimulatedTotal[]
  /** 0: every arrival came at its very moment. */
  readonly sliceMs: number
  /** When the last of all was over, from the end of the warm-up. */
  readonly endMs: number
}
