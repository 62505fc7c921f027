/** Tags of EC2's resources, at their creation and later. */
import type { ResourceType, TagSpecification } from '@aws-sdk/client-ec2'

import type { JsonObject } from '../../template/json.ts'
import type { ResourceContext } from '../provider.ts'
import { isEmpty, mergedTags, tagChanges, tagList, type Tags } from '../tags.ts'

export function tagSpecifications(
  type: ResourceType,
  properties: JsonObject,
  stackTags: Tags,
): TagSpecification[] | undefined {
  const tags = mergedTags(properties, stackTags)
  return isEmpty(tags) ? undefined : [{ ResourceType: type, Tags: tagList(tags) }]
}

export async function updateTags(
  id: string,
  next: JsonObject,
  previous: { readonly properties: JsonObject; readonly stackTags: Tags },
  { call, stackTags }: Pick<ResourceContext, 'call' | 'stackTags'>,
): Promise<void> {
  const before = mergedTags(previous.properties, previous.stackTags)
  const { set, removed } = tagChanges(before, mergedTags(next, stackTags))
  if (!isEmpty(set)) await call('ec2', 'CreateTags', { Resources: [id], Tags: tagList(set) })
  if (removed.length > 0) {
    await call('ec2', 'DeleteTags', { Resources: [id], Tags: removed.map((Key) => ({ Key })) })
  }
}
