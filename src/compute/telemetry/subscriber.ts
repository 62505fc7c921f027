/**
 * One extension's subscription: collects events into batches, and sends one at a time until the listener has taken it.
 * https://docs.aws.amazon.com/lambda/latest/dg/telemetry-api.html
 */
import { type Clock, isoTime, type Timer } from '../../core/clock.ts'
import { createDelivery, type Delivery } from './delivery.ts'
import type { Dial } from './dial.ts'
import type { Subscription, TelemetryType } from './subscription.ts'

export interface TelemetryEvent {
  readonly category: TelemetryType
  /** `platform.start`, `function` */
  readonly type: string
  /** The whole event, JSON. */
  readonly json: string
  /** The same from schema version 2022-12-13 on, where a function that logs JSON has its lines as objects; absent: no other. */
  readonly structured?: string
}

/** A listener that is slow to begin, or to answer, is tried again after so long, and then after twice as long each time. */
const RETRY_MS_MIN = 50
const RETRY_MS_MAX = 2000
const DROPPED = 'Some log entries were dropped because the downstream consumer is slower than the logs production rate'

/** What the Logs API has; all the rest is the Telemetry API's, which in turn has none of the last three. */
const LOGS_ONLY = ['platform.end', 'platform.fault', 'platform.logsSubscription']
const LOGS = ['platform.start', 'platform.report', 'platform.extension', 'platform.logsDropped', ...LOGS_ONLY]

export class Subscriber {
  readonly name: string
  readonly subscription: Subscription
  readonly #clock: Clock
  readonly #delivery: Delivery
  #buffer: string[] = []
  #bytes = 0
  #dropped = { records: 0, bytes: 0 }
  #timer: Timer | undefined
  #sending: Promise<void> | undefined
  #closed = false

  constructor(name: string, subscription: Subscription, { clock, dial }: { clock: Clock; dial: Dial }) {
    this.name = name
    this.subscription = subscription
    this.#clock = clock
    this.#delivery = createDelivery(subscription.destination, dial)
  }

  take(event: TelemetryEvent): void {
    if (this.#closed || !this.#wants(event)) return
    const json = this.subscription.schemaVersion < '2022-12-13' ? event.json : (event.structured ?? event.json)
    const { maxItems, maxBytes, timeoutMs } = this.subscription.buffering
    const bytes = Buffer.byteLength(json)
    const isFull = this.#buffer.length >= maxItems || (this.#bytes > 0 && this.#bytes + bytes > maxBytes)
    if (isFull && this.#sending !== undefined) {
      this.#dropped = { records: this.#dropped.records + 1, bytes: this.#dropped.bytes + bytes }
      return
    }
    if (isFull) this.flush()
    this.#buffer.push(json)
    this.#bytes += bytes
    this.#timer ??= this.#clock.after(timeoutMs, () => this.flush())
  }

  /** Sends what there is without waiting for more. */
  flush(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    if (this.#sending !== undefined || this.#buffer.length === 0 || this.#closed) return
    const batch = this.#takeBatch()
    this.#sending = this.#deliver(batch).then(() => {
      this.#sending = undefined
      if (this.#buffer.length > 0 && this.#timer === undefined) this.flush()
    })
  }

  /** Resolves when everything taken so far has been delivered, or the subscription has been closed. */
  async delivered(): Promise<void> {
    for (this.flush(); this.#sending !== undefined; this.flush()) await this.#sending
  }

  close(): void {
    this.#closed = true
    this.#timer?.cancel()
    this.#delivery.close()
  }

  #wants({ category, type }: TelemetryEvent): boolean {
    const { api, types, schemaVersion } = this.subscription
    if (!types.includes(category)) return false
    if (category !== 'platform') return true
    if (api === 'telemetry') return !LOGS_ONLY.includes(type)
    return LOGS.includes(type) || (type === 'platform.runtimeDone' && schemaVersion >= '2021-03-18')
  }

  #takeBatch(): string[] {
    const batch = this.#buffer
    const { records, bytes } = this.#dropped
    if (records > 0) {
      const record = { reason: DROPPED, droppedRecords: records, droppedBytes: bytes }
      batch.push(JSON.stringify({ time: isoTime(this.#clock.now()), type: 'platform.logsDropped', record }))
    }
    this.#buffer = []
    this.#bytes = 0
    this.#dropped = { records: 0, bytes: 0 }
    return batch
  }

  async #deliver(batch: readonly string[]): Promise<void> {
    for (let pauseMs = RETRY_MS_MIN; !this.#closed; pauseMs = Math.min(pauseMs * 2, RETRY_MS_MAX)) {
      try {
        return await this.#delivery.send(batch)
      } catch {
        await new Promise<void>((resolve) => void this.#clock.after(pauseMs, resolve))
      }
    }
  }
}
