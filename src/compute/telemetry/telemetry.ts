/**
 * What happens in one environment, for the extensions that have subscribed to it: what was before a subscription, since the begin of the
 * init, is sent as well.
 * https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
 */
import { type Clock, isoTime } from '../../core/clock.ts'
import type { Dial } from './dial.ts'
import { Subscriber, type TelemetryEvent } from './subscriber.ts'
import type { Subscription, TelemetryType } from './subscription.ts'

/** Of an init without end; what is more is not kept for those who subscribe late. */
const EARLY_EVENTS_MAX = 1000

export class Telemetry {
  readonly #clock: Clock
  readonly #structured: boolean
  #subscribers: Subscriber[] = []
  /** Undefined: no subscription is taken any more. */
  #early: TelemetryEvent[] | undefined = []

  /** `structured`: the function logs JSON. */
  constructor(clock: Clock, structured: boolean) {
    this.#clock = clock
    this.#structured = structured
  }

  get closed(): boolean {
    return this.#early === undefined
  }

  get isHeard(): boolean {
    return this.#subscribers.length > 0
  }

  /** The init is over. */
  closeSubscription(): void {
    this.#early = undefined
  }

  of(name: string): Subscription | undefined {
    return this.#subscribers.find((subscriber) => subscriber.name === name)?.subscription
  }

  subscribe(name: string, subscription: Subscription, dial: Dial): void {
    const subscriber = new Subscriber(name, subscription, { clock: this.#clock, dial })
    for (const event of this.#early ?? []) subscriber.take(event)
    this.#subscribers.push(subscriber)
  }

  /** An event of the platform, JSON: `{"time":…,"type":"platform.start","record":{…}}`. */
  platform(json: string | undefined): void {
    if (json === undefined) return
    const [, type = ''] = /"type":"([^"]*)"/.exec(json) ?? []
    this.#tell({ category: 'platform', type, json })
  }

  event(type: string, record: unknown): void {
    this.platform(JSON.stringify({ time: isoTime(this.#clock.now()), type, record }))
  }

  line(category: Exclude<TelemetryType, 'platform'>, line: string, timestampMs: number): void {
    if (this.#early === undefined && this.#subscribers.length === 0) return
    const time = isoTime(timestampMs)
    const json = JSON.stringify({ time, type: category, record: line })
    const record = this.#structured && category === 'function' ? recordOf(line) : undefined
    this.#tell({
      category,
      type: category,
      json,
      ...(record === undefined ? {} : { structured: JSON.stringify({ time, type: category, record }) }),
    })
  }

  /** Resolves when the listeners have taken everything. */
  async delivered(): Promise<void> {
    await Promise.all(this.#subscribers.map((subscriber) => subscriber.delivered()))
  }

  close(): void {
    this.#early = undefined
    for (const subscriber of this.#subscribers) subscriber.close()
    this.#subscribers = []
  }

  #tell(event: TelemetryEvent): void {
    if (this.#early !== undefined && this.#early.length < EARLY_EVENTS_MAX) this.#early.push(event)
    for (const subscriber of this.#subscribers) subscriber.take(event)
  }
}

function recordOf(line: string): object | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return JSON.parse(line) as object
  } catch {
    return undefined
  }
}
