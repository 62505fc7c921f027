/** How an account's concurrent executions are divided between reservations and the rest. */
import { ACCOUNT_CONCURRENCY } from './limits.ts'
import type { FunctionRecord } from './records.ts'

/** What the functions without a reservation share. */
export function unreservedConcurrency(functions: readonly FunctionRecord[]): number {
  return functions.reduce((rest, fn) => rest - (fn.reservedConcurrency ?? 0), ACCOUNT_CONCURRENCY)
}
