/** VPCs. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Vpc.html */
import type * as sdk from '@aws-sdk/client-ec2'

import { onAll, onCreation, onResource } from '../access.ts'
import { dependencyViolation, missingParameter } from '../errors.ts'
import { applyFilters, type Filters } from '../requests/filters.ts'
import { pageOf } from '../requests/paging.ts'
import { peeredVpcIds } from '../peering/peerings.ts'
import type { VpcRecord } from '../records.ts'
import type { Ec2Operations, Ec2Service } from '../service.ts'
import { specifiedTags, tagList } from '../requests/tag-set.ts'
import { checkVpcCidr, createVpc, REFUSED_CIDR_SOURCES } from './vpc-creation.ts'

export const vpcs: Ec2Operations = {
  CreateVpc: {
    permissions: ({ TagSpecifications }, caller) => onCreation(caller, 'CreateVpc', 'vpc', TagSpecifications),
    refuses: [...REFUSED_CIDR_SOURCES, 'VpcEncryptionControl'],
    handle({ CidrBlock, InstanceTenancy, TagSpecifications }, caller, ec2) {
      if (CidrBlock === undefined) throw missingParameter('cidrBlock')
      const vpc = createVpc(ec2, caller, {
        cidr: checkVpcCidr(CidrBlock),
        tenancy: InstanceTenancy === 'dedicated' ? 'dedicated' : 'default',
        tags: specifiedTags(TagSpecifications, 'vpc'),
      })
      // FIDELITY: AWS takes a second to make a VPC; here it is there at once, and only this answer says `pending`, as AWS's does.
      return { Vpc: { ...vpcShape(vpc), State: 'pending', Ipv6CidrBlockAssociationSet: [] } }
    },
  },

  DescribeVpcs: {
    permissions: (_input, caller) => [onAll(caller, 'DescribeVpcs')],
    handle(input, caller, ec2) {
      const { VpcIds, Filters: filters } = input
      const found = applyFilters(ec2.asked('vpc', caller, VpcIds), filters, FILTERS)
      const { items, NextToken } = pageOf(found, ({ id }) => id, input, { idsParameter: VpcIds && 'vpcIds' })
      return { Vpcs: items.map(vpcShape), NextToken }
    },
  },

  DeleteVpc: {
    permissions: ({ VpcId }, caller, ec2) => [onResource(ec2, caller, 'DeleteVpc', 'vpc', VpcId)],
    handle({ VpcId }, caller, ec2) {
      const vpc = ec2.get('vpc', caller, VpcId)
      if (hasDependents(ec2, vpc)) {
        throw dependencyViolation(`The vpc '${VpcId}' has dependencies and cannot be deleted.`)
      }
      for (const kind of ['route-table', 'network-acl', 'security-group'] as const) {
        for (const part of ec2.list(kind, vpc)) if (part.vpcId === vpc.id) ec2.delete(kind, part)
      }
      ec2.delete('vpc', vpc)
      return {}
    },
  },
}

const FILTERS: Filters<VpcRecord> = {
  cidr: ({ cidrs }) => cidrs[0]?.cidr,
  'cidr-block-association.association-id': ({ cidrs }) => cidrs.map(({ id }) => id),
  'cidr-block-association.cidr-block': ({ cidrs }) => cidrs.map(({ cidr }) => cidr),
  'cidr-block-association.state': () => 'associated',
  'dhcp-options-id': ({ dhcpOptionsId }) => dhcpOptionsId,
  'is-default': ({ isDefault }) => isDefault,
  isDefault: ({ isDefault }) => isDefault,
  state: () => 'available',
  'vpc-id': ({ id }) => id,
}

/** What was not made with the VPC, and so does not go with it. */
function hasDependents(ec2: Ec2Service, vpc: VpcRecord): boolean {
  const isPart = ({ vpcId }: { readonly vpcId?: string }) => vpcId === vpc.id
  return (
    ec2.list('subnet', vpc).some(isPart) ||
    ec2.list('network-interface', vpc).some(isPart) ||
    ec2.list('internet-gateway', vpc).some(isPart) ||
    ec2.list('vpc-endpoint', vpc).some(isPart) ||
    peeredVpcIds(ec2, vpc.id).size > 0 ||
    ec2
      .list('route-table', vpc)
      .some((table) => isPart(table) && !table.associations.some(({ subnetId }) => subnetId === undefined)) ||
    ec2.list('network-acl', vpc).some((acl) => isPart(acl) && !acl.isDefault) ||
    ec2.list('security-group', vpc).some((group) => isPart(group) && group.name !== 'default')
  )
}

export function vpcShape(vpc: VpcRecord): sdk.Vpc {
  return {
    VpcId: vpc.id,
    OwnerId: vpc.account,
    State: 'available',
    CidrBlock: vpc.cidrs[0]?.cidr,
    CidrBlockAssociationSet: vpc.cidrs.map(({ id, cidr }) => ({
      AssociationId: id,
      CidrBlock: cidr,
      CidrBlockState: { State: 'associated' },
    })),
    DhcpOptionsId: vpc.dhcpOptionsId,
    InstanceTenancy: vpc.tenancy,
    IsDefault: vpc.isDefault,
    BlockPublicAccessStates: { InternetGatewayBlockMode: 'off' },
    ...(Object.keys(vpc.tags).length > 0 && { Tags: tagList(vpc.tags) }),
  }
}
