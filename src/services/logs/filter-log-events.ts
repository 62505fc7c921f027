/** Searching a group. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html */
import type { FilteredLogEvent, FilterLogEventsRequest } from '@aws-sdk/client-cloudwatch-logs'

import { locateReference } from './arns.ts'
import { invalidNextToken, invalidParameter, notImplemented } from './errors.ts'
import { comparePositions, type EventPosition, type LogEvent } from './event-ring.ts'
import { parseFilterPattern } from './filter-pattern.ts'
import type { GroupLog, LogStream } from './group-log.ts'
import { EVENT_OVERHEAD_BYTES, PAGE_BYTES_MAX, PAGE_EVENTS_MAX } from './limits.ts'
import { checkReadable, existingStream, onStream, openHere, type LogsOperations } from './service.ts'

function streamsOf(log: GroupLog, input: FilterLogEventsRequest): readonly LogStream[] {
  const { logStreamNames: names, logStreamNamePrefix: prefix } = input
  if (names && prefix !== undefined) {
    throw invalidParameter('logStreamNames and logStreamNamePrefix are mutually exclusive parameters.')
  }
  if (names) return names.map((name) => existingStream(log, name))
  return log.streams().filter(({ name }) => prefix === undefined || name.startsWith(prefix))
}

interface Found {
  readonly stream: string
  readonly event: LogEvent
}

/** Events of all the streams after `position` and up to `until` inclusive, in one order. */
function gather(streams: readonly LogStream[], position: EventPosition, until: number): readonly Found[] {
  const found: Found[] = []
  for (const { name, events } of streams) {
    for (const event of events.after(position)) {
      if (event.timestamp > until) break
      found.push({ stream: name, event })
    }
  }
  return found.sort((a, b) => comparePositions(a.event, b.event))
}

const TOKEN = /^events1:(\d+):(\d+)$/

function parseToken(token: string): EventPosition {
  const [, timestamp, sequence] = TOKEN.exec(Buffer.from(token, 'base64url').toString()) ?? []
  if (timestamp === undefined) throw invalidNextToken()
  return { timestamp: Number(timestamp), sequence: Number(sequence) }
}

function formatToken({ timestamp, sequence }: EventPosition): string {
  return Buffer.from(`events1:${timestamp}:${sequence}`).toString('base64url')
}

/** 56 digits, as AWS's; their order is that of the events. */
function eventId({ timestamp, sequence }: EventPosition): string {
  return `${String(timestamp).padStart(16, '0')}${String(sequence).padStart(40, '0')}`
}

function describe({ stream, event }: Found): FilteredLogEvent {
  const { timestamp, message, ingestionTime } = event
  return { logStreamName: stream, timestamp, message, ingestionTime, eventId: eventId(event) }
}

export const filterLogEvents: LogsOperations = {
  /** `interleaved` has been taken for true since 2019 and `searchedLogStreams` has been empty since 2020. */
  FilterLogEvents: {
    permissions(input, caller, logs) {
      const location = locateReference(caller, input)
      return [
        onStream(logs, 'FilterLogEvents', location),
        ...(input.unmask === true ? [onStream(logs, 'Unmask', location)] : []),
      ]
    },
    handle(input, caller, logs) {
      // The order is from the oldest on unless it is asked for otherwise.
      if (input.startFromHead === false) throw notImplemented('startFromHead false', 'FilterLogEvents')
      const { record, log } = openHere(logs, caller, locateReference(caller, input))
      checkReadable(record)
      const matches = parseFilterPattern(input.filterPattern ?? '')
      const streams = streamsOf(log, input)
      const from = Math.max(input.startTime ?? 0, logs.retainedSinceMs(record))
      const token = input.nextToken === undefined ? undefined : parseToken(input.nextToken)
      const start = { timestamp: from, sequence: 0 }
      const position = token && comparePositions(token, start) > 0 ? token : start
      const events: FilteredLogEvent[] = []
      let bytes = 0
      let last: EventPosition | undefined
      let nextToken: string | undefined
      for (const found of gather(streams, position, input.endTime ?? Number.MAX_SAFE_INTEGER)) {
        if (!matches(found.event.message)) continue
        bytes += Buffer.byteLength(found.event.message) + EVENT_OVERHEAD_BYTES
        if (last && (events.length >= (input.limit ?? PAGE_EVENTS_MAX) || bytes > PAGE_BYTES_MAX)) {
          nextToken = formatToken(last)
          break
        }
        events.push(describe(found))
        last = found.event
      }
      return { events, searchedLogStreams: [], nextToken }
    },
  },
}
