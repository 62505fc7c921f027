/** TagResource, UntagResource and ListTagsForResource of rules and buses. */
import type { Tag } from '@aws-sdk/client-eventbridge'

import { AwsError } from '../../core/aws-error.ts'
import type { Permission } from '../operation.ts'
import { validation } from './errors.ts'
import { TAGS_MAX } from './limits.ts'
import { busFromArn, ruleFromArn } from './locations.ts'
import type { EventsOperations, EventsService } from './service.ts'

type Tags = Readonly<Record<string, string>>

export const tags: EventsOperations = {
  TagResource: {
    permissions: (input, _caller, events) => [
      on('TagResource', input.ResourceARN, events, { requestTags: recordOf(input.Tags) }),
    ],
    handle(input, _caller, events) {
      change(input.ResourceARN, events, (current) => ({ ...current, ...tagsFrom(input.Tags) }))
      return {}
    },
  },

  UntagResource: {
    permissions: (input, _caller, events) => [
      on('UntagResource', input.ResourceARN, events, { context: { 'aws:tagkeys': input.TagKeys } }),
    ],
    handle(input, _caller, events) {
      change(input.ResourceARN, events, (current) =>
        Object.fromEntries(Object.entries(current).filter(([key]) => !input.TagKeys.includes(key))),
      )
      return {}
    },
  },

  ListTagsForResource: {
    permissions: (input, _caller, events) => [on('ListTagsForResource', input.ResourceARN, events)],
    handle(input, _caller, events) {
      const current = change(input.ResourceARN, events)
      return { Tags: Object.entries(current).map(([Key, Value]) => ({ Key, Value })) }
    },
  },
}

/** Throws ValidationException. */
export function tagsFrom(list: readonly Tag[]): Tags {
  if (list.some(({ Key = '' }) => Key.toLowerCase().startsWith('aws:'))) {
    throw validation('aws: prefixed tag key names are not allowed for external use.')
  }
  const all = recordOf(list)
  requireCount(all)
  return all
}

function requireCount(all: Tags): void {
  if (Object.keys(all).length > TAGS_MAX) throw validation(`The number of tags exceeds the limit of ${TAGS_MAX}.`)
}

function recordOf(list: readonly Tag[]): Record<string, string> {
  return Object.fromEntries(list.map(({ Key = '', Value = '' }) => [Key, Value]))
}

function on(action: string, arn: string, events: EventsService, more: Partial<Permission> = {}): Permission {
  const rule = ruleFromArn(arn)
  if (rule) return events.onRule(action, rule, more)
  const bus = busFromArn(arn)
  if (bus) return events.onBus(action, bus, more)
  throw validation(`Parameter ${arn} is not valid. Reason: Provided Arn is not in correct format.`)
}

/** Answers the tags as they are now. Throws ResourceNotFoundException. */
function change(arn: string, events: EventsService, next: (current: Tags) => Tags = (current) => current): Tags {
  const ruleLocation = ruleFromArn(arn)
  const rule = ruleLocation && events.findRule(ruleLocation)
  const busLocation = busFromArn(arn)
  const bus = busLocation && events.findBus(busLocation)
  const found = rule ?? bus
  if (!found) throw new AwsError('ResourceNotFoundException', `Resource ${arn} does not exist.`)
  const all = next(found.tags)
  requireCount(all)
  if (all !== found.tags) {
    if (rule) events.putRule({ ...rule, tags: all })
    else if (bus) events.buses(bus).put(bus.name, { ...bus, tags: all })
  }
  return all
}
