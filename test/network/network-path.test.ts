/** From EC2's own words to the way of a function's call: a VPC as the Describe operations tell it, and what `explain` says of it. */
import type * as ec2 from '@aws-sdk/client-ec2'
import { expect, test } from 'vitest'

import { parseRegion } from '../../src/core/region.ts'
import {
  networkFromEc2,
  unfollowedTargets,
  type DescribedNetwork,
} from '../../src/crossing/explain/network-from-ec2.ts'
import { networkPath, type Placement } from '../../src/crossing/explain/network-path.ts'
import { reach } from '../../src/network/plan/reach.ts'

const ALL: ec2.SecurityGroupRule[] = [
  {
    SecurityGroupRuleId: 'sgr-1',
    GroupId: 'sg-fn',
    IsEgress: true,
    IpProtocol: '-1',
    FromPort: -1,
    ToPort: -1,
    CidrIpv4: '0.0.0.0/0',
  },
  { SecurityGroupRuleId: 'sgr-2', GroupId: 'sg-fn', IsEgress: true, IpProtocol: '-1', CidrIpv6: '::/0' },
  {
    SecurityGroupRuleId: 'sgr-3',
    GroupId: 'sg-endpoint',
    IsEgress: false,
    IpProtocol: 'tcp',
    FromPort: 443,
    ToPort: 443,
    ReferencedGroupInfo: { GroupId: 'sg-fn' },
  },
]

const DESCRIBED: DescribedNetwork = {
  account: '111122223333',
  region: parseRegion('us-east-1'),
  vpc: {
    VpcId: 'vpc-1',
    CidrBlock: '10.0.0.0/16',
    CidrBlockAssociationSet: [
      { CidrBlock: '10.0.0.0/16', CidrBlockState: { State: 'associated' } },
      { CidrBlock: '10.9.0.0/16', CidrBlockState: { State: 'disassociated' } },
    ],
  },
  enableDnsSupport: true,
  enableDnsHostnames: true,
  subnets: [
    { SubnetId: 'subnet-private', VpcId: 'vpc-1', CidrBlock: '10.0.1.0/24', AvailabilityZone: 'us-east-1a' },
    { SubnetId: 'subnet-nat', VpcId: 'vpc-1', CidrBlock: '10.0.2.0/24', AvailabilityZone: 'us-east-1b' },
    { SubnetId: 'subnet-public', VpcId: 'vpc-1', CidrBlock: '10.0.3.0/24', AvailabilityZone: 'us-east-1a' },
  ],
  routeTables: [
    {
      RouteTableId: 'rtb-main',
      Associations: [{ Main: true }],
      Routes: [{ DestinationCidrBlock: '10.0.0.0/16', GatewayId: 'local', State: 'active' }],
    },
    {
      RouteTableId: 'rtb-nat',
      Associations: [{ SubnetId: 'subnet-nat' }],
      Routes: [
        { DestinationCidrBlock: '10.0.0.0/16', GatewayId: 'local', State: 'active' },
        { DestinationCidrBlock: '0.0.0.0/0', NatGatewayId: 'nat-1', State: 'active' },
        { DestinationPrefixListId: 'pl-63a5400a', GatewayId: 'vpce-s3', State: 'active' },
      ],
    },
    {
      RouteTableId: 'rtb-public',
      Associations: [{ SubnetId: 'subnet-public' }],
      Routes: [
        { DestinationCidrBlock: '0.0.0.0/0', GatewayId: 'igw-1', State: 'active' },
        { DestinationCidrBlock: '172.16.0.0/12', TransitGatewayId: 'tgw-1', State: 'active' },
        { DestinationIpv6CidrBlock: '::/0', GatewayId: 'igw-1', State: 'active' },
      ],
    },
  ],
  networkAcls: [
    {
      NetworkAclId: 'acl-1',
      Associations: ['subnet-private', 'subnet-nat', 'subnet-public'].map((SubnetId) => ({ SubnetId })),
      Entries: [true, false].flatMap((Egress) => [
        { Egress, RuleNumber: 100, RuleAction: 'allow', Protocol: '-1', CidrBlock: '0.0.0.0/0' },
        { Egress, RuleNumber: 32_767, RuleAction: 'deny', Protocol: '-1', CidrBlock: '0.0.0.0/0' },
      ]),
    },
  ],
  securityGroups: [
    { GroupId: 'sg-fn', GroupName: 'fn' },
    { GroupId: 'sg-endpoint', GroupName: 'endpoint' },
    { GroupId: 'sg-shut', GroupName: 'shut' },
  ],
  securityGroupRules: ALL,
  networkInterfaces: [
    {
      NetworkInterfaceId: 'eni-nat',
      SubnetId: 'subnet-public',
      PrivateIpAddress: '10.0.3.5',
      InterfaceType: 'natGateway',
      Association: { PublicIp: '198.51.100.5' },
      SourceDestCheck: false,
    },
    {
      NetworkInterfaceId: 'eni-fn',
      SubnetId: 'subnet-private',
      PrivateIpAddress: '10.0.1.10',
      InterfaceType: 'lambda',
      Groups: [{ GroupId: 'sg-fn' }],
      Attachment: {},
    },
  ],
  natGateways: [
    {
      NatGatewayId: 'nat-1',
      State: 'available',
      ConnectivityType: 'public',
      NatGatewayAddresses: [{ NetworkInterfaceId: 'eni-nat' }],
    },
  ],
  vpcEndpoints: [
    {
      VpcEndpointId: 'vpce-s3',
      VpcId: 'vpc-1',
      VpcEndpointType: 'Gateway',
      ServiceName: 'com.amazonaws.us-east-1.s3',
      State: 'Available',
    },
  ],
  internetGateways: [{ InternetGatewayId: 'igw-1', Attachments: [{ VpcId: 'vpc-1', State: 'attached' }] }],
  // The ranges are the real ones of S3; a name of S3 leads to one of ours.
  prefixLists: [
    { PrefixListId: 'pl-63a5400a', PrefixListName: 'com.amazonaws.us-east-1.s3', Cidrs: ['52.216.0.0/15'] },
  ],
}

/** With an endpoint of Lambda in the private subnet. */
const WITH_ENDPOINT: DescribedNetwork = {
  ...DESCRIBED,
  networkInterfaces: [
    ...DESCRIBED.networkInterfaces,
    {
      NetworkInterfaceId: 'eni-vpce',
      SubnetId: 'subnet-private',
      PrivateIpAddress: '10.0.1.50',
      InterfaceType: 'vpc_endpoint',
      Groups: [{ GroupId: 'sg-endpoint' }],
      Attachment: {},
    },
  ],
  vpcEndpoints: [
    ...DESCRIBED.vpcEndpoints,
    {
      VpcEndpointId: 'vpce-lambda',
      VpcId: 'vpc-1',
      VpcEndpointType: 'Interface',
      ServiceName: 'com.amazonaws.us-east-1.lambda',
      State: 'Available',
      PrivateDnsEnabled: true,
      NetworkInterfaceIds: ['eni-vpce'],
      DnsEntries: [
        { DnsName: 'vpce-lambda-x-us-east-1a.lambda.us-east-1.vpce.amazonaws.com' },
        { DnsName: 'vpce-lambda-x.lambda.us-east-1.vpce.amazonaws.com' },
        { DnsName: 'lambda.us-east-1.amazonaws.com' },
      ],
    },
  ],
}

const LAMBDA = { host: 'lambda.us-east-1.amazonaws.com', port: 443 }
const S3 = { host: 's3.us-east-1.amazonaws.com', port: 443 }
const INTERNET = { host: '192.0.2.99', port: 443 }

function placed(subnetIds: readonly string[], securityGroupIds = ['sg-fn']): Placement {
  return { vpcId: 'vpc-1', subnetIds, securityGroupIds }
}

test('a private subnet without an endpoint lets no call to Lambda out, and the subnet without a table of its own has the main one', () => {
  const path = networkPath(networkFromEc2(DESCRIBED), placed(['subnet-private']), LAMBDA)
  expect(path).toMatchObject({
    outcome: 'fails',
    text: 'times out at route-table rtb-main: no route leads to 198.18.0.1',
    ways: [{ subnetId: 'subnet-private', sourceAddress: '10.0.1.10', address: '198.18.0.1' }],
  })
})

test('an interface endpoint with private DNS lets it out, by its interface and its security group', () => {
  const path = networkPath(networkFromEc2(WITH_ENDPOINT), placed(['subnet-private']), LAMBDA)
  expect(path).toMatchObject({
    outcome: 'connects',
    text: 'connects through vpce-lambda',
    ways: [{ address: '10.0.1.50' }],
  })
})

test("the endpoint's security group stops a function with another one", () => {
  const groups = {
    ...WITH_ENDPOINT,
    securityGroupRules: [...ALL, { ...ALL[0], GroupId: 'sg-shut', SecurityGroupRuleId: 'sgr-9' }],
  }
  const path = networkPath(networkFromEc2(groups), placed(['subnet-nat'], ['sg-shut']), LAMBDA)
  expect(path.text).toBe(
    'times out at security-group sg-endpoint ingress: no rule of sg-endpoint allows tcp 443 from 10.0.2.4',
  )
})

test('a call over a NAT gateway connects, one to S3 by the gateway endpoint of its own subnet', () => {
  const model = networkFromEc2(DESCRIBED)
  expect(networkPath(model, placed(['subnet-nat']), LAMBDA).text).toBe('connects through nat-1')
  expect(networkPath(model, placed(['subnet-nat']), S3).text).toBe('connects through vpce-s3')
  expect(networkPath(model, placed(['subnet-nat']), INTERNET).text).toBe('connects through nat-1')
})

test('an internet gateway does not serve a function', () => {
  const path = networkPath(networkFromEc2(DESCRIBED), placed(['subnet-public']), INTERNET)
  expect(path.text).toContain('times out at internet-gateway igw-1')
})

test('a function with subnets of both kinds depends on where its environment is', () => {
  const path = networkPath(networkFromEc2(DESCRIBED), placed(['subnet-nat', 'subnet-private']), LAMBDA)
  expect(path.outcome).toBe('depends')
  expect(path.text).toContain('(from subnet-private only)')
})

test('a function outside any VPC reaches everything public', () => {
  expect(networkPath(networkFromEc2(DESCRIBED), undefined, LAMBDA)).toMatchObject({
    outcome: 'connects',
    text: 'connects',
  })
})

test('a route to something that is not followed is told apart from a black hole', () => {
  expect([...unfollowedTargets(DESCRIBED)]).toEqual(['tgw-1'])
  const model = networkFromEc2(DESCRIBED)
  const path = networkPath(model, placed(['subnet-public']), { host: '172.16.0.9', port: 443 })
  expect(path.ways[0]?.blockedBy?.targetId).toBe('tgw-1')
})

test('the NAT gateway, an attached interface and a function are told apart', () => {
  const model = networkFromEc2(DESCRIBED)
  const from = { kind: 'network-interface', id: 'eni-fn' } as const
  expect(reach(model, { from, to: '10.0.3.5', protocol: 'tcp', port: 80 })).toMatchObject({
    blockedBy: { kind: 'nat-gateway', resourceId: 'nat-1' },
  })
  expect(model.vpcs[0]?.cidrs).toEqual(['10.0.0.0/16'])
})
