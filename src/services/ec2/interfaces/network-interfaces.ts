/** Network interfaces. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterface.html */
import type * as sdk from '@aws-sdk/client-ec2'

import { AwsError } from '../../../core/aws-error.ts'
import { callerUserId } from '../../caller.ts'
import { onAll, onCreation, onResource } from '../access.ts'
import { alreadyCreated, creationOf } from '../requests/client-tokens.ts'
import { invalidParameterValue, missingParameter, notImplemented } from '../errors.ts'
import { applyFilters, type Filters } from '../requests/filters.ts'
import { checkGroups, createInterface } from './interface-creation.ts'
import { pageOf } from '../requests/paging.ts'
import type { AddressRecord, NetworkInterfaceRecord } from '../records.ts'
import type { Ec2Operations, Ec2Service } from '../service.ts'
import { specifiedTags, tagList } from '../requests/tag-set.ts'
import { zoneIdOf } from '../zones/zones.ts'

export const networkInterfaces: Ec2Operations = {
  CreateNetworkInterface: {
    permissions: ({ Groups = [], SubnetId, TagSpecifications }, caller, ec2) => [
      ...onCreation(caller, 'CreateNetworkInterface', 'network-interface', TagSpecifications),
      onResource(ec2, caller, 'CreateNetworkInterface', 'subnet', SubnetId),
      ...Groups.map((id) => onResource(ec2, caller, 'CreateNetworkInterface', 'security-group', id)),
    ],
    refuses: [
      'ConnectionTrackingSpecification',
      'EnablePrimaryIpv6',
      'InterfaceType',
      'Ipv4PrefixCount',
      'Ipv4Prefixes',
      'Ipv6AddressCount',
      'Ipv6Addresses',
      'Ipv6PrefixCount',
      'Ipv6Prefixes',
      'Operator',
      'SecondaryPrivateIpAddressCount',
    ],
    handle(input, caller, ec2) {
      const before = alreadyCreated(ec2, 'network-interface', caller, input)
      if (before) return { NetworkInterface: interfaceShape(ec2, before) }
      const subnet = ec2.get('subnet', caller, input.SubnetId)
      const requesterId = callerUserId(caller.principal)
      const created = createInterface(ec2, subnet, {
        description: input.Description ?? '',
        groupIds: input.Groups,
        privateIp: askedAddress(input),
        role: { kind: 'interface' },
        interfaceType: 'interface',
        requesterManaged: false,
        ...(requesterId !== undefined && { requesterId }),
        tags: specifiedTags(input.TagSpecifications, 'network-interface'),
        ...creationOf(input),
      })
      // Outside the model's enum, but what AWS answers.
      const Status = 'pending' as sdk.NetworkInterfaceStatus
      return { NetworkInterface: { ...interfaceShape(ec2, created), Status } }
    },
  },

  DescribeNetworkInterfaces: {
    permissions: (_input, caller) => [onAll(caller, 'DescribeNetworkInterfaces')],
    refuses: ['IncludeManagedResources'],
    handle(input, caller, ec2) {
      const { NetworkInterfaceIds: ids, Filters: filters } = input
      const found = applyFilters(ec2.asked('network-interface', caller, ids), filters, filtersFor(ec2))
      const { items, NextToken } = pageOf(found, ({ id }) => id, input, { idsParameter: ids && 'networkInterfaceIds' })
      return { NetworkInterfaces: items.map((item) => interfaceShape(ec2, item)), NextToken }
    },
  },

  ModifyNetworkInterfaceAttribute: {
    permissions: ({ NetworkInterfaceId: id, Groups = [], ...input }, caller, ec2) => [
      onResource(ec2, caller, 'ModifyNetworkInterfaceAttribute', 'network-interface', id, {
        context: { 'ec2:attribute': attributeNamed(input) },
      }),
      ...Groups.map((groupId) => onResource(ec2, caller, 'ModifyNetworkInterfaceAttribute', 'security-group', groupId)),
    ],
    refuses: [
      'AssociatePublicIpAddress',
      'AssociatedSubnetIds',
      'Attachment',
      'ConnectionTrackingSpecification',
      'EnaSrdSpecification',
      'EnablePrimaryIpv6',
    ],
    handle({ NetworkInterfaceId: id, Groups, Description, SourceDestCheck }, caller, ec2) {
      const found = ec2.get('network-interface', caller, id)
      if (Groups) {
        if (found.role.kind !== 'interface') {
          throw new AwsError(
            'OperationNotPermitted',
            'The security group can not be modified for this type of interface',
          )
        }
        if (Groups.length === 0) throw invalidParameterValue('You must specify at least one security group')
        checkGroups(ec2, { ...found, id: found.subnetId }, Groups)
      }
      ec2.put('network-interface', {
        ...found,
        ...(Groups && { groupIds: [...new Set(Groups)] }),
        ...(Description?.Value !== undefined && { description: Description.Value }),
        ...(SourceDestCheck?.Value !== undefined && { sourceDestCheck: SourceDestCheck.Value }),
      })
      return {}
    },
  },

  DescribeNetworkInterfaceAttribute: {
    permissions: (_input, caller) => [onAll(caller, 'DescribeNetworkInterfaceAttribute')],
    handle({ NetworkInterfaceId: id, Attribute }, caller, ec2) {
      const found = ec2.get('network-interface', caller, id)
      const shape = interfaceShape(ec2, found)
      switch (Attribute) {
        case 'description':
          return { NetworkInterfaceId: id, Description: { Value: found.description } }
        case 'groupSet':
          return { NetworkInterfaceId: id, Groups: shape.Groups }
        case 'sourceDestCheck':
          return { NetworkInterfaceId: id, SourceDestCheck: { Value: found.sourceDestCheck } }
        case 'attachment':
          return { NetworkInterfaceId: id, Attachment: shape.Attachment }
        case 'associatePublicIpAddress':
          return { NetworkInterfaceId: id, AssociatePublicIpAddress: false }
        case undefined:
          throw missingParameter('attribute')
      }
    },
  },

  DeleteNetworkInterface: {
    permissions: ({ NetworkInterfaceId: id }, caller, ec2) => [
      onResource(ec2, caller, 'DeleteNetworkInterface', 'network-interface', id),
    ],
    handle({ NetworkInterfaceId: id }, caller, ec2) {
      const found = ec2.get('network-interface', caller, id)
      if (found.attachment) {
        throw new AwsError('InvalidParameterValue', `Network interface '${id}' is currently in use.`)
      }
      const address = addressOf(ec2, found)
      if (address) {
        const { association: _gone, ...free } = address
        ec2.put('elastic-ip', free)
      }
      ec2.delete('network-interface', found)
      return {}
    },
  },
}

function askedAddress({
  PrivateIpAddress,
  PrivateIpAddresses = [],
}: sdk.CreateNetworkInterfaceRequest): string | undefined {
  const [first, ...others] = PrivateIpAddresses
  if (others.length > 0) throw notImplemented('PrivateIpAddresses with more than one address', 'CreateNetworkInterface')
  return PrivateIpAddress ?? first?.PrivateIpAddress
}

/** The case is AWS's. */
function attributeNamed(input: { readonly Description?: unknown; readonly SourceDestCheck?: unknown }): string {
  if (input.Description) return 'Description'
  return input.SourceDestCheck ? 'SourceDestCheck' : 'Groups'
}

/** The elastic IP address that is associated with an interface. */
export function addressOf(ec2: Ec2Service, { id, ...place }: NetworkInterfaceRecord): AddressRecord | undefined {
  return ec2.list('elastic-ip', place).find(({ association }) => association?.networkInterfaceId === id)
}

function filtersFor(ec2: Ec2Service): Filters<NetworkInterfaceRecord> {
  const publicIp = (item: NetworkInterfaceRecord) => addressOf(ec2, item)?.publicIp
  return {
    'addresses.private-ip-address': ({ address }) => address,
    'addresses.primary': () => true,
    'addresses.association.public-ip': publicIp,
    'association.allocation-id': (item) => addressOf(ec2, item)?.id,
    'association.association-id': (item) => addressOf(ec2, item)?.association?.id,
    'association.public-ip': publicIp,
    'attachment.attachment-id': ({ attachment }) => attachment?.id,
    'attachment.device-index': ({ attachment }) => attachment?.deviceIndex,
    'attachment.instance-owner-id': ({ attachment }) => attachment?.instanceOwnerId,
    'attachment.status': ({ attachment }) => attachment && 'attached',
    'availability-zone': ({ zone }) => zone,
    'availability-zone-id': ({ zone }) => zoneIdOf(zone),
    description: ({ description }) => description,
    'group-id': ({ groupIds }) => groupIds,
    'group-name': (item) => item.groupIds.map((id) => ec2.find('security-group', item, id)?.name),
    'interface-type': ({ interfaceType }) => interfaceType,
    'mac-address': ({ macAddress }) => macAddress,
    'network-interface-id': ({ id }) => id,
    'private-dns-name': (item) => privateDnsName(ec2, item),
    'private-ip-address': ({ address }) => address,
    'requester-id': ({ requesterId }) => requesterId,
    'requester-managed': ({ requesterManaged }) => requesterManaged,
    'source-dest-check': ({ sourceDestCheck }) => sourceDestCheck,
    status: (item) => statusOf(item),
    'subnet-id': ({ subnetId }) => subnetId,
    'vpc-id': ({ vpcId }) => vpcId,
  }
}

function statusOf({ attachment }: NetworkInterfaceRecord): sdk.NetworkInterfaceStatus {
  return attachment ? 'in-use' : 'available'
}

export function interfaceShape(ec2: Ec2Service, item: NetworkInterfaceRecord): sdk.NetworkInterface {
  const { attachment } = item
  const address = addressOf(ec2, item)
  const PrivateDnsName = privateDnsName(ec2, item)
  const Association = address?.association && {
    AllocationId: address.id,
    AssociationId: address.association.id,
    IpOwnerId: address.account,
    PublicDnsName: '',
    PublicIp: address.publicIp,
  }
  return {
    NetworkInterfaceId: item.id,
    OwnerId: item.account,
    VpcId: item.vpcId,
    SubnetId: item.subnetId,
    AvailabilityZone: item.zone,
    AvailabilityZoneId: zoneIdOf(item.zone),
    Description: item.description,
    InterfaceType: item.interfaceType as sdk.NetworkInterfaceType,
    Status: statusOf(item),
    MacAddress: item.macAddress,
    PrivateIpAddress: item.address,
    PrivateDnsName,
    PrivateIpAddresses: [{ Primary: true, PrivateIpAddress: item.address, PrivateDnsName, Association }],
    Ipv6Addresses: [],
    Groups: item.groupIds.map((GroupId) => ({ GroupId, GroupName: ec2.find('security-group', item, GroupId)?.name })),
    SourceDestCheck: item.sourceDestCheck,
    RequesterId: item.requesterId,
    RequesterManaged: item.requesterManaged,
    Association,
    ...(attachment && {
      Attachment: {
        AttachmentId: attachment.id,
        AttachTime: new Date(attachment.attachedMs),
        DeleteOnTermination: attachment.deleteOnTermination,
        DeviceIndex: attachment.deviceIndex,
        InstanceOwnerId: attachment.instanceOwnerId,
        Status: 'attached',
      },
    }),
    TagSet: tagList(item.tags),
  }
}

/** https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html */
function privateDnsName(ec2: Ec2Service, item: NetworkInterfaceRecord): string | undefined {
  if (!ec2.find('vpc', item, item.vpcId)?.enableDnsHostnames) return undefined
  const domain = item.region === 'us-east-1' ? 'ec2.internal' : `${item.region}.compute.internal`
  return `ip-${item.address.replaceAll('.', '-')}.${domain}`
}
