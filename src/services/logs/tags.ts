/** Tags on log groups, through the current actions and the ones they replaced. */
import { AwsError } from '../../core/aws-error.ts'
import type { Caller } from '../caller.ts'
import { groupArn, locate, locationFromArn, type GroupLocation } from './arns.ts'
import { invalidParameter } from './errors.ts'
import { TAGS_MAX } from './limits.ts'
import { onBareGroup, onStream, type LogsOperations, type LogsService } from './service.ts'

type Tags = Readonly<Record<string, string>>

export function checkTags(tags: Tags): void {
  if (Object.keys(tags).some((key) => /^aws:/i.test(key))) {
    throw invalidParameter('aws: prefixed tag key names are not allowed for external use.')
  }
}

/** FIDELITY: destinations and other taggable resources of CloudWatch Logs are not implemented. */
function locateTagged(caller: Caller, arn: string): GroupLocation {
  const location = locationFromArn(arn)
  if (location?.region === caller.region) return location
  throw new AwsError('ResourceNotFoundException', 'The specified resource does not exist.')
}

function addTags(logs: LogsService, location: GroupLocation, added: Tags, tooMany: () => Error): void {
  const record = logs.record(location)
  checkTags(added)
  const tags = { ...record.tags, ...added }
  if (Object.keys(tags).length > TAGS_MAX) throw tooMany()
  logs.groups(location).put(location.name, { ...record, tags })
}

function removeTags(logs: LogsService, location: GroupLocation, keys: readonly string[]): void {
  const record = logs.record(location)
  const removed = new Set(keys)
  const tags = Object.fromEntries(Object.entries(record.tags).filter(([key]) => !removed.has(key)))
  logs.groups(location).put(location.name, { ...record, tags })
}

/** For the permissions step, where an ARN of nothing must still be asked for. */
function onArn(logs: LogsService, action: string, arn: string, details: Parameters<typeof onBareGroup>[3] = {}) {
  const location = locationFromArn(arn)
  return location
    ? onBareGroup(logs, action, location, details)
    : { action: `logs:${action}`, resource: arn, ...details }
}

const TOO_MANY = `A resource can have no more than ${TAGS_MAX} tags.`

export const tags: LogsOperations = {
  TagResource: {
    permissions: (input, _caller, logs) => [onArn(logs, 'TagResource', input.resourceArn, { requestTags: input.tags })],
    handle(input, caller, logs) {
      const location = locateTagged(caller, input.resourceArn)
      addTags(
        logs,
        location,
        input.tags,
        () => new AwsError('TooManyTagsException', TOO_MANY, { fields: { resourceName: groupArn(location) } }),
      )
      return {}
    },
  },

  UntagResource: {
    permissions: (input, _caller, logs) => [
      onArn(logs, 'UntagResource', input.resourceArn, { context: { 'aws:tagkeys': input.tagKeys } }),
    ],
    handle(input, caller, logs) {
      removeTags(logs, locateTagged(caller, input.resourceArn), input.tagKeys)
      return {}
    },
  },

  ListTagsForResource: {
    permissions: (input, _caller, logs) => [onArn(logs, 'ListTagsForResource', input.resourceArn)],
    handle: (input, caller, logs) => ({ tags: { ...logs.record(locateTagged(caller, input.resourceArn)).tags } }),
  },

  TagLogGroup: {
    permissions: (input, caller, logs) => [
      onStream(logs, 'TagLogGroup', locate(caller, input.logGroupName), '', { requestTags: input.tags }),
    ],
    handle(input, caller, logs) {
      addTags(logs, locate(caller, input.logGroupName), input.tags, () => invalidParameter(TOO_MANY))
      return {}
    },
  },

  UntagLogGroup: {
    permissions: (input, caller, logs) => [
      onStream(logs, 'UntagLogGroup', locate(caller, input.logGroupName), '', {
        context: { 'aws:tagkeys': input.tags },
      }),
    ],
    handle(input, caller, logs) {
      removeTags(logs, locate(caller, input.logGroupName), input.tags)
      return {}
    },
  },

  ListTagsLogGroup: {
    permissions: (input, caller, logs) => [onStream(logs, 'ListTagsLogGroup', locate(caller, input.logGroupName))],
    handle: (input, caller, logs) => ({ tags: { ...logs.record(locate(caller, input.logGroupName)).tags } }),
  },
}
