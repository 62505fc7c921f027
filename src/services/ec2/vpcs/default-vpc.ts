/**
 * The VPC every account has in every Region from its start, with a public subnet in each zone.
 * https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc.html
 */
import { AwsError } from '../../../core/aws-error.ts'
import { formatCidr } from '../../../core/cidr.ts'
import { scopeOf } from '../../../state/state.ts'
import type { SubnetRecord, VpcRecord } from '../records.ts'
import type { Ec2Service, Place } from '../service.ts'
import { createSubnet } from './subnets.ts'
import { block, createVpc } from './vpc-creation.ts'
import { zonesOf } from '../zones/zones.ts'

const DEFAULT_CIDR = '172.31.0.0/16'
const SUBNET_PREFIX_LENGTH = 20

/**
 * FIDELITY: the default VPC of an account in a Region is made when EC2 is first asked about that Region, for nobody can see it before. It counts
 * among the VPCs of the Region, as AWS's does, and does not come back when it is deleted.
 */
export function ensureDefaultVpc(ec2: Ec2Service, place: Place): void {
  const seen = ec2.state.collection<{ readonly seen: true }>('ec2.accounts').in(scopeOf(place.account, place.region))
  if (seen.has('default-vpc')) return
  seen.put('default-vpc', { seen: true })
  createDefaultVpc(ec2, place)
}

export function createDefaultVpc(ec2: Ec2Service, { account, region }: Place): VpcRecord {
  const place = { account, region }
  const vpc = createVpc(ec2, place, { cidr: DEFAULT_CIDR, tenancy: 'default', tags: {}, isDefault: true })
  const gatewayId = ec2.newId('igw')
  ec2.put('internet-gateway', { id: gatewayId, account, region, tags: {}, vpcId: vpc.id })
  for (const table of ec2.list('route-table', place)) {
    if (table.vpcId !== vpc.id) continue
    const route = { destination: { cidr: '0.0.0.0/0' }, target: { kind: 'internet-gateway', id: gatewayId } } as const
    ec2.put('route-table', { ...table, routes: [route] })
  }
  for (const zone of zonesOf(region)) createDefaultSubnet(ec2, vpc, zone)
  return vpc
}

/** In the first sixteenth of the block that no subnet is in. */
export function createDefaultSubnet(ec2: Ec2Service, vpc: VpcRecord, zone: string): SubnetRecord {
  const siblings = ec2.list('subnet', vpc).filter(({ vpcId }) => vpcId === vpc.id)
  const { first } = block(DEFAULT_CIDR)
  const size = 2 ** (32 - SUBNET_PREFIX_LENGTH)
  const taken = new Set(siblings.map(({ cidr }) => Math.floor((block(cidr).first - first) / size)))
  const index = Array.from({ length: 16 }, (_, position) => position).find((position) => !taken.has(position))
  if (index === undefined) {
    throw new AwsError('InsufficientCidrBlocks', 'There are not enough free CIDR blocks for a default subnet.')
  }
  const cidr = formatCidr({ first: first + index * size, prefixLength: SUBNET_PREFIX_LENGTH })
  return createSubnet(ec2, vpc, { cidr, zone, isDefault: true, tags: {} })
}

/** Throws where the account has deleted it. */
export function defaultVpcOf(ec2: Ec2Service, place: Place): VpcRecord {
  const vpc = ec2.list('vpc', place).find(({ isDefault }) => isDefault)
  if (!vpc) throw new AwsError('VPCIdNotSpecified', 'No default VPC for this user')
  return vpc
}
