/** How an account's concurrent executions are divided between reservations, provisioned environments and the rest. */
import type { QuotaDirectory } from '../../directories.ts'
import type { FunctionStore } from '../function-store.ts'
import { UNRESERVED_CONCURRENCY_MIN } from '../limits.ts'
import type { ProvisionedStore } from './provisioned-store.ts'
import { LAMBDA_QUOTAS } from '../quotas.ts'
import type { Target } from '../target.ts'

type Place = Pick<Target, 'account' | 'region'>

export interface AccountConcurrency {
  limit(place: Place): number
  /** What on-demand invocations of functions without a reservation share; `without` leaves one function's reservation out. */
  unreserved(place: Place, without?: string): number
  /** A number that `unreserved` is not below, had without counting: reservations must leave so much of the limit they are made under. */
  unreservedFloor(place: Place): number
  /** How fast a function may grow. */
  environmentsPerInterval(place: Place): number
}

export function createAccountConcurrency(options: {
  readonly store: FunctionStore
  readonly provisioned: ProvisionedStore
  readonly quotas: QuotaDirectory
}): AccountConcurrency {
  const { store, provisioned, quotas } = options
  const limit = (place: Place) => quotas.valueOf(LAMBDA_QUOTAS.concurrentExecutions, place)
  return {
    limit,
    unreserved(place, without) {
      const functions = store.functionsIn(place)
      const reserving = new Set<string>()
      let rest = limit(place)
      for (const { name, reservedConcurrency } of functions) {
        if (reservedConcurrency === undefined) continue
        reserving.add(name)
        if (name !== without) rest -= reservedConcurrency
      }
      // Those of a function with a reservation are within it.
      for (const { functionName, requested } of provisioned.in(place))
        if (!reserving.has(functionName)) rest -= requested
      return rest
    },
    unreservedFloor: (place) =>
      limit(place) === LAMBDA_QUOTAS.concurrentExecutions.defaultValue ? UNRESERVED_CONCURRENCY_MIN : 0,
    environmentsPerInterval: (place) => quotas.valueOf(LAMBDA_QUOTAS.environmentsPerInterval, place),
  }
}
