/** NAT gateways. https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html */
import type * as sdk from '@aws-sdk/client-ec2'

import { AwsError } from '../../../core/aws-error.ts'
import { onAll, onCreation, onResource } from '../access.ts'
import { freeAddressCount } from '../vpcs/addresses.ts'
import { alreadyCreated, creationOf } from '../requests/client-tokens.ts'
import { associateAddress } from './elastic-ips.ts'
import { invalidCombination, missingParameter } from '../errors.ts'
import { applyFilters, type Filters } from '../requests/filters.ts'
import { createInterface } from '../interfaces/interface-creation.ts'
import { gatewayOf } from './internet-gateways.ts'
import { pageOf } from '../requests/paging.ts'
import { checkQuota, QUOTAS } from '../quotas.ts'
import type { AddressRecord, NatGatewayRecord, SubnetRecord } from '../records.ts'
import type { Ec2Operations, Ec2Service } from '../service.ts'
import { specifiedTags, tagList } from '../requests/tag-set.ts'

export const natGateways: Ec2Operations = {
  CreateNatGateway: {
    permissions: ({ AllocationId, SubnetId, TagSpecifications }, caller, ec2) => [
      ...onCreation(caller, 'CreateNatGateway', 'natgateway', TagSpecifications),
      ...(SubnetId === undefined ? [] : [onResource(ec2, caller, 'CreateNatGateway', 'subnet', SubnetId)]),
      ...(AllocationId === undefined ? [] : [onResource(ec2, caller, 'CreateNatGateway', 'elastic-ip', AllocationId)]),
    ],
    refuses: [
      'AvailabilityMode',
      'AvailabilityZoneAddresses',
      'SecondaryAllocationIds',
      'SecondaryPrivateIpAddressCount',
      'SecondaryPrivateIpAddresses',
      'VpcId',
    ],
    handle(input, caller, ec2) {
      const before = alreadyCreated(ec2, 'natgateway', caller, input)
      if (before) return { NatGateway: natGatewayShape(before), ClientToken: input.ClientToken }
      const subnet = askedSubnet(ec2, caller, input.SubnetId)
      const { AllocationId, ConnectivityType: connectivity = 'public' } = input
      if (connectivity === 'public' && AllocationId === undefined) throw missingParameter('AllocationId')
      if (connectivity === 'private' && AllocationId !== undefined) {
        throw invalidCombination('The parameter AllocationId cannot be used with a private NAT gateway')
      }
      const address = AllocationId === undefined ? undefined : ec2.get('elastic-ip', caller, AllocationId)
      const limit = ec2.quota(QUOTAS.natGatewaysPerZone, caller)
      checkQuota(ec2, caller, QUOTAS.natGatewaysPerZone, countInZone(ec2, subnet), {
        code: 'NatGatewayLimitExceeded',
        message: `Performing this operation would exceed the limit of ${limit} NAT gateways`,
      })
      const connections = ec2.quota(QUOTAS.natConnectionsPerDestination, caller)
      const gateway: NatGatewayRecord = {
        id: ec2.newId('nat'),
        account: subnet.account,
        region: subnet.region,
        vpcId: subnet.vpcId,
        subnetId: subnet.id,
        connectivity,
        state: 'pending',
        createdMs: ec2.clock.now(),
        ...(connections < QUOTAS.natConnectionsPerDestination.defaultValue && {
          connectionsPerDestination: connections,
        }),
        tags: specifiedTags(input.TagSpecifications, 'natgateway'),
        ...creationOf(input),
        ...(address && { allocationId: address.id }),
      }
      const made = { ...gateway, ...built(ec2, gateway, subnet, address, input.PrivateIpAddress) }
      ec2.put('natgateway', made)
      ec2.natTransitions.follow(made)
      return { NatGateway: natGatewayShape(made), ClientToken: input.ClientToken }
    },
  },

  DescribeNatGateways: {
    permissions: (_input, caller) => [onAll(caller, 'DescribeNatGateways')],
    handle(input, caller, ec2) {
      const { Filter: filters, NatGatewayIds: ids } = input
      const found = applyFilters(ec2.asked('natgateway', caller, ids), filters, FILTERS)
      const { items, NextToken } = pageOf(found, ({ id }) => id, input, { idsParameter: ids && 'natGatewayIds' })
      return { NatGateways: items.map(natGatewayShape), NextToken }
    },
  },

  DeleteNatGateway: {
    permissions: ({ NatGatewayId }, caller, ec2) => [
      onResource(ec2, caller, 'DeleteNatGateway', 'natgateway', NatGatewayId),
    ],
    handle({ NatGatewayId }, caller, ec2) {
      const gateway = ec2.get('natgateway', caller, NatGatewayId)
      if (gateway.state === 'pending' || gateway.state === 'available' || gateway.state === 'failed') {
        const deleting: NatGatewayRecord = { ...gateway, state: 'deleting', deletedMs: ec2.clock.now() }
        ec2.put('natgateway', deleting)
        ec2.natTransitions.follow(deleting)
      }
      return { NatGatewayId }
    },
  },
}

function askedSubnet(ec2: Ec2Service, caller: Parameters<typeof ec2.get>[1], id: string | undefined): SubnetRecord {
  if (id === undefined) throw missingParameter('SubnetId')
  if (!id.startsWith('subnet-')) throw new AwsError('InvalidSubnet', `The subnet ID '${id}' is malformed`)
  return ec2.get('subnet', caller, id)
}

function countInZone(ec2: Ec2Service, subnet: SubnetRecord): number {
  return ec2
    .list('natgateway', subnet)
    .filter(
      ({ state, subnetId }) =>
        (state === 'pending' || state === 'available') && ec2.find('subnet', subnet, subnetId)?.zone === subnet.zone,
    ).length
}

/** Its interface and address, or why it will fail. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NatGateway.html */
function built(
  ec2: Ec2Service,
  gateway: NatGatewayRecord,
  subnet: SubnetRecord,
  address: AddressRecord | undefined,
  privateIp: string | undefined,
): Partial<NatGatewayRecord> {
  const vpc = ec2.get('vpc', subnet, subnet.vpcId)
  if (address && !gatewayOf(ec2, vpc)) {
    return failing('Gateway.NotAttached', `Network ${vpc.id} has no Internet gateway attached`)
  }
  if (address?.association) {
    return failing('Resource.AlreadyAssociated', `Elastic IP address ${address.id} is already associated`)
  }
  if (freeAddressCount(ec2, subnet) === 0) {
    return failing(
      'InsufficientFreeAddressesInSubnet',
      'Subnet has insufficient free addresses to create this NAT gateway',
    )
  }
  const created = createInterface(ec2, subnet, {
    description: `Interface for NAT Gateway ${gateway.id}`,
    role: { kind: 'nat-gateway', natGatewayId: gateway.id },
    interfaceType: 'nat_gateway',
    requesterManaged: true,
    requesterId: subnet.account,
    sourceDestCheck: false,
    groupIds: 'none',
    privateIp,
    tags: {},
    attachment: {
      id: ec2.newId('ela-attach'),
      deviceIndex: 1,
      instanceOwnerId: 'amazon-aws',
      deleteOnTermination: false,
      attachedMs: ec2.clock.now(),
    },
  })
  const associated = address && associateAddress(ec2, address, created)
  return {
    networkInterfaceId: created.id,
    privateIp: created.address,
    ...(associated && { publicIp: associated.publicIp, associationId: associated.association.id }),
  }
}

function failing(code: string, message: string): Partial<NatGatewayRecord> {
  return { failure: { code, message } }
}

const FILTERS: Filters<NatGatewayRecord> = {
  'nat-gateway-id': ({ id }) => id,
  state: ({ state }) => state,
  'subnet-id': ({ subnetId }) => subnetId,
  'vpc-id': ({ vpcId }) => vpcId,
}

function natGatewayShape(gateway: NatGatewayRecord): sdk.NatGateway {
  const { failure, state } = gateway
  const isFailed = failure && state !== 'pending'
  return {
    NatGatewayId: gateway.id,
    SubnetId: gateway.subnetId,
    VpcId: gateway.vpcId,
    ConnectivityType: gateway.connectivity,
    State: state,
    CreateTime: new Date(gateway.createdMs),
    ...(gateway.deletedMs !== undefined && { DeleteTime: new Date(gateway.deletedMs) }),
    ...(isFailed && { FailureCode: failure.code, FailureMessage: failure.message }),
    NatGatewayAddresses: [
      {
        AllocationId: gateway.allocationId,
        AssociationId: gateway.associationId,
        NetworkInterfaceId: gateway.networkInterfaceId,
        PrivateIp: gateway.privateIp,
        PublicIp: gateway.publicIp,
        IsPrimary: true,
        Status: gateway.privateIp === undefined ? 'failed' : 'succeeded',
      },
    ],
    Tags: tagList(gateway.tags),
  }
}
