/** TagQueue, UntagQueue and ListQueueTags. */
import { invalidParameterValue } from './errors.ts'
import { TAGS_MAX } from './limits.ts'
import { locationFromUrl } from './queue-location.ts'
import type { SqsOperations } from './service.ts'

export const tags: SqsOperations = {
  TagQueue: {
    permissions: (input, caller, sqs) =>
      sqs.permissionByUrl('TagQueue', input.QueueUrl, caller, { requestTags: input.Tags }),
    handle(input, caller, sqs) {
      const location = locationFromUrl(caller, input.QueueUrl)
      const queue = sqs.require(location)
      const all = { ...queue.tags, ...input.Tags }
      requireTags(all)
      sqs.queues(location).put(location.name, { ...queue, tags: all })
      return {}
    },
  },

  UntagQueue: {
    permissions: (input, caller, sqs) =>
      sqs.permissionByUrl('UntagQueue', input.QueueUrl, caller, { context: { 'aws:tagkeys': input.TagKeys } }),
    handle(input, caller, sqs) {
      const location = locationFromUrl(caller, input.QueueUrl)
      const queue = sqs.require(location)
      const kept = Object.entries(queue.tags).filter(([key]) => !input.TagKeys.includes(key))
      sqs.queues(location).put(location.name, { ...queue, tags: Object.fromEntries(kept) })
      return {}
    },
  },

  ListQueueTags: {
    permissions: (input, caller, sqs) => sqs.permissionByUrl('ListQueueTags', input.QueueUrl, caller),
    handle(input, caller, sqs) {
      const { tags: all } = sqs.require(locationFromUrl(caller, input.QueueUrl))
      return Object.keys(all).length === 0 ? {} : { Tags: { ...all } }
    },
  },
}

/** Throws InvalidParameterValue. */
export function requireTags(all: Readonly<Record<string, string>>): void {
  const keys = Object.keys(all)
  if (keys.length > TAGS_MAX) {
    throw invalidParameterValue(`Too many tags added for queue. Maximum number of tags allowed is ${TAGS_MAX}.`)
  }
  const reserved = keys.find((key) => key.toLowerCase().startsWith('aws:'))
  if (reserved !== undefined) throw invalidParameterValue('The tag key aws: prefix is reserved.')
}
