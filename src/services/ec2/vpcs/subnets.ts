/** Subnets. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Subnet.html */
import type * as sdk from '@aws-sdk/client-ec2'

import { onAll, onCreation, onResource, resourceArn } from '../access.ts'
import { freeAddressCount } from './addresses.ts'
import { dependencyViolation, invalidValue, missingParameter } from '../errors.ts'
import { applyFilters, type Filters } from '../requests/filters.ts'
import { detachHostsOf } from '../interfaces/host-attachments.ts'
import { pageOf } from '../requests/paging.ts'
import { checkQuota, QUOTAS } from '../quotas.ts'
import type { SubnetRecord, VpcRecord } from '../records.ts'
import type { Ec2Operations, Ec2Service, Place } from '../service.ts'
import { specifiedTags, tagList } from '../requests/tag-set.ts'
import { checkSubnetCidr } from './vpc-creation.ts'
import { zoneIdOf, zonesOf } from '../zones/zones.ts'

export const subnets: Ec2Operations = {
  CreateSubnet: {
    permissions: ({ TagSpecifications, VpcId }, caller, ec2) => [
      ...onCreation(caller, 'CreateSubnet', 'subnet', TagSpecifications, {
        'ec2:vpc': resourceArn('vpc', caller, VpcId),
      }),
      onResource(ec2, caller, 'CreateSubnet', 'vpc', VpcId),
    ],
    refuses: [
      'Ipv4IpamPoolId',
      'Ipv4NetmaskLength',
      'Ipv6CidrBlock',
      'Ipv6IpamPoolId',
      'Ipv6Native',
      'Ipv6NetmaskLength',
      'OutpostArn',
    ],
    handle(input, caller, ec2) {
      const { CidrBlock, TagSpecifications, VpcId } = input
      const vpc = ec2.get('vpc', caller, VpcId)
      if (CidrBlock === undefined) throw missingParameter('cidrBlock')
      const subnet = createSubnet(ec2, vpc, {
        cidr: checkSubnetCidr(ec2, vpc, CidrBlock),
        zone: askedZone(caller, input),
        isDefault: false,
        tags: specifiedTags(TagSpecifications, 'subnet'),
      })
      return { Subnet: { ...subnetShape(ec2, subnet), Tags: tagList(subnet.tags) } }
    },
  },

  DescribeSubnets: {
    permissions: (_input, caller) => [onAll(caller, 'DescribeSubnets')],
    handle(input, caller, ec2) {
      const { SubnetIds, Filters: filters } = input
      const found = applyFilters(ec2.asked('subnet', caller, SubnetIds), filters, filtersFor(ec2))
      const { items, NextToken } = pageOf(found, ({ id }) => id, input, { idsParameter: SubnetIds && 'subnetIds' })
      return { Subnets: items.map((subnet) => subnetShape(ec2, subnet)), NextToken }
    },
  },

  DeleteSubnet: {
    permissions: ({ SubnetId }, caller, ec2) => [onResource(ec2, caller, 'DeleteSubnet', 'subnet', SubnetId)],
    handle({ SubnetId }, caller, ec2) {
      const subnet = ec2.get('subnet', caller, SubnetId)
      detachHostsOf(ec2, subnet)
      if (ec2.list('network-interface', subnet).some(({ subnetId }) => subnetId === subnet.id)) {
        throw dependencyViolation(`The subnet '${SubnetId}' has dependencies and cannot be deleted.`)
      }
      for (const table of ec2.list('route-table', subnet)) {
        const associations = table.associations.filter(({ subnetId }) => subnetId !== subnet.id)
        if (associations.length < table.associations.length) ec2.put('route-table', { ...table, associations })
      }
      ec2.delete('subnet', subnet)
      return {}
    },
  },
}

export function createSubnet(
  ec2: Ec2Service,
  vpc: VpcRecord,
  wanted: Pick<SubnetRecord, 'cidr' | 'zone' | 'isDefault' | 'tags'>,
): SubnetRecord {
  const { account, region, id: vpcId } = vpc
  const siblings = ec2.list('subnet', vpc).filter((subnet) => subnet.vpcId === vpcId)
  checkQuota(ec2, vpc, QUOTAS.subnetsPerVpc, siblings.length, {
    code: 'SubnetLimitExceeded',
    message: 'The maximum number of subnets has been reached.',
  })
  const acl = ec2.list('network-acl', vpc).find((candidate) => candidate.vpcId === vpcId && candidate.isDefault)
  if (!acl) throw new Error(`${vpcId} has no default network ACL`)
  const subnet: SubnetRecord = {
    id: ec2.newId('subnet'),
    account,
    region,
    vpcId,
    mapPublicIpOnLaunch: wanted.isDefault,
    networkAclId: acl.id,
    networkAclAssociationId: ec2.newId('aclassoc'),
    ...wanted,
  }
  ec2.put('subnet', subnet)
  return subnet
}

/** FIDELITY: AWS chooses a zone where a request names none; here it is the first. */
function askedZone(
  { region }: Place,
  { AvailabilityZone: zone, AvailabilityZoneId: zoneId }: sdk.CreateSubnetRequest,
): string {
  const known = zonesOf(region)
  const asked = zoneId === undefined ? (zone ?? known[0]) : known.find((candidate) => zoneIdOf(candidate) === zoneId)
  if (asked !== undefined && known.includes(asked)) return asked
  const parameter = zoneId === undefined ? 'availabilityZone' : 'availabilityZoneId'
  const expected = zoneId === undefined ? known : known.map(zoneIdOf)
  throw invalidValue(
    parameter,
    zoneId ?? zone ?? '',
    `Subnets can currently only be created in the following availability zones: ${expected.join(', ')}.`,
  )
}

function filtersFor(ec2: Ec2Service): Filters<SubnetRecord> {
  const cidr = (subnet: SubnetRecord) => subnet.cidr
  const zone = (subnet: SubnetRecord) => subnet.zone
  const isDefault = (subnet: SubnetRecord) => subnet.isDefault
  const zoneId = (subnet: SubnetRecord) => zoneIdOf(subnet.zone)
  return {
    'availability-zone': zone,
    availabilityZone: zone,
    'availability-zone-id': zoneId,
    availabilityZoneId: zoneId,
    'available-ip-address-count': (subnet) => freeAddressCount(ec2, subnet),
    cidr,
    'cidr-block': cidr,
    cidrBlock: cidr,
    'default-for-az': isDefault,
    defaultForAz: isDefault,
    'map-public-ip-on-launch': ({ mapPublicIpOnLaunch }) => mapPublicIpOnLaunch,
    state: () => 'available',
    'subnet-arn': (subnet) => resourceArn('subnet', subnet, subnet.id),
    'subnet-id': ({ id }) => id,
    'vpc-id': ({ vpcId }) => vpcId,
  }
}

export function subnetShape(ec2: Ec2Service, subnet: SubnetRecord): sdk.Subnet {
  return {
    SubnetId: subnet.id,
    SubnetArn: resourceArn('subnet', subnet, subnet.id),
    OwnerId: subnet.account,
    VpcId: subnet.vpcId,
    State: 'available',
    CidrBlock: subnet.cidr,
    AvailableIpAddressCount: freeAddressCount(ec2, subnet),
    AvailabilityZone: subnet.zone,
    AvailabilityZoneId: zoneIdOf(subnet.zone),
    DefaultForAz: subnet.isDefault,
    MapPublicIpOnLaunch: subnet.mapPublicIpOnLaunch,
    MapCustomerOwnedIpOnLaunch: false,
    AssignIpv6AddressOnCreation: false,
    Ipv6CidrBlockAssociationSet: [],
    Ipv6Native: false,
    EnableDns64: false,
    PrivateDnsNameOptionsOnLaunch: {
      HostnameType: 'ip-name',
      EnableResourceNameDnsARecord: false,
      EnableResourceNameDnsAAAARecord: false,
    },
    BlockPublicAccessStates: { InternetGatewayBlockMode: 'off' },
    ...(Object.keys(subnet.tags).length > 0 && { Tags: tagList(subnet.tags) }),
  }
}
