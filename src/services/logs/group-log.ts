/** The streams and events of one group, in memory and bounded: a log is written on every invocation, so it never goes through the state. */
import { EventRing } from './event-ring.ts'
import {
  EVENT_OVERHEAD_BYTES,
  GROUP_BYTES_MAX,
  GROUP_EVENTS_MAX,
  GROUP_STREAMS_MAX,
  STREAM_EVENTS_MAX,
} from './limits.ts'

export interface LogStream {
  readonly name: string
  readonly createdAtMs: number
  readonly events: EventRing
  readonly lastIngestionTime: number | undefined
}

export interface InputEvent {
  readonly timestamp: number
  readonly message: string
}

/** What a `GroupLog` is made of and what its file holds, one a line. */
export type LogEntry =
  | readonly ['stream', name: string, createdAtMs: number]
  | readonly ['event', stream: string, timestamp: number, ingestionTime: number, message: string]
  | readonly ['deleted', name: string]

/** Emptied to this part of a limit once it is passed, so that not every later event pays for the making of room. */
const REFILL = 0.9

type MutableStream = { -readonly [K in keyof LogStream]: LogStream[K] }

export class GroupLog {
  /** Least recently written first. */
  readonly #streams = new Map<string, MutableStream>()
  #sequence = 0
  #events = 0
  #bytes = 0

  constructor(entries: Iterable<LogEntry> = []) {
    for (const entry of entries) {
      if (entry[0] === 'stream') this.createStream(entry[1], entry[2])
      else if (entry[0] === 'deleted') this.deleteStream(entry[1])
      else this.add(entry[1], [{ timestamp: entry[2], message: entry[4] }], entry[3])
    }
  }

  get bytes(): number {
    return this.#bytes
  }

  stream(name: string): LogStream | undefined {
    return this.#streams.get(name)
  }

  streams(): LogStream[] {
    return [...this.#streams.values()]
  }

  createStream(name: string, createdAtMs: number): void {
    this.#streams.set(name, { name, createdAtMs, events: new EventRing(), lastIngestionTime: undefined })
    for (const oldest of this.#streams.keys()) {
      if (this.#streams.size <= GROUP_STREAMS_MAX) break
      this.deleteStream(oldest)
    }
  }

  deleteStream(name: string): void {
    const stream = this.#streams.get(name)
    if (!stream) return
    while (stream.events.size > 0) this.#drop(stream)
    this.#streams.delete(name)
  }

  /** A stream that does not exist is left so. */
  add(name: string, events: readonly InputEvent[], ingestionTime: number): void {
    const stream = this.#streams.get(name)
    if (!stream) return
    this.#streams.delete(name)
    this.#streams.set(name, stream)
    stream.lastIngestionTime = ingestionTime
    for (const { timestamp, message } of events) {
      stream.events.add({ timestamp, message, ingestionTime, sequence: ++this.#sequence })
      this.#events++
      this.#bytes += sizeOf(message)
      if (stream.events.size > STREAM_EVENTS_MAX) this.#drop(stream)
    }
    if (this.#events > GROUP_EVENTS_MAX || this.#bytes > GROUP_BYTES_MAX) this.#makeRoom()
  }

  /** What would bring another `GroupLog` to this state. */
  *entries(): Generator<LogEntry> {
    for (const { name, createdAtMs, events } of this.#streams.values()) {
      yield ['stream', name, createdAtMs]
      for (const event of events.after({ timestamp: -1, sequence: 0 })) {
        yield ['event', name, event.timestamp, event.ingestionTime, event.message]
      }
    }
  }

  #makeRoom(): void {
    for (const stream of this.#streams.values()) {
      while (stream.events.size > 0) {
        if (this.#events <= GROUP_EVENTS_MAX * REFILL && this.#bytes <= GROUP_BYTES_MAX * REFILL) return
        this.#drop(stream)
      }
    }
  }

  #drop(stream: MutableStream): void {
    const dropped = stream.events.dropOldest()
    if (!dropped) return
    this.#events--
    this.#bytes -= sizeOf(dropped.message)
  }
}

/** As AWS counts it, but with the length for the UTF-8 size: it only bounds memory. */
function sizeOf(message: string): number {
  return message.length + EVENT_OVERHEAD_BYTES
}
