/**
 * When an asynchronous event is tried again. Pure.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */

export const RETRY_ATTEMPTS_MAX = 2
export const EVENT_AGE_SECONDS_MAX = 21_600

/** After an error of the function: a minute before the second attempt, two before the third. */
const FUNCTION_ERROR_DELAYS_MS = [60_000, 120_000]
/** After a throttle or an error of the service: from one second to five minutes, twice as long each time. */
const BACKOFF_MS_MIN = 1000
const BACKOFF_MS_MAX = 300_000

/** `errors` is how often the function has failed, at least once. */
export function retryDelayMs(errors: number): number {
  return FUNCTION_ERROR_DELAYS_MS[errors - 1] ?? BACKOFF_MS_MAX
}

/** `refusals` is how often the event could not be started, at least once. */
export function backoffMs(refusals: number): number {
  return Math.min(BACKOFF_MS_MIN * 2 ** (refusals - 1), BACKOFF_MS_MAX)
}
