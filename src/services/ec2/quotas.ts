/** The limits of VPCs that an account can have raised. https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html */
import { AwsError } from '../../core/aws-error.ts'
import type { QuotaDefinition } from '../directories.ts'
import type { Ec2Service, Place } from './service.ts'

const VPC = { serviceCode: 'vpc', serviceName: 'Amazon Virtual Private Cloud (Amazon VPC)', adjustable: true } as const
export const EC2 = {
  serviceCode: 'ec2',
  serviceName: 'Amazon Elastic Compute Cloud (Amazon EC2)',
  adjustable: true,
} as const

export const QUOTAS = {
  vpcsPerRegion: { ...VPC, quotaCode: 'L-F678F1CE', quotaName: 'VPCs per Region', defaultValue: 5 },
  cidrBlocksPerVpc: { ...VPC, quotaCode: 'L-83CA0A9D', quotaName: 'IPv4 CIDR blocks per VPC', defaultValue: 5 },
  subnetsPerVpc: { ...VPC, quotaCode: 'L-407747CB', quotaName: 'Subnets per VPC', defaultValue: 200 },
  internetGatewaysPerRegion: {
    ...VPC,
    quotaCode: 'L-A4707A72',
    quotaName: 'Internet gateways per Region',
    defaultValue: 5,
  },
  natGatewaysPerZone: {
    ...VPC,
    quotaCode: 'L-FE5A380F',
    quotaName: 'NAT gateways per Availability Zone',
    defaultValue: 5,
  },
  /**
   * https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html
   * FIDELITY: AWS's number is no quota and cannot be changed; here a test may lower it for the NAT gateways that are made afterwards. The code
   * is ours. AWS's own number is not counted: no machine opens as many.
   */
  natConnectionsPerDestination: {
    ...VPC,
    quotaCode: 'vpc-nat-connections',
    quotaName: 'Connections of a NAT gateway to one destination',
    defaultValue: 55_000,
  },
  elasticIpsPerRegion: { ...EC2, quotaCode: 'L-0263D0A3', quotaName: 'EC2-VPC Elastic IPs', defaultValue: 5 },
  routeTablesPerVpc: { ...VPC, quotaCode: 'L-589F43AA', quotaName: 'Route tables per VPC', defaultValue: 200 },
  routesPerTable: { ...VPC, quotaCode: 'L-93826ACB', quotaName: 'Routes per route table', defaultValue: 500 },
  networkAclsPerVpc: { ...VPC, quotaCode: 'L-B4A6D682', quotaName: 'Network ACLs per VPC', defaultValue: 200 },
  rulesPerNetworkAcl: { ...VPC, quotaCode: 'L-2AEEBF1A', quotaName: 'Rules per network ACL', defaultValue: 20 },
  securityGroupsPerRegion: {
    ...VPC,
    quotaCode: 'L-E79EC296',
    quotaName: 'VPC security groups per Region',
    defaultValue: 2500,
  },
  rulesPerSecurityGroup: {
    ...VPC,
    quotaCode: 'L-0EA8095F',
    quotaName: 'Inbound or outbound rules per security group',
    defaultValue: 60,
  },
  securityGroupsPerInterface: {
    ...VPC,
    quotaCode: 'L-2AFB9258',
    quotaName: 'Security groups per network interface',
    defaultValue: 5,
  },
  networkInterfacesPerRegion: {
    ...VPC,
    quotaCode: 'L-DF5E4CA3',
    quotaName: 'Network interfaces per Region',
    defaultValue: 5000,
  },
  activePeeringsPerVpc: {
    ...VPC,
    quotaCode: 'L-7E9ECCDB',
    quotaName: 'Active VPC peering connections per VPC',
    defaultValue: 50,
  },
  outstandingPeerings: {
    ...VPC,
    quotaCode: 'L-DC9F7029',
    quotaName: 'Outstanding VPC peering connection requests',
    defaultValue: 25,
  },
  gatewayEndpointsPerRegion: {
    ...VPC,
    quotaCode: 'L-1B52E74A',
    quotaName: 'Gateway VPC endpoints per Region',
    defaultValue: 20,
  },
  interfaceEndpointsPerVpc: {
    ...VPC,
    quotaCode: 'L-29B6F2EB',
    quotaName: 'Interface VPC endpoints per VPC',
    defaultValue: 50,
  },
  endpointPolicyCharacters: {
    ...VPC,
    quotaCode: 'L-3248932A',
    quotaName: 'Characters per VPC endpoint policy',
    defaultValue: 20_480,
    adjustable: false,
  },
} as const satisfies Readonly<Record<string, QuotaDefinition>>

/** Throws `code` when there are `count` already and no more are allowed. */
export function checkQuota(
  ec2: Ec2Service,
  place: Place,
  quota: QuotaDefinition,
  count: number,
  exceeded: { readonly code: string; readonly message: string },
): void {
  if (count >= ec2.quota(quota, place)) throw new AwsError(exceeded.code, exceeded.message)
}
