/** Network ACLs. https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html */
import type * as sdk from '@aws-sdk/client-ec2'

import { AwsError } from '../../../core/aws-error.ts'
import { onAll, onCreation, onResource, resourceArn } from '../access.ts'
import { alreadyCreated, creationOf } from '../requests/client-tokens.ts'
import { dependencyViolation, invalidParameterValue } from '../errors.ts'
import { applyFilters, type Filters } from '../requests/filters.ts'
import { pageOf } from '../requests/paging.ts'
import { checkQuota, QUOTAS } from '../quotas.ts'
import type { NetworkAclEntryRecord, NetworkAclRecord, SubnetRecord } from '../records.ts'
import type { Ec2Operations, Ec2Service, Place } from '../service.ts'
import { specifiedTags, tagList } from '../requests/tag-set.ts'
import { denyRest } from '../vpcs/vpc-creation.ts'

export const networkAcls: Ec2Operations = {
  CreateNetworkAcl: {
    permissions: ({ TagSpecifications, VpcId }, caller, ec2) => [
      ...onCreation(caller, 'CreateNetworkAcl', 'network-acl', TagSpecifications, {
        'ec2:vpc': resourceArn('vpc', caller, VpcId),
      }),
      onResource(ec2, caller, 'CreateNetworkAcl', 'vpc', VpcId),
    ],
    handle(input, caller, ec2) {
      const before = alreadyCreated(ec2, 'network-acl', caller, input)
      if (before) return { NetworkAcl: aclShape(ec2, before), ClientToken: input.ClientToken }
      const vpc = ec2.get('vpc', caller, input.VpcId)
      const siblings = ec2.list('network-acl', vpc).filter(({ vpcId }) => vpcId === vpc.id)
      checkQuota(ec2, vpc, QUOTAS.networkAclsPerVpc, siblings.length, {
        code: 'NetworkAclLimitExceeded',
        message: 'The maximum number of network acls has been reached.',
      })
      const acl: NetworkAclRecord = {
        id: ec2.newId('acl'),
        account: vpc.account,
        region: vpc.region,
        vpcId: vpc.id,
        isDefault: false,
        entries: denyRest(),
        tags: specifiedTags(input.TagSpecifications, 'network-acl'),
        ...creationOf(input),
      }
      ec2.put('network-acl', acl)
      return { NetworkAcl: aclShape(ec2, acl), ClientToken: input.ClientToken }
    },
  },

  DescribeNetworkAcls: {
    permissions: (_input, caller) => [onAll(caller, 'DescribeNetworkAcls')],
    handle(input, caller, ec2) {
      const { Filters: filters, NetworkAclIds: ids } = input
      const found = applyFilters(ec2.asked('network-acl', caller, ids), filters, filtersFor(ec2))
      const { items, NextToken } = pageOf(found, ({ id }) => id, input, { idsParameter: ids && 'networkAclIds' })
      return { NetworkAcls: items.map((acl) => aclShape(ec2, acl)), NextToken }
    },
  },

  DeleteNetworkAcl: {
    permissions: ({ NetworkAclId }, caller, ec2) => [
      onResource(ec2, caller, 'DeleteNetworkAcl', 'network-acl', NetworkAclId),
    ],
    handle({ NetworkAclId }, caller, ec2) {
      const acl = ec2.get('network-acl', caller, NetworkAclId)
      if (acl.isDefault) throw invalidParameterValue(`cannot delete default network ACL ${acl.id}`)
      if (subnetsOf(ec2, acl).length > 0) {
        throw dependencyViolation(`The networkAcl '${acl.id}' has dependencies and cannot be deleted.`)
      }
      ec2.delete('network-acl', acl)
      return {}
    },
  },

  ReplaceNetworkAclAssociation: {
    permissions: ({ AssociationId, NetworkAclId }, caller, ec2) => [
      onResource(ec2, caller, 'ReplaceNetworkAclAssociation', 'network-acl', NetworkAclId),
      onResource(ec2, caller, 'ReplaceNetworkAclAssociation', 'subnet', subnetWith(ec2, caller, AssociationId)?.id),
    ],
    handle({ AssociationId, NetworkAclId }, caller, ec2) {
      const subnet = subnetWith(ec2, caller, AssociationId)
      if (!subnet) {
        throw new AwsError('InvalidAssociationID.NotFound', `The association ID '${AssociationId}' does not exist`)
      }
      const acl = ec2.get('network-acl', caller, NetworkAclId)
      if (acl.vpcId !== subnet.vpcId) {
        throw invalidParameterValue(`network acl ${acl.id} and subnet ${subnet.id} belong to different networks`)
      }
      const networkAclAssociationId = ec2.newId('aclassoc')
      ec2.put('subnet', { ...subnet, networkAclId: acl.id, networkAclAssociationId })
      return { NewAssociationId: networkAclAssociationId }
    },
  },
}

function subnetsOf(ec2: Ec2Service, { id, ...place }: NetworkAclRecord): readonly SubnetRecord[] {
  return ec2.list('subnet', place).filter(({ networkAclId }) => networkAclId === id)
}

function subnetWith(ec2: Ec2Service, place: Place, associationId: string): SubnetRecord | undefined {
  return ec2.list('subnet', place).find(({ networkAclAssociationId }) => networkAclAssociationId === associationId)
}

function filtersFor(ec2: Ec2Service): Filters<NetworkAclRecord> {
  const ofEntries =
    (read: (entry: NetworkAclEntryRecord) => string | number | boolean | undefined) =>
    ({ entries }: NetworkAclRecord) =>
      entries.map(read)
  return {
    'association.association-id': (acl) => subnetsOf(ec2, acl).map((subnet) => subnet.networkAclAssociationId),
    'association.network-acl-id': (acl) => subnetsOf(ec2, acl).map(() => acl.id),
    'association.subnet-id': (acl) => subnetsOf(ec2, acl).map(({ id }) => id),
    default: ({ isDefault }) => isDefault,
    'entry.cidr': ofEntries(({ cidr }) => (cidr.includes(':') ? undefined : cidr)),
    'entry.egress': ofEntries(({ egress }) => egress),
    'entry.ipv6-cidr': ofEntries(({ cidr }) => (cidr.includes(':') ? cidr : undefined)),
    'entry.port-range.from': ofEntries(({ ports }) => ports?.from),
    'entry.port-range.to': ofEntries(({ ports }) => ports?.to),
    'entry.protocol': ofEntries(({ protocol }) => protocol),
    'entry.rule-action': ofEntries(({ action }) => action),
    'entry.rule-number': ofEntries(({ ruleNumber }) => ruleNumber),
    'network-acl-id': ({ id }) => id,
    'vpc-id': ({ vpcId }) => vpcId,
  }
}

function aclShape(ec2: Ec2Service, acl: NetworkAclRecord): sdk.NetworkAcl {
  return {
    NetworkAclId: acl.id,
    VpcId: acl.vpcId,
    OwnerId: acl.account,
    IsDefault: acl.isDefault,
    Associations: subnetsOf(ec2, acl).map((subnet) => ({
      NetworkAclAssociationId: subnet.networkAclAssociationId,
      NetworkAclId: acl.id,
      SubnetId: subnet.id,
    })),
    Entries: acl.entries
      .toSorted((a, b) => Number(b.egress) - Number(a.egress) || a.ruleNumber - b.ruleNumber)
      .map(entryShape),
    Tags: tagList(acl.tags),
  }
}

function entryShape(entry: NetworkAclEntryRecord): sdk.NetworkAclEntry {
  const { cidr, icmp, ports } = entry
  return {
    RuleNumber: entry.ruleNumber,
    Egress: entry.egress,
    RuleAction: entry.action,
    Protocol: String(entry.protocol),
    ...(cidr.includes(':') ? { Ipv6CidrBlock: cidr } : { CidrBlock: cidr }),
    ...(ports && { PortRange: { From: ports.from, To: ports.to } }),
    ...(icmp && { IcmpTypeCode: { Type: icmp.type, Code: icmp.code } }),
  }
}
