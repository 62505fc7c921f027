/**
 * Who may run right now: invocations in flight per function and per account, against reservations and the account's limit.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
 */

export type ThrottleReason = 'ReservedFunctionConcurrentInvocationLimitExceeded' | 'ConcurrentInvocationLimitExceeded'

export interface Concurrency {
  /** Counts an invocation in, or says why it must not run. Everything counted in is counted out by `leave`. */
  enter(invocation: Admission): ThrottleReason | undefined
  leave(invocation: Pick<Admission, 'scope' | 'functionName' | 'reserved'>): void
}

export interface Admission {
  /** Account and Region, whose limit it is. */
  readonly scope: string
  readonly functionName: string
  /** The function's reservation; it neither uses nor is limited by what the account has left. */
  readonly reserved: number | undefined
  /** What the account's functions without a reservation share. Asked only when it may matter. */
  readonly unreservedMax: () => number
}

/** `unreservedMin` is shared by the functions without a reservation in any case. */
export function createConcurrency(unreservedMin: number): Concurrency {
  const inFlight = new Map<string, number>()
  const keyOf = ({ scope, functionName, reserved }: Pick<Admission, 'scope' | 'functionName' | 'reserved'>) =>
    reserved === undefined ? scope : `${scope}/${functionName}`

  return {
    enter(invocation) {
      const key = keyOf(invocation)
      const count = inFlight.get(key) ?? 0
      if (invocation.reserved !== undefined) {
        if (count >= invocation.reserved) return 'ReservedFunctionConcurrentInvocationLimitExceeded'
      } else if (count >= unreservedMin && count >= invocation.unreservedMax()) {
        return 'ConcurrentInvocationLimitExceeded'
      }
      inFlight.set(key, count + 1)
      return undefined
    },
    leave(invocation) {
      const key = keyOf(invocation)
      const count = (inFlight.get(key) ?? 0) - 1
      if (count > 0) inFlight.set(key, count)
      else inFlight.delete(key)
    },
  }
}
