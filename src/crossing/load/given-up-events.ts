/**
 * Asynchronous events that Lambda accepted and gave up before they ran, because they became too old or their function may not run at all. No
 * log has them: what tells of them is a metric of the callee's account.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html#async-invocation-metrics
 */
import { GetFunctionEventInvokeConfigCommand, ResourceNotFoundException } from '@aws-sdk/client-lambda'

import { RETRY_ATTEMPTS_MAX, retryDelayMs } from '../../core/lambda-async-retries.ts'
import type { Clients } from '../access.ts'
import type { FunctionReference } from '../crossing.ts'
import type { Cause } from './cause.ts'
import { functionMetricSum } from './metric-sum.ts'

export interface GivenUpEvents {
  /** Since the run began. `failed`: events of the run whose first attempt failed; Lambda counts those too once it tries them no more. */
  count(failed: () => number): Promise<number>
}

/** Remembers what was counted before the run. Throws what the SDK throws when the metric or the function's settings cannot be read. */
export async function watchGivenUpEvents(
  { cloudWatch, lambda }: Pick<Clients, 'cloudWatch' | 'lambda'>,
  to: FunctionReference,
): Promise<GivenUpEvents> {
  const beganMs = Date.now()
  const retries = await retriesOf(lambda, to)
  const counted = () => functionMetricSum(cloudWatch, 'AsyncEventsDropped', to, beganMs)
  const before = await counted()
  return {
    async count(failed) {
      const areFailedCounted = retries === 0 || Date.now() >= beganMs + retryDelayMs(1)
      return Math.max(0, (await counted()) - before - (areFailedCounted ? failed() : 0))
    },
  }
}

/** By AWS's name in the record that a destination on failure would get. */
export function givenUpCause(isWithoutConcurrency: boolean): Cause {
  return { kind: 'event-given-up', name: isWithoutConcurrency ? 'ZeroReservedConcurrency' : 'EventAgeExceeded' }
}

async function retriesOf(lambda: Clients['lambda'], { arn }: FunctionReference): Promise<number> {
  try {
    const config = await lambda.send(new GetFunctionEventInvokeConfigCommand({ FunctionName: arn }))
    return config.MaximumRetryAttempts ?? RETRY_ATTEMPTS_MAX
  } catch (error) {
    // It has no settings of its own.
    if (error instanceof ResourceNotFoundException) return RETRY_ATTEMPTS_MAX
    throw error
  }
}
