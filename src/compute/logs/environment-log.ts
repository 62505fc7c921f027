/**
 * One environment's log stream: collects what the platform and the function write, in order, and hands it on in batches.
 *
 * INVARIANT: an invocation's events are handed on before its result is.
 */
import type { Clock } from '../../core/clock.ts'
import type { LogEvent } from '../compute.ts'
import { takeFrames } from './frames.ts'
import { createLineSplitter } from './line-splitter.ts'

/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html: `X-Amz-Log-Result` carries the last 4 KB. */
const TAIL_BYTES = 4096
/** A function that runs for minutes should be readable while it does. */
const FLUSH_DELAY_MS = 500

export type OutputStream = 'stdout' | 'stderr' | 'frames'

export class EnvironmentLog {
  readonly #clock: Clock
  readonly #write: (events: readonly LogEvent[]) => void
  readonly #keeps: (line: string) => boolean
  #pending: LogEvent[] = []
  #lastMs = 0
  #flushing = false
  readonly #lines = {
    stdout: createLineSplitter((line) => this.#addLine(line)),
    stderr: createLineSplitter((line) => this.#addLine(line)),
  }
  #frames: Buffer = Buffer.alloc(0)
  /** Hears of every line of the function, logged or not. */
  heard: ((line: string, timestampMs: number) => void) | undefined
  #tail: string[] = []
  #tailLength = 0

  /** `keeps`: which lines of the function are logged. */
  constructor(
    clock: Clock,
    write: (events: readonly LogEvent[]) => void,
    keeps: (line: string) => boolean = () => true,
  ) {
    this.#clock = clock
    this.#write = write
    this.#keeps = keeps
  }

  /** A line of the platform's own; it comes after whatever the function has written. */
  platform(message: string | undefined): void {
    if (message === undefined) return
    this.finishLines()
    this.#add({ timestampMs: this.#clock.now(), message })
  }

  output(stream: OutputStream, chunk: Buffer): void {
    if (stream !== 'frames') return this.#lines[stream].push(chunk)
    const bytes = this.#frames.length === 0 ? chunk : Buffer.concat([this.#frames, chunk])
    this.#frames = takeFrames(bytes, (event) => {
      this.heard?.(event.message, event.timestampMs)
      this.#add(event)
    })
  }

  /** A line of an extension's; it is logged whatever the function's levels are. */
  extension(message: string): void {
    this.#add({ timestampMs: this.#clock.now(), message })
  }

  /** Hands on lines that have no end yet. */
  finishLines(): void {
    this.#lines.stdout.finish()
    this.#lines.stderr.finish()
  }

  beginTail(): void {
    this.#tail = []
    this.#tailLength = 0
  }

  /** The last 4 KB since `beginTail`. */
  tail(): Buffer {
    const bytes = Buffer.from(this.#tail.join(''))
    return bytes.length > TAIL_BYTES ? bytes.subarray(bytes.length - TAIL_BYTES) : bytes
  }

  flush(): void {
    if (this.#pending.length === 0) return
    const events = this.#pending
    this.#pending = []
    this.#write(events)
  }

  #addLine(message: string): void {
    const timestampMs = this.#clock.now()
    this.heard?.(message.endsWith('\n') ? message.slice(0, -1) : message, timestampMs)
    if (this.#keeps(message)) this.#add({ timestampMs, message })
  }

  /** CloudWatch Logs takes no batch that is out of order; what a frame tells of its time is the function's own word. */
  #add(given: LogEvent): void {
    this.#lastMs = Math.max(this.#lastMs, Math.min(given.timestampMs, this.#clock.now()))
    const event = given.timestampMs === this.#lastMs ? given : { ...given, timestampMs: this.#lastMs }
    this.#pending.push(event)
    // A JSON event has no line end of its own.
    const line = event.message.endsWith('\n') ? event.message : `${event.message}\n`
    this.#tail.push(line)
    this.#tailLength += line.length
    for (let first = this.#tail[0]; first !== undefined; first = this.#tail[0]) {
      if (this.#tailLength - first.length < TAIL_BYTES) break
      this.#tail.shift()
      this.#tailLength -= first.length
    }
    if (this.#flushing) return
    this.#flushing = true
    this.#clock.after(FLUSH_DELAY_MS, () => {
      this.#flushing = false
      this.flush()
    })
  }
}
