/**
 * Asynchronous invocations: kept in the state before they are acknowledged, delivered from a queue per function, tried again as AWS does,
 * and taken up after a restart.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async.html
 */
import { AwsError } from '../../../core/aws-error.ts'
import type { Clock, Timer } from '../../../core/clock.ts'
import { scopeOf, type State } from '../../../state/state.ts'
import type { AsyncEvent, Condition } from './async-event.ts'
import {
  backoffMs,
  EVENT_AGE_SECONDS_MAX,
  retryDelayMs,
  RETRY_ATTEMPTS_MAX,
} from '../../../core/lambda-async-retries.ts'
import { createEventQueues, type PlaceAsked } from './event-queues.ts'
import type { EventInvokeConfigs } from './event-invoke-config-store.ts'
import { functionArn } from '../function-name.ts'
import type { FunctionStore, Resolved } from '../function-store.ts'
import type { Invoker } from '../invocation/invoker.ts'
import type { LambdaMetrics } from '../metrics.ts'
import type { Outcomes } from './outcomes.ts'
import type { Target } from '../target.ts'

export interface AsyncInvocations {
  /** Keeps the event; the request that brought it commits. Throws TooManyRequestsException when too many wait already. */
  accept(event: AsyncEvent): void
  /** Delivers what a restart left. */
  resume(): void
  /** Forgets timers and queues; the events stay in the state. */
  stop(): void
  /** Resolves when nothing is being delivered any more. */
  settled(): Promise<void>
}

/** FIDELITY: AWS's queue has no end; ours is in memory. */
const WAITING_PER_QUEUE_MAX = 100_000

export function createAsyncInvocations(options: {
  readonly store: FunctionStore
  readonly configs: EventInvokeConfigs
  readonly invoker: Invoker
  readonly outcomes: Outcomes
  readonly metrics: LambdaMetrics
  readonly state: State
  readonly clock: Clock
  readonly onFailure: (error: unknown) => void
}): AsyncInvocations {
  const { store, configs, invoker, outcomes, metrics, state, clock } = options
  const events = state.collection<AsyncEvent>('lambda.async-events')
  const queues = createEventQueues({ clock, deliver, expiryMs, onFailure: options.onFailure })
  const timers = new Set<Timer>()
  /** What was being delivered when we stopped leaves its event alone: it is delivered again afterwards, as on AWS an event may be. */
  let run = 0

  async function deliver(event: AsyncEvent, place: PlaceAsked): Promise<void> {
    const target = targetOf(event)
    const resolved = store.resolve(target)
    // Whoever deleted the function or the alias has no use for its events.
    if (!resolved) return discard(event)
    if (event.condition) return tell(event, event.condition, resolved)
    // A function without concurrency gets its events nowhere: AWS does not wait for better days.
    if (resolved.fn.reservedConcurrency === 0) return conclude(event, 'ZeroReservedConcurrency', resolved)
    if (clock.now() >= expiryMs(event)) return conclude(event, 'EventAgeExceeded', resolved)
    return attempt(event, { target, resolved, place })
  }

  async function attempt(
    event: AsyncEvent,
    { target, resolved, place }: { readonly target: Target; readonly resolved: Resolved; readonly place: PlaceAsked },
  ): Promise<void> {
    const startedIn = run
    try {
      const version = invoker.choose(target, resolved)
      const invocation = {
        requestId: event.id,
        payload: Buffer.from(event.payloadBase64, 'base64'),
        invokedFunctionArn: functionArn(target),
        traceId: event.traceId,
      }
      metrics.eventAge(target, clock.now() - event.acceptedAtMs)
      place.asking()
      const how = { type: 'asynchronous', onAdmitted: () => place.admitted() } as const
      const result = await invoker.run(target, resolved, version, invocation, how)
      if (startedIn !== run) return
      const tried: AsyncEvent = {
        ...event,
        attempts: event.attempts + 1,
        refusals: 0,
        last: {
          executedVersion: version.version,
          ...(result.functionError !== undefined && { functionError: result.functionError }),
          payloadBase64: result.payload.toString('base64'),
        },
      }
      if (result.functionError === undefined) return conclude(tried, 'Success', resolved)
      const retries = configs.get(event, event.qualifier)?.retryAttempts ?? RETRY_ATTEMPTS_MAX
      if (tried.attempts > retries) return conclude(tried, 'RetriesExhausted', resolved)
      return retryAfter(retryDelayMs(tried.attempts), tried)
    } catch (error) {
      if (startedIn !== run) return
      if (!(error instanceof AwsError)) throw error
      if (error.name === 'TooManyRequestsException') return place.throttled()
      const refusals = event.refusals + 1
      return retryAfter(backoffMs(refusals), { ...event, refusals })
    }
  }

  /** The outcome is in the state before anybody is told of it, so that a restart between the two tells it again. */
  async function conclude(event: AsyncEvent, condition: Condition, resolved: Resolved): Promise<void> {
    if (condition !== 'Success') metrics.counted(targetOf(event), 'AsyncEventsDropped')
    if (!outcomes.concerns(event, condition, resolved)) return discard(event)
    const { notBeforeMs: _, ...rest } = event
    const concluded: AsyncEvent = { ...rest, refusals: 0, condition }
    keep(concluded)
    await state.commit()
    return tell(concluded, condition, resolved)
  }

  async function tell(event: AsyncEvent, condition: Condition, resolved: Resolved): Promise<void> {
    const startedIn = run
    const isTold = await outcomes.tell(event, condition, resolved)
    if (startedIn !== run) return
    if (isTold) return discard(event)
    const refusals = event.refusals + 1
    return retryAfter(backoffMs(refusals), { ...event, refusals })
  }

  function keep(event: AsyncEvent): void {
    events.in(scopeOf(event.account, event.region)).put(event.id, event)
  }

  function discard(event: AsyncEvent): Promise<void> {
    events.in(scopeOf(event.account, event.region)).delete(event.id)
    return state.commit()
  }

  /** An event that will be too old by then is looked at as soon as it is. */
  function retryAfter(delayMs: number, event: AsyncEvent): Promise<void> {
    const dueMs = clock.now() + delayMs
    const later = { ...event, notBeforeMs: event.condition ? dueMs : Math.min(dueMs, expiryMs(event)) }
    keep(later)
    waitFor(later)
    return state.commit()
  }

  function waitFor(event: AsyncEvent): void {
    const delayMs = (event.notBeforeMs ?? 0) - clock.now()
    if (delayMs <= 0) return queues.add(event)
    const timer = clock.after(delayMs, () => {
      timers.delete(timer)
      queues.add(event)
    })
    timers.add(timer)
  }

  function expiryMs(event: AsyncEvent): number {
    const seconds = configs.get(event, event.qualifier)?.eventAgeSeconds ?? EVENT_AGE_SECONDS_MAX
    return event.acceptedAtMs + seconds * 1000
  }

  return {
    accept(event) {
      if (queues.waiting(event) >= WAITING_PER_QUEUE_MAX) {
        throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', {
          fields: { Reason: 'CallerRateLimitExceeded' },
        })
      }
      keep(event)
      queues.add(event)
    },
    resume() {
      queues.start()
      for (const scope of events.scopes()) for (const event of events.in(scope).values()) waitFor(event)
    },
    stop() {
      run++
      for (const timer of timers) timer.cancel()
      timers.clear()
      queues.stop()
    },
    settled: () => queues.settled(),
  }
}

function targetOf(event: AsyncEvent): Target {
  return {
    account: event.account,
    region: event.region,
    name: event.functionName,
    ...(event.qualifier !== undefined && { qualifier: event.qualifier }),
  }
}
