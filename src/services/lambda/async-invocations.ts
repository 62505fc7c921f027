/**
 * Asynchronous invocations: kept in the state before they are acknowledged, delivered from a queue per function, taken up again after a restart.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async.html
 */
import { AwsError } from '../../core/aws-error.ts'
import type { Clock, Timer } from '../../core/clock.ts'
import { scopeOf, type State } from '../../state/state.ts'
import { functionArn } from './function-name.ts'
import type { FunctionStore } from './function-store.ts'
import type { Invoker } from './invoker.ts'
import type { AsyncEvent } from './records.ts'

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

/** Ours: events of one function that are being delivered at once. AWS polls its queue with as many readers as concurrency allows. */
const DELIVERIES_PER_FUNCTION_MAX = 64
/** An event that could not be started is tried again after a second, then less and less often. */
const BACKOFF_MS_MIN = 1000
const BACKOFF_MS_MAX = 300_000
/** FIDELITY: AWS's queue has no end; ours is in memory. */
const WAITING_PER_FUNCTION_MAX = 100_000
const EVENT_AGE_MS_MAX = 6 * 3_600_000

interface FunctionQueue {
  /** In order of arrival; a set, because taking the first of a long array is slow. */
  readonly waiting: Set<AsyncEvent>
  delivering: number
}

export function createAsyncInvocations(options: {
  readonly store: FunctionStore
  readonly invoker: Invoker
  readonly state: State
  readonly clock: Clock
  readonly onFailure: (error: unknown) => void
}): AsyncInvocations {
  const { store, invoker, state, clock } = options
  const events = state.collection<AsyncEvent>('lambda.async-events')
  const queues = new Map<string, FunctionQueue>()
  const timers = new Set<Timer>()
  const underway = new Set<Promise<void>>()
  /** What was being delivered when we stopped leaves its event alone: it is delivered again afterwards, as on AWS an event may be. */
  let run = 0
  let stopped = false

  function enqueue(event: AsyncEvent): void {
    const key = queueKey(event)
    let queue = queues.get(key)
    if (!queue) queues.set(key, (queue = { waiting: new Set(), delivering: 0 }))
    queue.waiting.add(event)
    pump(key, queue)
  }

  function pump(key: string, queue: FunctionQueue): void {
    if (stopped) return
    while (queue.delivering < DELIVERIES_PER_FUNCTION_MAX) {
      const [event] = queue.waiting
      if (!event) break
      queue.waiting.delete(event)
      queue.delivering++
      const delivery = deliver(event)
        .catch(options.onFailure)
        .finally(() => {
          underway.delete(delivery)
          queue.delivering--
          if (queue.delivering === 0 && queue.waiting.size === 0) queues.delete(key)
          else pump(key, queue)
        })
      underway.add(delivery)
    }
  }

  async function deliver(event: AsyncEvent): Promise<void> {
    const startedIn = run
    const target = {
      account: event.account,
      region: event.region,
      name: event.functionName,
      ...(event.qualifier !== undefined && { qualifier: event.qualifier }),
    }
    const resolved = store.resolve(target)
    // Whoever deleted the function or the alias has no use for its events.
    if (!resolved) return discard(event)
    try {
      const version = invoker.choose(target, resolved)
      await invoker.run(resolved, version, {
        requestId: event.id,
        payload: Buffer.from(event.payloadBase64, 'base64'),
        invokedFunctionArn: functionArn(target),
        traceId: event.traceId,
      })
    } catch (error) {
      if (startedIn !== run) return
      if (!(error instanceof AwsError)) throw error
      // A function without concurrency gets its events nowhere: AWS does not wait for better days.
      if (resolved.fn.reservedConcurrency === 0) return discard(event)
      return retryLater({ ...event, attempts: event.attempts + 1 })
    }
    if (startedIn === run) return discard(event)
  }

  function discard(event: AsyncEvent): Promise<void> {
    events.in(scopeOf(event.account, event.region)).delete(event.id)
    return state.commit()
  }

  function retryLater(event: AsyncEvent): Promise<void> {
    const delayMs = Math.min(BACKOFF_MS_MIN * 2 ** (event.attempts - 1), BACKOFF_MS_MAX)
    if (clock.now() + delayMs - event.acceptedAtMs > EVENT_AGE_MS_MAX) return discard(event)
    events.in(scopeOf(event.account, event.region)).put(event.id, event)
    const timer = clock.after(delayMs, () => {
      timers.delete(timer)
      enqueue(event)
    })
    timers.add(timer)
    return state.commit()
  }

  return {
    accept(event) {
      if ((queues.get(queueKey(event))?.waiting.size ?? 0) >= WAITING_PER_FUNCTION_MAX) {
        throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', {
          fields: { Reason: 'CallerRateLimitExceeded' },
        })
      }
      events.in(scopeOf(event.account, event.region)).put(event.id, event)
      enqueue(event)
    },
    resume() {
      stopped = false
      for (const scope of events.scopes()) for (const event of events.in(scope).values()) enqueue(event)
    },
    stop() {
      stopped = true
      run++
      for (const timer of timers) timer.cancel()
      timers.clear()
      queues.clear()
    },
    async settled() {
      await Promise.all(underway)
    },
  }
}

function queueKey(event: AsyncEvent): string {
  return `${event.account}/${event.region}/${event.functionName}`
}
