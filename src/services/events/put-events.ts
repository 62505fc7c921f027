/** PutEvents and TestEventPattern. */
import type { PutEventsRequestEntry, PutEventsResultEntry } from '@aws-sdk/client-eventbridge'

import type { Caller } from '../caller.ts'
import type { Permission } from '../operation.ts'
import { forwardedEvent, type BusEvent } from './bus-event.ts'
import { deliver } from './delivery.ts'
import { validation } from './errors.ts'
import { parseEventPattern } from './event-pattern.ts'
import { ENTRIES_BYTES_MAX } from './limits.ts'
import { busArn, locateBus, type BusLocation } from './locations.ts'
import type { Json } from './pattern-matchers.ts'
import type { EventsOperations, EventsService } from './service.ts'

export const putEvents: EventsOperations = {
  PutEvents: {
    refuses: ['EndpointId'],
    permissions: (input, caller, events) => permissionsOf(input.Entries, caller, events),
    async handle(input, caller, events) {
      const bytes = input.Entries.reduce((sum, entry) => sum + sizeOf(entry), 0)
      if (bytes > ENTRIES_BYTES_MAX) throw validation('Total size of the entries in the request is over the limit.')
      const results: PutEventsResultEntry[] = []
      for (const entry of input.Entries) results.push(await putOne(entry, caller, events))
      return {
        FailedEntryCount: results.filter(({ ErrorCode }) => ErrorCode !== undefined).length,
        Entries: results,
      }
    },
  },

  TestEventPattern: {
    permissions: () => [{ action: 'events:TestEventPattern', resource: '*' }],
    handle(input) {
      const pattern = parseEventPattern(input.EventPattern)
      return { Result: pattern.matches(eventFromText(input.Event)) }
    },
  },
}

/** One permission for each bus, with the sources and types of all events for it. */
function permissionsOf(
  entries: readonly PutEventsRequestEntry[],
  caller: Caller,
  events: EventsService,
): readonly Permission[] {
  const byBus = new Map<string, { readonly bus: BusLocation; readonly entries: PutEventsRequestEntry[] }>()
  for (const entry of entries) {
    const bus = locateBus(caller, entry.EventBusName)
    const arn = busArn(bus)
    const group = byBus.get(arn) ?? { bus, entries: [] }
    group.entries.push(entry)
    byBus.set(arn, group)
  }
  return [...byBus.values()].map(({ bus, entries: those }) =>
    events.onBus('PutEvents', bus, {
      context: {
        'events:source': listed(those.map(({ Source }) => Source)),
        'events:detail-type': listed(those.map(({ DetailType }) => DetailType)),
        'events:eventbusinvocation': String(those.some((entry) => forwardedEvent(entry) !== undefined)),
      },
    }),
  )
}

function listed(values: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(values.filter((value) => value !== undefined))]
}

async function putOne(
  entry: PutEventsRequestEntry,
  caller: Caller,
  events: EventsService,
): Promise<PutEventsResultEntry> {
  const problem = problemOf(entry)
  if (problem) return problem
  const bus = locateBus(caller, entry.EventBusName)
  const forwarded = forwardedEvent(entry)
  const event = forwarded ?? eventFrom(entry, caller, events)
  const traceHeader = entry.TraceHeader ?? caller.traceHeader
  // An event for a bus that does not exist is accepted and lost, as on AWS.
  await deliver(event, bus, { isForwarded: forwarded !== undefined, traceHeader }, events)
  return { EventId: event.id }
}

function problemOf({ Source, DetailType, Detail }: PutEventsRequestEntry): PutEventsResultEntry | undefined {
  const required = { Source, DetailType, Detail }
  for (const [name, value] of Object.entries(required)) {
    if (value !== undefined && value !== '') continue
    return {
      ErrorCode: 'InvalidArgument',
      ErrorMessage: `Parameter ${name} is not valid. Reason: ${name} is a required argument.`,
    }
  }
  if (Source?.startsWith('aws.')) {
    return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' }
  }
  try {
    const detail: unknown = JSON.parse(Detail ?? '')
    if (typeof detail === 'object' && detail !== null && !Array.isArray(detail)) return undefined
  } catch {
    // Said below.
  }
  return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' }
}

function eventFrom(entry: PutEventsRequestEntry, caller: Caller, { ids, clock }: EventsService): BusEvent {
  return {
    version: '0',
    id: ids.uuid(),
    'detail-type': entry.DetailType ?? '',
    source: entry.Source ?? '',
    account: caller.account,
    time: new Date(entry.Time ?? clock.now()).toISOString().replace(/\.\d{3}Z$/, 'Z'),
    region: caller.region,
    resources: entry.Resources ?? [],
    detail: JSON.parse(entry.Detail ?? '{}') as Json,
  }
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html#eb-putevent-size */
function sizeOf({ Time, Source = '', DetailType = '', Detail = '', Resources = [] }: PutEventsRequestEntry): number {
  const texts = [Source, DetailType, Detail, ...Resources]
  return texts.reduce((bytes, text) => bytes + Buffer.byteLength(text), Time ? 14 : 0)
}

const REQUIRED = ['id', 'account', 'source', 'time', 'region', 'resources', 'detail-type']

function eventFromText(text: string): Json {
  let event: Json
  try {
    event = JSON.parse(text) as Json
  } catch {
    throw validation('Parameter Event is not valid. Reason: Event is not a valid JSON.')
  }
  const missing = REQUIRED.find((name) => typeof event !== 'object' || event === null || !Object.hasOwn(event, name))
  if (missing !== undefined)
    throw validation(`Parameter Event is not valid. Reason: The event must have the field ${missing}.`)
  return event
}
