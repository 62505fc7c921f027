/** TagResource, UntagResource and ListTagsForResource of topics. */
import type { Tag } from '@aws-sdk/client-sns'

import { AwsError } from '../../core/aws-error.ts'
import { locateTopic, type TopicLocation } from './arns.ts'
import { invalidParameter } from './errors.ts'
import { TAGS_MAX } from './limits.ts'
import type { TopicRecord } from './records.ts'
import type { SnsOperations, SnsService } from './service.ts'

export const tags: SnsOperations = {
  TagResource: {
    permissions: (input, _caller, sns) => [
      sns.permission('TagResource', locateTopic(input.ResourceArn, 'ResourceArn'), {
        requestTags: Object.fromEntries(input.Tags.map(({ Key = '', Value = '' }) => [Key, Value])),
      }),
    ],
    handle(input, _caller, sns) {
      const location = locateTopic(input.ResourceArn, 'ResourceArn')
      const topic = requireResource(location, sns)
      const all = { ...topic.tags, ...tagsFrom(input.Tags) }
      requireCount(all)
      sns.topics(location).put(location.name, { ...topic, tags: all })
      return {}
    },
  },

  UntagResource: {
    permissions: (input, _caller, sns) => [
      sns.permission('UntagResource', locateTopic(input.ResourceArn, 'ResourceArn'), {
        context: { 'aws:tagkeys': input.TagKeys },
      }),
    ],
    handle(input, _caller, sns) {
      const location = locateTopic(input.ResourceArn, 'ResourceArn')
      const topic = requireResource(location, sns)
      const kept = Object.entries(topic.tags).filter(([key]) => !input.TagKeys.includes(key))
      sns.topics(location).put(location.name, { ...topic, tags: Object.fromEntries(kept) })
      return {}
    },
  },

  ListTagsForResource: {
    permissions: (input, _caller, sns) => [
      sns.permission('ListTagsForResource', locateTopic(input.ResourceArn, 'ResourceArn')),
    ],
    handle(input, _caller, sns) {
      const topic = requireResource(locateTopic(input.ResourceArn, 'ResourceArn'), sns)
      return { Tags: Object.entries(topic.tags).map(([Key, Value]) => ({ Key, Value })) }
    },
  },
}

/** Throws InvalidParameter for a key that is given twice or reserved. */
export function tagsFrom(list: readonly Tag[]): Readonly<Record<string, string>> {
  const all = Object.fromEntries(list.map(({ Key = '', Value = '' }) => [Key, Value]))
  if (Object.keys(all).length < list.length) throw invalidParameter('Duplicated keys are not allowed.')
  if (Object.keys(all).some((key) => key.toLowerCase().startsWith('aws:'))) {
    throw invalidParameter('System tags cannot be added/updated by requester')
  }
  requireCount(all)
  return all
}

function requireCount(all: Readonly<Record<string, string>>): void {
  if (Object.keys(all).length <= TAGS_MAX) return
  throw new AwsError('TagLimitExceededException', 'Could not complete request: tag quota of per resource exceeded')
}

function requireResource(location: TopicLocation, sns: SnsService): TopicRecord {
  const topic = sns.find(location)
  if (!topic) throw new AwsError('ResourceNotFoundException', 'Resource does not exist')
  return topic
}
