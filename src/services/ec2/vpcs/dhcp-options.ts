/** DHCP option sets. https://docs.aws.amazon.com/vpc/latest/userguide/VPC_DHCP_Options.html */
import type * as sdk from '@aws-sdk/client-ec2'

import { onAll, onCreation, onResource } from '../access.ts'
import { dependencyViolation, invalidValue, missingParameter } from '../errors.ts'
import { applyFilters, type Filters } from '../requests/filters.ts'
import { pageOf } from '../requests/paging.ts'
import type { DhcpOptionsRecord } from '../records.ts'
import type { Ec2Operations } from '../service.ts'
import { specifiedTags, tagList } from '../requests/tag-set.ts'

const KEYS = [
  'domain-name',
  'domain-name-servers',
  'ipv6-address-preferred-lease-time',
  'netbios-name-servers',
  'netbios-node-type',
  'ntp-servers',
]
/** Of every option but the domain name, which is one text. */
const VALUES_MAX = 4

/**
 * FIDELITY: what they say is kept and answered; the data plane gives no leases, and its resolver is AmazonProvidedDNS in every VPC. The set that
 * AWS makes in every Region is not there: a VPC without a set of its own has the set `default`.
 */
export const dhcpOptions: Ec2Operations = {
  CreateDhcpOptions: {
    permissions: ({ TagSpecifications }, caller) =>
      onCreation(caller, 'CreateDhcpOptions', 'dhcp-options', TagSpecifications),
    handle({ DhcpConfigurations: given, TagSpecifications }, caller, ec2) {
      if (given.length === 0) throw missingParameter('dhcpConfiguration')
      const { account, region } = caller
      const record: DhcpOptionsRecord = {
        id: ec2.newId('dopt'),
        account,
        region,
        configurations: given.map(checkedConfiguration),
        tags: specifiedTags(TagSpecifications, 'dhcp-options'),
      }
      ec2.put('dhcp-options', record)
      return { DhcpOptions: optionsShape(record) }
    },
  },

  DescribeDhcpOptions: {
    permissions: (_input, caller) => [onAll(caller, 'DescribeDhcpOptions')],
    handle(input, caller, ec2) {
      const { DhcpOptionsIds: ids, Filters: filters } = input
      const found = applyFilters(ec2.asked('dhcp-options', caller, ids), filters, FILTERS)
      const { items, NextToken } = pageOf(found, ({ id }) => id, input, { idsParameter: ids && 'dhcpOptionsIds' })
      return { DhcpOptions: items.map(optionsShape), NextToken }
    },
  },

  AssociateDhcpOptions: {
    permissions: ({ DhcpOptionsId, VpcId }, caller, ec2) => [
      onResource(ec2, caller, 'AssociateDhcpOptions', 'dhcp-options', DhcpOptionsId),
      onResource(ec2, caller, 'AssociateDhcpOptions', 'vpc', VpcId),
    ],
    handle({ DhcpOptionsId: dhcpOptionsId, VpcId }, caller, ec2) {
      const vpc = ec2.get('vpc', caller, VpcId)
      if (dhcpOptionsId !== 'default') ec2.get('dhcp-options', caller, dhcpOptionsId)
      ec2.put('vpc', { ...vpc, dhcpOptionsId })
      return {}
    },
  },

  DeleteDhcpOptions: {
    permissions: ({ DhcpOptionsId }, caller, ec2) => [
      onResource(ec2, caller, 'DeleteDhcpOptions', 'dhcp-options', DhcpOptionsId),
    ],
    handle({ DhcpOptionsId: id }, caller, ec2) {
      const record = ec2.get('dhcp-options', caller, id)
      if (ec2.list('vpc', caller).some(({ dhcpOptionsId }) => dhcpOptionsId === id)) {
        throw dependencyViolation(`The dhcpOptions '${id}' has dependencies and cannot be deleted.`)
      }
      ec2.delete('dhcp-options', record)
      return {}
    },
  },
}

function checkedConfiguration({
  Key: key = '',
  Values: values = [],
}: sdk.NewDhcpConfiguration): DhcpOptionsRecord['configurations'][number] {
  if (!KEYS.includes(key)) throw invalidValue('key', key, 'Unknown DHCP option')
  const valuesMax = key === 'domain-name' ? 1 : VALUES_MAX
  if (values.length === 0 || values.length > valuesMax) {
    throw invalidValue(key, values.join(', '), `There must be 1 to ${valuesMax} values.`)
  }
  return { key, values }
}

const FILTERS: Filters<DhcpOptionsRecord> = {
  'dhcp-options-id': ({ id }) => id,
  key: ({ configurations }) => configurations.map(({ key }) => key),
  value: ({ configurations }) => configurations.flatMap(({ values }) => values),
}

function optionsShape({ id, account, configurations, tags }: DhcpOptionsRecord): sdk.DhcpOptions {
  return {
    DhcpOptionsId: id,
    OwnerId: account,
    DhcpConfigurations: configurations.map(({ key, values }) => ({
      Key: key,
      Values: values.map((Value) => ({ Value })),
    })),
    Tags: tagList(tags),
  }
}
