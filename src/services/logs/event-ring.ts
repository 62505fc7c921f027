/** The newest events of one stream in the order of their timestamps, and of their arrival where those are equal. */

export interface EventPosition {
  readonly timestamp: number
  /** Counts the events of a group in the order they arrived, from 1. */
  readonly sequence: number
}

export interface LogEvent extends EventPosition {
  readonly message: string
  readonly ingestionTime: number
}

export function comparePositions(a: EventPosition, b: EventPosition): number {
  return a.timestamp - b.timestamp || a.sequence - b.sequence
}

/** Room at the front is given back once this much of the array is unused. */
const UNUSED_MAX = 1_024

export class EventRing {
  #events: LogEvent[] = []
  /** Index of the oldest event; what precedes it has been dropped. */
  #start = 0

  get size(): number {
    return this.#events.length - this.#start
  }

  get oldest(): LogEvent | undefined {
    return this.#events[this.#start]
  }

  get newest(): LogEvent | undefined {
    return this.size === 0 ? undefined : this.#events.at(-1)
  }

  add(event: LogEvent): void {
    const last = this.newest
    if (!last || comparePositions(last, event) < 0) this.#events.push(event)
    else this.#events.splice(this.#indexAfter(event), 0, event)
  }

  dropOldest(): LogEvent | undefined {
    const dropped = this.#events[this.#start]
    if (!dropped) return undefined
    this.#start++
    if (this.#start === this.#events.length || this.#start > UNUSED_MAX) {
      this.#events = this.#events.slice(this.#start)
      this.#start = 0
    }
    return dropped
  }

  /** Events later than `position`, oldest first. */
  *after(position: EventPosition): Generator<LogEvent> {
    for (let index = this.#indexAfter(position); index < this.#events.length; index++) {
      const event = this.#events[index]
      if (event) yield event
    }
  }

  /** Events earlier than `position`, newest first. */
  *before(position: EventPosition): Generator<LogEvent> {
    let index = this.#indexAfter(position) - 1
    const at = this.#events[index]
    if (at && comparePositions(at, position) === 0) index--
    for (; index >= this.#start; index--) {
      const event = this.#events[index]
      if (event) yield event
    }
  }

  #indexAfter(position: EventPosition): number {
    let low = this.#start
    let high = this.#events.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const event = this.#events[middle]
      if (event && comparePositions(event, position) <= 0) low = middle + 1
      else high = middle
    }
    return low
  }
}
