/**
 * The messages of one queue: in the state as records, here in the order in which they become visible.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
 */
import type { Clock } from '../../core/clock.ts'
import type { Shelf } from '../../state/state.ts'
import type { MessageRecord } from './records.ts'

interface Later {
  readonly id: string
  readonly visibleAtMs: number
}

export class QueueMessages {
  readonly #shelf: Shelf<MessageRecord>
  readonly #clock: Clock
  /** Visible ones, the one that waits longest first. */
  readonly #ready = new Set<string>()
  /** Delayed ones and those in flight, by the time they become visible; an entry whose message has another time by now is void. */
  #later: Later[] = []
  /** No message was sent before. */
  #oldestSentAtMs = Number.POSITIVE_INFINITY
  readonly #arrivals = new Set<() => void>()

  constructor(shelf: Shelf<MessageRecord>, clock: Clock) {
    this.#shelf = shelf
    this.#clock = clock
    for (const message of shelf.values()) this.#file(message)
  }

  add(message: MessageRecord): void {
    this.#put(message)
    this.wake()
  }

  get(id: string): MessageRecord | undefined {
    return this.#shelf.get(id)
  }

  /** Changes a message that is there; it is filed by its new time. */
  replace(message: MessageRecord): void {
    this.#put(message)
    if (message.visibleAtMs <= this.#clock.now()) this.wake()
  }

  delete(id: string): void {
    this.#ready.delete(id)
    this.#shelf.delete(id)
  }

  clear(): void {
    for (const { id } of this.#shelf.values()) this.#shelf.delete(id)
    this.#ready.clear()
    this.#later = []
  }

  /** Up to `max` visible messages, which stay in the queue. */
  visible(max: number, retentionMs: number): readonly MessageRecord[] {
    this.#settle(retentionMs)
    const found: MessageRecord[] = []
    for (const id of this.#ready) {
      const message = this.#shelf.get(id)
      if (message) found.push(message)
      if (found.length >= max) break
    }
    return found
  }

  counts(retentionMs: number): { readonly visible: number; readonly inFlight: number; readonly delayed: number } {
    this.#settle(retentionMs)
    const later = this.#later.filter((entry) => this.#shelf.get(entry.id)?.visibleAtMs === entry.visibleAtMs)
    const inFlight = later.filter(({ id }) => this.#shelf.get(id)?.receipt !== undefined).length
    return { visible: this.#ready.size, inFlight, delayed: later.length - inFlight }
  }

  /** No fewer than are in flight or delayed. */
  get hiddenCount(): number {
    return this.#later.length
  }

  /** Resolves when a message may have become visible, and at the latest after `waitMs`. */
  arrival(waitMs: number): Promise<void> {
    const [next] = this.#later
    const delayMs = next ? Math.min(waitMs, Math.max(0, next.visibleAtMs - this.#clock.now())) : waitMs
    return new Promise((resolve) => {
      const done = () => {
        timer.cancel()
        this.#arrivals.delete(done)
        resolve()
      }
      const timer = this.#clock.after(delayMs, done)
      this.#arrivals.add(done)
    })
  }

  /** Lets everyone look who waits for a message. */
  wake(): void {
    for (const done of this.#arrivals) done()
  }

  #put(message: MessageRecord): void {
    this.#shelf.put(message.id, message)
    this.#file(message)
  }

  #file({ id, visibleAtMs, sentAtMs }: MessageRecord): void {
    this.#oldestSentAtMs = Math.min(this.#oldestSentAtMs, sentAtMs)
    this.#ready.delete(id)
    if (visibleAtMs <= this.#clock.now()) {
      this.#ready.add(id)
      return
    }
    // Nearly always the last one.
    let index = this.#later.length
    while (index > 0 && (this.#later[index - 1]?.visibleAtMs ?? 0) > visibleAtMs) index--
    this.#later.splice(index, 0, { id, visibleAtMs })
  }

  /** Lets appear what is due, and go what is too old. */
  #settle(retentionMs: number): void {
    const now = this.#clock.now()
    let due = 0
    for (; due < this.#later.length; due++) {
      const entry = this.#later[due]
      if (!entry || entry.visibleAtMs > now) break
      if (this.#shelf.get(entry.id)?.visibleAtMs === entry.visibleAtMs) this.#ready.add(entry.id)
    }
    if (due > 0) this.#later.splice(0, due)
    if (now - this.#oldestSentAtMs < retentionMs) return
    this.#oldestSentAtMs = Number.POSITIVE_INFINITY
    for (const { id, sentAtMs } of this.#shelf.values()) {
      if (now - sentAtMs >= retentionMs) this.delete(id)
      else this.#oldestSentAtMs = Math.min(this.#oldestSentAtMs, sentAtMs)
    }
  }
}
