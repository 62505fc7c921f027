/** Tags of resources that exist. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTags.html */
import type * as sdk from '@aws-sdk/client-ec2'

import { AwsError } from '../../../core/aws-error.ts'
import type { Caller } from '../../caller.ts'
import type { Permission } from '../../operation.ts'
import { onAll, onResource, resourceArn } from '../access.ts'
import { applyFilters, type Filters } from './filters.ts'
import { KINDS, kindOfId } from '../kinds.ts'
import { pageOf } from './paging.ts'
import type { Kind, Tags } from '../records.ts'
import { allRules, ruleNotFound } from '../security/security-group-rules.ts'
import type { Ec2Operations, Ec2Service, Place } from '../service.ts'
import { checkTags, resourceTypeOf } from './tag-set.ts'

export const tags: Ec2Operations = {
  CreateTags: {
    permissions: ({ Resources, Tags: given }, caller, ec2) => {
      const requestTags = Object.fromEntries(given.map(({ Key = '', Value = '' }) => [Key, Value]))
      return Resources.map((id) => onTagged(ec2, caller, 'CreateTags', id, requestTags))
    },
    handle({ Resources, Tags: given }, caller, ec2) {
      const added = Object.fromEntries(given.map(({ Key = '', Value = '' }) => [Key, Value]))
      checkTags(added)
      // All or nothing.
      const tagged = Resources.map((id) => taggedOf(ec2, caller, id))
      for (const resource of tagged) checkTags({ ...userTags(resource.tags), ...added })
      for (const resource of tagged) resource.put({ ...resource.tags, ...added })
      return {}
    },
  },

  DeleteTags: {
    permissions: ({ Resources, Tags: given }, caller, ec2) => {
      const keys = given && Object.fromEntries(given.map(({ Key = '', Value = '' }) => [Key, Value]))
      return Resources.map((id) => onTagged(ec2, caller, 'DeleteTags', id, keys))
    },
    handle({ Resources, Tags: given }, caller, ec2) {
      const isDeleted = (key: string, value: string) =>
        given === undefined || given.length === 0
          ? !key.startsWith('aws:')
          : given.some(({ Key, Value }) => Key === key && (Value === undefined || Value === value))
      for (const resource of Resources.map((id) => taggedOf(ec2, caller, id))) {
        resource.put(Object.fromEntries(Object.entries(resource.tags).filter(([key, value]) => !isDeleted(key, value))))
      }
      return {}
    },
  },

  DescribeTags: {
    permissions: (_input, caller) => [onAll(caller, 'DescribeTags')],
    handle(input, caller, ec2) {
      const found = applyFilters(allTags(ec2, caller), input.Filters, FILTERS)
      const { items, NextToken } = pageOf(found, ({ id, key }) => `${id} ${key}`, input)
      return {
        Tags: items.map(({ id, key, type, value }) => ({
          ResourceId: id,
          ResourceType: type as sdk.ResourceType,
          Key: key,
          Value: value,
        })),
        NextToken,
      }
    },
  },
}

interface Tagged {
  readonly tags: Tags
  put(tags: Tags): void
}

function taggedOf(ec2: Ec2Service, place: Place, id: string): Tagged {
  if (id.startsWith('sgr-')) return taggedRule(ec2, place, id)
  const kind = kindOfId(id)
  if (!kind) throw new AwsError('InvalidID', `The ID '${id}' is not valid`)
  const record = ec2.get(kind, place, id)
  return { tags: record.tags, put: (next) => ec2.put(kind, { ...record, tags: next }) }
}

function taggedRule(ec2: Ec2Service, place: Place, id: string): Tagged {
  const found = allRules(ec2, place).find(({ rule }) => rule.id === id)
  if (!found) throw ruleNotFound(id)
  return {
    tags: found.tags,
    put(next) {
      // Another rule of the group may have been tagged by the same request.
      const group = ec2.get('security-group', place, found.group.id)
      const rules = group.rules.map((rule) => (rule.id === id ? { ...rule, tags: next } : rule))
      ec2.put('security-group', { ...group, rules })
    },
  }
}

function userTags(all: Tags): Tags {
  return Object.fromEntries(Object.entries(all).filter(([key]) => !key.startsWith('aws:')))
}

function onTagged(
  ec2: Ec2Service,
  caller: Caller,
  action: string,
  id: string,
  requestTags: Tags | undefined,
): Permission {
  const kind = kindOfId(id)
  if (kind) return onResource(ec2, caller, action, kind, id, { requestTags })
  return {
    action: `ec2:${action}`,
    resource: id.startsWith('sgr-') ? resourceArn('security-group-rule', caller, id) : '*',
    context: { 'ec2:region': caller.region },
    ...(requestTags && { requestTags }),
  }
}

interface TagOfResource {
  readonly id: string
  readonly type: string
  readonly key: string
  readonly value: string
  readonly tags: Tags
}

function allTags(ec2: Ec2Service, place: Place): readonly TagOfResource[] {
  const ofKinds = (Object.keys(KINDS) as Kind[]).flatMap((kind) =>
    ec2.list(kind, place).flatMap((record) => tagsOf(record.id, resourceTypeOf(kind), record.tags)),
  )
  const ofRules = allRules(ec2, place).flatMap(({ rule }) => tagsOf(rule.id, 'security-group-rule', rule.tags))
  return [...ofKinds, ...ofRules]
}

function tagsOf(id: string, type: string, all: Tags): readonly TagOfResource[] {
  return Object.entries(all).map(([key, value]) => ({ id, type, key, value, tags: { [key]: value } }))
}

const FILTERS: Filters<TagOfResource> = {
  key: ({ key }) => key,
  'resource-id': ({ id }) => id,
  'resource-type': ({ type }) => type,
  value: ({ value }) => value,
}
