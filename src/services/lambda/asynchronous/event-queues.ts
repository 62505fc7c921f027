/** Events whose time has come: a queue for each qualifier of a function, read as fast as the function's concurrency allows. */
import type { Clock, Timer } from '../../../core/clock.ts'
import { createAsyncReader, type AsyncReader } from '../../../core/lambda-async-reader.ts'
import type { AsyncEvent } from './async-event.ts'

export interface EventQueues {
  /** It is delivered when it may be. */
  add(event: AsyncEvent): void
  /** How many of the same queue are not being delivered. */
  waiting(event: AsyncEvent): number
  start(): void
  /** Forgets what waits. */
  stop(): void
  /** Resolves when nothing is being delivered any more. */
  settled(): Promise<void>
}

/** What a delivery says of the place that it asks for; until it has it or not, nothing else is read of its queue. */
export interface PlaceAsked {
  asking(): void
  admitted(): void
  /** The event is first in its queue again. */
  throttled(): void
}

/** Ours: events of one queue that are being delivered at once. AWS polls its queue with as many readers as concurrency allows. */
const DELIVERIES_PER_QUEUE_MAX = 64

interface Queue {
  /** Was throttled. */
  first?: AsyncEvent | undefined
  /** In order of arrival; a set, because taking the first of a long array is slow. */
  readonly waiting: Set<AsyncEvent>
  readonly reader: AsyncReader
  delivering: number
  isAsking: boolean
  timer?: Timer
}

export function createEventQueues(options: {
  readonly clock: Clock
  readonly deliver: (event: AsyncEvent, place: PlaceAsked) => Promise<void>
  /** When the event is too old to be delivered. */
  readonly expiryMs: (event: AsyncEvent) => number
  readonly onFailure: (error: unknown) => void
}): EventQueues {
  const { clock, deliver, expiryMs, onFailure } = options
  const queues = new Map<string, Queue>()
  const underway = new Set<Promise<void>>()
  let stopped = false

  function read(key: string, queue: Queue): void {
    queue.timer?.cancel()
    if (stopped) return
    while (!queue.isAsking && queue.delivering < DELIVERIES_PER_QUEUE_MAX) {
      const event = firstOf(queue)
      if (!event) {
        queue.reader.emptied()
        break
      }
      const nowMs = clock.now()
      const waitMs = Math.min(queue.reader.nextTryMs, expiryMs(event)) - nowMs
      if (queue.reader.allowance(nowMs) === 0 && waitMs > 0) {
        queue.timer = clock.after(waitMs, () => read(key, queue))
        break
      }
      if (queue.first) queue.first = undefined
      else queue.waiting.delete(event)
      start(key, queue, event)
    }
  }

  function start(key: string, queue: Queue, event: AsyncEvent): void {
    let hasPlace = false
    let isUndecided = false
    const decide = (undecided: boolean) => {
      isUndecided = undecided
      queue.isAsking = undecided
    }
    queue.delivering++
    const delivery = deliver(event, {
      asking: () => decide(true),
      admitted() {
        hasPlace = true
        decide(false)
        queue.reader.admitted(1, clock.now())
      },
      throttled() {
        decide(false)
        queue.first = event
        queue.reader.refused(clock.now())
      },
    })
      .catch(onFailure)
      .finally(() => {
        underway.delete(delivery)
        queue.delivering--
        if (isUndecided) queue.isAsking = false
        if (hasPlace) queue.reader.left(1)
        if (queue.delivering > 0 || waitingOf(queue) > 0) read(key, queue)
        else if (queues.get(key) === queue) queues.delete(key)
      })
    underway.add(delivery)
  }

  return {
    add(event) {
      const key = queueKey(event)
      let queue = queues.get(key)
      if (!queue) {
        queue = { waiting: new Set(), reader: createAsyncReader(), delivering: 0, isAsking: false }
        queues.set(key, queue)
      }
      queue.waiting.add(event)
      read(key, queue)
    },
    waiting(event) {
      const queue = queues.get(queueKey(event))
      return queue ? waitingOf(queue) : 0
    },
    start() {
      stopped = false
    },
    stop() {
      stopped = true
      for (const queue of queues.values()) {
        queue.timer?.cancel()
        queue.first = undefined
        queue.waiting.clear()
      }
      queues.clear()
    },
    async settled() {
      await Promise.all(underway)
    },
  }
}

function firstOf({ first, waiting }: Queue): AsyncEvent | undefined {
  const [next] = waiting
  return first ?? next
}

function waitingOf({ waiting, first }: Queue): number {
  return waiting.size + (first ? 1 : 0)
}

function queueKey({ account, region, functionName, qualifier = '' }: AsyncEvent): string {
  return `${account}/${region}/${functionName}/${qualifier}`
}
