/** Elastic IP addresses. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/elastic-ip-addresses-eip.html */
import type * as sdk from '@aws-sdk/client-ec2'

import { AwsError } from '../../../core/aws-error.ts'
import { formatIpv4, sizeOfCidr } from '../../../core/cidr.ts'
import { onAll, onCreation, onResource } from '../access.ts'
import { invalidCombination, invalidParameterValue, invalidValue, missingParameter, notImplemented } from '../errors.ts'
import { applyFilters, type Filters } from '../requests/filters.ts'
import { gatewayOf } from './internet-gateways.ts'
import { pageOf } from '../requests/paging.ts'
import { checkQuota, QUOTAS } from '../quotas.ts'
import type { AddressRecord, NetworkInterfaceRecord } from '../records.ts'
import type { Ec2Operations, Ec2Service, Place } from '../service.ts'
import { specifiedTags, tagList } from '../requests/tag-set.ts'
import { block } from '../vpcs/vpc-creation.ts'

/** FIDELITY: blocks that are set aside for documentation, so that no address of ours is anybody's. https://www.rfc-editor.org/rfc/rfc5737 */
const POOL = ['198.51.100.0/24', '192.0.2.0/24'].map((cidr) => block(cidr))
const AMAZON_POOL = 'amazon'

export const elasticIps: Ec2Operations = {
  AllocateAddress: {
    permissions: ({ TagSpecifications }, caller) =>
      onCreation(caller, 'AllocateAddress', 'elastic-ip', TagSpecifications),
    refuses: ['Address', 'CustomerOwnedIpv4Pool', 'IpamPoolId'],
    handle({ Domain, NetworkBorderGroup, PublicIpv4Pool, TagSpecifications }, { account, region }, ec2) {
      const place = { account, region }
      if (Domain === 'standard') throw invalidValue('domain', Domain, 'EC2-Classic is not available any more.')
      if (PublicIpv4Pool !== undefined && PublicIpv4Pool !== AMAZON_POOL) {
        throw notImplemented('PublicIpv4Pool', 'AllocateAddress')
      }
      if (NetworkBorderGroup !== undefined && NetworkBorderGroup !== region) {
        throw notImplemented('NetworkBorderGroup', 'AllocateAddress')
      }
      checkQuota(ec2, place, QUOTAS.elasticIpsPerRegion, ec2.list('elastic-ip', place).length, {
        code: 'AddressLimitExceeded',
        message: 'The maximum number of addresses has been reached.',
      })
      const address: AddressRecord = {
        id: ec2.newId('eipalloc'),
        account,
        region,
        publicIp: freePublicIp(ec2),
        tags: specifiedTags(TagSpecifications, 'elastic-ip'),
      }
      ec2.put('elastic-ip', address)
      return {
        AllocationId: address.id,
        Domain: 'vpc',
        NetworkBorderGroup: region,
        PublicIp: address.publicIp,
        PublicIpv4Pool: AMAZON_POOL,
      }
    },
  },

  DescribeAddresses: {
    permissions: (_input, caller) => [onAll(caller, 'DescribeAddresses')],
    handle({ AllocationIds, Filters: filters, PublicIps }, caller, ec2) {
      const asked =
        PublicIps && PublicIps.length > 0
          ? PublicIps.map((ip) => addressWithIp(ec2, caller, ip))
          : ec2.asked('elastic-ip', caller, AllocationIds)
      return { Addresses: applyFilters(asked, filters, filtersFor(ec2)).map((address) => addressShape(ec2, address)) }
    },
  },

  /** Nobody can give an address a name of its own here, so none has one. Tools ask all the same. */
  DescribeAddressesAttribute: {
    permissions: (_input, caller) => [onAll(caller, 'DescribeAddressesAttribute')],
    handle(input, caller, ec2) {
      const asked = ec2.asked('elastic-ip', caller, input.AllocationIds)
      const { items, NextToken } = pageOf(asked, ({ id }) => id, input)
      return { Addresses: items.map(({ id, publicIp }) => ({ AllocationId: id, PublicIp: publicIp })), NextToken }
    },
  },

  AssociateAddress: {
    permissions: ({ AllocationId, NetworkInterfaceId }, caller, ec2) => [
      onResource(ec2, caller, 'AssociateAddress', 'elastic-ip', AllocationId),
      ...(NetworkInterfaceId === undefined
        ? []
        : [onResource(ec2, caller, 'AssociateAddress', 'network-interface', NetworkInterfaceId)]),
    ],
    handle(input, caller, ec2) {
      if (input.AllocationId === undefined) {
        throw invalidCombination('You must specify an allocation id when mapping an address to a VPC instance')
      }
      if (input.InstanceId !== undefined) {
        throw new AwsError('InvalidInstanceID.NotFound', `The instance ID '${input.InstanceId}' does not exist`)
      }
      if (input.NetworkInterfaceId === undefined) throw missingParameter('networkInterfaceId')
      const address = ec2.get('elastic-ip', caller, input.AllocationId)
      const target = ec2.get('network-interface', caller, input.NetworkInterfaceId)
      refuseManaged(ec2, address)
      if (target.requesterManaged) throw noPermission()
      const { association } = address
      if (association?.networkInterfaceId === target.id) return { AssociationId: association.id }
      if (association && input.AllowReassociation !== true) throw alreadyAssociated(address, association.id)
      const { PrivateIpAddress: privateIp = target.address } = input
      if (privateIp !== target.address) {
        throw invalidParameterValue(`Private IP address ${privateIp} does not belong to network interface ${target.id}`)
      }
      return { AssociationId: associateAddress(ec2, address, target).association.id }
    },
  },

  DisassociateAddress: {
    permissions: ({ AssociationId }, caller, ec2) => [
      onResource(
        ec2,
        caller,
        'DisassociateAddress',
        'elastic-ip',
        ec2.list('elastic-ip', caller).find(({ association }) => association?.id === AssociationId)?.id,
      ),
    ],
    refuses: ['PublicIp'],
    handle({ AssociationId }, caller, ec2) {
      if (AssociationId === undefined) throw missingParameter('associationId')
      const address = ec2.list('elastic-ip', caller).find(({ association }) => association?.id === AssociationId)
      if (!address) {
        throw new AwsError('InvalidAssociationID.NotFound', `The association ID '${AssociationId}' does not exist`)
      }
      refuseManaged(ec2, address)
      disassociateAddress(ec2, address)
      return {}
    },
  },

  ReleaseAddress: {
    permissions: ({ AllocationId }, caller, ec2) => [
      onResource(ec2, caller, 'ReleaseAddress', 'elastic-ip', AllocationId),
    ],
    refuses: ['NetworkBorderGroup'],
    handle({ AllocationId, PublicIp }, caller, ec2) {
      if (AllocationId === undefined) {
        throw PublicIp === undefined
          ? missingParameter('AllocationId')
          : invalidParameterValue('You must specify an allocation id when releasing a VPC elastic IP address')
      }
      const address = ec2.get('elastic-ip', caller, AllocationId)
      refuseManaged(ec2, address)
      if (address.association) {
        throw new AwsError('InvalidIPAddress.InUse', `Address ${address.publicIp} is in use.`)
      }
      ec2.delete('elastic-ip', address)
      return {}
    },
  },
}

/** Public addresses are of the whole cloud: no two accounts have the same. */
function freePublicIp(ec2: Ec2Service): string {
  const taken = new Set(ec2.all('elastic-ip').map(({ publicIp }) => publicIp))
  for (const cidr of POOL) {
    // The first and the last of a block look like a network's own.
    for (let offset = 1; offset < sizeOfCidr(cidr) - 1; offset++) {
      const text = formatIpv4(cidr.first + offset)
      if (!taken.has(text)) return text
    }
  }
  throw new AwsError('InsufficientAddressCapacity', 'There are no more public IPv4 addresses to allocate.')
}

/** What is associated already, both of the address and of the interface, is given up. */
export function associateAddress(
  ec2: Ec2Service,
  address: AddressRecord,
  target: NetworkInterfaceRecord,
): AddressRecord & Required<Pick<AddressRecord, 'association'>> {
  const vpc = ec2.get('vpc', target, target.vpcId)
  if (!gatewayOf(ec2, vpc)) {
    throw new AwsError('Gateway.NotAttached', `Network ${target.vpcId} is not attached to any internet gateway`)
  }
  const before = ec2.list('elastic-ip', target).find(({ association }) => association?.networkInterfaceId === target.id)
  if (before) disassociateAddress(ec2, before)
  const associated = {
    ...address,
    association: { id: ec2.newId('eipassoc'), networkInterfaceId: target.id, privateIp: target.address },
  }
  ec2.put('elastic-ip', associated)
  return associated
}

export function disassociateAddress(ec2: Ec2Service, { association: _gone, ...address }: AddressRecord): void {
  ec2.put('elastic-ip', address)
}

function alreadyAssociated({ id }: AddressRecord, associationId: string): AwsError {
  return new AwsError(
    'Resource.AlreadyAssociated',
    `resource ${id} is already associated with associate-id ${associationId}`,
  )
}

/** What a NAT gateway holds, only the gateway lets go. */
function refuseManaged(ec2: Ec2Service, { association, ...place }: AddressRecord): void {
  const holder = association && ec2.find('network-interface', place, association.networkInterfaceId)
  if (holder?.requesterManaged === true) throw noPermission()
}

function noPermission(): AwsError {
  return new AwsError('AuthFailure', 'You do not have permission to access the specified resource.')
}

function addressWithIp(ec2: Ec2Service, place: Place, ip: string): AddressRecord {
  const found = ec2.list('elastic-ip', place).find(({ publicIp }) => publicIp === ip)
  if (!found) throw new AwsError('InvalidAddress.NotFound', `Address '${ip}' not found.`)
  return found
}

function filtersFor(ec2: Ec2Service): Filters<AddressRecord> {
  return {
    'allocation-id': ({ id }) => id,
    'association-id': ({ association }) => association?.id,
    domain: () => 'vpc',
    'network-border-group': ({ region }) => region,
    'network-interface-id': ({ association }) => association?.networkInterfaceId,
    'network-interface-owner-id': (address) => interfaceOf(ec2, address)?.account,
    'private-ip-address': ({ association }) => association?.privateIp,
    'public-ip': ({ publicIp }) => publicIp,
  }
}

function interfaceOf(ec2: Ec2Service, { association, ...place }: AddressRecord): NetworkInterfaceRecord | undefined {
  return association && ec2.find('network-interface', place, association.networkInterfaceId)
}

function addressShape(ec2: Ec2Service, address: AddressRecord): sdk.Address {
  const { association } = address
  const holder = interfaceOf(ec2, address)
  return {
    AllocationId: address.id,
    PublicIp: address.publicIp,
    Domain: 'vpc',
    NetworkBorderGroup: address.region,
    PublicIpv4Pool: AMAZON_POOL,
    ...(association && {
      AssociationId: association.id,
      NetworkInterfaceId: association.networkInterfaceId,
      NetworkInterfaceOwnerId: holder?.account,
      PrivateIpAddress: association.privateIp,
    }),
    ...(Object.keys(address.tags).length > 0 && { Tags: tagList(address.tags) }),
  }
}
