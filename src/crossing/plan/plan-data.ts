/** A plan as plain data: what the view, `--json` and the page are made from. */
import type { Spacing } from '../load/arrivals.ts'
import type { LoadProfile } from '../load/profile.ts'
import type { Cost } from './cost.ts'
import type { SimulatedSecond } from './simulation/simulation.ts'

export type LimitKind =
  | 'reserved-concurrency'
  | 'account-concurrency'
  | 'request-rate'
  | 'scaling-rate'
  | 'event-age'
  | 'interfaces-per-vpc'
  | 'interfaces-per-region'
  | 'subnet-addresses'
  | 'create-interface-requests'
  | 'connections-per-interface'
  | 'nat-connections'
  | 'downstream-connections'

export interface LimitVerdict {
  readonly kind: LimitKind
  /** An ARN of a function, an account, or an id of EC2. */
  readonly of: string
  readonly limit: number
  readonly unit: '' | '/s' | 's'
  /** `default`: assumed, AWS's default, for the account's own could not be read. `given`: on the command line. */
  readonly source: 'read' | 'default' | 'given'
  /** Why its own could not be read. */
  readonly because?: string
  /** What the load needs at its peak, by the simulation; counted where nothing is simulated. */
  readonly needed: number
  /** Negative: so much is missing. */
  readonly headroom: number
  /** As far as `source` goes. */
  readonly holds: boolean
  /** The first second in which the simulation, with all limits together, meets this one. */
  readonly firstSecond?: number
  /** The first in which it would be met, were it the only limit; the others may come first and hide it. */
  readonly aloneSecond?: number
  /** Met when the function is deployed: it gets no connection to its VPC, and every invocation is refused from the first second on. */
  readonly whenDeployed?: true
  /** How often it refused in the simulation. */
  readonly refused?: number
  /** AWS's own name for what happens then; `isthmus load` counts it under this name, or notes it where the function sees only silence. */
  readonly cause?: string
  readonly formula?: Formula
  /** In words: what follows from it, or how it is to be read. */
  readonly remark?: string
  readonly raise?: { readonly how: string; readonly serviceCode?: string; readonly quotaCode?: string }
}

/** What could not be read and has no default: its limits are not among those that were judged. */
export interface Unjudged {
  readonly of: string
  readonly what: string
  readonly because: string
}

/** The same without a simulation. */
export interface Formula {
  readonly text: string
  readonly needed: number
  readonly firstSecond?: number
}

/** `assumed`: nobody said or measured it. */
export type TimeSource = 'measured' | 'given' | 'assumed'

export interface PlannedTime {
  readonly meanMs: number
  readonly p99Ms: number
  readonly source: TimeSource
}

export interface FunctionPlan {
  readonly arn: string
  readonly account: string
  readonly duration: PlannedTime
  readonly init: PlannedTime
  readonly memoryMb: number
  readonly arrived: number
  readonly served: number
  readonly throttled: number
  /** Refused, because the function has no connection to its VPC. */
  readonly unconnected: number
  readonly coldStarts: number
  /** With all limits, and without any. */
  readonly concurrencyPeak: number
  readonly concurrencyNeeded: number
  /** While it grows as fast as it may and is refused more; seconds, the last included. */
  readonly ramp?: { readonly fromSecond: number; readonly untilSecond: number; readonly throttled: number }
  /** Of asynchronous events that wait because they were throttled. */
  readonly queue?: {
    readonly longest: number
    readonly oldestSeconds: number
    readonly expired: number
    /** When the last event that waited had been started or given up; 0 when none waited. */
    readonly emptyAtSecond: number
  }
}

/** Of the machine that an Isthmus runs on, where a load test needs more than it has. */
export interface HostVerdict {
  readonly environmentsMax: number
  readonly needed: number
  /** What `isthmus load` counts then, as `host-capacity`. */
  readonly cause: 'ServiceException'
  /** Invocations that would find no environment in time; absent `firstSecond`: all would, late. */
  readonly refused: number
  readonly firstSecond?: number
}

export interface Plan {
  /** Simulated and computed: nothing was invoked. */
  readonly evidence: 'evaluated'
  /** Every limit was read, and holds. */
  readonly ok: boolean
  /** `assumed`: none breaks, but some were judged by AWS's defaults or not at all, since they could not be read. */
  readonly verdict: 'holds' | 'assumed' | 'breaks'
  /** The account's own limits, or those that AWS gives to a new account: of what is not deployed yet. */
  readonly limitsOf: 'account' | 'new-account'
  readonly profile: LoadProfile
  readonly spacing: Spacing
  readonly seed: number
  readonly functions: readonly FunctionPlan[]
  readonly limits: readonly LimitVerdict[]
  /** Absent: this machine is no limit, or it is AWS that is planned for. It does not count for `ok`. */
  readonly host?: HostVerdict
  readonly unjudged: readonly Unjudged[]
  readonly cost: Cost
  /** With all limits; `fn` is the index of a function. */
  readonly seconds: readonly SimulatedSecond[]
  /** 0: every arrival was simulated at its very moment; else arrivals within so many milliseconds came together. */
  readonly sliceMs: number
  readonly notes: readonly string[]
}
