/** Prefix lists as rules and routes mean them: an account's own, or one of AWS's. */
import { awsPrefixLists } from './aws-prefix-lists.ts'
import type { PrefixListEntry, PrefixListRecord } from '../records.ts'
import type { Ec2Service, Place } from '../service.ts'

export interface FoundPrefixList {
  readonly id: string
  readonly name: string
  /** `AWS` of AWS's own. */
  readonly owner: string
  readonly addressFamily: 'IPv4' | 'IPv6'
  readonly entries: readonly PrefixListEntry[]
  /** Of an account's own. */
  readonly record?: PrefixListRecord
}

export function prefixLists(ec2: Ec2Service, place: Place): readonly FoundPrefixList[] {
  const own = ec2.list('prefix-list', place).map((record) => ({
    id: record.id,
    name: record.name,
    owner: record.account,
    addressFamily: record.addressFamily,
    entries: currentEntries(record),
    record,
  }))
  const ofAws = awsPrefixLists(place.region).map(({ id, name, cidrs }) => ({
    id,
    name,
    owner: 'AWS',
    addressFamily: 'IPv4' as const,
    entries: cidrs.map((cidr) => ({ cidr })),
  }))
  return [...own, ...ofAws]
}

export function findPrefixList(ec2: Ec2Service, place: Place, id: string): FoundPrefixList | undefined {
  return prefixLists(ec2, place).find((list) => list.id === id)
}

export function currentEntries({ versions }: PrefixListRecord): readonly PrefixListEntry[] {
  return versions.at(-1) ?? []
}
