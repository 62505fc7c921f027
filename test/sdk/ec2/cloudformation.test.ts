/** A network as a stack: made, changed in place, and gone without a trace. */
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation'
import {
  DescribeAddressesCommand,
  DescribeNatGatewaysCommand,
  DescribeNetworkAclsCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcAttributeCommand,
  DescribeVpcsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { story } from '../cloudformation/stacks.ts'
import { startCloud, type TestCloud } from '../cloud.ts'
import { byVpc } from './support.ts'

let cloud: TestCloud
let cfn: CloudFormationClient
let ec2: EC2Client

beforeAll(async () => {
  cloud = await startCloud()
  cfn = cloud.client(CloudFormationClient, 'source')
  ec2 = cloud.client(EC2Client, 'source')
})
afterAll(() => cloud.close())

const ref = (Ref: string) => ({ Ref })
const att = (resource: string, attribute: string) => ({ 'Fn::GetAtt': [resource, attribute] })
const zone = (index: number) => ({ 'Fn::Select': [index, { 'Fn::GetAZs': '' }] })
const block = (index: number) => ({ 'Fn::Select': [index, { 'Fn::Cidr': [att('Vpc', 'CidrBlock'), 4, 8] }] })
const resource = (type: string, Properties: object, more: object = {}) => ({
  Type: `AWS::EC2::${type}`,
  Properties,
  ...more,
})

interface Variant {
  readonly webPort: number
  readonly hostnames: boolean
  readonly defaultGateway: object
}

const template = ({ webPort, hostnames, defaultGateway }: Variant) => ({
  Resources: {
    Vpc: resource('VPC', {
      CidrBlock: '10.20.0.0/16',
      EnableDnsHostnames: hostnames,
      Tags: [{ Key: 'Name', Value: hostnames ? 'named' : 'nameless' }],
    }),
    Public: resource('Subnet', {
      VpcId: ref('Vpc'),
      CidrBlock: block(0),
      AvailabilityZone: zone(0),
      MapPublicIpOnLaunch: true,
    }),
    Private: resource('Subnet', { VpcId: ref('Vpc'), CidrBlock: block(1), AvailabilityZone: zone(1) }),
    Gateway: resource('InternetGateway', {}),
    Attachment: resource('VPCGatewayAttachment', { VpcId: ref('Vpc'), InternetGatewayId: ref('Gateway') }),
    PublicTable: resource('RouteTable', { VpcId: ref('Vpc') }),
    PublicRoute: resource(
      'Route',
      { RouteTableId: ref('PublicTable'), DestinationCidrBlock: '0.0.0.0/0', GatewayId: ref('Gateway') },
      { DependsOn: 'Attachment' },
    ),
    PublicAssociation: resource('SubnetRouteTableAssociation', {
      SubnetId: ref('Public'),
      RouteTableId: ref('PublicTable'),
    }),
    Address: resource('EIP', { Domain: 'vpc' }, { DependsOn: 'Attachment' }),
    Nat: resource('NatGateway', { SubnetId: ref('Public'), AllocationId: att('Address', 'AllocationId') }),
    PrivateTable: resource('RouteTable', { VpcId: ref('Vpc') }),
    PrivateRoute: resource(
      'Route',
      { RouteTableId: ref('PrivateTable'), DestinationCidrBlock: '0.0.0.0/0', ...defaultGateway },
      { DependsOn: 'Attachment' },
    ),
    PrivateAssociation: resource('SubnetRouteTableAssociation', {
      SubnetId: ref('Private'),
      RouteTableId: ref('PrivateTable'),
    }),
    Web: resource('SecurityGroup', {
      GroupDescription: 'web',
      VpcId: ref('Vpc'),
      SecurityGroupIngress: [{ IpProtocol: 'tcp', FromPort: webPort, ToPort: webPort, CidrIp: '0.0.0.0/0' }],
    }),
    Database: resource('SecurityGroup', {
      GroupDescription: 'database',
      VpcId: ref('Vpc'),
      SecurityGroupEgress: [{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, CidrIp: '10.0.0.0/8' }],
    }),
    FromWeb: resource('SecurityGroupIngress', {
      GroupId: ref('Database'),
      IpProtocol: 'tcp',
      FromPort: 5432,
      ToPort: 5432,
      SourceSecurityGroupId: att('Web', 'GroupId'),
    }),
    ToDatabase: resource('SecurityGroupEgress', {
      GroupId: ref('Web'),
      IpProtocol: 'tcp',
      FromPort: 5432,
      ToPort: 5432,
      DestinationSecurityGroupId: ref('Database'),
    }),
    Acl: resource('NetworkAcl', { VpcId: ref('Vpc') }),
    AclEntry: resource('NetworkAclEntry', {
      NetworkAclId: ref('Acl'),
      RuleNumber: 100,
      Protocol: 6,
      RuleAction: 'allow',
      CidrBlock: '10.20.0.0/16',
      PortRange: { From: webPort, To: 65535 },
    }),
    AclAssociation: resource('SubnetNetworkAclAssociation', { SubnetId: ref('Private'), NetworkAclId: ref('Acl') }),
  },
  Outputs: { Address: { Value: ref('Address') }, Default: { Value: att('Vpc', 'DefaultSecurityGroup') } },
})

async function settled(name: string) {
  await expect
    .poll(async () => (await cfn.send(new DescribeStacksCommand({ StackName: name }))).Stacks?.[0]?.StackStatus)
    .not.toMatch(/_IN_PROGRESS$/)
  const { Stacks } = await cfn.send(new DescribeStacksCommand({ StackName: name }))
  return Stacks?.[0]
}

it('a VPC with public and private subnets is made, changed and deleted', async () => {
  const first: Variant = { webPort: 80, hostnames: false, defaultGateway: { NatGatewayId: ref('Nat') } }
  const StackName = 'network'
  const { StackId = '' } = await cfn.send(
    new CreateStackCommand({ StackName, TemplateBody: JSON.stringify(template(first)) }),
  )
  const made = await settled(StackName)
  expect(made?.StackStatus, (await story(cfn, StackName)).join('\n')).toBe('CREATE_COMPLETE')

  const { StackResources = [] } = await cfn.send(new DescribeStackResourcesCommand({ StackName }))
  const idOf = (logicalId: string) =>
    StackResources.find(({ LogicalResourceId }) => LogicalResourceId === logicalId)?.PhysicalResourceId ?? ''
  const vpc = byVpc(idOf('Vpc'))
  const { Subnets } = await ec2.send(new DescribeSubnetsCommand(vpc))
  expect(
    Subnets?.map(({ AvailabilityZone, CidrBlock, MapPublicIpOnLaunch }) => [
      CidrBlock,
      AvailabilityZone,
      MapPublicIpOnLaunch,
    ]).sort(),
  ).toEqual([
    ['10.20.0.0/24', 'us-east-1a', true],
    ['10.20.1.0/24', 'us-east-1b', false],
  ])
  const privateTable = { RouteTableIds: [idOf('PrivateTable')] }
  const privateRoute = async () =>
    (await ec2.send(new DescribeRouteTablesCommand(privateTable))).RouteTables?.[0]?.Routes?.[1]
  expect(await privateRoute()).toMatchObject({ NatGatewayId: idOf('Nat'), State: 'active' })
  expect(idOf('PublicRoute')).toBe(`${idOf('PublicTable')}|0.0.0.0/0`)
  const database = { GroupIds: [idOf('Database')] }
  const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand(database))
  expect(SecurityGroups).toMatchObject([
    {
      IpPermissions: [{ FromPort: 5432, UserIdGroupPairs: [{ GroupId: idOf('Web') }] }],
      IpPermissionsEgress: [{ FromPort: 443, IpRanges: [{ CidrIp: '10.0.0.0/8' }] }],
    },
  ])
  const acl = async () =>
    (await ec2.send(new DescribeNetworkAclsCommand({ NetworkAclIds: [idOf('Acl')] }))).NetworkAcls?.[0]
  expect((await acl())?.Associations).toMatchObject([{ SubnetId: idOf('Private') }])
  const { Addresses } = await ec2.send(new DescribeAddressesCommand({}))
  expect(made?.Outputs?.find(({ OutputKey }) => OutputKey === 'Address')?.OutputValue).toBe(Addresses?.[0]?.PublicIp)

  const second: Variant = { webPort: 8080, hostnames: true, defaultGateway: { GatewayId: ref('Gateway') } }
  await cfn.send(new UpdateStackCommand({ StackName, TemplateBody: JSON.stringify(template(second)) }))
  expect((await settled(StackName))?.StackStatus, (await story(cfn, StackName)).join('\n')).toBe('UPDATE_COMPLETE')
  expect(await privateRoute()).toMatchObject({ GatewayId: idOf('Gateway') })
  expect((await acl())?.Entries).toContainEqual(expect.objectContaining({ PortRange: { From: 8080, To: 65535 } }))
  const attribute = { VpcId: idOf('Vpc'), Attribute: 'enableDnsHostnames' as const }
  expect((await ec2.send(new DescribeVpcAttributeCommand(attribute))).EnableDnsHostnames?.Value).toBe(true)
  const { Vpcs } = await ec2.send(new DescribeVpcsCommand({ VpcIds: [idOf('Vpc')] }))
  expect(Vpcs?.[0]?.Tags).toEqual([{ Key: 'Name', Value: 'named' }])

  await cfn.send(new DeleteStackCommand({ StackName }))
  expect((await settled(StackId))?.StackStatus, (await story(cfn, StackId)).join('\n')).toBe('DELETE_COMPLETE')
  expect((await ec2.send(new DescribeVpcsCommand(vpc))).Vpcs).toEqual([])
  expect((await ec2.send(new DescribeAddressesCommand({}))).Addresses).toEqual([])
})

it('a NAT gateway that fails takes its stack back, with AWS’s reason', async () => {
  const StackName = 'shut'
  const Resources = {
    Vpc: resource('VPC', { CidrBlock: '10.30.0.0/16' }),
    Subnet: resource('Subnet', { VpcId: ref('Vpc'), CidrBlock: '10.30.0.0/24' }),
    Address: resource('EIP', {}),
    Nat: resource('NatGateway', { SubnetId: ref('Subnet'), AllocationId: att('Address', 'AllocationId') }),
  }
  await cfn.send(new CreateStackCommand({ StackName, TemplateBody: JSON.stringify({ Resources }) }))
  expect((await settled(StackName))?.StackStatus).toBe('ROLLBACK_COMPLETE')
  expect((await story(cfn, StackName)).join('\n')).toMatch(
    /Nat CREATE_FAILED .*NatGateway nat-\w+ is in state failed and hence failed to stabilize. Detailed failure message: Network vpc-\w+ has no Internet gateway attached/,
  )
  const { NatGateways } = await ec2.send(new DescribeNatGatewaysCommand({}))
  expect(NatGateways?.filter(({ State }) => State === 'available')).toEqual([])
})
