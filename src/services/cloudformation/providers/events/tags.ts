/** Tags of what EventBridge has. */
import type { CallService } from '../provider.ts'
import { isEmpty, tagChanges, tagList, type Tags } from '../tags.ts'

export async function updateEventsTags(
  ResourceARN: string,
  previous: Tags,
  next: Tags,
  call: CallService,
): Promise<void> {
  const { set, removed } = tagChanges(previous, next)
  if (!isEmpty(set)) await call('events', 'TagResource', { ResourceARN, Tags: tagList(set) })
  if (removed.length > 0) await call('events', 'UntagResource', { ResourceARN, TagKeys: removed })
}
