/** Tags of resources: what a request may ask for, and how they are answered. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html */
import type * as sdk from '@aws-sdk/client-ec2'

import { AwsError } from '../../../core/aws-error.ts'
import { invalidParameterValue } from '../errors.ts'
import type { Kind, Tags } from '../records.ts'

const TAGS_MAX = 50
const KEY_LENGTH_MAX = 127
const VALUE_LENGTH_MAX = 256

/** A kind's name in tag specifications, where it is not that of its ARN. */
const SPECIFIED_TYPES: Partial<Record<Kind | 'security-group-rule', sdk.ResourceType>> = { natgateway: 'natgateway' }

export function resourceTypeOf(kind: Kind | 'security-group-rule'): string {
  return SPECIFIED_TYPES[kind] ?? kind
}

/** The tags that a request gives to what it creates; checked. Throws for tags of another type of resource. */
export function specifiedTags(
  specifications: readonly sdk.TagSpecification[] | undefined,
  kind: Kind | 'security-group-rule',
): Tags {
  const tags: Record<string, string> = {}
  for (const { ResourceType, Tags: given = [] } of specifications ?? []) {
    if (ResourceType !== resourceTypeOf(kind)) {
      throw invalidParameterValue(
        ResourceType === undefined
          ? 'Tag specification resource type must have a value'
          : `'${ResourceType}' is not a valid taggable resource type for this operation.`,
      )
    }
    if (given.length === 0) throw invalidParameterValue('Tag specification must have at least one tag')
    for (const { Key = '', Value = '' } of given) {
      if (Object.hasOwn(tags, Key)) {
        throw invalidParameterValue(`Duplicate tag key '${Key}' specified.`)
      }
      tags[Key] = Value
    }
  }
  checkTags(tags)
  return tags
}

/** What a policy sees of them: whatever was sent, checked or not. Undefined where the request gives none. */
export function requestedTags(specifications: readonly sdk.TagSpecification[] | undefined): Tags | undefined {
  const pairs = (specifications ?? []).flatMap(({ Tags: given = [] }) =>
    given.map(({ Key = '', Value = '' }) => [Key, Value] as const),
  )
  return pairs.length === 0 ? undefined : Object.fromEntries(pairs)
}

export function checkTags(tags: Tags): void {
  for (const [key, value] of Object.entries(tags)) {
    if (key === '') throw invalidParameterValue('Tag key cannot be an empty string.')
    if (key.toLowerCase().startsWith('aws:')) {
      throw invalidParameterValue(`Tag keys starting with 'aws:' are reserved for internal use`)
    }
    if (key.length > KEY_LENGTH_MAX)
      throw invalidParameterValue(`Tag key exceeds the maximum length of ${KEY_LENGTH_MAX} characters`)
    if (value.length > VALUE_LENGTH_MAX)
      throw invalidParameterValue(`Tag value exceeds the maximum length of ${VALUE_LENGTH_MAX} characters`)
  }
  if (Object.keys(tags).length > TAGS_MAX) {
    throw new AwsError('TagLimitExceeded', 'The maximum number of Tags for a resource has been reached.')
  }
}

export function tagList(tags: Tags): sdk.Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
}
