/** Making network interfaces, for a caller's own call and for what EC2 makes by itself. */
import { AwsError } from '../../../core/aws-error.ts'
import { chooseAddress } from '../vpcs/addresses.ts'
import { checkQuota, QUOTAS } from '../quotas.ts'
import type { NetworkInterfaceRecord, SubnetRecord } from '../records.ts'
import type { Ec2Service } from '../service.ts'

export type NewInterface = Pick<
  NetworkInterfaceRecord,
  'description' | 'role' | 'interfaceType' | 'requesterManaged' | 'tags'
> &
  Partial<Pick<NetworkInterfaceRecord, 'requesterId' | 'attachment' | 'sourceDestCheck' | 'creation'>> & {
    /** `none` for what has no groups at all: a NAT gateway's. */
    readonly groupIds?: readonly string[] | 'none' | undefined
    readonly privateIp?: string | undefined
  }

/** Where no groups are given it has the VPC's default one. Throws AWS's error for groups, addresses and quotas. */
export function createInterface(ec2: Ec2Service, subnet: SubnetRecord, wanted: NewInterface): NetworkInterfaceRecord {
  const { groupIds, privateIp, ...rest } = wanted
  const { account, region, vpcId, zone } = subnet
  const groups = groupsFrom(ec2, subnet, groupIds)
  if (groups.length > 0) checkGroups(ec2, subnet, groups)
  checkQuota(ec2, subnet, QUOTAS.networkInterfacesPerRegion, ec2.list('network-interface', subnet).length, {
    code: 'NetworkInterfaceLimitExceeded',
    message: 'The maximum number of network interfaces has been reached.',
  })
  const created: NetworkInterfaceRecord = {
    sourceDestCheck: true,
    ...rest,
    id: ec2.newId('eni'),
    account,
    region,
    vpcId,
    subnetId: subnet.id,
    zone,
    address: chooseAddress(ec2, subnet, privateIp),
    macAddress: macAddressFrom(ec2.ids.hex(10)),
    groupIds: [...new Set(groups)],
  }
  ec2.put('network-interface', created)
  return created
}

/** INVARIANT: the groups exist, are of the subnet's VPC, and are not more than an interface can have. */
export function checkGroups(
  ec2: Ec2Service,
  place: Pick<SubnetRecord, 'id' | 'account' | 'region' | 'vpcId'>,
  groupIds: readonly string[],
): void {
  for (const id of groupIds) {
    if (ec2.get('security-group', place, id).vpcId === place.vpcId) continue
    throw new AwsError('InvalidParameter', `Security group ${id} and subnet ${place.id} belong to different networks.`)
  }
  checkQuota(ec2, place, QUOTAS.securityGroupsPerInterface, new Set(groupIds).size - 1, {
    code: 'SecurityGroupsPerInterfaceLimitExceeded',
    message: 'The maximum number of security groups per interface has been reached.',
  })
}

function groupsFrom(ec2: Ec2Service, subnet: SubnetRecord, asked: NewInterface['groupIds']): readonly string[] {
  if (asked === 'none') return []
  return asked === undefined || asked.length === 0 ? [defaultGroupId(ec2, subnet)] : asked
}

export function defaultGroupId(
  ec2: Ec2Service,
  { vpcId, ...place }: Pick<SubnetRecord, 'account' | 'region' | 'vpcId'>,
): string {
  const group = ec2
    .list('security-group', place)
    .find((candidate) => candidate.vpcId === vpcId && candidate.name === 'default')
  if (!group) throw new Error(`${vpcId} has no default security group`)
  return group.id
}

/** Of those that nobody has registered. */
function macAddressFrom(digits: string): string {
  return ['02', ...(digits.match(/../g) ?? [])].join(':')
}
