/** Managed prefix lists: blocks of addresses under one id. https://docs.aws.amazon.com/vpc/latest/userguide/managed-prefix-lists.html */
import { isIPv6 } from 'node:net'

import type * as sdk from '@aws-sdk/client-ec2'

import { AwsError } from '../../../core/aws-error.ts'
import { formatCidr, parseCidr } from '../../../core/cidr.ts'
import { onAll, onCreation, onResource, resourceArn } from '../access.ts'
import { alreadyCreated, creationOf } from '../requests/client-tokens.ts'
import { dependencyViolation, invalidCombination, invalidParameterValue } from '../errors.ts'
import { applyFilters, type Filters } from '../requests/filters.ts'
import { KINDS } from '../kinds.ts'
import { pageOf } from '../requests/paging.ts'
import { currentEntries, findPrefixList, prefixLists, type FoundPrefixList } from './prefix-lists.ts'
import type { PrefixListEntry, PrefixListRecord, Tags } from '../records.ts'
import type { Ec2Operations, Ec2Service, Place } from '../service.ts'
import { specifiedTags, tagList } from '../requests/tag-set.ts'

const ENTRIES_MAX = 1000
const NAME_LENGTH_MAX = 255

export const managedPrefixLists: Ec2Operations = {
  CreateManagedPrefixList: {
    permissions: ({ TagSpecifications }, caller) =>
      onCreation(caller, 'CreateManagedPrefixList', 'prefix-list', TagSpecifications),
    handle(input, caller, ec2) {
      const before = alreadyCreated(ec2, 'prefix-list', caller, input)
      if (before) return { PrefixList: recordShape(before) }
      const { AddressFamily: addressFamily } = input
      if (addressFamily !== 'IPv4' && addressFamily !== 'IPv6') {
        throw invalidParameterValue(`Value (${addressFamily}) for parameter AddressFamily is invalid.`)
      }
      const { account, region } = caller
      const record: PrefixListRecord = {
        id: ec2.newId('pl'),
        account,
        region,
        name: checkedName(input.PrefixListName),
        addressFamily,
        maxEntries: checkedMaximum(input.MaxEntries),
        versions: [entriesFrom(input.Entries, addressFamily)],
        lastChange: 'create',
        tags: specifiedTags(input.TagSpecifications, 'prefix-list'),
        ...creationOf(input),
      }
      checkFits(record)
      ec2.put('prefix-list', record)
      return { PrefixList: { ...recordShape(record), State: 'create-in-progress' } }
    },
  },

  DescribeManagedPrefixLists: {
    permissions: (_input, caller) => [onAll(caller, 'DescribeManagedPrefixLists')],
    handle(input, caller, ec2) {
      const found = applyFilters(askedLists(ec2, caller, input.PrefixListIds), input.Filters, FILTERS)
      const { items, NextToken } = pageOf(found, ({ list: { id } }) => id, input)
      return { PrefixLists: items.map(({ list }) => listShape(caller, list)), NextToken }
    },
  },

  /** Of AWS's own lists alone. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribePrefixLists.html */
  DescribePrefixLists: {
    permissions: (_input, caller) => [onAll(caller, 'DescribePrefixLists')],
    handle(input, caller, ec2) {
      const ofAws = askedLists(ec2, caller, input.PrefixListIds).filter(({ list }) => !list.record)
      const { items, NextToken } = pageOf(applyFilters(ofAws, input.Filters, FILTERS), ({ list: { id } }) => id, input)
      const PrefixLists = items.map(({ list }) => ({
        PrefixListId: list.id,
        PrefixListName: list.name,
        Cidrs: list.entries.map(({ cidr }) => cidr),
      }))
      return { PrefixLists, NextToken }
    },
  },

  GetManagedPrefixListEntries: {
    permissions: ({ PrefixListId }, caller, ec2) => [
      onResource(ec2, caller, 'GetManagedPrefixListEntries', 'prefix-list', PrefixListId),
    ],
    handle(input, caller, ec2) {
      const list = existingList(ec2, caller, input.PrefixListId)
      const { TargetVersion: version } = input
      const entries = version === undefined ? list.entries : versionOf(list, version)
      const { items, NextToken } = pageOf(entries, ({ cidr }) => cidr, { MaxResults: PAGE_SIZE, ...input })
      const Entries = items.map(({ cidr, description }) => ({ Cidr: cidr, Description: description }))
      return { Entries, NextToken }
    },
  },

  GetManagedPrefixListAssociations: {
    permissions: ({ PrefixListId }, caller, ec2) => [
      onResource(ec2, caller, 'GetManagedPrefixListAssociations', 'prefix-list', PrefixListId),
    ],
    handle(input, caller, ec2) {
      const { id } = existingList(ec2, caller, input.PrefixListId)
      const { items, NextToken } = pageOf(usersOf(ec2, caller, id), (user) => user, input)
      const shape = (ResourceId: string) => ({ ResourceId, ResourceOwner: caller.account })
      return { PrefixListAssociations: items.map(shape), NextToken }
    },
  },

  ModifyManagedPrefixList: {
    permissions: ({ PrefixListId, ...input }, caller, ec2) => [
      onResource(ec2, caller, 'ModifyManagedPrefixList', 'prefix-list', PrefixListId, {
        context: { 'ec2:attribute': Object.keys(input).filter((name) => name !== 'DryRun') },
      }),
    ],
    refuses: ['IpamPrefixListResolverSyncEnabled'],
    handle(input, caller, ec2) {
      const record = ownList(ec2, caller, input.PrefixListId)
      const { AddEntries = [], RemoveEntries = [], MaxEntries, PrefixListName } = input
      const isEdit = AddEntries.length + RemoveEntries.length > 0
      if (isEdit && MaxEntries !== undefined) {
        throw invalidCombination(
          'You cannot modify the entries and the maximum entries for the prefix list in the same request.',
        )
      }
      if (isEdit || input.CurrentVersion !== undefined) checkVersion(record, input.CurrentVersion)
      const modified: PrefixListRecord = {
        ...record,
        name: PrefixListName === undefined ? record.name : checkedName(PrefixListName),
        maxEntries: MaxEntries === undefined ? record.maxEntries : checkedMaximum(MaxEntries),
        versions: isEdit ? [...record.versions, edited(record, AddEntries, RemoveEntries)] : record.versions,
        lastChange: 'modify',
      }
      checkFits(modified)
      ec2.put('prefix-list', modified)
      return { PrefixList: { ...recordShape(modified), State: 'modify-in-progress' } }
    },
  },

  RestoreManagedPrefixListVersion: {
    permissions: ({ PrefixListId }, caller, ec2) => [
      onResource(ec2, caller, 'RestoreManagedPrefixListVersion', 'prefix-list', PrefixListId),
    ],
    handle(input, caller, ec2) {
      const record = ownList(ec2, caller, input.PrefixListId)
      checkVersion(record, input.CurrentVersion)
      const entries = versionOf(existingList(ec2, caller, record.id), input.PreviousVersion)
      const restored: PrefixListRecord = {
        ...record,
        versions: [...record.versions, entries],
        lastChange: 'restore',
      }
      checkFits(restored)
      ec2.put('prefix-list', restored)
      return { PrefixList: { ...recordShape(restored), State: 'restore-in-progress' } }
    },
  },

  DeleteManagedPrefixList: {
    permissions: ({ PrefixListId }, caller, ec2) => [
      onResource(ec2, caller, 'DeleteManagedPrefixList', 'prefix-list', PrefixListId),
    ],
    handle({ PrefixListId }, caller, ec2) {
      const record = ownList(ec2, caller, PrefixListId)
      if (usersOf(ec2, caller, record.id).length > 0) {
        throw dependencyViolation(`The prefix list (${record.id}) has dependencies and cannot be deleted.`)
      }
      ec2.delete('prefix-list', record)
      return { PrefixList: { ...recordShape(record), State: 'delete-in-progress' } }
    },
  },
}

const PAGE_SIZE = 100

interface Listed {
  readonly list: FoundPrefixList
  readonly tags: Tags
}

function askedLists(ec2: Ec2Service, place: Place, ids: readonly string[] | undefined): readonly Listed[] {
  const lists =
    ids === undefined || ids.length === 0
      ? prefixLists(ec2, place)
      : [...new Set(ids)].map((id) => existingList(ec2, place, id))
  return lists.map((list) => ({ list, tags: list.record?.tags ?? {} }))
}

const FILTERS: Filters<Listed> = {
  'owner-id': ({ list: { owner } }) => owner,
  'prefix-list-id': ({ list: { id } }) => id,
  'prefix-list-name': ({ list: { name } }) => name,
}

function existingList(ec2: Ec2Service, place: Place, id: string): FoundPrefixList {
  const found = findPrefixList(ec2, place, id)
  if (!found) throw KINDS['prefix-list'].notFound(id)
  return found
}

/** FIDELITY: how AWS words the refusal to change a list of its own is not documented. */
function ownList(ec2: Ec2Service, place: Place, id: string): PrefixListRecord {
  const { record } = existingList(ec2, place, id)
  if (!record) throw new AwsError('OperationNotPermitted', `The prefix list (${id}) is managed by AWS.`)
  return record
}

function versionOf(list: FoundPrefixList, version: number): readonly PrefixListEntry[] {
  const entries = list.record?.versions[version - 1]
  if (entries) return entries
  throw invalidParameterValue(`The prefix list (${list.id}) has no version ${version}.`)
}

function checkVersion({ versions }: PrefixListRecord, current: number | undefined): void {
  if (current === versions.length) return
  throw new AwsError('PrefixListVersionMismatch', 'The prefix list has the incorrect version number.')
}

function checkedName(name: string): string {
  if (name === '' || name.length > NAME_LENGTH_MAX || name.startsWith('com.amazonaws')) {
    throw invalidParameterValue(`The prefix list name '${name}' is not valid.`)
  }
  return name
}

function checkedMaximum(count: number): number {
  if (count >= 1 && count <= ENTRIES_MAX) return count
  throw invalidParameterValue(`The maximum number of entries must be between 1 and ${ENTRIES_MAX}.`)
}

function checkFits(record: PrefixListRecord): void {
  if (currentEntries(record).length <= record.maxEntries) return
  throw new AwsError(
    'PrefixListMaxEntriesExceeded',
    "You've reached the maximum number of entries for the prefix list.",
  )
}

function entriesFrom(
  given: readonly sdk.AddPrefixListEntry[] | undefined,
  family: PrefixListRecord['addressFamily'],
): readonly PrefixListEntry[] {
  const entries = new Map<string, PrefixListEntry>()
  for (const { Cidr, Description } of given ?? []) {
    const cidr = checkedCidr(Cidr, family)
    entries.set(cidr, { cidr, ...(Description !== undefined && { description: Description }) })
  }
  return [...entries.values()]
}

function checkedCidr(text = '', family: PrefixListRecord['addressFamily']): string {
  if (family === 'IPv4') {
    const cidr = parseCidr(text)
    if (cidr) return formatCidr(cidr)
  } else {
    const [address = '', length = ''] = text.split('/')
    if (isIPv6(address) && /^\d{1,3}$/.test(length) && Number(length) <= 128) return text.toLowerCase()
  }
  throw invalidParameterValue(`The CIDR (${text}) is not a valid ${family} CIDR.`)
}

/** An entry that is there already takes its new description. */
function edited(
  record: PrefixListRecord,
  added: readonly sdk.AddPrefixListEntry[],
  removed: readonly sdk.RemovePrefixListEntry[],
): readonly PrefixListEntry[] {
  const gone = new Set(removed.map(({ Cidr }) => checkedCidr(Cidr, record.addressFamily)))
  for (const cidr of gone) {
    if (currentEntries(record).some((entry) => entry.cidr === cidr)) continue
    throw invalidParameterValue(`The prefix list (${record.id}) has no entry ${cidr}.`)
  }
  const entries = new Map(currentEntries(record).map((entry) => [entry.cidr, entry]))
  for (const cidr of gone) entries.delete(cidr)
  for (const entry of entriesFrom(added, record.addressFamily)) entries.set(entry.cidr, entry)
  return [...entries.values()]
}

/** The security groups and route tables that name the list. */
function usersOf(ec2: Ec2Service, place: Place, id: string): readonly string[] {
  const groups = ec2
    .list('security-group', place)
    .filter(({ rules }) => rules.some(({ peer }) => peer.kind === 'prefix-list' && peer.id === id))
  const tables = ec2
    .list('route-table', place)
    .filter(({ routes }) =>
      routes.some(({ destination }) => 'prefixListId' in destination && destination.prefixListId === id),
    )
  return [...groups, ...tables].map((user) => user.id)
}

function listShape(place: Place, list: FoundPrefixList): sdk.ManagedPrefixList {
  if (list.record) return recordShape(list.record)
  return {
    PrefixListId: list.id,
    PrefixListName: list.name,
    PrefixListArn: `arn:aws:ec2:${place.region}:aws:prefix-list/${list.id}`,
    OwnerId: list.owner,
    AddressFamily: list.addressFamily,
    State: 'create-complete',
    Tags: [],
  }
}

function recordShape(record: PrefixListRecord): sdk.ManagedPrefixList {
  return {
    PrefixListId: record.id,
    PrefixListName: record.name,
    PrefixListArn: resourceArn('prefix-list', record, record.id),
    OwnerId: record.account,
    AddressFamily: record.addressFamily,
    State: `${record.lastChange}-complete`,
    MaxEntries: record.maxEntries,
    Version: record.versions.length,
    Tags: tagList(record.tags),
  }
}
