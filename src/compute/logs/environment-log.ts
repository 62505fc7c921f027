/**
 * One environment's log stream: collects what the platform and the function write, in order, and hands it on in batches.
 *
 * INVARIANT: an invocation's events are handed on before its result is.
 */
import type { Clock } from '../../core/clock.ts'
import type { LogEvent } from '../compute.ts'
import { takeFrames } from './frames.ts'

/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html: `X-Amz-Log-Result` carries the last 4 KB. */
const TAIL_BYTES = 4096
/** A function that runs for minutes should be readable while it does. */
const FLUSH_DELAY_MS = 500
/** AWS's limit for one log event; a longer line without an end is cut here. */
const LINE_BYTES_MAX = 262_144
const NEW_LINE = 0x0a

export type OutputStream = 'stdout' | 'stderr' | 'frames'

export class EnvironmentLog {
  readonly #clock: Clock
  readonly #write: (events: readonly LogEvent[]) => void
  readonly #keeps: (line: string) => boolean
  #pending: LogEvent[] = []
  #flushing = false
  readonly #unfinished: Record<OutputStream, Buffer> = {
    stdout: Buffer.alloc(0),
    stderr: Buffer.alloc(0),
    frames: Buffer.alloc(0),
  }
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
    const held = this.#unfinished[stream]
    const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    this.#unfinished[stream] =
      stream === 'frames' ? takeFrames(bytes, (event) => this.#add(event)) : this.#takeLines(bytes)
  }

  /** Hands on lines that have no end yet. */
  finishLines(): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      const rest = this.#unfinished[stream]
      if (rest.length === 0) continue
      this.#unfinished[stream] = Buffer.alloc(0)
      this.#addLine({ timestampMs: this.#clock.now(), message: rest.toString() })
    }
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

  #takeLines(bytes: Buffer): Buffer {
    const timestampMs = this.#clock.now()
    let start = 0
    for (let end = bytes.indexOf(NEW_LINE); end >= 0; end = bytes.indexOf(NEW_LINE, start)) {
      this.#addLine({ timestampMs, message: bytes.toString('utf8', start, end + 1) })
      start = end + 1
    }
    if (bytes.length - start < LINE_BYTES_MAX) return bytes.subarray(start)
    this.#addLine({ timestampMs, message: bytes.toString('utf8', start) })
    return Buffer.alloc(0)
  }

  #addLine(event: LogEvent): void {
    if (this.#keeps(event.message)) this.#add(event)
  }

  #add(event: LogEvent): void {
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
