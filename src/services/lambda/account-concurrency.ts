/** How an account's concurrent executions are divided between reservations and the rest. */
import type { FunctionRecord } from './records.ts'

/** What the functions without a reservation share of the account's `limit`. */
export function unreservedConcurrency(functions: readonly FunctionRecord[], limit: number): number {
  return functions.reduce((rest, fn) => rest - (fn.reservedConcurrency ?? 0), limit)
}
