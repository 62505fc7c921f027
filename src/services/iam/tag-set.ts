/**
 * Tags of users, roles and policies. Keys keep their case but are the same regardless of it.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
 */
import { AwsError } from '../../core/aws-error.ts'
import type { Tags } from './records.ts'

interface TagInput {
  readonly Key: string | undefined
  readonly Value: string | undefined
}

const TAGS_MAX = 50

/** As given, for the condition keys: nothing is refused here. */
export function requestedTags(tags: readonly TagInput[] | undefined): Tags | undefined {
  return tags && Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]))
}

/** `existing` with `added`. Throws `InvalidInput` for a key given twice, `LimitExceeded` for more than fifty. */
export function withTags(existing: Tags, added: readonly TagInput[] | undefined, entity: string): Tags {
  if (!added) return existing
  const given = new Set(added.map(({ Key = '' }) => Key.toLowerCase()))
  if (given.size < added.length) {
    throw new AwsError(
      'InvalidInputException',
      'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
    )
  }
  for (const key of given) {
    if (key.startsWith('aws:')) {
      throw new AwsError('InvalidInputException', 'aws: prefixed tag key names are not allowed for external use.')
    }
  }
  const kept = Object.entries(existing).filter(([key]) => !given.has(key.toLowerCase()))
  const tags = Object.fromEntries([...kept, ...added.map(({ Key = '', Value = '' }) => [Key, Value] as const)])
  if (Object.keys(tags).length > TAGS_MAX) {
    throw new AwsError('LimitExceededException', `Cannot exceed quota for TagsPer${entity}: ${TAGS_MAX}`)
  }
  return tags
}

export function withoutTags(existing: Tags, keys: readonly string[]): Tags {
  const removed = new Set(keys.map((key) => key.toLowerCase()))
  return Object.fromEntries(Object.entries(existing).filter(([key]) => !removed.has(key.toLowerCase())))
}

export function tagList(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
}
