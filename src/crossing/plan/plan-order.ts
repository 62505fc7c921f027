/** What a plan is made from: the load, the functions it is for with all that is known of them, and what was simulated of it. */
import type { InvocationType } from '../crossing.ts'
import type { Spacing } from '../load/arrivals.ts'
import type { LoadProfile } from '../load/profile.ts'
import type { FunctionFacts, VersionFacts } from './facts/facts.ts'
import type { UnmetLimit } from './limits/vpc-connection.ts'
import type { TimeSource } from './plan-data.ts'
import type { Durations } from './simulation/durations.ts'
import type { Simulation } from './simulation/simulation.ts'

export interface Timed {
  readonly durations: Durations
  readonly source: TimeSource
}

export interface PlannedFunction {
  readonly facts: FunctionFacts
  readonly duration: Timed
  readonly init: Timed
}

export interface PlannedCrossing {
  /** Index of the function. */
  readonly fn: number
  readonly version: VersionFacts
  readonly type: InvocationType
  readonly weight: number
}

export interface PlanOrder {
  readonly profile: LoadProfile
  readonly spacing: Spacing
  readonly seed: number
  readonly thinkTimeMs: number
  readonly answerMs: number
  readonly functions: readonly PlannedFunction[]
  readonly crossings: readonly PlannedCrossing[]
  /** That an environment holds while it is there. */
  readonly connectionsPerEnvironment: number
  /** That what the callees connect to accepts. */
  readonly downstreamMax?: number
  /** The interfaces that are there are those that a deployment will have to make. */
  readonly isToBeDeployed: boolean
  readonly notes: readonly string[]
}

/** What the parts of a plan are computed from. */
export interface Simulated {
  readonly order: PlanOrder
  /** By the function's index: which limit leaves it without a connection to its VPC. */
  readonly unmet: readonly (UnmetLimit | undefined)[]
  /** Nothing was refused. */
  readonly demand: Simulation
  /** With all limits. */
  readonly limited: Simulation
}

/** Of all versions that are invoked, each once. */
export function provisionedOf({ crossings }: PlanOrder, fn: number): number {
  const versions = new Map(
    crossings.flatMap(({ fn: of, version }) => (of === fn ? [[version.version, version] as const] : [])),
  )
  return [...versions.values()].reduce((sum, { provisioned }) => sum + provisioned, 0)
}
