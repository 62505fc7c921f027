/** Writing events to a stream and reading it. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html */
import type { RejectedLogEventsInfo } from '@aws-sdk/client-cloudwatch-logs'

import { locate, locateReference } from './arns.ts'
import { invalidNextToken, invalidParameter } from './errors.ts'
import { comparePositions, type EventPosition, type LogEvent } from './event-ring.ts'
import type { InputEvent } from './group-log.ts'
import {
  BATCH_BYTES_MAX,
  BATCH_SPAN_MS_MAX,
  EVENT_AGE_MS_MAX,
  EVENT_BYTES_MAX,
  EVENT_FUTURE_MS_MAX,
  EVENT_OVERHEAD_BYTES,
  PAGE_BYTES_MAX,
  PAGE_EVENTS_MAX,
} from './limits.ts'
import { deliverToSubscribers } from './subscription-filters.ts'
import { checkReadable, existingStream, onStream, openHere, type LogsOperations } from './service.ts'

/** Sequence tokens are neither checked nor needed since 2023, yet AWS still sends them. */
export function sequenceToken(ingestionTime: number): string {
  return String(ingestionTime).padStart(56, '0')
}

/** Input members the model requires have been checked, so a missing value cannot be. */
function inputEvents(
  events: readonly { timestamp?: number | undefined; message?: string | undefined }[],
): InputEvent[] {
  return events.map(({ timestamp = 0, message = '' }) => ({ timestamp, message }))
}

/** Throws where AWS refuses the whole batch. */
function checkBatch(events: readonly InputEvent[]): void {
  let bytes = 0
  let previous = 0
  for (const { timestamp, message } of events) {
    const size = Buffer.byteLength(message) + EVENT_OVERHEAD_BYTES
    if (size > EVENT_BYTES_MAX) {
      throw invalidParameter(`Log event too large: ${size} bytes exceeds limit of ${EVENT_BYTES_MAX}`)
    }
    if (timestamp < previous) {
      throw invalidParameter('Log events in a single PutLogEvents request must be in chronological order.')
    }
    bytes += size
    previous = timestamp
  }
  if (bytes > BATCH_BYTES_MAX) {
    throw invalidParameter(`Upload too large: ${bytes} bytes exceeds limit of ${BATCH_BYTES_MAX}`)
  }
  if (previous - (events[0]?.timestamp ?? 0) > BATCH_SPAN_MS_MAX) {
    throw invalidParameter('The batch of log events in a single PutLogEvents request cannot span more than 24 hours.')
  }
}

/** The part of a checked batch that is taken, and how AWS tells of the rest: by index, the ends exclusive, the start inclusive. */
function accepted(
  events: readonly InputEvent[],
  now: number,
  retainedSinceMs: number,
): { readonly taken: readonly InputEvent[]; readonly rejected: RejectedLogEventsInfo | undefined } {
  const countBefore = (timeMs: number) => {
    const index = events.findIndex(({ timestamp }) => timestamp >= timeMs)
    return index < 0 ? events.length : index
  }
  const tooOldEnd = countBefore(now - EVENT_AGE_MS_MAX)
  const expiredEnd = countBefore(retainedSinceMs)
  const tooNewStart = countBefore(now + EVENT_FUTURE_MS_MAX + 1)
  const start = Math.max(tooOldEnd, expiredEnd)
  if (start === 0 && tooNewStart === events.length) return { taken: events, rejected: undefined }
  return {
    taken: events.slice(start, tooNewStart),
    rejected: {
      ...(tooNewStart < events.length && { tooNewLogEventStartIndex: tooNewStart }),
      ...(tooOldEnd > 0 && { tooOldLogEventEndIndex: tooOldEnd }),
      ...(expiredEnd > tooOldEnd && { expiredLogEventEndIndex: expiredEnd }),
    },
  }
}

/** A place in a stream to go on from, in either direction: `f/…` is after the position, `b/…` before it. */
interface PageToken {
  readonly forward: boolean
  readonly position: EventPosition
}

const TOKEN = /^([fb])\/(\d{16})(\d{40})\/s$/

function parseToken(text: string): PageToken {
  const [, direction, timestamp, sequence] = TOKEN.exec(text) ?? []
  if (direction === undefined) throw invalidNextToken()
  return { forward: direction === 'f', position: { timestamp: Number(timestamp), sequence: Number(sequence) } }
}

function formatToken({ forward, position }: PageToken): string {
  return `${forward ? 'f' : 'b'}/${String(position.timestamp).padStart(16, '0')}${String(position.sequence).padStart(40, '0')}/s`
}

/** Sequences start at 1, so this is earlier than any event of that time. */
function startOf(timestamp: number): EventPosition {
  return { timestamp, sequence: 0 }
}

function justBefore({ timestamp, sequence }: EventPosition): EventPosition {
  return { timestamp, sequence: Math.max(0, sequence - 1) }
}

function justAfter({ timestamp, sequence }: EventPosition): EventPosition {
  return { timestamp, sequence: sequence + 1 }
}

function laterOf(a: EventPosition, b: EventPosition): EventPosition {
  return comparePositions(a, b) > 0 ? a : b
}

function earlierOf(a: EventPosition, b: EventPosition): EventPosition {
  return comparePositions(a, b) < 0 ? a : b
}

/** Stops at `limit` events or 1 MB, whichever comes first, and at the first event that `isPast` the range. */
function take(events: Iterable<LogEvent>, limit: number, isPast: (event: LogEvent) => boolean): LogEvent[] {
  const taken: LogEvent[] = []
  let bytes = 0
  for (const event of events) {
    bytes += Buffer.byteLength(event.message) + EVENT_OVERHEAD_BYTES
    if (taken.length >= limit || isPast(event) || (bytes > PAGE_BYTES_MAX && taken.length > 0)) break
    taken.push(event)
  }
  return taken
}

export const logEvents: LogsOperations = {
  PutLogEvents: {
    permissions: (input, caller, logs) => [
      onStream(logs, 'PutLogEvents', locate(caller, input.logGroupName), input.logStreamName),
    ],
    refuses: ['entity'],
    handle(input, caller, logs) {
      const location = locate(caller, input.logGroupName)
      const group = logs.open(location)
      existingStream(group.log, input.logStreamName)
      const events = inputEvents(input.logEvents)
      checkBatch(events)
      const now = logs.clock.now()
      const { taken, rejected } = accepted(events, now, logs.retainedSinceMs(group.record))
      if (taken.length > 0) {
        logs.addEvents(group, input.logStreamName, taken)
        if (group.record.subscriptionFilters) deliverToSubscribers(logs, location, input.logStreamName, taken)
      }
      return { nextSequenceToken: sequenceToken(now), rejectedLogEventsInfo: rejected }
    },
  },

  /** With a token the direction is the token's; without, `startFromHead` chooses between the oldest page and the newest. */
  GetLogEvents: {
    permissions(input, caller, logs) {
      const location = locateReference(caller, input)
      return [
        onStream(logs, 'GetLogEvents', location, input.logStreamName),
        ...(input.unmask === true ? [onStream(logs, 'Unmask', location)] : []),
      ]
    },
    handle(input, caller, logs) {
      const { record, log } = openHere(logs, caller, locateReference(caller, input))
      checkReadable(record)
      const { events } = existingStream(log, input.logStreamName)
      const { limit = PAGE_EVENTS_MAX } = input
      const from = Math.max(input.startTime ?? 0, logs.retainedSinceMs(record))
      // Unlike FilterLogEvents, the end is exclusive here.
      const until = input.endTime ?? Number.MAX_SAFE_INTEGER
      const token = input.nextToken === undefined ? undefined : parseToken(input.nextToken)
      const forward = token?.forward ?? input.startFromHead === true
      const position = token?.position ?? startOf(forward ? from : until)
      const found = forward
        ? take(events.after(laterOf(position, startOf(from))), limit, ({ timestamp }) => timestamp >= until)
        : take(events.before(earlierOf(position, startOf(until))), limit, ({ timestamp }) => timestamp < from).reverse()
      const [first, last] = [found[0], found.at(-1)]
      // At an end of the stream the token comes back unchanged, which is how clients know.
      const edge = token?.position ?? startOf(from)
      return {
        events: found.map(({ timestamp, message, ingestionTime }) => ({ timestamp, message, ingestionTime })),
        nextForwardToken: formatToken({
          forward: true,
          position: last ?? (token?.forward === false ? justBefore(edge) : edge),
        }),
        nextBackwardToken: formatToken({
          forward: false,
          position: first ?? (token?.forward ? justAfter(edge) : edge),
        }),
      }
    },
  },
}
