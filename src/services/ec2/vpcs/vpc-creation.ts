/** Making a VPC with what AWS makes along with it: the main route table, the default network ACL and the default security group. */
import { cidrContains, cidrsOverlap, formatCidr, parseCidr, type Cidr } from '../../../core/cidr.ts'
import { AwsError } from '../../../core/aws-error.ts'
import { invalidValue } from '../errors.ts'
import { checkQuota, QUOTAS } from '../quotas.ts'
import type { NetworkAclEntryRecord, SecurityGroupRuleRecord, Tags, VpcRecord } from '../records.ts'
import type { Ec2Service, Place } from '../service.ts'

/** https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html */
const PREFIX_LENGTH_MIN = 16
const PREFIX_LENGTH_MAX = 28
/** The entry that denies whatever no other decided; shown as `*`. */
export const LAST_RULE_NUMBER = 32_767
const ALLOW_ALL_RULE_NUMBER = 100
const EVERYWHERE = '0.0.0.0/0'

/** Where a VPC's addresses can come from on AWS besides `CidrBlock`: not implemented. */
export const REFUSED_CIDR_SOURCES = [
  'AmazonProvidedIpv6CidrBlock',
  'Ipv4IpamPoolId',
  'Ipv4NetmaskLength',
  'Ipv6CidrBlock',
  'Ipv6CidrBlockNetworkBorderGroup',
  'Ipv6IpamPoolId',
  'Ipv6NetmaskLength',
  'Ipv6Pool',
] as const

export interface NewVpc {
  readonly cidr: string
  readonly tenancy: 'default' | 'dedicated'
  readonly tags: Tags
  readonly isDefault?: boolean
}

export function createVpc(ec2: Ec2Service, place: Place, wanted: NewVpc): VpcRecord {
  checkQuota(ec2, place, QUOTAS.vpcsPerRegion, ec2.list('vpc', place).length, {
    code: 'VpcLimitExceeded',
    message: 'The maximum number of VPCs has been reached.',
  })
  const { isDefault = false } = wanted
  const { account, region } = place
  const vpc: VpcRecord = {
    id: ec2.newId('vpc'),
    account,
    region,
    tags: wanted.tags,
    cidrs: [{ id: ec2.newId('vpc-cidr-assoc'), cidr: wanted.cidr }],
    isDefault,
    tenancy: wanted.tenancy,
    enableDnsSupport: true,
    enableDnsHostnames: isDefault,
    dhcpOptionsId: 'default',
  }
  ec2.put('vpc', vpc)
  const part = { account, region, vpcId: vpc.id, tags: {} }
  ec2.put('route-table', {
    ...part,
    id: ec2.newId('rtb'),
    associations: [{ id: ec2.newId('rtbassoc') }],
    routes: [],
  })
  ec2.put('network-acl', { ...part, id: ec2.newId('acl'), isDefault: true, entries: [...allowAll(), ...denyRest()] })
  const groupId = ec2.newId('sg')
  ec2.put('security-group', {
    ...part,
    id: groupId,
    name: 'default',
    description: 'default VPC security group',
    rules: [ruleForMembers(ec2, account, groupId), egressToAll(ec2)],
  })
  return vpc
}

function allowAll(): readonly NetworkAclEntryRecord[] {
  return [true, false].map((egress) => ({
    ruleNumber: ALLOW_ALL_RULE_NUMBER,
    egress,
    action: 'allow',
    cidr: EVERYWHERE,
    protocol: -1,
  }))
}

/** The two entries every network ACL ends with. */
export function denyRest(): readonly NetworkAclEntryRecord[] {
  return [true, false].map((egress) => ({
    ruleNumber: LAST_RULE_NUMBER,
    egress,
    action: 'deny',
    cidr: EVERYWHERE,
    protocol: -1,
  }))
}

const ALL_TRAFFIC = { protocol: '-1', fromPort: -1, toPort: -1, tags: {} } as const

function ruleForMembers(ec2: Ec2Service, account: string, groupId: string): SecurityGroupRuleRecord {
  return { ...ALL_TRAFFIC, id: ec2.newId('sgr'), egress: false, peer: { kind: 'group', id: groupId, account } }
}

/** The rule every new security group has. */
export function egressToAll(ec2: Ec2Service): SecurityGroupRuleRecord {
  return { ...ALL_TRAFFIC, id: ec2.newId('sgr'), egress: true, peer: { kind: 'ipv4', cidr: EVERYWHERE } }
}

/** The block in its canonical form. Throws AWS's error for a text that is none, or one of a size a VPC cannot have. */
export function checkVpcCidr(text: string, parameter = 'cidrBlock'): string {
  const cidr = parseCidr(text)
  if (!cidr) throw invalidValue(parameter, text, 'This is not a valid CIDR block.')
  if (!hasNetworkSize(cidr)) throw new AwsError('InvalidVpc.Range', `The CIDR '${text}' is invalid.`)
  return formatCidr(cidr)
}

/** The block in its canonical form. Throws AWS's error for one that the VPC has no room for. */
export function checkSubnetCidr(ec2: Ec2Service, vpc: VpcRecord, text: string): string {
  const cidr = parseCidr(text)
  if (!cidr) throw invalidValue('cidrBlock', text, 'This is not a valid CIDR block.')
  const canonical = formatCidr(cidr)
  const isInside = vpc.cidrs.some((association) => cidrContains(block(association.cidr), cidr))
  if (!hasNetworkSize(cidr) || !isInside) throw new AwsError('InvalidSubnet.Range', `The CIDR '${text}' is invalid.`)
  const taken = ec2
    .list('subnet', vpc)
    .some((subnet) => subnet.vpcId === vpc.id && cidrsOverlap(block(subnet.cidr), cidr))
  if (taken) throw new AwsError('InvalidSubnet.Conflict', `The CIDR '${canonical}' conflicts with another subnet`)
  return canonical
}

function hasNetworkSize({ prefixLength }: Cidr): boolean {
  return prefixLength >= PREFIX_LENGTH_MIN && prefixLength <= PREFIX_LENGTH_MAX
}

/** INVARIANT: what records hold has been parsed before. */
export function block(text: string): Cidr {
  const cidr = parseCidr(text)
  if (!cidr) throw new Error(`not a block: ${text}`)
  return cidr
}
