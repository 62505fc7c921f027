/** CreateEventBus, DeleteEventBus, DescribeEventBus, ListEventBuses. */
import type { EventBus, Tag } from '@aws-sdk/client-eventbridge'

import { AwsError } from '../../core/aws-error.ts'
import { displayedPolicy } from '../attached-policy.ts'
import type { Caller } from '../caller.ts'
import { paginate, sortedBy } from '../pagination.ts'
import { limitExceeded, validation } from './errors.ts'
import { BUSES_MAX, LIST_PAGE } from './limits.ts'
import { busArn, DEFAULT_BUS, locateBus, type BusLocation } from './locations.ts'
import type { BusRecord } from './records.ts'
import type { EventsOperations, EventsService } from './service.ts'
import { tagsFrom } from './tags.ts'

export const buses: EventsOperations = {
  CreateEventBus: {
    refuses: ['EventSourceName', 'KmsKeyIdentifier', 'DeadLetterConfig', 'LogConfig'],
    permissions: (input, caller, events) => [
      events.onBus('CreateEventBus', ownBus(caller, input.Name), { requestTags: recordOf(input.Tags) }),
      ...(input.Tags && input.Tags.length > 0
        ? [events.onBus('TagResource', ownBus(caller, input.Name), { requestTags: recordOf(input.Tags) })]
        : []),
    ],
    handle(input, caller, events) {
      const location = ownBus(caller, input.Name)
      if (input.Name.includes('/')) throw validation("Event bus name must not contain '/'.")
      const tags = tagsFrom(input.Tags ?? [])
      if (events.findBus(location)) {
        throw new AwsError('ResourceAlreadyExistsException', `Event bus ${input.Name} already exists.`)
      }
      if (events.buses(location).size >= BUSES_MAX) throw limitExceeded()
      const now = events.clock.now()
      events.buses(location).put(location.name, {
        ...location,
        ...(input.Description !== undefined && { description: input.Description }),
        tags,
        createdAtMs: now,
        modifiedAtMs: now,
      })
      return {
        EventBusArn: busArn(location),
        ...(input.Description !== undefined && { Description: input.Description }),
      }
    },
  },

  DeleteEventBus: {
    permissions: (input, caller, events) => [events.onBus('DeleteEventBus', ownBus(caller, input.Name))],
    handle(input, caller, events) {
      const location = ownBus(caller, input.Name)
      if (location.name === DEFAULT_BUS) throw validation('Cannot delete event bus default.')
      if (events.rulesOf(location).length > 0) {
        throw validation("Event bus can't be deleted since it has rules.")
      }
      // Deleting what is not there succeeds.
      events.buses(location).delete(location.name)
      return {}
    },
  },

  DescribeEventBus: {
    permissions: (input, caller, events) => [events.onBus('DescribeEventBus', locateBus(caller, input.Name))],
    handle(input, caller, events) {
      const bus = events.requireBus(locateBus(caller, input.Name))
      return describe(bus, events)
    },
  },

  ListEventBuses: {
    permissions: () => [{ action: 'events:ListEventBuses', resource: '*' }],
    handle(input, caller, events) {
      const defaultBus = events.findBus(ownBus(caller, DEFAULT_BUS))
      const others = events
        .buses(caller)
        .values()
        .filter(({ name }) => name !== DEFAULT_BUS)
      const named = [...(defaultBus ? [defaultBus] : []), ...others].filter(({ name }) =>
        name.startsWith(input.NamePrefix ?? ''),
      )
      const keyOf = (bus: BusRecord) => bus.name
      const page = paginate(sortedBy(named, keyOf), {
        keyOf,
        token: input.NextToken,
        limit: input.Limit ?? LIST_PAGE,
        invalidToken: () => validation('Invalid token.'),
      })
      return {
        EventBuses: page.items.map((bus) => describe(bus, events)),
        ...(page.nextToken !== undefined && { NextToken: page.nextToken }),
      }
    },
  },
}

function describe(bus: BusRecord, events: EventsService): EventBus {
  return {
    Name: bus.name,
    Arn: busArn(bus),
    ...(bus.description !== undefined && { Description: bus.description }),
    ...(bus.policy && { Policy: displayedPolicy(bus.policy, events.identities) }),
    ...(bus.createdAtMs > 0 && {
      CreationTime: new Date(bus.createdAtMs),
      LastModifiedTime: new Date(bus.modifiedAtMs),
    }),
  }
}

function ownBus({ account, region }: Caller, name: string): BusLocation {
  return { account, region, name }
}

function recordOf(tags: readonly Tag[] | undefined): Record<string, string> | undefined {
  return tags && Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]))
}
