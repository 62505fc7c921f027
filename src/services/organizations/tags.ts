/** Tags on the root, OUs, accounts and policies. https://docs.aws.amazon.com/organizations/latest/userguide/orgs_tagging.html */
import type { Tag } from '@aws-sdk/client-organizations'

import type { Caller } from '../caller.ts'
import type { Permission } from '../operation.ts'
import { constraintViolation, invalidInput, targetNotFound } from './errors.ts'
import { TAGS_MAX } from './limits.ts'
import { managedPolicy } from './managed-policies.ts'
import { pageOf } from './pages.ts'
import type { Tags } from './records.ts'
import {
  managedOrganization,
  onNode,
  onPolicy,
  requestTagsFrom,
  tagsFrom,
  type OrganizationsOperations,
  type OrganizationsService,
} from './service.ts'
import type { Organization, OrganizationStore } from './store.ts'
import { nodeOf } from './tree.ts'

const SYSTEM_TAG = /^aws:/i

/** The tags of one request; `present` are those the resource has already. */
export function checkTags(tags: readonly Tag[] | undefined, present: Tags = {}): void {
  const keys = (tags ?? []).map(({ Key = '' }) => Key)
  if (new Set(keys.map((key) => key.toLowerCase())).size !== keys.length) {
    throw invalidInput('DUPLICATE_TAG_KEY', 'Tag keys must be unique among the tags attached to the same entity.')
  }
  if (keys.some((key) => SYSTEM_TAG.test(key))) throw systemTag()
  if (Object.keys({ ...present, ...tagsFrom(tags) }).length > TAGS_MAX) {
    throw constraintViolation(
      'MAX_TAG_LIMIT_EXCEEDED',
      'You have exceeded the number of tags allowed on this resource.',
    )
  }
}

function systemTag(): Error {
  return invalidInput(
    'INVALID_SYSTEM_TAGS_PARAMETER',
    "You specified a tag key that is a system tag. You can't add, edit, or delete system tag keys because they're reserved for AWS use.",
  )
}

function onTaggable(
  organizations: OrganizationsService,
  caller: Caller,
  action: string,
  resourceId: string,
  details: Pick<Permission, 'requestTags' | 'context'> = {},
): Permission {
  return resourceId.startsWith('p-')
    ? onPolicy(organizations, caller, action, resourceId, details)
    : onNode(organizations, caller, action, resourceId, details)
}

interface Taggable {
  readonly tags: Tags
  replace(tags: Tags): void
}

function taggable(store: OrganizationStore, organization: Organization, id: string): Taggable {
  // AWS's own policies have no tags, and their ids are not of the form it checks for here (observed in cloud-custodian's pull request 8194).
  if (managedPolicy(id)) {
    throw invalidInput('INVALID_PATTERN', 'You provided a value that does not match the required pattern.')
  }
  const policy = organization.policies.get(id)
  if (policy) return { tags: policy.tags, replace: (tags) => organization.policies.put(id, { ...policy, tags }) }
  const unit = organization.units.get(id)
  if (unit) return { tags: unit.tags, replace: (tags) => organization.units.put(id, { ...unit, tags }) }
  const account = organization.accounts.get(id)
  if (account) return { tags: account.tags, replace: (tags) => organization.accounts.put(id, { ...account, tags }) }
  const root = nodeOf(organization, id)
  if (!root) throw targetNotFound()
  return { tags: root.tags, replace: (rootTags) => void store.save({ ...organization.record, rootTags }) }
}

export const tags: OrganizationsOperations = {
  TagResource: {
    permissions: (input, caller, organizations) => [
      onTaggable(organizations, caller, 'TagResource', input.ResourceId, { requestTags: requestTagsFrom(input.Tags) }),
    ],
    handle(input, caller, organizations) {
      const organization = managedOrganization(organizations, caller)
      const resource = taggable(organizations.store, organization, input.ResourceId)
      checkTags(input.Tags, resource.tags)
      resource.replace({ ...resource.tags, ...tagsFrom(input.Tags) })
      return {}
    },
  },

  UntagResource: {
    permissions: (input, caller, organizations) => [
      onTaggable(organizations, caller, 'UntagResource', input.ResourceId, {
        context: { 'aws:tagkeys': input.TagKeys },
      }),
    ],
    handle(input, caller, organizations) {
      const organization = managedOrganization(organizations, caller)
      const resource = taggable(organizations.store, organization, input.ResourceId)
      if (input.TagKeys.some((key) => SYSTEM_TAG.test(key))) throw systemTag()
      const removed = new Set(input.TagKeys)
      resource.replace(Object.fromEntries(Object.entries(resource.tags).filter(([key]) => !removed.has(key))))
      return {}
    },
  },

  ListTagsForResource: {
    permissions: (input, caller, organizations) => [
      onTaggable(organizations, caller, 'ListTagsForResource', input.ResourceId),
    ],
    handle(input, caller, organizations) {
      const organization = managedOrganization(organizations, caller)
      const resource = taggable(organizations.store, organization, input.ResourceId)
      const page = pageOf(Object.entries(resource.tags), ([key]) => key, { NextToken: input.NextToken })
      return { Tags: page.items.map(([Key, Value]) => ({ Key, Value })), NextToken: page.NextToken }
    },
  },
}
