/** An event as rules and targets see it. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html */
import type { Json } from './pattern-matchers.ts'

export interface BusEvent {
  readonly version: '0'
  readonly id: string
  readonly 'detail-type': string
  readonly source: string
  /** Who put it, also after it was forwarded to another account's bus. */
  readonly account: string
  /** To the second. */
  readonly time: string
  readonly region: string
  readonly resources: readonly string[]
  readonly detail: Json
}

const FORWARDED = Symbol('forwarded event')

/** An entry for PutEvents that is an event of another bus, which keeps its id, account and Region. No request can carry this mark. */
export function forwardedEntry<Entry extends object>(entry: Entry, event: BusEvent): Entry {
  return { ...entry, [FORWARDED]: event }
}

export function forwardedEvent(entry: object): BusEvent | undefined {
  return (entry as { readonly [FORWARDED]?: BusEvent })[FORWARDED]
}
