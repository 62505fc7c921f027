/** The management events of each account, the newest of them in memory, as LookupEvents finds them. */
import type { Clock } from '../../core/clock.ts'
import type { EventRecord } from './event-record.ts'
import { HISTORY_EVENTS_MAX, HISTORY_KEPT_MS } from './limits.ts'

/** What is looked for in an event, and its record as it was written. */
export interface HistoryEvent {
  /** Grows with every event of an account. */
  readonly sequence: number
  readonly timeMs: number
  readonly record: EventRecord
  /** JSON */
  readonly text: string
}

export interface EventHistory {
  add(record: EventRecord, text: string): void
  /** The newest first, of the last 90 days. */
  of(account: string): IterableIterator<HistoryEvent>
  clear(): void
}

interface AccountHistory {
  /** Those from `first` on are still there. */
  events: HistoryEvent[]
  first: number
  sequence: number
}

/** `earlier` answers what was written of an account in another process, the oldest first. Asked when the account is first looked at. */
export function createEventHistory(clock: Clock, earlier: (account: string) => Iterable<string>): EventHistory {
  const accounts = new Map<string, AccountHistory>()
  const loaded = new Set<string>()

  function historyOf(account: string): AccountHistory {
    let history = accounts.get(account)
    if (!history) accounts.set(account, (history = { events: [], first: 0, sequence: HISTORY_EVENTS_MAX }))
    return history
  }

  function load(account: string): void {
    if (loaded.has(account)) return
    loaded.add(account)
    const history = historyOf(account)
    const known = new Set(history.events.map(({ record }) => record.eventID))
    const before = [...earlier(account)].slice(-HISTORY_EVENTS_MAX).flatMap((text) => {
      const record = JSON.parse(text) as EventRecord
      return known.has(record.eventID) ? [] : [{ record, text, timeMs: Date.parse(record.eventTime) }]
    })
    const roomFor = HISTORY_EVENTS_MAX - (history.events.length - history.first)
    const room = before.slice(Math.max(0, before.length - roomFor))
    const start = (history.events[history.first]?.sequence ?? history.sequence + 1) - room.length
    history.events = [
      ...room.map((event, index) => ({ ...event, sequence: start + index })),
      ...history.events.slice(history.first),
    ]
    history.first = 0
  }

  return {
    add(record, text) {
      const history = historyOf(record.recipientAccountId)
      const timeMs = Date.parse(record.eventTime)
      history.events.push({ sequence: ++history.sequence, timeMs, record, text })
      if (history.events.length - history.first > HISTORY_EVENTS_MAX) history.first++
      if (history.first < HISTORY_EVENTS_MAX) return
      history.events = history.events.slice(history.first)
      history.first = 0
    },
    *of(account) {
      load(account)
      const { events, first } = historyOf(account)
      const sinceMs = clock.now() - HISTORY_KEPT_MS
      for (let index = events.length - 1; index >= first; index--) {
        const event = events[index]
        if (event && event.timeMs >= sinceMs) yield event
      }
    },
    clear() {
      accounts.clear()
    },
  }
}
