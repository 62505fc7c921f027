/** What leads out of a VPC as a stack: endpoints, peering, prefix lists, flow logs and DHCP options, made, changed and gone. */
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation'
import {
  DescribeDhcpOptionsCommand,
  DescribeFlowLogsCommand,
  DescribeManagedPrefixListsCommand,
  DescribeVpcEndpointsCommand,
  DescribeVpcPeeringConnectionsCommand,
  DescribeVpcsCommand,
  EC2Client,
  GetManagedPrefixListEntriesCommand,
} from '@aws-sdk/client-ec2'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { story } from '../cloudformation/stacks.ts'
import { startCloud, type TestCloud } from '../cloud.ts'

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
const resource = (type: string, Properties: object, more: object = {}) => ({
  Type: `AWS::EC2::${type}`,
  Properties,
  ...more,
})

interface Variant {
  /** What the endpoint's policy allows. */
  readonly action: string
  readonly offices: readonly string[]
  readonly name: string
}

const template = ({ action, offices, name }: Variant) => ({
  Resources: {
    Vpc: resource('VPC', { CidrBlock: '10.40.0.0/16', EnableDnsHostnames: true }),
    Other: resource('VPC', { CidrBlock: '10.41.0.0/16' }),
    Subnet: resource('Subnet', { VpcId: ref('Vpc'), CidrBlock: '10.40.0.0/24' }),
    Table: resource('RouteTable', { VpcId: ref('Vpc') }),
    Group: resource('SecurityGroup', { VpcId: ref('Vpc'), GroupDescription: 'to Lambda' }),
    ToLambda: resource('VPCEndpoint', {
      VpcId: ref('Vpc'),
      ServiceName: { 'Fn::Sub': 'com.amazonaws.${AWS::Region}.lambda' },
      VpcEndpointType: 'Interface',
      PrivateDnsEnabled: true,
      SubnetIds: [ref('Subnet')],
      SecurityGroupIds: [ref('Group')],
      PolicyDocument: { Statement: [{ Effect: 'Allow', Principal: '*', Action: action, Resource: '*' }] },
      Tags: [{ Key: 'Name', Value: name }],
    }),
    ToS3: resource('VPCEndpoint', {
      VpcId: ref('Vpc'),
      ServiceName: { 'Fn::Sub': 'com.amazonaws.${AWS::Region}.s3' },
      RouteTableIds: [ref('Table')],
    }),
    Peering: resource('VPCPeeringConnection', { VpcId: ref('Vpc'), PeerVpcId: ref('Other') }),
    PeerRoute: resource('Route', {
      RouteTableId: ref('Table'),
      DestinationCidrBlock: '10.41.0.0/16',
      VpcPeeringConnectionId: ref('Peering'),
    }),
    Offices: resource('PrefixList', {
      PrefixListName: 'offices',
      AddressFamily: 'IPv4',
      MaxEntries: offices.length,
      Entries: offices.map((Cidr) => ({ Cidr, Description: 'an office' })),
    }),
    FromOffices: resource('SecurityGroupIngress', {
      GroupId: ref('Group'),
      IpProtocol: 'tcp',
      FromPort: 443,
      ToPort: 443,
      SourcePrefixListId: ref('Offices'),
    }),
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {
          Statement: [
            { Effect: 'Allow', Principal: { Service: 'vpc-flow-logs.amazonaws.com' }, Action: 'sts:AssumeRole' },
          ],
        },
      },
    },
    Flows: resource('FlowLog', {
      ResourceId: ref('Vpc'),
      ResourceType: 'VPC',
      TrafficType: 'ALL',
      LogGroupName: 'flows',
      DeliverLogsPermissionArn: { 'Fn::GetAtt': ['Role', 'Arn'] },
    }),
    Options: resource('DHCPOptions', { DomainName: 'example.test', DomainNameServers: ['AmazonProvidedDNS'] }),
    OptionsOfVpc: resource('VPCDHCPOptionsAssociation', { VpcId: ref('Vpc'), DhcpOptionsId: ref('Options') }),
  },
})

async function settled(name: string) {
  const look = async () => (await cfn.send(new DescribeStacksCommand({ StackName: name }))).Stacks?.[0]
  await expect.poll(async () => (await look())?.StackStatus).not.toMatch(/_IN_PROGRESS$/)
  return (await look())?.StackStatus
}

it('endpoints, peering and what goes with them are made, changed and deleted', async () => {
  const StackName = 'ways-out'
  const deploy = (variant: Variant) => ({
    StackName,
    TemplateBody: JSON.stringify(template(variant)),
    Capabilities: ['CAPABILITY_IAM' as const],
  })
  const first = { action: '*', offices: ['192.0.2.0/24'], name: 'first' }
  const { StackId = '' } = await cfn.send(new CreateStackCommand(deploy(first)))
  expect(await settled(StackName), (await story(cfn, StackName)).join('\n')).toBe('CREATE_COMPLETE')
  const { StackResources = [] } = await cfn.send(new DescribeStackResourcesCommand({ StackName }))
  const idOf = (logicalId: string) =>
    StackResources.find(({ LogicalResourceId }) => LogicalResourceId === logicalId)?.PhysicalResourceId ?? ''

  const endpoint = async (logicalId: string) => {
    const VpcEndpointIds = [idOf(logicalId)]
    return (await ec2.send(new DescribeVpcEndpointsCommand({ VpcEndpointIds }))).VpcEndpoints?.[0]
  }
  expect(await endpoint('ToLambda')).toMatchObject({
    State: 'available',
    SubnetIds: [idOf('Subnet')],
    PrivateDnsEnabled: true,
    Tags: [{ Key: 'Name', Value: 'first' }],
  })
  expect(await endpoint('ToS3')).toMatchObject({ VpcEndpointType: 'Gateway', RouteTableIds: [idOf('Table')] })
  const peering = { VpcPeeringConnectionIds: [idOf('Peering')] }
  const { VpcPeeringConnections } = await ec2.send(new DescribeVpcPeeringConnectionsCommand(peering))
  expect(VpcPeeringConnections).toMatchObject([{ Status: { Code: 'active' } }])
  expect((await ec2.send(new DescribeFlowLogsCommand({ FlowLogIds: [idOf('Flows')] }))).FlowLogs).toHaveLength(1)
  const { Vpcs } = await ec2.send(new DescribeVpcsCommand({ VpcIds: [idOf('Vpc')] }))
  expect(Vpcs?.[0]?.DhcpOptionsId).toBe(idOf('Options'))

  const offices = ['198.51.100.0/24', '203.0.113.0/24']
  await cfn.send(new UpdateStackCommand(deploy({ action: 'lambda:InvokeFunction', offices, name: 'second' })))
  expect(await settled(StackName), (await story(cfn, StackName)).join('\n')).toBe('UPDATE_COMPLETE')
  expect(await endpoint('ToLambda')).toMatchObject({
    PolicyDocument: expect.stringContaining('lambda:InvokeFunction'),
    Tags: [{ Key: 'Name', Value: 'second' }],
  })
  const list = { PrefixListId: idOf('Offices') }
  const { Entries } = await ec2.send(new GetManagedPrefixListEntriesCommand(list))
  expect(Entries?.map(({ Cidr }) => Cidr)).toEqual(offices)

  await cfn.send(new DeleteStackCommand({ StackName }))
  expect(await settled(StackId), (await story(cfn, StackId)).join('\n')).toBe('DELETE_COMPLETE')
  expect((await ec2.send(new DescribeVpcEndpointsCommand({}))).VpcEndpoints).toEqual([])
  expect((await ec2.send(new DescribeFlowLogsCommand({}))).FlowLogs).toEqual([])
  expect((await ec2.send(new DescribeDhcpOptionsCommand({}))).DhcpOptions).toEqual([])
  const own = { Filters: [{ Name: 'prefix-list-name', Values: ['offices'] }] }
  expect((await ec2.send(new DescribeManagedPrefixListsCommand(own))).PrefixLists).toEqual([])
})

it('a peering connection that cannot be takes its stack back', async () => {
  const StackName = 'overlapping'
  const Resources = {
    Vpc: resource('VPC', { CidrBlock: '10.50.0.0/16' }),
    Other: resource('VPC', { CidrBlock: '10.50.0.0/20' }),
    Peering: resource('VPCPeeringConnection', { VpcId: ref('Vpc'), PeerVpcId: ref('Other') }),
  }
  await cfn.send(new CreateStackCommand({ StackName, TemplateBody: JSON.stringify({ Resources }) }))
  expect(await settled(StackName)).toBe('ROLLBACK_COMPLETE')
  expect((await story(cfn, StackName)).join('\n')).toMatch(
    /Peering CREATE_FAILED .*Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range/,
  )
})
